"""A run taken over from its twin is what training it would have given, and nothing else is taken over."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sr.data.packer import pack
from sr.errors import InputError
from sr.recipes.recipe import Averaging, Recipe, load_recipe
from sr.seals import read_record, write_record
from sr.training.run import Run, train
from sr.weights.generators import load_run
from tests.training.tiny_run import NoAssets, a_run

# In the demo both are of two blocks.
TWIN, RECIPE = "srgan/srresnet_mse", "srgan/depth_8"

pytestmark = pytest.mark.usefixtures("tiny_budget", "no_verdict")


def trained(run: Run) -> dict:
    return train(run, NoAssets())  # type: ignore[arg-type]


@pytest.fixture
def twin(data: Path) -> Path:
    trained(a_run(data, "twin", TWIN))
    return data / "twin"


def test_it_is_what_training_it_would_have_given(data: Path, twin: Path) -> None:
    made = trained(a_run(data, "made", RECIPE))
    taken = trained(replace(a_run(data, "taken", RECIPE), twin=twin))
    for name in ("generator.safetensors", "stability.csv", "samples/8.png"):
        assert (data / "taken" / name).read_bytes() == (data / "made" / name).read_bytes(), name
    for key in ("recipe_name", "budget", "training_set", "seed", "deviations", "recipe", "validation"):
        assert taken[key] == made[key], key
    assert taken["same_training_as"] == TWIN
    assert read_record(data / "taken" / "run.json", "") == taken
    assert load_run(data / "taken")[1].recipe_name == RECIPE
    assert [path.name for path in (data / "taken" / "progress").iterdir()] == ["lock"]


@pytest.fixture
def averaging(monkeypatch: pytest.MonkeyPatch) -> None:
    """srgan/srresnet_mse and srgan/depth_8 average their weights; the second one tests the average."""

    def load(name: str) -> Recipe:
        recipe = load_recipe(name)
        results = {TWIN: "raw", RECIPE: "averaged"}
        kept = 10 if name == TWIN else None
        changes = {"ema": Averaging(decay=0.9), "result": results[name], "keep_every": kept}
        return recipe.model_copy(update=changes)

    monkeypatch.setattr("sr.training.run.load_recipe", load)


@pytest.mark.usefixtures("averaging")
def test_one_training_gives_the_raw_and_the_averaged_generator(data: Path) -> None:
    """Table 2 of LDL, #4 and #5: one training, whose two generators are two results."""
    made = trained(a_run(data, "made", RECIPE))
    trained(a_run(data, "twin", TWIN))
    taken = trained(replace(a_run(data, "taken", RECIPE), twin=data / "twin"))

    def weights(run: str, name: str) -> bytes:
        return (data / run / f"{name}.safetensors").read_bytes()

    for run in ("made", "twin", "taken"):
        assert weights(run, "raw") != weights(run, "averaged")
    assert weights("twin", "generator") == weights("twin", "raw") == weights("taken", "raw")
    assert weights("taken", "generator") == weights("taken", "averaged") == weights("made", "generator")
    assert (made["validation"]["generator"], taken["validation"]["generator"]) == ("averaged", "raw")
    assert taken["recipe"]["result"] == "averaged"
    # Only the recipe that wants them has the generators on the way.
    assert list((data / "twin" / "kept").iterdir())
    assert not (data / "taken" / "kept").exists()


def test_the_precision_of_the_training_stays_a_deviation(data: Path) -> None:
    trained(replace(a_run(data, "twin", TWIN), precision="bfloat16"))
    taken = trained(replace(a_run(data, "taken", RECIPE), twin=data / "twin"))
    assert taken["deviations"][-1] == "precision: bfloat16 instead of float32"


def test_micro_batches_of_the_training_stay_a_deviation(data: Path, twin: Path) -> None:
    record = read_record(twin / "run.json", "")
    record["deviations"].append("batch statistics: over 2 images instead of 4")
    write_record(twin / "run.json", record)
    taken = trained(replace(a_run(data, "taken", RECIPE), twin=twin))
    assert taken["deviations"][-1] == "batch statistics: over 2 images instead of 4"


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"recipe": "srgan/depth_8_without_skip"}], ids=["seed", "settings"]
)
def test_another_training_is_refused(data: Path, twin: Path, change: dict) -> None:
    run = replace(a_run(data, "taken", RECIPE), twin=twin, **change)
    with pytest.raises(
        InputError, match=r"twin: was trained with other settings, images or weights to begin with"
    ):
        trained(run)
    assert not (data / "taken" / "run.json").exists()


def test_other_images_and_other_starts_are_refused(data: Path, twin: Path) -> None:
    gan, game = (
        a_run(data, "gan", "srgan/srgan_mse", twin),
        "was trained with other settings, images or weights",
    )
    trained(gan)
    trained(replace(a_run(data, "other", TWIN), seed=1))
    with pytest.raises(InputError, match=game):
        trained(replace(gan, output=data / "taken", start=data / "other", twin=data / "gan"))
    pack("smooth", sorted((data / "train").iterdir())[1:], data / "packed")
    with pytest.raises(InputError, match=game):
        trained(replace(a_run(data, "taken", RECIPE), twin=twin))


def test_settings_can_not_be_changed_of_what_is_taken_over(data: Path, twin: Path) -> None:
    run = replace(a_run(data, "taken", RECIPE), twin=twin, changes=("batch=2",))
    with pytest.raises(InputError, match="takes over a training as it was made: leave out --set"):
        trained(run)
    assert not (data / "taken").exists()


def test_no_run_is_no_twin(data: Path) -> None:
    with pytest.raises(InputError, match="nothing: holds no finished run"):
        trained(replace(a_run(data, "taken", RECIPE), twin=data / "nothing"))


def test_a_run_without_weights_is_none_and_one_that_was_taken_over_names_its_own(
    data: Path, twin: Path
) -> None:
    taken = replace(a_run(data, "taken", RECIPE), twin=twin)
    trained(taken)
    with pytest.raises(InputError, match=f"taken: was itself taken over; give the run of {TWIN} as --twin"):
        trained(replace(a_run(data, "again", RECIPE), twin=data / "taken"))
    (twin / "generator.safetensors").unlink()
    with pytest.raises(InputError, match="twin: holds no finished run"):
        trained(replace(taken, output=data / "again"))


def test_read_only_files_are_taken_over_and_can_be_replaced(data: Path, twin: Path) -> None:
    taken = replace(a_run(data, "taken", RECIPE), twin=twin)
    for path in twin.rglob("*.*"):
        path.chmod(0o444)
    for _ in range(2):
        trained(taken)
    assert all(path.stat().st_mode & 0o200 for path in (data / "taken").rglob("*.*"))


def test_it_names_the_start_that_it_was_given(data: Path, twin: Path) -> None:
    """Two starts can be one training, too. Snakemake would ask for a run again that names other inputs."""
    gan = replace(a_run(data, "gan", "srgan/srgan_mse"), start=twin)
    trained(gan)
    shutil.copytree(twin, data / "same")
    taken = trained(replace(gan, output=data / "taken", start=data / "same", twin=data / "gan"))
    assert taken["same_training_as"] == "srgan/srgan_mse"
    assert taken["provenance"]["start"]["run"] == "../same"
    assert load_run(data / "taken")[1].made_from.start.run == "../same"
