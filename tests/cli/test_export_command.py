"""`sr export`, `sr assets add` and `sr third-party` as a user meets them."""

import csv
from pathlib import Path

import pytest
import torch

from sr.networks.rrdb import RRDBSettings
from sr.weights.released import load_file
from tests.cli.in_process import sr
from tests.cli.test_bad_input import refused

RRDB = RRDBSettings(
    network="rrdb", blocks=1, channels=4, growth=2, residual_scaling=0.2, initialisation_scale=0.1
)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.save(RRDB.build().state_dict(), tmp_path / "w.pth")
    return tmp_path / "w.pth"


def test_from_file_to_file(weights: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "g.safetensors"
    result = sr("export", weights, "--to", "safetensors", "--output", output)
    assert result.code == 0, result.err
    assert "rrdb" in result.out
    assert sr("export", output, "--to", "pth", "--names", "esrgan", "--output", tmp_path / "e.pth").code == 0
    assert "RRDB_trunk.0.RDB1.conv1.weight" in torch.load(tmp_path / "e.pth", weights_only=True)
    image = torch.rand(1, 3, 4, 5)
    with torch.inference_mode():
        assert torch.equal(load_file(tmp_path / "e.pth")(image), load_file(weights)(image))


def test_what_is_there_stays_unless_forced(weights: Path, tmp_path: Path) -> None:
    output = tmp_path / "g.safetensors"
    output.write_text("mine")
    arguments = ("export", weights, "--to", "safetensors", "--output", output)
    assert "exists already; --force replaces it" in refused(*arguments)
    assert output.read_text() == "mine"
    assert sr(*arguments, "--force").code == 0
    assert output.read_bytes() != b"mine"


def test_mistakes_are_named(weights: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "g.pth"
    assert "must end in .onnx" in refused("export", weights, "--to", "onnx", "--output", wrong)
    assert "did you mean 'esrgan'" in refused(
        "export", weights, "--to", "pth", "--names", "esrgn", "--output", wrong
    )
    assert "absent.pth: no such file" in refused(
        "export", tmp_path / "absent.pth", "--to", "pth", "--output", wrong
    )
    assert not wrong.exists()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder."""
    monkeypatch.delenv("SR_MIRROR", raising=False)
    (tmp_path / "replications").mkdir()
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_adding_refuses_pages_other_networks_and_other_bytes(project: Path, weights: Path) -> None:
    page = project / "BebyGAN_x4.pth"
    page.write_text("<!DOCTYPE html><html><head><title>Google Drive - Virus scan warning</title>")
    assert "is a web page and no weights" in refused("assets", "add", "beby_gan", page)
    assert "the network needs (64, 3, 3, 3)" in refused("assets", "add", "beby_gan", weights)
    full = RRDB.model_copy(update={"blocks": 23, "channels": 64, "growth": 32}).build().state_dict()
    torch.save(full, weights)
    assert "w.pth: is not esrgan (ESRGAN, by its authors)" in refused("assets", "add", "esrgan", weights)
    assert not (project / "data").exists()


def test_adding_files_the_download_and_says_that_no_hash_was_published(project: Path, weights: Path) -> None:
    full = RRDB.model_copy(update={"blocks": 23, "channels": 64, "growth": 32}).build().state_dict()
    torch.save(full, weights)
    result = sr("assets", "add", "beby_gan", weights)
    assert result.code == 0, result.err
    assert "no hash was published" in result.out
    assert (project / "data/assets/released/BebyGAN_x4.pth").read_bytes() == weights.read_bytes()
    assert "no hash was published" in (project / "data/fetched/beby_gan.json").read_text()
    assert "data/assets/released/BebyGAN_x4.pth" in sr("assets", "fetch", "beby_gan").out


def test_third_party_numbers(tmp_path: Path) -> None:
    result = sr("third-party", "--scores", tmp_path, "--output", tmp_path / "t.csv")
    assert result.code == 0, result.err
    with (tmp_path / "t.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) > 50
    assert not any(row["ours"] for row in rows)
