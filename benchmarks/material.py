"""What the GPU benchmark trains on: images that need no download, random perceptual weights, toy sizes."""

from pathlib import Path

import numpy as np
import torch

from sr.config import validate
from sr.data.crops import Augmentation, CropSampler
from sr.data.packer import pack
from sr.data.packing import PackedSet
from sr.images import write_png
from sr.networks.vgg import VGGFeatures, convolution_positions
from sr.recipes.budget import Budget, apply
from sr.recipes.recipe import Recipe, load_recipe

NAME = "synthetic"

# The papers' recipes, or so small that a CPU steps through any of them within a second.
_SHARE = {"caps": {"iterations": 1000, "batch": 2, "patch": 32}, "checks": 1, "threads": 1}
_TOY = {
    "budget": "toy",
    "training_sets": [NAME],
    "generator": {"blocks": 1, "channels": 8, "kernel": 3, "growth": 4, "groups": 1, "heads": 2},
    "discriminator": {"channels": 4, "dense": 8},
    "psnr_oriented": _SHARE,
    "perceptual_oriented": _SHARE,
}


def recipe_of(name: str, *, toy: bool) -> Recipe:
    """A recipe at full size, or shrunk."""
    recipe = load_recipe(name)
    return apply(validate(_TOY, Budget, "toy sizes"), recipe, NAME).recipe if toy else recipe


def packed_images(folder: Path, *, toy: bool) -> PackedSet:
    """Packed images with the spectrum of photographs; those already in the folder, if any."""
    if (folder / "packed").is_dir():
        return PackedSet(folder / "packed")
    random = np.random.default_rng(0)
    side, count = (64, 8) if toy else (512, 64)
    for number in range(count):
        fields = random.normal(size=(side, side, 3)).cumsum(0).cumsum(1)
        low, high = fields.min((0, 1)), fields.max((0, 1))
        write_png(folder / "images" / f"{number}.png", (255 * (fields - low) / (high - low)).astype(np.uint8))
    pack(NAME, sorted((folder / "images").iterdir()), folder / "packed")
    return PackedSet(folder / "packed")


def sampler_of(recipe: Recipe, packed: PackedSet) -> CropSampler:
    """The recipe's crops of these images."""
    return CropSampler(
        packed,
        seed=0,
        batch=recipe.batch,
        patch=recipe.patch,
        augmentation=Augmentation(recipe.augmentation.flip, recipe.augmentation.rotate),
        sampling="image",
        distinct_images=False,
    )


def random_weights(name: str) -> dict[str, torch.Tensor]:
    """Weights of a VGG network's shape, drawn as He et al. (2015) do.

    They cost what the pretrained ones do, and teach nothing.
    """
    draws = torch.Generator().manual_seed(0)
    last = list(convolution_positions(name))[-1:]
    shapes = VGGFeatures(name, last, before_activation=True).state_dict()
    return {
        key: torch.randn(value.shape, generator=draws) * (2.0 / max(value[0].numel(), 1)) ** 0.5
        if value.dim() > 1
        else torch.zeros_like(value)
        for key, value in shapes.items()
    }
