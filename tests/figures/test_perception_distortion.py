"""The perception-distortion plane: which points it has, where they lie, what is said when there are none."""

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from sr.figures.figure import Missing
from sr.figures.interpolation_curve import COLUMNS
from sr.figures.perception_distortion import distortion_metric, draw_plane, plane_points
from sr.figures.values import joined, table_values
from sr.project import root
from tests.figures.synthetic_results import make_row, ready, write_seeds
from tests.results.synthetic_scores import write_score

SOURCE = "trained/short/DF2K/ldl/rrdb_ldl_df2k"
METHOD = "RRDB+LDL [train DF2K]"
ENDS = ("trained/demo/any_set/esrgan/rrdb_psnr/seed0", "trained/demo/any_set/esrgan/esrgan/seed0")
NO_CURVE = pd.DataFrame(columns=list(COLUMNS))


def printed(paper: str, item: str, dataset: str) -> dict[tuple[str, str], float]:
    """(method, metric) -> number, read without the package."""
    with (root() / "replications" / paper / "published.csv").open(encoding="utf-8", newline="") as stream:
        return {
            (row["method"], row["metric"]): float(row["value"])
            for row in csv.DictReader(stream)
            if row["item"] == item and row["dataset"] == dataset
        }


def test_printed_points_are_those_of_published_csv_and_measured_ones_the_means(tmp_path: Path) -> None:
    seeds = [{"PSNR": 25.0, "LPIPS": 0.2}, {"PSNR": 26.0, "LPIPS": 0.1}]
    write_seeds(tmp_path, "ldl", SOURCE, "Set5", seeds)
    rows = [make_row(("ldl", "table1", "Set5", METHOD, "PSNR"), SOURCE, seeds=(0, 1))]
    values = table_values("ldl", "table1", rows, ready(tmp_path))
    draw_plane(values, NO_CURVE, "Set5", ("LDL", "ldl"), "ldl", tmp_path / "plane.png")
    table = pd.read_csv(tmp_path / "plane.csv")
    hollow = table[table["kind"] == "printed"]
    numbers = printed("ldl", "table1", "Set5")
    methods = {method for method, _ in numbers}
    assert len(hollow) == len(methods) == 10
    for point in hollow.itertuples():
        assert (point.x, point.y) == (numbers[point.method, "PSNR"], numbers[point.method, "LPIPS"])
    filled = table[table["kind"] == "trained"].iloc[0]
    assert (filled["method"], filled["x"], filled["perception"]) == (METHOD, 25.5, "LPIPS")
    assert filled["y"] == pytest.approx(0.15)
    assert (filled["x_low"], filled["x_high"], filled["y_low"], filled["y_high"]) == (25.0, 26.0, 0.1, 0.2)
    said = json.loads((tmp_path / "plane.json").read_text())
    assert "short" in said["title"]
    assert "short" in said["caption"]
    assert said["budgets"] == ["short"]
    assert (tmp_path / "plane.png").stat().st_size > 0
    assert (tmp_path / "plane.svg").read_text().lstrip().startswith("<?xml")


def test_the_title_ranks_no_network_of_full_size_with_small_ones(tmp_path: Path) -> None:
    """Bicubic and the released weights have what no small network has; two of those are worth a sentence."""
    found = {
        "trained/cpu/BSDS500/ldl/rrdb_ldl_div2k/seed0": ("RRDB+LDL [train DIV2K]", 25.0, 0.3),
        "trained/cpu/BSDS500/ldl/rrdb_ldl_df2k/seed0": (METHOD, 24.0, 0.35),
        "released/ldl_rrdb_df2k": (METHOD, 29.0, 0.1),
        "baseline/bicubic": ("Bicubic", 28.0, 0.05),
    }
    rows = []
    for source, (method, psnr, lpips) in found.items():
        write_score(tmp_path / "scores", source, "Set5", {"PSNR": [psnr], "LPIPS": [lpips]}, protocol="ldl")
        rows.append(make_row(("ldl", "table1", "Set5", method, "PSNR"), source.removesuffix("/seed0")))
    values = table_values("ldl", "table1", rows, ready(tmp_path))
    draw_plane(values, NO_CURVE, "Set5", ("LDL", "ldl"), "ldl", tmp_path / "plane.png")
    assert json.loads((tmp_path / "plane.json").read_text())["title"] == (
        "LDL on Set5: none at budget cpu beats RRDB+LDL [train DIV2K] in both PSNR and LPIPS (budget: cpu)"
    )
    one = table_values("ldl", "table1", rows[1:], ready(tmp_path))
    draw_plane(one, NO_CURVE, "Set5", ("LDL", "ldl"), "ldl", tmp_path / "plane.png")
    title = json.loads((tmp_path / "plane.json").read_text())["title"]
    assert title == "LDL on Set5 (budget: cpu)", "a single one is the best of nothing"


def test_a_plane_without_a_measurement_is_missing_with_the_reason(tmp_path: Path) -> None:
    rows = [make_row(("ldl", "table1", "Set5", METHOD, "PSNR"), SOURCE, note="Set5 is not at hand.")]
    values = table_values("ldl", "table1", rows, ready(tmp_path))
    with pytest.raises(Missing, match="Set5 is not at hand"):
        draw_plane(values, NO_CURVE, "Set5", ("LDL", "ldl"), "ldl", tmp_path / "plane.png")
    assert not list(tmp_path.glob("plane.*"))


def test_printed_values_of_another_table_join_by_method(tmp_path: Path) -> None:
    main = table_values("beby", "table2", [], ready(tmp_path))
    values = joined(main, table_values("beby", "table1_supp", [], ready(tmp_path)), ("LPIPS", "NIQE", "PI"))
    points = plane_points(values, "Set14", "PSNR")
    psnr, niqe = printed("beby", "table2", "Set14"), printed("beby", "table1_supp", "Set14")
    found = points[points["perception"] == "NIQE"].set_index("method")
    assert set(found.index) == {method for method, _ in niqe} == {"Beby-GAN", "Beby-GAN-PI"}
    for method, point in found.iterrows():
        assert (point["x"], point["y"]) == (psnr[str(method), "PSNR"], niqe[str(method), "NIQE"])


def test_the_interpolation_curve_is_part_of_the_plane(tmp_path: Path) -> None:
    write_seeds(tmp_path, "ldl", SOURCE, "embedded", [{"PSNR": 25.0, "LPIPS": 0.2}])
    rows = [make_row(("ldl", "table1", "embedded", METHOD, "PSNR"), SOURCE)]
    curve = pd.DataFrame(
        [
            ("embedded", "ldl", space, alpha, metric, value + shift * alpha, *ENDS)
            for space, shift in (("network", -2.0), ("image", -1.0))
            for alpha in (0.0, 1.0)
            for metric, value in (("PSNR", 30.0), ("LPIPS", 3.0), ("SSIM", 9.0))
        ],
        columns=list(COLUMNS),
    )
    values = table_values("ldl", "table1", rows, ready(tmp_path))
    draw_plane(values, curve, "embedded", ("LDL", "ldl"), "ldl", tmp_path / "plane.png")
    table = pd.read_csv(tmp_path / "plane.csv")
    lines = table[table["kind"] == "interpolated"]
    network = lines[lines["method"].str.contains("network")]
    assert network[["alpha", "x", "y"]].to_numpy().tolist() == [[0.0, 30.0, 3.0], [1.0, 28.0, 1.0]]
    assert set(lines["method"]) == {"ESRGAN, network interpolation", "ESRGAN, image interpolation"}
    assert len(lines) == 4


def test_rmse_is_the_distortion_where_the_protocol_reports_it() -> None:
    assert distortion_metric(["PI", "RMSE", "PSNR"]) == "RMSE"
    assert distortion_metric(["LPIPS", "PSNR"]) == "PSNR"
