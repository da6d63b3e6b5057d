"""Printed numbers are found again: formulas done naively, and each protocol from its own bicubic row."""

import json
from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from sr.data.assets import Assets
from sr.errors import InputError
from sr.explain.conventions import MEAN, OF_MEAN, Setting, pixel_values
from sr.explain.explanation import Explanation, explain
from sr.explain.page import as_json, page
from sr.explain.pairs import Pair, match
from sr.explain.printed import Printed, of_cell, parse
from sr.explain.similarity import similarity_map
from sr.images import as_rgb, image_files, luma, read_image
from sr.scoring.protocol import load_protocol
from sr.scoring.scoring import score_folders
from tests.explain.photographs import enlarged, originals, write

NOTHING = Assets(Path("no_such_folder"), None)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Reconstructions and originals, one of them stored as grey."""
    folder = tmp_path_factory.mktemp("set")
    images = originals()
    images["coffee"] = np.ascontiguousarray(images["coffee"][:, :, 1])
    sr = write(folder / "sr", {name: enlarged(hr) for name, hr in images.items()})
    return sr, write(folder / "hr", images)


def explained(folders: tuple[Path, Path], text: str) -> Explanation:
    return explain(*folders, parse(text), NOTHING)


def test_psnr_as_the_formula_says(folders: tuple[Path, Path]) -> None:
    values = {(v.setting, v.detail): v.value for v in pixel_values(match(*folders).pairs, ["PSNR"])}
    errors = {"Y": [], "RGB": []}
    for sr, hr in zip(*(map(read_image, image_files(folder)) for folder in folders), strict=True):
        inner = [as_rgb(image)[4:-4, 4:-4] for image in (sr, hr)]
        errors["RGB"].append(np.mean((inner[0].astype(float) - inner[1]) ** 2))
        one, other = (luma(image, rounded=False) for image in inner)
        errors["Y"].append(np.mean((one - other) ** 2))
    for channel, own in errors.items():
        decibels = [10 * np.log10(255**2 / error) for error in own]
        assert values[Setting(channel, 4), MEAN] == pytest.approx(np.mean(decibels), abs=1e-4)
        together = 10 * np.log10(255**2 / np.mean(own))
        assert values[Setting(channel, 4), OF_MEAN] == pytest.approx(together, abs=1e-4)


def test_maps_are_those_of_scikit_image_and_of_our_metric() -> None:
    hr = luma(originals()["chelsea"], rounded=True).astype(np.float32)
    sr = luma(enlarged(originals()["chelsea"]), rounded=True).astype(np.float32)
    theirs = structural_similarity(sr.astype(float), hr.astype(float), data_range=255)
    assert similarity_map(sr, hr, "scikit-image").mean() == pytest.approx(theirs, abs=1e-6)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    theirs = structural_similarity(sr.astype(float), hr.astype(float), **options)
    assert similarity_map(sr, hr, "wang").mean() == pytest.approx(theirs, abs=1e-6)


def scores(folders: tuple[Path, Path], paper: str) -> dict[str, float]:
    sr, hr = folders
    scored = score_folders({"it": sr}, hr, load_protocol(paper), NOTHING, ["PSNR", "SSIM"])
    return scored["it"].set_values


@pytest.mark.parametrize("paper", ["srgan", "gmgan"])
def test_values_under_a_protocol_are_the_protocols(folders: tuple[Path, Path], paper: str) -> None:
    found = explained(folders, "PSNR=30,SSIM=0.9").papers[paper]
    ours = scores(folders, paper).values()
    assert [value.value for value in found.values] == pytest.approx(list(ours), abs=1e-5)


@pytest.mark.parametrize("paper", ["srgan", "gmgan", "beby", "ldl", "esrgan"])
def test_every_protocol_is_found_again_from_its_own_numbers(folders: tuple[Path, Path], paper: str) -> None:
    protocol = load_protocol(paper)
    ours = scores(folders, paper)
    found = explained(folders, f"PSNR={ours['PSNR']:.2f},SSIM={ours['SSIM']:.4f}")
    wanted = Setting(
        "Y, rounded" if protocol.y_rounded else "Y",
        protocol.border,
        "as stored" if protocol.grey == "as_stored" else "as RGB",
    )
    fitting = [candidate.values[0].setting for candidate in found.candidates if candidate.fits]
    assert wanted in fitting
    assert len(fitting) <= 2
    assert found.papers[paper].fits


PRINTED_ROWS = {  # bicubic as printed: SRGAN's Table 2, GMGAN's Table 1 and Fig. 5
    "srgan": ("Table 2, Set14, bicubic", "Set14", Setting("Y, rounded", 4, "as stored")),
    "gmgan": ("Table 1, Set5, Bicubic", "Set5", Setting("Y", 4)),
}


@pytest.mark.parametrize("paper", PRINTED_ROWS)
def test_protocols_are_found_again_from_printed_rows(mirror: Path, tmp_path: Path, paper: str) -> None:
    cell, benchmark, wanted = PRINTED_ROWS[paper]
    hr = mirror / "benchmark" / benchmark / "HR"
    images = {path.stem: read_image(path) for path in image_files(hr)}
    cropped = {n: p[: p.shape[0] // 4 * 4, : p.shape[1] // 4 * 4] for n, p in images.items()}
    sr = write(tmp_path / "sr", {name: enlarged(pixels) for name, pixels in cropped.items()})
    found = explain(sr, hr, of_cell(paper, cell), NOTHING)
    assert found.candidates[0].values[0].setting == wanted
    assert next(iter(found.papers.values())).values[0].setting == wanted
    assert not found.accidents


def test_authors_image_is_explained(mirror: Path) -> None:
    authors = mirror.parent / "fixtures" / "authors" / "baboon_ESRGAN.png"
    if not authors.is_file():
        pytest.skip("the authors' image is not at hand")
    found = explain(
        authors, mirror / "benchmark" / "Set14" / "HR" / "baboon.png", parse("PSNR=20.35"), NOTHING
    )
    nearest = found.papers["esrgan"]
    assert nearest.values[0].setting == Setting("Y", 4)
    assert nearest.values[0].value == pytest.approx(20.35, abs=0.05)
    on_rgb = [v.value for v in found.values if v.setting == Setting("RGB", 4)]
    assert on_rgb == pytest.approx([18.6], abs=0.1)
    assert not found.accidents


def test_coincidences_are_told_by_their_number(folders: tuple[Path, Path]) -> None:
    values = explained(folders, "PSNR=28").alone["PSNR"]
    assert values.fit > 1
    assert values.by_chance > 1


def test_page_and_json_say_the_same(folders: tuple[Path, Path]) -> None:
    found = explained(folders, "PSNR=1.23,SSIM=0.9999")
    text, content = page(found), json.loads(json.dumps(as_json(found)))
    assert "None of" in text
    assert not any(candidate["fits"] for candidate in content["conventions"])
    assert len(content["values"]) == len(found.values)
    assert len(text.splitlines()) < 50


def test_identical_images_give_infinity(tmp_path: Path) -> None:
    hr = write(tmp_path / "hr", originals())
    assert "infinite" in page(explain(hr, hr, [], NOTHING))


@pytest.mark.parametrize("text", ["PSNR", "PSNR=x", "MOS=3.5", "PSNR=1,PSNR=2"])
def test_malformed_numbers_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--printed"):
        parse(text)


def test_cells_of_papers() -> None:
    assert Printed("SSIM", "0.6985") in of_cell("beby", "Table 2, Set14, ESRGAN")
    with pytest.raises(InputError, match="did you mean 'ESRGAN'"):
        of_cell("beby", "Table 2, Set14, ESRGN")
    with pytest.raises(InputError, match="item, dataset, method"):
        of_cell("beby", "Table 2")


def test_pairs_of_grey_images_are_stored_alike(folders: tuple[Path, Path]) -> None:
    pairs: list[Pair] = match(*folders).pairs
    assert [pair.is_grey for pair in pairs] == [False, False, True]
    assert all(pair.sr.shape == pair.hr.shape for pair in pairs)
