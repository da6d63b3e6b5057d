"""One contract for every paper found: a new folder under replications/ is tested without a new test."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sr.assumption import uncovered
from sr.comments import line_comments
from sr.data.catalogue import catalogue
from sr.data.crops import Augmentation, CropSampler
from sr.data.packer import pack
from sr.data.packing import PackedSet
from sr.errors import InputError
from sr.images import write_png
from sr.losses.batch import Batch
from sr.losses.settings import Weights
from sr.networks.vgg import VGGFeatures
from sr.papers.claims import load_claims
from sr.papers.figures import load_shown_images
from sr.papers.published import load_published
from sr.papers.spread import spread_of
from sr.papers.studies import load_studies
from sr.papers.tables import load_layouts
from sr.papers.tolerances import load_tolerances
from sr.planning.configuration import replicated_papers
from sr.project import papers, root
from sr.recipes.budget import apply, load_budget
from sr.recipes.recipe import Recipe, load_recipe, load_recipes
from sr.recipes.sources import sources
from sr.scoring.protocol import load_protocol
from sr.scoring.protocol import sources as protocol_sources
from sr.training.objective import Objective, no_weights
from sr.training.trainer import Trainer
from tests.replications.totals import totals

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
        sampling=recipe.sampling,
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


# What has a default that is nobody's choice: the trained generator is the result.
WITHOUT_A_SOURCE = {"initialisation", "result", "generator.output", "losses.relativistic_gan.constant_means"}


@pytest.mark.parametrize("path", sorted((root() / "replications").glob("*/recipes.yaml")), ids=str)
def test_every_line_of_a_recipe_has_a_source(path: Path) -> None:
    for key, comment in line_comments(path).items():
        _, *inner = key.split(".")
        if inner[:1] not in (["assumptions"], ["extends"]) and not key.endswith((".generator", ".schedule")):
            assert len(comment) >= len("A.1"), f"{path}: {key} names no source"


@pytest.mark.parametrize("name", RECIPES)
def test_what_a_paper_leaves_open_is_an_assumption(name: str) -> None:
    """Every setting has a source, and one that the paper does not state is answered by a typed entry."""
    found = sources(name)
    assert {key for key, source in found.items() if not source} <= WITHOUT_A_SOURCE
    unstated = [key for key, source in found.items() if "unstated" in source]
    assert not uncovered(unstated, load_recipe(name).assumptions)


@pytest.mark.parametrize("paper", papers())
def test_what_a_protocol_leaves_open_is_an_assumption(paper: str) -> None:
    open_questions = ("unstated", "not reported")
    unstated = [key for key, source in protocol_sources(paper).items() if source.startswith(open_questions)]
    assert not uncovered(unstated, load_protocol(paper).assumptions)


def test_assumptions_name_settings_and_readings_that_exist() -> None:
    for paper in papers():
        recipes = load_recipes(paper).values()
        # A recipe without a loss inherits what was assumed of it.
        known = set().union(*(flat_keys(recipe.model_dump(mode="json")) for recipe in recipes))
        for assumption in (one for recipe in recipes for one in recipe.assumptions.values()):
            assert set(assumption.settings) <= known, paper
            assert all(load_recipe(other) for other in assumption.tried_by)
        protocol = load_protocol(paper)
        for assumption in protocol.assumptions.values():
            assert set(assumption.settings) <= flat_keys(protocol.rules()), paper
            assert all(load_protocol(variant) for variant in assumption.tried_by)
        assert all(load_protocol(f"{paper}-{variant}") != protocol for variant in protocol.variants)


def flat_keys(settings: dict[str, Any], prefix: str = "") -> set[str]:
    """Dotted keys of settings and of the mappings they lie in."""
    mappings = {key: value for key, value in settings.items() if isinstance(value, dict)}
    inner = (flat_keys(value, f"{prefix}{key}.") for key, value in mappings.items())
    return {f"{prefix}{key}" for key in settings}.union(*inner)


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


@pytest.mark.parametrize("paper", papers())
def test_images_that_a_paper_names_are_of_benchmarks_there_are(paper: str) -> None:
    for named in load_shown_images(paper).values():
        assert all(catalogue().get(benchmark).kind == "images" for benchmark in named.images)
        assert named.study is None or named.study in load_studies(paper)


@pytest.mark.parametrize("paper", replicated_papers())
def test_every_printed_number_that_is_measured_has_a_tolerance_or_a_spread(paper: str) -> None:
    assert bands_missing(paper) == set()


def bands_missing(paper: str) -> set[tuple[str, str]]:
    """(kind of source, metric) of numbers that would be measured without a stated band or spread."""
    tolerances, missing = load_tolerances(paper), set()
    printed = {(cell.item, cell.method, cell.metric) for cell in load_published(paper)}
    for item, table in load_layouts(paper).tables.items():
        for (name, method), metric in product(table.methods.items(), load_protocol(paper).metrics):
            if (item, name, metric) not in printed:
                continue
            ways = {"baseline": method.baseline, "trained": method.recipe}
            ways |= {"released": method.released, "images": method.images}
            for kind in (kind for kind, filled in ways.items() if filled):
                try:
                    if kind != "trained":
                        tolerances.for_verdict(kind, metric)
                    elif spread_of(metric) is None:
                        missing.add((kind, metric))
                    tolerances.for_drift(kind, metric)
                except InputError:
                    missing.add((kind, metric))
    return missing


@pytest.mark.parametrize("paper", papers())
def test_a_paper_has_been_counted(paper: str) -> None:
    """The count in totals.yaml is of the paper; these files must come to it."""
    counted = totals(paper)
    assert len(load_published(paper)) == counted.printed_numbers
    assert len(load_claims(paper).claims) == counted.claims


def test_no_file_of_a_replication_is_read_by_nothing() -> None:
    read = {"README.md", "published.csv", "protocol.yaml", "recipes.yaml", "tables.yaml", "claims.yaml"}
    read |= {"spread.yaml", "inconsistencies.yaml", "tolerances.yaml", "studies.yaml", "third_party.csv"}
    read |= {"images.yaml", "number_figures.yaml", "figures.py", "comparison.yaml", "totals.yaml"}
    read |= {"opinions.yaml", "frozen.json"}
    for path in (root() / "replications").rglob("*"):
        assert path.is_dir() or path.name in read or "__pycache__" in path.parts, path
