"""The weighted sum, and the tie between configured and running losses."""

import pytest
import torch

from sr.errors import InputError
from sr.losses.batch import Batch
from sr.training.objective import Objective
from sr.training.recipe import Losses, load_recipes


def test_weighted_sum_of_exactly_the_recipes_terms() -> None:
    losses = Losses.model_validate(
        {
            "mse": {"weight": 2.0, "intensity_range": [0, 1]},
            "total_variation": {"weight": 0.5, "intensity_range": [0, 1]},
        }
    )
    objective = Objective(losses)
    sr, hr = torch.tensor([[[[0.0, 0.5]]]]), torch.tensor([[[[0.0, 0.0]]]])
    terms = objective.generator_terms(Batch(sr, hr, sr))
    assert {name: float(term) for name, term in terms.items()} == {"mse": 0.125, "total_variation": 0.5}
    assert float(objective.generator_loss(terms)) == pytest.approx(2.0 * 0.125 + 0.5 * 0.5)


def test_a_perceptual_loss_does_not_run_without_weights() -> None:
    with pytest.raises(InputError, match="needs the weights of vgg19"):
        Objective(load_recipes("srgan")["srgan_vgg54"].losses)
