"""Seeds and hours on the page are those of `sr plan`."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sr.cli import app
from sr.config import load_yaml
from sr.papers.names import place_of
from sr.planning.cost import cost_of_recipes
from sr.planning.plan import Plan
from sr.planning.power import Decision, Matches, Outlook, hours
from sr.project import root
from sr.report.gather import gather
from sr.report.page import render
from sr.report.seeds import Forecast, forecasts
from tests.recipes.synthetic_record import make_record
from tests.report.results_tree import make_results


def lines(printed: str, title: str) -> list[list[str]]:
    """The rows of a table on the terminal, those that go on in a further line put together."""
    found: list[list[str]] = []
    for line in printed.partition(title)[2].split("└")[0].splitlines():
        cells = [cell.strip() for cell in line.split("│")[1:-1]]
        if cells and cells[0]:
            found.append(cells)
        elif cells:
            found[-1] = [f"{one} {more}".strip() for one, more in zip(found[-1], cells, strict=True)]
    return found


@pytest.mark.slow
def test_the_page_says_what_the_plan_says(tmp_path: Path) -> None:
    found = forecasts(["beby", "srgan"], tmp_path)
    (forecast,) = found["beby"]
    assert (forecast.budget, len(found["srgan"])) == ("paper", 1)
    command = ["plan", "all", "--results", str(tmp_path), "--teraflops", repr(forecast.rate / 1e12)]
    printed = CliRunner().invoke(app, command).output
    claims = {row[0]: row for row in lines(printed, "decided with a power")}
    for paper in ("beby", "srgan"):
        own = found[paper][0].outlook
        assert own.claims
        for claim, price in own.claims:
            hours = "" if price is None else f"{price:,.0f}"
            said = [claim.rule, str(claim.comparisons), str(claim.seeds or ""), hours]
            assert claims[claim.claim][1:5] == said
            assert claim.words.startswith(claims[claim.claim][5].removesuffix("..."))
        tables = {row[0]: row[1:] for row in lines(printed, "shown equal")}
        for table, price in own.tables:
            said = [str(table.cells), str(table.seeds), str(table.plain), f"{price:,.0f}"]
            assert tables[f"{paper} {table.item}"] == said


def test_trainings_of_the_folder_bring_their_budget_and_its_rate(tmp_path: Path) -> None:
    """Two trainings of a recipe, of which one took three times as long on two devices."""
    for seed, (seconds, processes) in enumerate(((100.0, 1), (300.0, 2))):
        folder = tmp_path / "runs" / "demo" / "embedded_train" / "srgan" / "srresnet_mse" / f"seed{seed}"
        folder.mkdir(parents=True)
        execution = {"device": "cpu", "processes": processes}
        record = make_record(
            seconds=seconds, seed=seed, budget="demo", provenance={"identity": "x", "executions": [execution]}
        )
        (folder / "run.json").write_text(json.dumps(record))
    paper, demo = forecasts(["srgan"], tmp_path)["srgan"]
    assert (paper.budget, demo.budget) == ("paper", "demo")
    assert demo.origin == "what 2 trainings of this folder sustained"
    plan = Plan(load_yaml(root() / "workflow" / "config.yaml") | {"budget": "demo", "mirror": None})
    runs = {run.recipe: run for run in cost_of_recipes(plan, ["srgan/srresnet_mse"]).runs}
    by_the_clock = 5 * (100 + 2 * 300) / 2 / 3600
    assert hours(runs, plan, ["srgan/srresnet_mse"], 5, demo.rate) == pytest.approx(by_the_clock)


@pytest.fixture
def outlook() -> Outlook:
    decided = Decision("srgan", "S02", "all", 3, "PSNR Set5: A > B", ("srgan/srgan_mse",), 11, "")
    never = Decision("srgan", "S03", "all", 0, "", ("srgan/srgan_mse",), None, "no effect is printed")
    table = Matches("srgan", "table2", 12, 3, ("srgan/srgan_mse",), 13)
    return Outlook(((table, 31.4),), ((decided, 27.0), (never, None)), 5)


def test_the_section_holds_seeds_hours_and_what_is_decided(tmp_path: Path, outlook: Outlook) -> None:
    make_results(tmp_path / "results", tmp_path / "benchmarks")
    shown = {
        "srgan": tuple(Forecast(budget, 2e13, "what an H100 does", outlook) for budget in ("paper", "demo"))
    }
    text = render(gather(tmp_path / "results", tmp_path / "benchmarks", tmp_path, 0, forecasts=shown))
    section = text.partition('id="seeds-srgan"')[2].partition("<h3>")[0]
    assert "Budget paper: a number for 1 of 2 claims and for 1 table" in section
    assert "20 teraflop/s, what an H100 does" in section
    rows = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", section)]
    cells = [[cell.strip() for cell in row.split("|") if cell.strip()] for row in rows]
    assert ["S02", "–", "11", "27", "3", "all", "PSNR Set5: A &gt; B"] in cells
    assert ["S03", "–", "–", "–", "–", "all", "no effect is printed"] in cells
    assert [place_of("table2"), "0 of 12", "13", "31", "12", "3"] in cells
    assert 'href="#claim-S02-demo"' in section  # judged at that budget, so that its article is there
    assert 'href="#claim-S02-paper"' not in section
    assert "never held against print" in section
    assert 'id="seeds-ldl"' not in text
