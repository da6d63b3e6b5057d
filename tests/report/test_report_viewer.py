"""Which crops the page's viewer shows."""

from pathlib import Path

import numpy as np
from PIL import Image

from sr.data.benchmarks import prepare
from sr.report.viewer import Shown, busiest, gather_crops


def test_the_busiest_window_is_the_one_with_the_detail() -> None:
    luma = np.full((200, 300), 90.0)
    luma[96:160, 192:256] = np.random.default_rng(0).uniform(0, 255, (64, 64))
    assert busiest(luma, side=64) == (96, 192)


def test_an_image_smaller_than_the_window_is_shown_whole() -> None:
    assert busiest(np.zeros((20, 30)), side=64) == (0, 0)


def test_what_fits_is_shared_between_benchmarks(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for benchmark in ("a", "b"):
        for folder in (tmp_path / "raw" / benchmark, tmp_path / "bicubic" / benchmark):
            folder.mkdir(parents=True)
            for name in ("1", "2", "3"):
                Image.fromarray(random.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(
                    folder / f"{name}.png"
                )
        originals = sorted((tmp_path / "raw" / benchmark).iterdir())
        prepare(benchmark, originals, tmp_path / "data" / benchmark)
    shown = [Shown("baseline/bicubic", (tmp_path / "bicubic").joinpath, "bicubic", "")]
    everything = gather_crops(tmp_path / "data", shown, 9)
    assert len(everything.scenes) == 6
    one = sum(len(crop.image) for crop in everything.scenes[0].crops) / 1e6
    some = gather_crops(tmp_path / "data", shown, 3.5 * one)
    assert [(scene.benchmark, scene.image) for scene in some.scenes] == [("a", "1"), ("a", "2"), ("b", "1")]
    assert some.available == {"a": 3, "b": 3}


def test_crops_shrink_until_every_benchmark_finds_room(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for benchmark in ("a", "b"):
        for folder in (tmp_path / "raw" / benchmark, tmp_path / "bicubic" / benchmark):
            folder.mkdir(parents=True)
            Image.fromarray(random.integers(0, 256, (256, 256, 3), dtype=np.uint8)).save(folder / "1.png")
        originals = sorted((tmp_path / "raw" / benchmark).iterdir())
        prepare(benchmark, originals, tmp_path / "data" / benchmark)
    shown = [Shown("baseline/bicubic", (tmp_path / "bicubic").joinpath, "bicubic", "")]
    noise = 256 * 256 * 3 * 4 / 3 / 1e6  # what noise takes as base64, which nothing compresses
    for room, side in ((4.2, 256), (3.9, 192), (2, 128)):
        gallery = gather_crops(tmp_path / "data", shown, room * noise)
        assert gallery.side == side
        assert [scene.box[2:] for scene in gallery.scenes] == [(side, side)] * 2
