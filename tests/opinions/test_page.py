"""The pages as files: complete, and without a word that tells the versions apart."""

import base64
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sr.errors import InputError
from sr.images import read_image, write_png
from sr.opinions.design import KEY, TOKENS, Key, deal, load_key
from sr.opinions.page import PAGES
from tests.opinions.small_study import BENCHMARK, CALIBRATED, RANKING, STUDY, VERSIONS, material, prepared


def page_data(path: Path) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="study">(.*?)</script>', path.read_text(), re.S)
    assert found
    return json.loads(found[1])


def decoded(uri: str) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))))


def words_of(folder: Path) -> str:
    """All text that a rater's browser gets: names of files, and pages without the pictures in them."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    pages = [path.read_text() for path in files if path.suffix == ".html"]
    pages = [re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", text) for text in pages]
    return "\n".join([*pages, *(path.name for path in files)]).lower()


@pytest.mark.parametrize("study", [STUDY, RANKING], ids=["scores", "orders"])
@pytest.mark.parametrize("embed", [True, False], ids=["one file", "folder"])
def test_nothing_in_a_page_tells_the_versions_apart(
    tmp_path: Path, study: dict[str, Any], embed: bool
) -> None:
    key = prepared(tmp_path, study, embed)
    text = words_of(tmp_path / "study" / PAGES)
    for word in [*VERSIONS, "truth", "original", BENCHMARK, "image0", "srgan", "beby", "bicubic", "nearest"]:
        assert not re.search(rf"(?<![a-z0-9]){word}(?![a-z0-9])", text), word
    assert "://" not in text  # loads nothing from elsewhere
    sizes = {path.stat().st_size for path in (tmp_path / "study" / PAGES).rglob("*.html")}
    assert len(list((tmp_path / "study" / PAGES).glob("*.html"))) == len(key.raters) == 4
    assert min(sizes) > 10_000


def test_a_page_shows_the_pixels_that_the_key_names(tmp_path: Path) -> None:
    prepared(tmp_path, STUDY, embed=True)
    key = load_key(tmp_path / "study")
    data = page_data(tmp_path / "study" / PAGES / "rater-02.html")
    assert [one["images"] for one in data["trials"]] == [
        list(trial.shown) for trial in key.raters["02"].trials
    ]
    for name, uri in data["pictures"].items():
        stimulus = key.stimuli[name]
        folder = tmp_path / "images" / stimulus.version / BENCHMARK
        if stimulus.version == "truth":
            folder = tmp_path / "benchmarks" / BENCHMARK / "HR"
        assert np.array_equal(decoded(uri), read_image(folder / f"{stimulus.image}.png"))


def test_a_folder_has_every_picture_once(tmp_path: Path) -> None:
    key = prepared(tmp_path, STUDY)
    files = {path.stem for path in (tmp_path / "study" / PAGES / "images").iterdir()}
    assert files == set(key.stimuli)
    assert page_data(tmp_path / "study" / PAGES / "rater-01.html")["pictures"] is None


def test_orders_show_the_same_part_of_every_version(tmp_path: Path) -> None:
    key = prepared(tmp_path, RANKING)
    shown = material(tmp_path, RANKING)
    for name, stimulus in key.stimuli.items():
        crop = read_image(tmp_path / "study" / PAGES / "images" / f"{name}.png")
        assert crop.shape == (16, 16, 3)
        folder = tmp_path / "images" / stimulus.version / BENCHMARK
        if stimulus.version == "truth":
            folder = tmp_path / "benchmarks" / BENCHMARK / "HR"
        whole = read_image(folder / f"{stimulus.image}.png")
        places = [
            (top, left)
            for top in range(whole.shape[0] - 15)
            for left in range(whole.shape[1] - 15)
            if np.array_equal(whole[top : top + 16, left : left + 16], crop)
        ]
        others = [n for n, other in key.stimuli.items() if other.image == stimulus.image]
        assert len(places) == 1
        assert len(others) == len(shown.shown[BENCHMARK, stimulus.image])


def test_calibration_pictures_are_made_of_the_images_of_the_catalogue(tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    key = prepared(tmp_path, CALIBRATED)
    expected = {key.stimuli[trial.shown[0]].expected for trial in key.raters["01"].calibration}
    assert expected == {1, 5}
    by_score = {s.expected: name for name, s in key.stimuli.items() if s.expected}
    blocky = read_image(tmp_path / "study" / PAGES / "images" / f"{by_score[1]}.png")
    assert np.array_equal(blocky[::4], blocky[1::4])
    assert np.array_equal(blocky[:, ::4], blocky[:, 3::4])
    data = page_data(tmp_path / "study" / PAGES / "rater-01.html")
    assert sorted(one["expected"] for one in data["calibration"]) == [1, 5]


def test_a_page_that_would_name_a_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the page would say 'sharp'"):
        prepared(tmp_path, STUDY | {"instructions": ["Is it dark or Sharp?"]})
    assert not (tmp_path / "study").exists()


def test_versions_of_another_size_are_refused(tmp_path: Path) -> None:
    shown = material(tmp_path, STUDY)
    write_png(tmp_path / "images" / "wild" / BENCHMARK / "image1.png", np.zeros((8, 8, 3), np.uint8))
    stimulus = next(s for s in _stimuli(shown).values() if s.version == "wild" and s.image == "image1")
    with pytest.raises(InputError, match="would tell the versions apart"):
        shown.pixels(stimulus)


def _stimuli(shown: Any) -> dict[str, Any]:
    return deal(shown.study, shown.shown, [], 1, 0).stimuli


def test_what_could_not_be_shown_is_a_deviation(tmp_path: Path) -> None:
    versions = STUDY["versions"] | {"lost": {"source": "images/lost"}}
    key = prepared(
        tmp_path, STUDY | {"versions": versions, "images": {BENCHMARK: "all", "other": 5}}, raters=2, count=2
    )
    assert key.deviations == (
        "images: other could not be shown",
        "images: 2 of each benchmark",
        "versions: nothing shows lost",
        "raters: pages for 2 in place of 4",
    )


def test_a_key_survives_its_file(tmp_path: Path) -> None:
    key: Key = prepared(tmp_path, CALIBRATED)
    assert load_key(tmp_path / "study") == key
    assert load_key(tmp_path / "study").hash == key.hash


def test_only_a_study_is_replaced_also_one_that_was_served(tmp_path: Path) -> None:
    """Snakemake removes the key before it calls the rule again; a server leaves its raters' links."""
    study = tmp_path / "study"
    prepared(tmp_path, STUDY)
    (study / TOKENS).write_text("{}")
    (study / KEY).unlink()
    prepared(tmp_path, STUDY)
    (study / PAGES / "images" / "mine").mkdir(parents=True)
    (study / PAGES / "images" / "mine" / "a.png").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"holds other files \(pages/images/mine/a.png\)"):
        prepared(tmp_path, STUDY)
    shutil.rmtree(study)
    (study / PAGES / "images").mkdir(parents=True)
    (study / PAGES / "images" / "a.png").write_bytes(b"of a site")
    with pytest.raises(InputError, match="holds other files"):
        prepared(tmp_path, STUDY)
