"""A file of weights in place of the run that a recipe begins with."""

from pathlib import Path

import pytest
import torch

from sr.errors import InputError
from sr.recipes.recipe import Recipe, load_recipe
from sr.training.start import starting_weights
from sr.weights.generators import save_weights


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


@pytest.mark.parametrize("name", ["srgan/srresnet_mse", "srgan/srgan_mse"])
def test_a_network_that_weights_do_not_tell_is_the_recipes(tmp_path: Path, name: str) -> None:
    whole = load_recipe(name)
    generator = whole.generator.model_copy(update={"blocks": 2, "channels": 8})
    recipe, network = whole.model_copy(update={"generator": generator}), generator.build()
    save_weights(tmp_path / "mine.safetensors", network)
    torch.save(network.state_dict(), tmp_path / "mine.pth")
    for file in ("mine.safetensors", "mine.pth"):
        weights, told = starting_weights(recipe, tmp_path / file, name=name, budget="demo")
        assert weights is not None
        assert all(torch.equal(weights[key], value) for key, value in network.state_dict().items())
        assert told == (f"start: the weights of {file} instead of {recipe.start or 'none'}",)
    with pytest.raises(InputError, match=r"mine\.pth: .*head\.0\.weight is \(8, .* the network needs \(64,"):
        starting_weights(whole, tmp_path / "mine.pth", name=name, budget="paper")


def test_another_network_is_refused(tmp_path: Path) -> None:
    torch.save(small(3).generator.build().state_dict(), tmp_path / "mine.pth")
    with pytest.raises(InputError, match=r"generator\.blocks is 3, and 2"):
        starting_weights(small(), tmp_path / "mine.pth", name="esrgan/esrgan", budget="demo")
