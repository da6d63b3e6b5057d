"""The weighted sum, and the tie between configured and running losses."""

from typing import Any

import pytest
import torch
from torch import nn

from sr.errors import InputError
from sr.losses.batch import Batch
from sr.losses.settings import Weights
from sr.networks.vgg import VGGFeatures
from sr.project import papers
from sr.recipes.recipe import Losses, Recipe, load_recipe, load_recipes
from sr.training.objective import Game, Objective, no_weights

RECIPES = [f"{paper}/{name}" for paper in papers() for name in sorted(load_recipes(paper))]


@pytest.fixture(params=RECIPES)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    return load_recipe(request.param)


def random_weights(losses: Losses) -> Weights:
    """For the perceptual network, if there is one; small, where it is not run."""
    if losses.perceptual is None:
        return no_weights
    layers = list(losses.perceptual.layers)
    network = VGGFeatures(losses.perceptual.network, layers, before_activation=False)
    return lambda _name: dict(network.state_dict())


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


def test_every_configured_loss_becomes_a_term(recipe: Recipe) -> None:
    objective = Objective(recipe.losses, random_weights(recipe.losses))
    configured = [name for name, settings in recipe.losses.model_dump().items() if settings is not None]
    assert list(objective.weights) == configured
    assert list(objective.terms) == configured
    games = [name for name, term in objective.terms.items() if isinstance(term, Game)]
    assert games == recipe.losses.games
    assert len(games) == (0 if recipe.discriminator is None else 1)


def test_only_the_refined_map_needs_an_average(recipe: Recipe) -> None:
    artifact = recipe.losses.artifact
    needed = Objective(recipe.losses, random_weights(recipe.losses)).needs_ema
    assert needed == (artifact is not None and artifact.map == "refined")


class Brightness(nn.Module):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean(dim=(1, 2, 3))[:, None]


@pytest.mark.parametrize(
    ("name", "settings", "names"),
    [
        ("standard_gan", {}, {"discriminator"}),
        ("relativistic_gan", {"region_mask": None}, {"discriminator"}),
        (
            "wasserstein_gan",
            {"discriminator_weight": 2.0, "penalty": 10.0, "intensity_range": [0, 1]},
            {"critic", "gradient_penalty"},
        ),
    ],
)
def test_the_discriminators_terms_are_the_games(name: str, settings: dict[str, Any], names: set[str]) -> None:
    losses = Losses.model_validate({"l1": {"weight": 1.0}, name: {"weight": 0.1, **settings}})
    images = torch.rand(2, 2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    batch = Batch(images[0], images[0], images[1], Brightness(), mixing=torch.tensor([0.2, 0.6]))
    terms = Objective(losses).discriminator_terms(batch)
    assert terms.keys() == names
    assert all(term.shape == () for term in terms.values())


def test_without_a_game_a_discriminator_has_nothing_to_learn() -> None:
    losses = Losses.model_validate({"l1": {"weight": 1.0}})
    images = torch.zeros(1, 3, 8, 8)
    with pytest.raises(ValueError, match="nothing for a discriminator to learn"):
        Objective(losses).discriminator_terms(Batch(images, images, images))


def test_a_perceptual_loss_does_not_run_without_weights() -> None:
    with pytest.raises(InputError, match="needs the weights of vgg19"):
        Objective(load_recipes("srgan")["srgan_vgg54"].losses)
