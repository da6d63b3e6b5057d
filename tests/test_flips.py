"""One flipped bit anywhere in any artefact: refused in one sentence that names the file, never taken."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from sr.data.benchmarks import Benchmark, prepare
from sr.data.packer import pack
from sr.data.packing import PackedSet
from sr.errors import InputError
from sr.files import bytes_hash
from sr.images import write_png
from sr.results.scores import load_scores
from sr.results.source import group_sources, parse_sources
from sr.scoring.pairing import match
from sr.scoring.scoring import Scores
from sr.seals import write_record
from sr.sums import sums_of
from sr.training import checkpoint
from sr.weights.choice import Loaded
from sr.weights.export import write_safetensors
from sr.weights.generators import load_run, load_weights, save_weights, sealed_safetensors
from sr.weights.released import read_file
from tests.recipes.synthetic_record import make_record
from tests.training.settings import SMALL_RRDB

SEED = 20_250_115
SOME, ALL = 60, 1000


@dataclass(frozen=True)
class Kind:
    """A file, and what reads it; `read` raises InputError for a file that is not whole."""

    name: str
    path: Path
    read: Callable[[], object]


class DamagedError(InputError):
    """A checkpoint was passed over: said by `read` where the real reader takes the older one."""


def make_kinds(folder: Path) -> list[Kind]:
    """Every kind of artefact, made as the programs make it."""
    return [
        *_training(folder / "run"),
        *_images(folder),
        *_scores(folder / "scores"),
    ]


def _training(run: Path) -> list[Kind]:
    torch.manual_seed(0)
    network: nn.Module = SMALL_RRDB.build()
    weights = sealed_safetensors(network)
    recipe = {"title": "t", "start": None, "generator": SMALL_RRDB.model_dump()}
    run.mkdir(parents=True)
    (run / "generator.safetensors").write_bytes(weights)
    write_record(run / "run.json", make_record(recipe=recipe, generator_sha256=bytes_hash(weights)))
    save_weights(run / "kept" / "step1.safetensors", network)
    write_safetensors(Loaded(network, SMALL_RRDB, {"origin": "trained"}), run / "exported.safetensors")
    state = {"trainer": network.state_dict(), "rows": [{"step": 1, "psnr": 20.5}], "codes": ["a"]}
    for step in (1, 2):
        checkpoint.save(run / "progress", "identity", step, state)

    def older_checkpoint() -> None:
        found, skipped = checkpoint.load_latest(run / "progress", "identity")
        assert found is not None
        assert torch.equal(found["trainer"]["conv_first.weight"], state["trainer"]["conv_first.weight"])
        if skipped:
            raise DamagedError(skipped[0])

    return [
        Kind("checkpoint", run / "progress" / "checkpoint-00000002.pt", older_checkpoint),
        Kind("generator", run / "generator.safetensors", lambda: load_run(run)),
        Kind("record", run / "run.json", lambda: load_run(run)),
        Kind(
            "kept generator",
            run / "kept" / "step1.safetensors",
            lambda: load_weights(network, run / "kept" / "step1.safetensors"),
        ),
        Kind("exported", run / "exported.safetensors", lambda: read_file(run / "exported.safetensors")),
    ]


def _images(folder: Path) -> list[Kind]:
    random = np.random.default_rng(0)
    for number in range(2):
        write_png(folder / "raw" / f"{number}.png", random.integers(0, 256, (32, 40, 3), dtype=np.uint8))
    raw = sorted((folder / "raw").iterdir())
    packed, benchmark, made = folder / "packed", folder / "benchmark", folder / "made" / "Set"
    pack("set", raw, packed)
    prepare("set", raw, benchmark)
    for path in raw:
        write_png(made / path.name, random.integers(0, 256, (32, 40, 3), dtype=np.uint8))
    sums = {name: one.model_dump() for name, one in sums_of(made, [path.name for path in raw]).items()}
    write_record(made.with_suffix(".json"), {"made_from": "weights", "files": sums})
    kinds = [
        Kind(f"packed set {name}", packed / name, lambda: PackedSet(packed))
        for name in ("hr.bin", "lr.bin", "index.json")
    ]
    kinds += [
        Kind(f"benchmark {name}", benchmark / name, lambda: Benchmark(benchmark))
        for name in ("HR/0.png", "LR/1.png", "index.json")
    ]
    kinds += [
        Kind(f"reconstructions {path.name}", path, lambda: match({"made": made}, benchmark / "HR"))
        for path in (made / "1.png", made.with_suffix(".json"))
    ]
    return kinds


def _scores(folder: Path) -> list[Kind]:
    (group,) = group_sources(parse_sources(["baseline/bicubic"]))
    path = folder / "srgan" / "baseline" / "bicubic" / "Set.csv"
    table = pd.DataFrame({"image": ["a", "b"], "PSNR": [20.123456, 31.5], "SSIM": [0.51234, 0.9]})
    head = {"protocol": "srgan", "source": "baseline/bicubic", "benchmark": "Set"}
    Scores(table, {"PSNR": 25.8, "SSIM": 0.7}, {}).write(
        path, {**head, "budget": None, "seed": None, "stale": None}
    )
    return [
        Kind(name, file, lambda: load_scores(folder, "srgan", group, "Set"))
        for name, file in (("scores table", path), ("scores header", path.with_suffix(".json")))
    ]


def flip(kinds: list[Kind], count: int) -> tuple[Counter[str], list[str]]:
    """Flip one random bit `count` times, each time of the next kind: how many of each, and what was not said.

    Every file is read whole before and after.
    """
    random = np.random.default_rng(SEED)
    tried: Counter[str] = Counter()
    unclear = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        whole = kind.path.read_bytes()
        place, bit = int(random.integers(len(whole))), int(random.integers(8))
        damaged = bytearray(whole)
        damaged[place] ^= 1 << bit
        kind.path.write_bytes(damaged)
        try:
            kind.read()
            told = "nothing"
        except InputError as error:
            told = str(error)
        if "\n" in told or kind.path.parent.name not in told:
            unclear.append(f"{kind.name}: bit {bit} of byte {place}: {told}")
        kind.path.write_bytes(whole)
        tried[kind.name] += 1
    for kind in kinds:
        kind.read()
    return tried, unclear


@pytest.mark.parametrize("count", [SOME, pytest.param(ALL, marks=pytest.mark.slow)])
def test_no_flipped_bit_is_taken(tmp_path: Path, count: int) -> None:
    kinds = make_kinds(tmp_path)
    tried, unclear = flip(kinds, count)
    assert not unclear
    assert sum(tried.values()) == count
