"""`sr reconstruct`: a folder is replaced whole, and only by what it held before."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from sr.cli import app
from sr.data.benchmarks import prepare
from sr.degradation import downscale, upscale
from sr.errors import InputError
from sr.images import read_image, write_png


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    write_png(tmp_path / "a.png", np.random.default_rng(0).integers(0, 256, (16, 20, 3), dtype=np.uint8))
    prepare("one", [tmp_path / "a.png"], tmp_path / "one")
    return tmp_path / "one"


def reconstruct(benchmark: Path, output: Path) -> Result:
    return CliRunner().invoke(
        app, ["reconstruct", "bicubic", "--benchmark", str(benchmark), "--output", str(output)]
    )


def test_what_is_made_replaces_only_itself(benchmark: Path, tmp_path: Path) -> None:
    output = tmp_path / "made"
    for _ in range(2):
        assert reconstruct(benchmark, output).exit_code == 0
    hr = read_image(tmp_path / "a.png")
    assert np.array_equal(read_image(output / "a.png"), upscale(downscale(hr, 4), 4))
    (output / "notes").mkdir()
    (output / "notes" / "mine.txt").write_text("mine")
    refused = reconstruct(benchmark, output)
    assert isinstance(refused.exception, InputError)
    assert "holds other files (notes/mine.txt), which would be lost" in str(refused.exception)
    assert (output / "notes" / "mine.txt").read_text() == "mine"
