"""One contract for every paper found: a new folder under replications/ is tested without a new test."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sr.data.crops import Augmentation, CropSampler
from sr.data.packing import PackedSet, pack
from sr.images import write_png
from sr.losses.batch import Batch
from sr.losses.settings import Weights
from sr.networks.vgg import VGGFeatures
from sr.papers.claims import load_claims
from sr.papers.published import load_published
from sr.papers.tables import load_layouts
from sr.planning.configuration import replicated_papers
from sr.project import papers, root
from sr.recipes.budget import apply, load_budget
from sr.recipes.recipe import Recipe, load_recipe, load_recipes
from sr.scoring.protocol import load_protocol
from sr.training.objective import Objective, no_weights
from sr.training.trainer import Trainer

RECIPES = [
    f"{path.parent.name}/{name}"
    for path in sorted((root() / "replications").glob("*/recipes.yaml"))
    for name in load_recipes(path.parent.name)
]


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> PackedSet:
    folder = tmp_path_factory.mktemp("contract")
    random = np.random.default_rng(0)
    for number in range(3):
        write_png(folder / "noise" / f"{number}.png", random.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    pack("noise", sorted((folder / "noise").iterdir()), folder / "packed")
    return PackedSet(folder / "packed")


@pytest.fixture(params=RECIPES)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    """A recipe as the demo budget runs it, with a batch of two 32 px crops."""
    resolved = apply(load_budget("demo"), load_recipe(request.param), "noise").recipe
    return resolved.model_copy(update={"batch": 2, "patch": 32})


def random_weights(recipe: Recipe) -> Weights:
    """Random weights of the right shapes: gradients flow through them as through trained ones."""
    perceptual = recipe.losses.perceptual
    if perceptual is None:
        return no_weights
    torch.manual_seed(0)
    network = VGGFeatures(perceptual.network, list(perceptual.layers), before_activation=False)
    return lambda _name: network.state_dict()


def trainer(recipe: Recipe, packed: PackedSet) -> Trainer:
    torch.set_num_threads(1)
    sampler = CropSampler(
        packed,
        seed=0,
        batch=recipe.batch,
        patch=recipe.patch,
        augmentation=Augmentation(recipe.augmentation.flip, recipe.augmentation.rotate),
        distinct_images=recipe.distinct_images,
    )
    return Trainer(recipe, Objective(recipe.losses, random_weights(recipe)), sampler, 0).to(
        torch.device("cpu")
    )


def gradient_size(network: torch.nn.Module) -> float:
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    return sum(float(gradient.abs().sum()) for gradient in gradients)


def first_batch(run: Trainer) -> Batch:
    """The first step's batch, with everything that any loss asks for."""
    lr, hr = (crops.float() / 255 for crops in run.sampler.batch(0))
    averaged = run.generator(lr).detach()
    return Batch(lr, hr, run.generator(lr), run.discriminator, averaged, run.sampler.mixing(0))


def test_the_generator_enlarges_by_four(recipe: Recipe) -> None:
    with torch.no_grad():
        assert recipe.generator.build().eval()(torch.rand(1, 3, 6, 9)).shape == (1, 3, 24, 36)


def test_every_generator_loss_reaches_the_generator_alone(recipe: Recipe, packed: PackedSet) -> None:
    run = trainer(recipe, packed)
    for name, weight in run.objective.weights.items():
        run.generator.zero_grad()
        if run.discriminator is not None:
            run.discriminator.requires_grad_(False)
        terms = run.objective.generator_terms(first_batch(run))
        assert terms.keys() == run.objective.weights.keys()
        (weight * terms[name]).backward()
        assert 0 < gradient_size(run.generator) < float("inf"), name
        if run.discriminator is not None:
            assert gradient_size(run.discriminator) == 0, name


def test_the_discriminators_loss_reaches_the_discriminator_alone(recipe: Recipe, packed: PackedSet) -> None:
    run = trainer(recipe, packed)
    if run.discriminator is None:
        assert not recipe.losses.games
        return
    terms = run.objective.discriminator_terms(first_batch(run).detached())
    torch.stack(list(terms.values())).sum().backward()
    assert 0 < gradient_size(run.discriminator) < float("inf")
    assert gradient_size(run.generator) == 0


def test_resumed_equals_unbroken(recipe: Recipe, packed: PackedSet) -> None:
    unbroken, stopped = trainer(recipe, packed), trainer(recipe, packed)
    for _ in range(3):
        unbroken.step()
    stopped.step()
    resumed = trainer(recipe, packed)
    resumed.load_state(stopped.state())
    for _ in range(2):
        resumed.step()
    for name, value in unbroken.generator.state_dict().items():
        assert torch.equal(value, resumed.generator.state_dict()[name]), name


def test_a_recipe_begins_with_one_of_the_same_generator() -> None:
    for name in RECIPES:
        recipe = load_recipe(name)
        if recipe.start is not None:
            assert load_recipe(recipe.start).generator == recipe.generator, name


@pytest.mark.parametrize("path", sorted((root() / "replications").glob("*/recipes.yaml")), ids=str)
def test_every_line_of_a_recipe_has_a_source(path: Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        key, _, rest = line.strip().partition(":")
        value = rest.partition("#")[0].strip()
        if value and not line.startswith("#") and key != "extends":
            assert "#" in rest, f"{path.name}:{number}: {line.strip()} names no source"
            assert len(rest.partition("#")[2].strip()) >= len("A.1"), f"{path.name}:{number}"


@pytest.mark.parametrize("paper", papers())
def test_what_a_paper_says_is_well_formed(paper: str) -> None:
    """Loading refuses unknown keys, and none of these files may be missing."""
    assert load_published(paper)
    assert load_claims(paper)
    assert load_protocol(paper).metrics


@pytest.mark.parametrize("paper", replicated_papers())
def test_every_printed_number_has_its_place(paper: str) -> None:
    layouts = load_layouts(paper)
    for item, table in layouts.tables.items():
        for name, method in table.methods.items():
            if full := method.full_recipe(paper):
                assert load_recipe(full).title, (item, name)


def test_no_file_of_a_replication_is_read_by_nothing() -> None:
    read = {"README.md", "published.csv", "protocol.yaml", "recipes.yaml", "tables.yaml", "claims.yaml"}
    read |= {"inconsistencies.yaml", "tolerances.yaml", "studies.yaml", "third_party.csv"}
    read |= {"number_figures.yaml", "figures.py", "benchmark.yaml"}
    for path in (root() / "replications").rglob("*"):
        assert path.is_dir() or path.name in read or "__pycache__" in path.parts, path
