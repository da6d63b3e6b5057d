"""`sr upscale`: where results go, under which names, and what is left alone."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sr.images import read_image
from sr.photos import folder as folder_module
from tests.cli.upscaling import PHOTO, refused, upscale


def test_one_image_goes_beside_itself_or_where_asked(run: Path, photos: Path, tmp_path: Path) -> None:
    outcome = upscale(photos / "a.png", "--weights", run)
    assert outcome.code == 0, outcome.err
    assert read_image(photos / "a_x4.png").shape == (24, 36, 3)
    for output, expected in (("there.tif", "there.tif"), ("new", "new/a_x4.png")):
        assert upscale(photos / "a.png", "--weights", run, "--output", tmp_path / output).code == 0
        assert (read_image(tmp_path / expected) == read_image(photos / "a_x4.png")).all()


def test_nothing_is_overwritten_without_force(run: Path, photos: Path) -> None:
    (photos / "a_x4.png").write_text("precious")
    assert "a_x4.png: is there already" in refused(photos / "a.png", "--weights", run)
    assert (photos / "a_x4.png").read_text() == "precious"
    assert upscale(photos / "a.png", "--weights", run, "--force").code == 0
    assert read_image(photos / "a_x4.png").shape == (24, 36, 3)


def test_no_comparison_is_written_over_another_file(run: Path, photos: Path) -> None:
    compare = (photos / "a.png", "--weights", run, "--compare")
    (photos / "a_x4_compare.png").write_text("precious")
    assert "a_x4_compare.png: is there already" in refused(*compare)
    assert (photos / "a_x4_compare.png").read_text() == "precious"
    assert not (photos / "a_x4.png").exists(), "refused before any work"
    assert upscale(*compare, "--force").code == 0
    assert Image.open(photos / "a_x4_compare.png").size[0] == 2 * 36 + 8


def test_a_comparison_does_not_take_the_name_of_a_result(run: Path, tmp_path: Path) -> None:
    """Of a.png beside an a_compare.png, and of two images that only their formats tell apart."""
    for other in ("a_compare.png", "a.jpg"):
        folder = tmp_path / other.replace(".", "_")
        folder.mkdir()
        Image.fromarray(PHOTO).save(folder / "a.png")
        Image.fromarray(PHOTO[:3, :4]).save(folder / other)
        assert "a_compare.png; rename one, or no --compare" in refused(folder, "--weights", run, "--compare")
        assert upscale(folder, "--weights", run).code == 0
        assert Image.open(tmp_path / f"{folder.name}_x4" / other).size == (16, 12)


@pytest.mark.parametrize("name", ["a", "a" * 249 + "\u00e9", "\u6d77 $(x) '"])
def test_names_of_any_kind_and_length(name: str, run: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    Image.fromarray(PHOTO).save(tmp_path / "in" / f"{name}.png")
    assert upscale(tmp_path / "in", "--weights", run, "--output", tmp_path / "out").code == 0
    assert read_image(tmp_path / "out" / f"{name}.png").shape == (24, 36, 3)


def test_a_name_that_would_become_too_long_is_refused_before_any_work(run: Path, tmp_path: Path) -> None:
    Image.fromarray(PHOTO).save(tmp_path / ("a" * 251 + ".png"))
    assert "name is longer than the 255 bytes" in refused(tmp_path / ("a" * 251 + ".png"), "--weights", run)


def test_a_path_that_ends_in_a_separator_is_a_folder(run: Path, photos: Path, tmp_path: Path) -> None:
    assert upscale(photos / "a.png", "--weights", run, "--output", f"{tmp_path}/new.v2/").code == 0
    assert (tmp_path / "new.v2" / "a_x4.png").is_file()


def test_a_place_that_can_not_be_written_is_refused_before_the_work(
    run: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> None:
        pytest.fail("the work was begun")

    monkeypatch.setattr(folder_module, "_upscale_file", never)
    (tmp_path / "file").write_text("no folder")
    for place in (tmp_path / "file" / "a.png", Path("/proc/1/a.png"), Path("/proc/none/a.png")):
        assert "can not be written" in refused(photos / "a.png", "--weights", run, "--output", place)


@pytest.mark.parametrize(("scale", "name"), [(2, "a_x2.png"), (2.5, "a_x2.5.png"), (6, "a_x6.png")])
def test_other_scales_are_named_in_the_result(scale: float, name: str, run: Path, photos: Path) -> None:
    assert upscale(photos / "a.png", "--weights", run, "--scale", scale, "--compare").code == 0
    assert read_image(photos / name).shape == (round(6 * scale), round(9 * scale), 3)
