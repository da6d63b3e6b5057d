"""Running `sr upscale` in this process, on a small run and a few small photographs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from sr.networks.rrdb import RRDBSettings
from tests.cli.in_process import Outcome, sr
from tests.recipes.synthetic_record import make_record

PHOTO = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
GENERATOR: dict[str, Any] = {
    "network": "rrdb",
    "blocks": 1,
    "channels": 8,
    "growth": 4,
    "residual_scaling": 0.2,
    "initialisation_scale": 1.0,
}


def upscale(*arguments: object) -> Outcome:
    return sr("upscale", *arguments)


def refused(*arguments: object) -> str:
    outcome = upscale(*arguments)
    assert outcome.code == 1, outcome
    assert "Traceback" not in outcome.err
    return outcome.err


def make_run(path: Path, budget: str, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    path.mkdir(parents=True)
    save_file(RRDBSettings(**GENERATOR).build().state_dict(), path / "generator.safetensors")
    recipe = {"title": "RRDB", "start": None, "generator": GENERATOR}
    made = make_record("esrgan/rrdb_psnr", budget=budget, training_set="photos", seed=seed, recipe=recipe)
    (path / "run.json").write_text(json.dumps(made))
    return path
