"""Figures of what runs left behind: training curves, stability, depth."""

import json
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from sr.figures.depth import draw_depth
from sr.figures.figure import Description
from sr.figures.material import Missing
from sr.figures.stability import draw_stability
from sr.figures.training_curves import draw_training_curves
from sr.networks.srresnet import SRResNetSettings
from tests.figures.synthetic_results import write_run, write_seeds

ABOUT = Description("A study", "srgan", "Fig. 7", "What is compared.")
CURVE = "step,seconds,mse,validation_psnr,validation_lpips\n0,0,,20.5,0.5\n9,1,0.1,24.5,0.25\n"
CHANGES = "step,previous_step,image,mad\n5,0,cat,8.0\n5,0,dog,4.0\n10,5,cat,2.0\n10,5,dog,1.0\n"


def test_training_curves_hold_each_check_of_each_run(tmp_path: Path) -> None:
    source = "trained/demo/small/srgan/srresnet_mse/seed0"
    write_run(tmp_path, source, "SRResNet", {"curve.csv": CURVE})
    draw_training_curves(tmp_path, [source, "baseline/bicubic"], ("SRGAN", "srgan"), tmp_path / "c.png")
    table = pd.read_csv(tmp_path / "c.csv")
    found = table[["recipe", "seed", "step", "metric", "value"]].to_numpy().tolist()
    assert found == [
        ["srgan/srresnet_mse", 0, 0, "PSNR", 20.5],
        ["srgan/srresnet_mse", 0, 9, "PSNR", 24.5],
        ["srgan/srresnet_mse", 0, 0, "LPIPS", 0.5],
        ["srgan/srresnet_mse", 0, 9, "LPIPS", 0.25],
    ]
    assert json.loads((tmp_path / "c.json").read_text())["title"].endswith("(budget: demo)")


def test_runs_that_are_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="none of its recipes was trained"):
        draw_training_curves(tmp_path, ["trained/demo/a/b/c/seed0"], ("SRGAN", "srgan"), tmp_path / "c.png")


def test_stability_holds_the_change_of_each_image(tmp_path: Path) -> None:
    source = "trained/demo/small/ldl/rrdb_gan/seed0"
    write_run(tmp_path, source, "RRDB with L_GAN", {"stability.csv": CHANGES})
    draw_stability(tmp_path, [source], ABOUT, tmp_path / "s.png")
    table = pd.read_csv(tmp_path / "s.csv")
    assert table[["step", "image", "mad"]].to_numpy().tolist() == [
        [5, "cat", 8.0],
        [5, "dog", 4.0],
        [10, "cat", 2.0],
        [10, "dog", 1.0],
    ]
    assert "5 steps apart" in json.loads((tmp_path / "s.json").read_text())["caption"]


def test_one_change_is_no_curve(tmp_path: Path) -> None:
    source = "trained/demo/small/ldl/rrdb_gan/seed0"
    write_run(tmp_path, source, "RRDB", {"stability.csv": "step,previous_step,image,mad\n5,0,cat,8.0\n"})
    with pytest.raises(Missing, match="at least two changes"):
        draw_stability(tmp_path, [source], ABOUT, tmp_path / "s.png")


def write_network(results: Path, recipe: str, blocks: int, skip: bool, psnr: list[float]) -> list[str]:
    source = f"trained/short/small/srgan/{recipe}"
    shape = {"blocks": blocks, "channels": 4, "kernel": 3, "long_skip": skip, "batch_normalisation": True}
    shape |= {"prelu": "channel"}
    network = SRResNetSettings(network="srresnet", **shape).build()
    for seed in range(len(psnr)):
        write_run(results, f"{source}/seed{seed}", recipe, {}, network="srresnet", **shape)
        save_file(
            network.state_dict(), results / "runs" / f"{source[8:]}/seed{seed}" / "generator.safetensors"
        )
    write_seeds(results, "srgan", source, "BSD100", [{"PSNR": value} for value in psnr])
    return [f"{source}/seed{seed}" for seed in range(len(psnr))]


def test_depth_is_that_of_the_run_and_psnr_the_mean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sr.figures.depth.REPEATS", 2)
    torch.manual_seed(0)
    sources = write_network(tmp_path, "depth_8", 1, True, [24.0, 26.0])
    sources += write_network(tmp_path, "depth_24_without_skip", 3, False, [23.0])
    draw_depth(tmp_path, sources, ["Set5", "BSD100"], ABOUT, tmp_path / "d.png")
    table = pd.read_csv(tmp_path / "d.csv")
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
        draw_depth(tmp_path, sources, ["BSD100"], ABOUT, tmp_path / "d.png")
