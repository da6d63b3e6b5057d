"""Numbers that others report: well formed, with a known convention, beside ours only where it is the same."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from sr.data.catalogue import catalogue
from sr.errors import InputError
from sr.papers.third_party import CONVENTIONS, load_reported
from sr.scoring.protocol import load_protocol
from sr.verdicts.third_party import beside_ours, write_beside
from tests.results.synthetic_scores import write_score

HEADER = "source,model,released,dataset,metric,value,convention,where,note"
ROW = 'A,m,esrgan,Set5,PSNR,30.44,"Y, border 4",README.md,'


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: str) -> Path:
        (tmp_path / "t.csv").write_text("\n".join([HEADER, *rows]) + "\n")
        return tmp_path / "t.csv"

    return write


def test_the_collection() -> None:
    reported = load_reported()
    assert {entry.convention for entry in reported} == CONVENTIONS.keys()
    known = {(e.source, e.model, e.dataset, e.metric, e.convention): e.value for e in reported}
    assert known["ESRGAN", "RRDB_PSNR_x4", "Set5", "PSNR", "Y, border 4"] == "32.73"
    assert known["BasicSR", "004_MSRGAN_x4_f64b16_DIV2K_400k", "DIV2K", "SSIM", "RGB, border 4"] == "0.7462"
    for entry in reported:
        low, high = {"PSNR": (20, 40), "SSIM": (0.5, 1)}[entry.metric]
        assert low < float(entry.value) < high
        if entry.released and not entry.released.startswith("baseline/"):
            assert catalogue().get(entry.released).released


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW.replace("esrgan", "esrgn"), "did you mean 'esrgan'"),
        (ROW.replace("esrgan", "vgg19"), "'vgg19' is no released generator"),
        (ROW.replace("Set5", "Set6"), "did you mean 'Set5'"),
        (ROW.replace("Set5", "vgg19"), "no set of images"),
        (ROW.replace("30.44", "high"), "line 2: value 'high' is not a number"),
        (ROW.replace("border 4", "border 3"), "line 2.*convention"),
        (ROW.replace("PSNR", "LPIPS"), "line 2.*metric"),
        (ROW.replace(",README.md,", ""), "line 2"),
    ],
)
def test_mistakes_are_named(table: Callable[..., Path], row: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_reported(table(row))


def test_repetitions_are_refused(table: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="appears twice"):
        load_reported(table(ROW, ROW.replace("30.44", "30.45")))


def test_ours_stands_beside_numbers_of_the_same_convention_only(
    table: Callable[..., Path], tmp_path: Path
) -> None:
    assert (load_protocol("ldl").channel, load_protocol("ldl").border) == ("Y", 4)
    for protocol in ("ldl", "srgan"):
        write_score(tmp_path, "released/esrgan", "Set5", {"PSNR": [30.0, 31.0]}, protocol=protocol)
    reported = load_reported(
        table(
            ROW,
            ROW.replace("Y, b", "RGB, b"),
            ROW.replace("Set5", "Set14"),
            ROW.replace("A,m,esrgan", "B,m,"),
        )
    )
    same, other, elsewhere, unknown = beside_ours(reported, tmp_path)
    assert (same.protocol, same.ours) == ("ldl", 30.5)
    assert same.difference == pytest.approx(0.06)
    assert (other.ours, other.protocol) == (None, "")
    assert elsewhere.ours is None
    assert unknown.ours is None
    write_beside(tmp_path / "out.csv", [same, other])
    with (tmp_path / "out.csv").open(newline="") as stream:
        first, second = csv.DictReader(stream)
    assert (first["reported"], first["ours"], first["difference"]) == ("30.44", "30.5000", "0.0600")
    assert (second["ours"], second["convention"]) == ("", "RGB, border 4")
