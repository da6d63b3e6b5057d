"""What a user calls weights becomes a generator: a run's folder, a file, or a name in the catalogue."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from sr.errors import InputError
from sr.weights.choice import generator_of
from tests.recipes.synthetic_record import make_record

SETTINGS = {
    "network": "rrdb",
    "blocks": 2,
    "channels": 8,
    "growth": 4,
    "residual_scaling": 0.2,
    "initialisation_scale": 1.0,
}


@pytest.fixture
def places(rrdb: nn.Module, tmp_path: Path) -> dict[str, Path]:
    """The same weights as a run, the run's file, and files as others publish them."""
    (tmp_path / "run").mkdir()
    recipe = {"title": "RRDB", "start": None, "generator": SETTINGS}
    record = make_record("esrgan/rrdb_psnr", training_set="photos", recipe=recipe)
    (tmp_path / "run" / "run.json").write_text(json.dumps(record))
    save_file(rrdb.state_dict(), tmp_path / "run" / "generator.safetensors")
    save_file(rrdb.state_dict(), tmp_path / "other.safetensors")
    torch.save({"params_ema": rrdb.state_dict()}, tmp_path / "published.pth")
    return {
        "run": tmp_path / "run",
        "file of a run": tmp_path / "run" / "generator.safetensors",
        "safetensors": tmp_path / "other.safetensors",
        "pickle": tmp_path / "published.pth",
    }


@pytest.mark.parametrize("place", ["run", "file of a run", "safetensors", "pickle"])
def test_every_place_gives_the_same_generator(place: str, places: dict[str, Path], rrdb: nn.Module) -> None:
    generator = generator_of(str(places[place]))
    assert not generator.training
    lr = torch.rand(1, 3, 5, 4, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(generator.cpu()(lr), rrdb(lr))


def test_a_run_that_describes_no_network_of_today_is_refused(places: dict[str, Path]) -> None:
    record = make_record(recipe={"title": "", "start": None, "generator": {"network": "rrdb", "blocks": 2}})
    (places["run"] / "run.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="other code"):
        generator_of(str(places["run"]))


def test_what_is_none_of_these_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        generator_of(str(tmp_path / "absent.pth"))
    with pytest.raises(InputError, match="no finished run"):
        generator_of(str(tmp_path))
    with pytest.raises(InputError, match="did you mean 'esrgan'"):
        generator_of("esrgann")
