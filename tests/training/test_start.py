"""A file of weights in place of the run that a recipe begins with."""

from pathlib import Path

import pytest
import torch

from sr.errors import InputError
from sr.recipes.recipe import Recipe, load_recipe
from sr.training.start import starting_weights


def small(blocks: int = 2) -> Recipe:
    recipe = load_recipe("esrgan/esrgan")
    shape = {"blocks": blocks, "channels": 8, "growth": 4}
    return recipe.model_copy(update={"generator": recipe.generator.model_copy(update=shape)})


def test_it_is_loaded_and_told_of(tmp_path: Path) -> None:
    expected = small().generator.build().state_dict()
    torch.save({"params_ema": expected}, tmp_path / "mine.pth")
    weights, told = starting_weights(small(), tmp_path / "mine.pth", name="esrgan/esrgan", budget="demo")
    assert weights is not None
    assert all(torch.equal(weights[key], expected[key]) for key in expected)
    assert told == ("start: the weights of mine.pth instead of esrgan/rrdb_psnr",)


def test_another_network_is_refused(tmp_path: Path) -> None:
    torch.save(small(3).generator.build().state_dict(), tmp_path / "mine.pth")
    with pytest.raises(InputError, match=r"generator\.blocks is 3, and 2"):
        starting_weights(small(), tmp_path / "mine.pth", name="esrgan/esrgan", budget="demo")
