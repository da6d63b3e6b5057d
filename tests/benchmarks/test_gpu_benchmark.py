"""The GPU benchmark works at toy size on a CPU, and its plain loop is the step that the engine makes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks.eager_step import EagerESRGAN
from benchmarks.gpu import MEASURES, main
from benchmarks.gpu_contract import recipes_to_check
from benchmarks.gpu_measures import ESRGAN, trainer_of
from benchmarks.material import packed_images, recipe_of, sampler_of
from sr.errors import InputError
from sr.recipes.recipe import load_recipe


@pytest.fixture(autouse=True)
def _threads() -> None:
    torch.use_deterministic_algorithms(False)


def test_the_plain_loop_makes_the_engines_step(tmp_path: Path) -> None:
    recipe, packed = recipe_of(ESRGAN, toy=True), packed_images(tmp_path, toy=True)
    engine = trainer_of(recipe, packed, "float32")
    features = trainer_of(recipe, packed, "float32").objective.pretrained[0].network
    plain = EagerESRGAN(recipe, features, 0, engine.device)
    sampler = sampler_of(recipe, packed)
    for number in range(4):
        lr, hr = (crops.to(engine.device).float() / 255 for crops in sampler.batch(number))
        expected = plain.step(lr, hr)
        found = engine.step()
        for name, value in expected.items():
            torch.testing.assert_close(found[name], value, rtol=1e-3, atol=1e-6, msg=f"{name} at {number}")


def test_full_size_is_the_papers() -> None:
    recipe = recipe_of(ESRGAN, toy=False)
    assert recipe == load_recipe(ESRGAN)
    assert (recipe.generator.blocks, recipe.batch, recipe.patch) == (23, 16, 128)


def test_everything_runs_at_toy_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "gpu.json"
    main(["--toy", "--output", str(output)])
    main(["contract", "beby", "gmgan/gmgan", "ldl/swinir_ldl", "--toy", "--output", str(output)])
    found = json.loads(output.read_text())
    assert set(found) == {"origin", *MEASURES, "contract"}
    assert found["origin"]["toy"] is True
    assert [row["not_finite"] for row in found["contract"]] == [""] * len(found["contract"])
    assert {row["what"] for row in found["contract"]} >= {"beby/bebygan", "gmgan/gmgan", "ldl/swinir_ldl"}
    for row in found["steps"] + found["contract"]:
        assert row["iterations_a_second"] > 0
    bfloat16 = [row["mean_relative_difference"] for row in found["curves"] if "bfloat16" in row["what"]]
    assert len(bfloat16) == 4
    assert all(0 < difference < 0.5 for difference in bfloat16)
    assert "region mask, ours" in capsys.readouterr().out


def test_the_contract_goes_on_where_it_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "gpu.json"
    first = ["contract", "srgan", "--toy", "--output", str(output)]
    main([*first, "--minutes", "0"])
    assert "run the same command again" in capsys.readouterr().out
    main(first)
    names = [row["what"] for row in json.loads(output.read_text())["contract"]]
    assert names == recipes_to_check(["srgan"])


def test_what_is_no_recipe_is_refused() -> None:
    with pytest.raises(InputError, match="esrgan/esrgan"):
        recipes_to_check(["esrgan/esrgam"])


def test_nothing_heavy_is_needed() -> None:
    """A machine with a GPU may have none of these."""
    absent = "snakemake", "lpips", "piq", "matplotlib", "skimage", "pooch", "imagecodecs", "pandas"
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({absent!r})); "
        "import benchmarks.gpu, sr.training.run, sr.cli.train"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
