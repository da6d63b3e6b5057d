"""Generators of small budgets begin as an enlargement of their input."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from sr.degradation import downscale, upscale
from sr.images import Pixels, read_image, to_tensor
from sr.networks import GeneratorSettings
from sr.networks.enlargement import (
    IDENTITY,
    Enlarging,
    double,
    give_colours,
    pass_on,
    smooth,
    take_colours,
)
from sr.project import papers
from sr.recipes.budget import apply, load_budget
from sr.recipes.recipe import Recipe, load_recipes

SMALL = ("demo", "cpu")


def beginnings() -> dict[str, Recipe]:
    """One recipe for each generator that a small budget begins as an enlargement."""
    found = {}
    for budget in SMALL:
        for paper in papers():
            for recipe in load_recipes(paper).values():
                resolved = apply(load_budget(budget), recipe, "embedded_train").recipe
                if resolved.initialisation == "enlargement":
                    found[str(resolved.generator.model_dump())] = resolved
    return {f"{recipe.generator.network} {number}": recipe for number, recipe in enumerate(found.values())}


BEGINNINGS = beginnings()


@pytest.fixture(scope="module")
def photograph() -> Pixels:
    """A real one, in colour, 144 x 144."""
    skimage = pytest.importorskip("skimage")
    path = Path(skimage.__file__).parent / "data" / "astronaut.png"
    if not path.is_file():
        pytest.skip("scikit-image came without its photographs")
    return read_image(path)[40:184, 130:274]


def enlarged(network: nn.Module, lr: Pixels) -> torch.Tensor:
    with torch.no_grad():
        return network(to_tensor(lr)[None])[0].clamp(0, 1)


def psnr(one: torch.Tensor, other: torch.Tensor) -> float:
    """In dB, without the four pixels at each side that scores leave out."""
    error = (one - other)[..., 4:-4, 4:-4].double().square().mean()
    return float(-10.0 * error.log10())


@pytest.mark.parametrize("name", BEGINNINGS)
def test_the_network_begins_as_an_enlargement(name: str, photograph: Pixels) -> None:
    """38 dB from MATLAB's bicubic enlargement, as near to the original within 0.3 dB.

    A network whose blocks are not scaled down (ESRGAN's sec. 3.1) makes more noise.
    """
    torch.manual_seed(1)
    generator = BEGINNINGS[name].generator.build()
    assert isinstance(generator, Enlarging)
    generator.begin_as_enlargement()
    lr = downscale(photograph, 4)
    image, bicubic, original = enlarged(generator.eval(), lr), *map(to_tensor, (upscale(lr, 4), photograph))
    noisy = getattr(BEGINNINGS[name].generator, "initialisation_scale", 0.1) == 1.0
    assert psnr(image, bicubic) > (30.0 if noisy else 38.0)
    assert psnr(image, original) > psnr(bicubic, original) - (1.5 if noisy else 0.3)


@pytest.mark.parametrize("name", BEGINNINGS)
def test_colours_are_right_from_the_start(name: str) -> None:
    """Even areas keep their colour within six of 255 grey levels."""
    torch.manual_seed(2)
    generator = BEGINNINGS[name].generator.build()
    generator.begin_as_enlargement()
    for colour in ((255, 0, 0), (0, 128, 0), (30, 40, 250), (255, 255, 255), (0, 0, 0)):
        area = np.full((12, 12, 3), colour, np.uint8)
        middle = 255.0 * enlarged(generator.eval(), area)[:, 20:28, 20:28]
        assert (middle.mean(dim=(1, 2)) - torch.tensor(colour)).abs().max() < 6.0, colour


def test_all_generators_can() -> None:
    names = {recipe.generator.network for recipe in BEGINNINGS.values()}
    kinds = get_args(get_args(GeneratorSettings)[0])
    assert names == {name for kind in kinds for name in get_args(kind.model_fields["network"].annotation)}


@pytest.mark.parametrize("slope", [0.0, 0.2, IDENTITY])
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_chain_doubles_bilinearly_and_reproduces_quadratics(slope: float, shuffled: bool) -> None:
    """Inside the border: what second-order differences can not tell from the function itself."""
    torch.manual_seed(0)
    first, second = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 32 if shuffled else 8, 3, padding=1)
    third, between = nn.Conv2d(8, 32 if shuffled else 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
    last = nn.Conv2d(8, 3, 5, padding=2)
    carry = double if shuffled else smooth
    take_colours(first)
    carry(second, IDENTITY)
    carry(third, slope)
    pass_on(between, slope)
    give_colours(last, slope)
    with torch.no_grad():
        last.weight[:, 6:] = 0.0

    def doubled(features: torch.Tensor, convolution: nn.Conv2d) -> torch.Tensor:
        if shuffled:
            return functional.pixel_shuffle(convolution(features), 2)
        return convolution(functional.interpolate(features, scale_factor=2, mode="nearest"))

    def rectified(features: torch.Tensor) -> torch.Tensor:
        return features if slope == IDENTITY else functional.leaky_relu(features, slope)

    def curve(size: int) -> torch.Tensor:
        """0.1 + 0.3 u - 0.2 u^2 + 0.1 u v + 0.4 v^2 at the middles of pixels, u and v from 0 to 1."""
        place = (torch.arange(size) + 0.5) / size
        u, v = place[:, None], place[None]
        return (0.1 + 0.3 * u - 0.2 * u**2 + 0.1 * u * v + 0.4 * v**2).expand(1, 3, size, size)

    with torch.no_grad():
        features = rectified(doubled(first(curve(16)), second))
        features = rectified(between(rectified(doubled(features, third))))
        image = last(features)
    # What is left is the blur's fourth moment, which a quadratic does not show, and rounding of the centre:
    # where bilinear pieces meet they leave a 32nd of the second difference.
    assert (image - curve(64))[..., 12:-12, 12:-12].abs().max() < 2e-3
    assert (functional.interpolate(curve(16), scale_factor=4) - curve(64)).abs().max() > 1e-2
