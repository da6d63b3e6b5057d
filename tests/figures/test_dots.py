"""Ablations as dots: which numbers they show, and what is said of them."""

import json
from pathlib import Path

import pandas as pd
import pytest

from sr.figures.dots import draw_dots
from sr.figures.figure import Description, Missing
from sr.figures.values import group_values, table_values
from sr.results.source import Source, group_sources
from tests.figures.synthetic_results import make_row, ready, write_seeds
from tests.results.synthetic_scores import write_score

SOURCES = {
    "Ours": "bebygan",
    "w/o BBL": "bebygan_without_best_buddy",
    "w/o RA": "bebygan_without_region_mask",
}
ABOUT = Description("Beby-GAN, Table 1: ablation", "beby", "Table 1", "What each part does.")
LABELS = {name: name for name in SOURCES}


def test_dots_are_printed_numbers_and_means_over_seeds(tmp_path: Path) -> None:
    rows = []
    for number, (method, recipe) in enumerate(SOURCES.items()):
        source = f"trained/short/DF2K/beby/{recipe}"
        write_seeds(
            tmp_path, "beby", source, "Set14", [{"LPIPS": 0.2 + number / 10}, {"LPIPS": 0.4 + number / 10}]
        )
        rows.append(make_row(("beby", "table1", "Set14", method, "LPIPS"), source, seeds=(0, 1)))
    values = table_values("beby", "table1", rows, ready(tmp_path))
    draw_dots(values, ["LPIPS"], LABELS, ABOUT, tmp_path / "dots.png")
    table = pd.read_csv(tmp_path / "dots.csv")
    hollow = table[(table["kind"] == "printed") & (table["dataset"] == "Set14")]
    # Beby-GAN, Table 1.
    assert dict(zip(hollow["method"], hollow["value"], strict=True)) == {
        "Ours": 0.2202,
        "w/o BBL": 0.2343,
        "w/o RA": 0.2272,
    }
    filled = table[table["kind"] == "trained"].set_index("method")
    assert filled["value"].tolist() == pytest.approx([0.3, 0.4, 0.5])
    assert filled.loc["w/o BBL", ["low", "high"]].tolist() == pytest.approx([0.3, 0.5])
    said = json.loads((tmp_path / "dots.json").read_text())
    assert said["title"] == (
        "Beby-GAN, Table 1: ablation; best here: Ours by LPIPS (1 of 1, within the spread of"
        " seeds) (budget: short)"
    )
    assert "lowest to the highest seed" in said["caption"]


def test_a_network_of_full_size_is_not_ranked_with_small_ones(tmp_path: Path) -> None:
    """Released weights have the lowest LPIPS, and nothing of their kind to be held against."""
    rows = []
    sources = {"w/o BBL": 0.3, "w/o RA": 0.4}
    for method, value in sources.items():
        source = f"trained/cpu/BSDS500/beby/{SOURCES[method]}"
        write_seeds(tmp_path, "beby", source, "Set14", [{"LPIPS": value}])
        rows.append(make_row(("beby", "table1", "Set14", method, "LPIPS"), source))
    write_score(tmp_path / "scores", "released/beby_gan", "Set14", {"LPIPS": [0.1]}, protocol="beby")
    rows.append(make_row(("beby", "table1", "Set14", "Ours", "LPIPS"), "released/beby_gan"))
    values = table_values("beby", "table1", rows, ready(tmp_path))
    draw_dots(values, ["LPIPS"], LABELS, ABOUT, tmp_path / "dots.png")
    title = json.loads((tmp_path / "dots.json").read_text())["title"]
    assert title == "Beby-GAN, Table 1: ablation; best at budget cpu: w/o BBL by LPIPS (1 of 1) (budget: cpu)"


def test_one_seed_has_no_spread_and_the_caption_says_so(tmp_path: Path) -> None:
    source = "trained/short/DF2K/esrgan/ladder_rrdb"
    write_seeds(tmp_path, "esrgan", source, "embedded", [{"PSNR": 25.0}])
    groups = [("RRDB", group_sources([Source.parse(f"{source}/seed0")])[0])]
    values = group_values("esrgan", groups, ["embedded"], ready(tmp_path))
    draw_dots(values, ["PI", "PSNR"], {"RRDB": "RRDB"}, ABOUT, tmp_path / "dots.png")
    assert pd.read_csv(tmp_path / "dots.csv")["value"].tolist() == [25.0]
    assert "One seed each" in json.loads((tmp_path / "dots.json").read_text())["caption"]


def test_without_a_measurement_the_reason_is_said(tmp_path: Path) -> None:
    place = ("beby", "table1", "Set14", "Ours", "LPIPS")
    rows = [make_row(place, "trained/short/DF2K/beby/bebygan", note="Set14 is not at hand.")]
    values = table_values("beby", "table1", rows, ready(tmp_path))
    with pytest.raises(Missing, match="Set14 is not at hand"):
        draw_dots(values, ["LPIPS"], LABELS, ABOUT, tmp_path / "dots.png")
