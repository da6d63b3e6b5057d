"""`sr plan --gpus`: a table on the terminal, the same as CSV, and clear words for what is no number."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sr.cli import app
from sr.errors import InputError


def test_more_devices_are_never_slower(tmp_path: Path) -> None:
    path = tmp_path / "makespans.csv"
    arguments = ["plan", "results/tables/table2_gmgan.csv", "--teraflops", "40", "--gpus", "1,2,8"]
    found = CliRunner().invoke(app, [*arguments, "--csv", str(path)])
    assert found.exit_code == 0, found.output
    assert "critical path: gmgan/rrdb_mse/seed0" in found.output
    # Whose speed the hours are of: a laptop's own rate beside an H100's scores would pass for one device's.
    assert "train at 40 teraflop/s (as given) and score as fast as an H100" in found.output
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["gpus"] for row in rows] == ["1", "2", "8"]
    hours = [float(row["hours"]) for row in rows]
    assert hours == sorted(hours, reverse=True)
    for row in rows:
        assert float(row["hours"]) >= float(row["critical_path_hours"]) - 1e-9
        assert float(row["hours"]) >= float(row["total_hours_a_gpu"]) - 1e-9


@pytest.mark.parametrize("gpus", ["0", "1,,8", "many", ""])
def test_what_is_no_number_of_devices_is_refused(gpus: str) -> None:
    with pytest.raises(InputError, match="write numbers from 1"):
        CliRunner().invoke(app, ["plan", "all", "--gpus", gpus], catch_exceptions=False)


def test_a_table_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give --gpus too"):
        CliRunner().invoke(app, ["plan", "all", "--csv", str(tmp_path / "x.csv")], catch_exceptions=False)


def test_a_claim_is_planned_exactly() -> None:
    found = CliRunner().invoke(app, ["plan", "--decide", "L11a", "--teraflops", "40"])
    assert found.exit_code == 0, found.output
    line = next(line for line in found.output.splitlines() if line.startswith("snakemake "))
    assert "papers=[ldl]" in line
    assert "ldl/rrdb_gan/seed0/generator.safetensors" in line
    assert "ldl/rrdb_local_map/seed0/generator.safetensors" in line
    with pytest.raises(InputError, match="is no claim"):
        CliRunner().invoke(app, ["plan", "--decide", "Z1", "--teraflops", "40"], catch_exceptions=False)
