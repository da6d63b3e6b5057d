from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from sr.figures.crops import Crop
from sr.figures.figure import Missing
from sr.figures.kept import kept_weights
from sr.figures.own import load_module
from sr.figures.paper_results import PaperResults
from sr.networks.srresnet import SRResNetSettings
from sr.papers.studies import load_study
from sr.project import paper_folder
from sr.results.source import parse_sources
from tests.figures.synthetic_results import write_run, write_seeds

FIGURES = load_module(paper_folder("srgan") / "figures.py")
STUDY = load_study("srgan", "fig7").full_recipes("srgan")


def test_kept_weights_are_read_in_the_order_of_their_steps(tmp_path: Path) -> None:
    for name in ("step00000100.safetensors", "step00000050.safetensors", "step.txt"):
        (tmp_path / name).touch()
    kept = kept_weights(tmp_path)
    assert list(kept) == [50, 100]
    assert FIGURES.kept_every(kept) == 50


def test_long_runs_are_thinned_evenly_and_end_with_the_last() -> None:
    kept = {step: Path() for step in range(10, 210, 10)}
    assert list(FIGURES.thinned(kept, 10)) == list(range(20, 210, 20))
    assert list(FIGURES.thinned(kept, 50)) == list(kept)
    assert list(FIGURES.thinned(kept, 3))[-1] == 200


def test_changes_are_those_of_the_crop() -> None:
    black, grey = np.zeros((6, 6, 3), dtype=np.uint8), np.full((6, 6, 3), 9, dtype=np.uint8)
    grey[0, 0] = 200  # outside the crop
    data = FIGURES.evolution_table(
        [FIGURES.Moment(0, black, 20.0), FIGURES.Moment(5, grey, 21.5)], Crop(2, 2, 4, 4)
    )
    assert np.isnan(data["change"][0])
    assert data["change"][1] == pytest.approx(9)
    assert data["step"].tolist() == [0, 5]


def write_network(results: Path, recipe: str, blocks: int, skip: bool, psnr: list[float]) -> list[str]:
    source = f"trained/short/small/srgan/{recipe}"
    shape: dict[str, Any] = {"blocks": blocks, "channels": 4, "kernel": 3, "prelu": "channel"}
    shape |= {"long_skip": skip, "batch_normalisation": True}
    network = SRResNetSettings(network="srresnet", **shape).build()
    for seed in range(len(psnr)):
        write_run(results, f"{source}/seed{seed}", recipe, {}, network="srresnet", **shape)
        save_file(
            network.state_dict(), results / "runs" / f"{source[8:]}/seed{seed}" / "generator.safetensors"
        )
    write_seeds(results, "srgan", source, "BSD100", [{"PSNR": value} for value in psnr])
    return [f"{source}/seed{seed}" for seed in range(len(psnr))]


def depth(folder: Path, sources: list[str]) -> PaperResults:
    """With all other recipes of the study as ones that can not be trained here."""
    obstacles = {recipe: "left out" for recipe in STUDY if not any(f"/{recipe}/" in one for one in sources)}
    return PaperResults("srgan", tuple(parse_sources(sources)), ("Set5", "BSD100"), obstacles, folder)


def test_depth_is_that_of_the_run_and_psnr_the_mean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(FIGURES, "REPEATS", 2)
    torch.manual_seed(0)
    sources = write_network(tmp_path, "depth_8", 1, True, [24.0, 26.0])
    sources += write_network(tmp_path, "depth_24_without_skip", 3, False, [23.0])
    FIGURES.draw_depth(depth(tmp_path, sources), tmp_path / "d.png")
    table = pd.read_csv(tmp_path / "d.csv").sort_values("blocks")
    columns = ["blocks", "skip", "benchmark", "psnr", "low", "high"]
    assert table[columns].to_numpy().tolist() == [
        [1, True, "BSD100", 25.0, 24.0, 26.0],
        [3, False, "BSD100", 23.0, 23.0, 23.0],
    ]
    assert (table["seconds"] > 0).all()


def test_one_depth_is_no_comparison(tmp_path: Path) -> None:
    sources = write_network(tmp_path, "depth_8", 2, True, [24.0])
    sources += write_network(tmp_path, "depth_24", 2, True, [24.0])
    with pytest.raises(Missing, match="2 residual blocks under the budget short"):
        FIGURES.draw_depth(depth(tmp_path, sources), tmp_path / "d.png")


def test_a_time_that_grows_evenly_with_depth_has_a_ratio_of_one() -> None:
    """Two seconds and half a second a block; without the long skip connection a tenth less."""
    rows = [(blocks, skip) for blocks in (8, 16, 24) for skip in (True, False)]
    seconds = [(2 + 0.5 * blocks) * (1.0 if skip else 0.9) for blocks, skip in rows]
    table = pd.DataFrame(rows, columns=["blocks", "skip"]).assign(seconds=seconds)
    facts = {name: fact.values[0] for name, fact in FIGURES.times(table).items()}
    assert facts["time of a block, 16 to 24 by 8 to 16, with skip"] == pytest.approx(1.0)
    assert facts["time without skip by time with, 16 blocks"] == pytest.approx(0.9)


def test_facts_of_an_evolution_are_distances_and_detail() -> None:
    levels = {0: 10, 20: 40, 120: 52, 200: 50}
    flat = {step: np.full((8, 8, 3), level, np.uint8) for step, level in levels.items()}
    flat[20][::2, ::2] = 48
    facts = {name: fact.values[0] for name, fact in FIGURES.evolution_facts(flat).items()}
    assert facts["change, start to first"] == 0.25 * 38 + 0.75 * 30
    assert facts["change, first to last"] == 0.25 * 2 + 0.75 * 10
    assert facts["change, half-way to last"] == 2
    assert facts["detail, start"] == 0 < facts["detail, first"]


def test_titles_say_what_the_data_say() -> None:
    """Each finding turns with its data."""
    moments = pd.DataFrame({"step": [0, 500, 1500], "psnr": [30.0, 27.0, 28.5], "change": [None, 9.0, 3.04]})
    assert FIGURES.evolution_finding(moments) == (
        "PSNR falls by 1.50 dB in 1,500 iterations, and the last images differ by 3.0 grey levels"
    )
    assert FIGURES.evolution_finding(moments.iloc[1:]).startswith("PSNR rises by 1.50 dB")
    table = pd.DataFrame(
        {"blocks": [2, 16, 2, 16], "skip": [True, True, False, False], "psnr": [28.0, 28.6, 28.1, 28.2]}
    )
    assert FIGURES.depth_finding(table) == (
        "16 blocks with skip connection reach the highest PSNR, 28.60 dB, 0.60 above 2 blocks"
    )
    shallow = table.assign(psnr=[28.0, 27.5, 28.1, 28.0])
    assert FIGURES.depth_finding(shallow) == (
        "2 blocks without skip connection reach the highest PSNR, 28.10 dB"
    )
