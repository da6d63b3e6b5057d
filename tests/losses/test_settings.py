"""A loss is one file and its entry in `Losses`: everything else asks its settings what it needs."""

import json
from pathlib import Path

import pytest
import torch

from sr.losses.batch import Batch
from sr.losses.perceptual import PerceptualSettings
from sr.losses.settings import LossSettings, NetworkReplacement
from sr.networks.operations import forward_operations
from sr.recipes.recipe import Losses
from tests.project_copy import add_line, copied_project, inside

# A distance of AlexNet's first features, also to what the averaged generator makes.
LOSS = '''"""Distance of the first features of AlexNet."""

import torch
from torch import nn

from sr.losses.batch import Batch
from sr.losses.settings import LossSettings, Weights
from sr.networks.operations import forward_operations


class EdgesSettings(LossSettings):
    """stride: of the convolution."""

    stride: int

    @property
    def assets(self) -> tuple[str, ...]:
        return ("alexnet",)

    @property
    def needs_ema(self) -> bool:
        return True

    @property
    def needs_second_derivatives(self) -> bool:
        return True

    def operations(self, hr: torch.Tensor, _judged: float, /) -> float:
        return 3 * forward_operations(_network(self.stride), hr)

    def build_with(self, weights: Weights, /) -> "Edges":
        network, found = _network(self.stride), weights("alexnet")
        network.load_state_dict({name: found[f"features.0.{name}"] for name in ("weight", "bias")})
        return Edges(network.requires_grad_(False))


class Edges:
    """Mean squared distance."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def __call__(self, batch: Batch) -> torch.Tensor:
        assert batch.sr_ema is not None
        found = self.network(batch.sr)
        averaged = (found - self.network(batch.sr_ema)).abs().mean()
        return (found - self.network(batch.hr)).square().mean() + averaged


def _network(stride: int) -> nn.Conv2d:
    return nn.Conv2d(3, 64, 11, stride=stride, padding=2)
'''

# Everything that once asked for losses by their names, for a recipe with the new one.
CHECK = """
import json, sys, tempfile
from pathlib import Path
import numpy as np, torch
from sr.data.crops import Augmentation, CropSampler
from sr.data.packer import pack
from sr.data.packing import PackedSet
from sr.errors import InputError
from sr.images import write_png
from sr.planning.cost import operations_of_a_step
from sr.planning.trainings import weights
from sr.recipes.budget import apply, load_budget
from sr.recipes.recipe import load_recipe
from sr.training.objective import Objective
from sr.training.trainer import Trainer

torch.set_num_threads(1)
recipe = apply(load_budget("demo"), load_recipe("srgan/edges"), "noise").recipe
recipe = recipe.model_copy(update={"batch": 2, "patch": 32})
without = recipe.model_copy(update={"losses": recipe.losses.model_copy(update={"edges": None})})
folder, random = Path(tempfile.mkdtemp()), np.random.default_rng(0)
for number in range(3):
    write_png(folder / "noise" / f"{number}.png", random.integers(0, 256, (64, 64, 3), dtype=np.uint8))
pack("noise", sorted((folder / "noise").iterdir()), folder / "packed")
sampler = CropSampler(PackedSet(folder / "packed"), seed=0, batch=2, patch=32,
                      augmentation=Augmentation(True, True), sampling=recipe.sampling, distinct_images=True)
try:
    Objective(recipe.losses)
    refused = ""
except InputError as error:
    refused = str(error)
random_weights = {"features.0.weight": torch.randn(64, 3, 11, 11), "features.0.bias": torch.randn(64)}
objective = Objective(recipe.losses, {"alexnet": random_weights}.__getitem__)
terms = Trainer(recipe, objective, sampler, 0).step()
print(json.dumps({
    "weights": weights(load_budget("demo"), "srgan/edges"),
    "refused": refused,
    "terms": {name: float(value) for name, value in terms.items()},
    "psnr_oriented": recipe.psnr_oriented,
    "twice": objective.needs_second_derivatives,
    "operations": operations_of_a_step(recipe) - operations_of_a_step(without),
    "generator": operations_of_a_step(without) / 3,
}))
"""

RECIPE = """
edges:
  extends: srresnet_mse
  title: with a loss of its own
  ema: {decay: 0.9}
  result: raw
  losses:
    edges: {weight: 0.5, stride: 4}
"""


def test_a_loss_with_pretrained_weights_of_its_own_is_one_file_and_its_entry(tmp_path: Path) -> None:
    copy = copied_project(tmp_path)
    (copy / "sr" / "losses" / "edges.py").write_text(LOSS)
    recipes = copy / "sr" / "recipes" / "recipe.py"
    add_line(recipes, "from sr.losses.best_buddy import", "from sr.losses.edges import EdgesSettings")
    add_line(recipes, "    quality: QualitySettings", "    edges: EdgesSettings | None = None")
    with (copy / "replications" / "srgan" / "recipes.yaml").open("a") as stream:
        stream.write(RECIPE)
    found = json.loads(inside(copy, "-c", CHECK))
    assert found["weights"] == ["alexnet"]
    assert "the weights of alexnet" in found["refused"]
    assert found["terms"].keys() == {"mse", "edges", "generator_gradient_norm"}
    assert found["terms"]["edges"] > 0
    assert not found["psnr_oriented"]
    assert found["twice"]
    # Two images: the averaged generator's pass, and three of an 11 x 11 convolution with 7 x 7 results.
    assert found["operations"] == found["generator"] + 2 * 3 * 2 * 7 * 7 * 64 * 3 * 11 * 11


def test_declared_needs_are_those_of_the_settings_in_use() -> None:
    artifact = {"weight": 1.0, "window": 7, "root": 5.0, "residual": "signed", "gradient_through_map": False}
    for kind in ("local", "scaled", "refined"):
        losses = Losses.model_validate({"artifact": artifact | {"map": kind}})
        assert losses.needs_ema == (kind == "refined")
    assert Losses.model_validate({"l1": {"weight": 1.0}}).assets == []


def test_a_game_counts_what_it_judges_beside_the_usual() -> None:
    hr, judged = torch.empty(1, 3, 8, 8, device="meta"), 10.0
    penalty = {"discriminator_weight": 1.0, "penalty": 10.0, "intensity_range": [0, 1]}
    losses = Losses.model_validate(
        {
            "standard_gan": {"weight": 1.0},
            "relativistic_gan": {"weight": 1.0, "region_mask": None},
            "wasserstein_gan": {"weight": 1.0} | penalty,
        }
    )
    counted = {name: settings.operations(hr, judged) for name, settings in losses.present.items()}
    assert counted == {"standard_gan": 0.0, "relativistic_gan": 10.0, "wasserstein_gan": 60.0}
    within = {name for name, settings in losses.present.items() if settings.compares_within_batch}
    twice = {name for name, settings in losses.present.items() if settings.needs_second_derivatives}
    assert (within, twice) == ({"relativistic_gan"}, {"wasserstein_gan"})


def test_arithmetic_is_two_operations_a_weight_and_position() -> None:
    with torch.device("meta"):
        network, images = torch.nn.Conv2d(3, 5, 3, bias=True), torch.empty(1, 3, 10, 12)
    assert forward_operations(network, images) == 2 * 8 * 10 * 5 * 3 * 9


def test_a_replacement_adds_up_layers_that_get_one_name() -> None:
    settings = PerceptualSettings(
        weight=1.0,
        network="vgg19",
        layers={"conv3_4": 0.5, "conv3_3": 0.25},
        before_activation=True,
        feature_scale=1.0,
        distance="l1",
    )
    replacement = NetworkReplacement(network="vgg16", layers={"conv3_4": "conv3_3"})
    found = settings.replaced(replacement)
    assert found["network"] == "vgg16"
    assert {name: factor for name, factor in found["layers"].items() if factor} == {"conv3_3": 0.75}


def test_a_loss_without_assets_is_built_without_weights() -> None:
    loss = Losses.model_validate({"l1": {"weight": 1.0}}).present["l1"].build_with(lambda name: {}[name])
    images = torch.zeros(1, 3, 4, 4)
    assert float(loss(Batch(images, images, images + 0.5))) == 0.5
    with pytest.raises(TypeError, match="pretrained weights"):
        LossSettings(weight=1.0).build()
