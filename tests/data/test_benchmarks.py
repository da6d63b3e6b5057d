"""A prepared benchmark: HR cropped, LR exact, grey kept grey."""

from pathlib import Path

import numpy as np
import pytest

from sr.data.benchmarks import Benchmark, prepare
from sr.errors import InputError
from sr.images import image_files, read_image, write_png


def test_prepares(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    shapes = [(17, 22, 3), (16, 20)]
    originals = [random.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]
    for number, pixels in enumerate(originals):
        write_png(tmp_path / f"{number}.png", pixels)
    prepare("two", image_files(tmp_path), tmp_path / "ready")
    benchmark = Benchmark(tmp_path / "ready")
    assert benchmark.index.images == ("0", "1")
    assert np.array_equal(read_image(benchmark.hr_files()[0]), originals[0][:16, :20])
    assert [read_image(path).shape for path in benchmark.lr_files()] == [(4, 5, 3), (4, 5)]


def test_equals_matlabs_lr(tmp_path: Path, mirror: Path) -> None:
    folder = mirror / "benchmark" / "Set5"
    prepare("Set5", image_files(folder / "HR"), tmp_path / "Set5")
    for path in Benchmark(tmp_path / "Set5").lr_files():
        assert np.array_equal(
            read_image(path), read_image(folder / "LR_bicubic" / "X4" / f"{path.stem}x4.png")
        )


def test_refuses_tiny_and_unprepared(tmp_path: Path) -> None:
    write_png(tmp_path / "tiny.png", np.zeros((3, 9, 3), np.uint8))
    with pytest.raises(InputError, match=r"tiny.png: smaller than 4x4"):
        prepare("tiny", image_files(tmp_path), tmp_path / "ready")
    assert not (tmp_path / "ready").exists()
    with pytest.raises(InputError, match="not a prepared benchmark"):
        Benchmark(tmp_path)


def test_nothing_but_an_older_benchmark_is_replaced(tmp_path: Path) -> None:
    photos, other = tmp_path / "photos", tmp_path / "packed"
    write_png(photos / "0.png", np.zeros((16, 16, 3), np.uint8))
    before = (photos / "0.png").read_bytes()
    with pytest.raises(InputError, match=r"photos: holds other files \(0.png\), which would be lost"):
        prepare("mine", image_files(photos), photos)
    assert (photos / "0.png").read_bytes() == before
    other.mkdir()
    (other / "index.json").write_text('{"training_set": "mine"}')
    with pytest.raises(InputError, match="packed: holds something else than a benchmark"):
        prepare("mine", image_files(photos), other)
    for _ in range(2):
        prepare("mine", image_files(photos), tmp_path / "ready")


def test_one_without_its_index_is_made_again_and_a_data_set_of_that_layout_is_not(tmp_path: Path) -> None:
    """Snakemake removes a rule's output, the index, before it calls the rule again."""
    write_png(tmp_path / "0.png", np.zeros((16, 16, 3), np.uint8))
    prepare("mine", [tmp_path / "0.png"], tmp_path / "ready")
    (tmp_path / "ready" / "index.json").unlink()
    prepare("mine", [tmp_path / "0.png"], tmp_path / "ready")
    assert Benchmark(tmp_path / "ready").index.images == ("0",)
    for part in ("HR", "LR"):
        write_png(tmp_path / "Set5" / part / "0.png", np.zeros((16, 16, 3), np.uint8))
    with pytest.raises(InputError, match="Set5: holds other files"):
        prepare("mine", [tmp_path / "Set5" / "HR" / "0.png"], tmp_path / "Set5")
    (tmp_path / "ready" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"ready: holds other files \(notes.txt\)"):
        prepare("mine", [tmp_path / "0.png"], tmp_path / "ready")
