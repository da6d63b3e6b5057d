"""Exported generators give the same images: to us, to another program's reader, and as an ONNX graph."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from sr.errors import InputError
from sr.networks.lapsrn import LapSRNSettings
from sr.networks.srresnet import SRResNetSettings
from sr.weights.choice import Loaded, load
from sr.weights.export import _recorded, write_onnx, write_pth, write_safetensors
from sr.weights.naming import NAMINGS
from sr.weights.released import load_file
from sr.weights.swinir_graph import SwinIRGraph
from tests.weights.small_generators import SETTINGS, small

FAMILIES = list(SETTINGS)


def model(network: str) -> Loaded:
    return Loaded(small(network), SETTINGS[network], {"origin": "a test"})


def of(network: str, **shape: int) -> Loaded:
    """A generator of another shape, randomly initialised."""
    settings = SETTINGS[network].model_copy(update=shape)
    torch.manual_seed(3)
    return Loaded(settings.build().eval(), settings, {"origin": "a test"})


def images(*sizes: tuple[int, int]) -> list[Tensor]:
    draws = torch.Generator().manual_seed(2)
    return [torch.rand(1, 3, *size, generator=draws) for size in sizes]


def assert_same(one: Any, other: Any, tolerance: float, *sizes: tuple[int, int]) -> None:
    for image in images(*sizes):
        with torch.inference_mode():
            torch.testing.assert_close(one(image), other(image), rtol=0, atol=tolerance)


@pytest.mark.parametrize("network", FAMILIES)
def test_safetensors_come_back_with_settings_and_origin(tmp_path: Path, network: str) -> None:
    path = tmp_path / "g.safetensors"
    write_safetensors(model(network), path)
    assert_same(load_file(path), small(network), 0, (9, 11))
    with safe_open(path, framework="pt") as file:
        said = file.metadata()
    assert said["origin"] == "a test"
    assert json.loads(said["generator"]) == SETTINGS[network].model_dump()


@pytest.mark.parametrize("style", NAMINGS, ids=lambda style: f"{style.network}-{style.name}")
def test_pth_comes_back_under_every_naming(tmp_path: Path, style: Any) -> None:
    path = tmp_path / "g.pth"
    write_pth(model(style.network), path, style.name)
    assert_same(load_file(path), small(style.network), 0, (9, 11))


def test_networks_without_public_weights(tmp_path: Path) -> None:
    settings = SRResNetSettings(
        network="srresnet",
        blocks=1,
        channels=4,
        kernel=3,
        long_skip=True,
        batch_normalisation=True,
        prelu="channel",
    )
    own = Loaded(settings.build().eval(), settings, {})
    with pytest.raises(InputError, match="no public weights of srresnet"):
        write_pth(own, tmp_path / "g.pth")
    assert not list(tmp_path.iterdir())
    write_safetensors(own, tmp_path / "g.safetensors")
    assert_same(load_file(tmp_path / "g.safetensors"), own.generator, 0, (5, 6))


@pytest.mark.parametrize("name", ["basicsr", "esrgan", "oldest"])
def test_another_reader_sees_the_same_rrdb(tmp_path: Path, name: str) -> None:
    spandrel = pytest.importorskip("spandrel")
    own = of("rrdb", growth=32)  # the only growth that it knows
    write_pth(own, tmp_path / "g.pth", name)
    other = spandrel.ModelLoader().load_from_file(tmp_path / "g.pth").model.eval()
    assert_same(other, own.generator, 1e-5, (9, 11))


def test_another_reader_sees_the_same_swinir(tmp_path: Path) -> None:
    spandrel = pytest.importorskip("spandrel")
    own = of("swinir", window=8, channels=60, heads=6, tail_channels=64)
    write_pth(own, tmp_path / "g.pth")
    other = spandrel.ModelLoader().load_from_file(tmp_path / "g.pth").model.eval()
    # Of the masks' own size, of another, of a single window, and of no multiple of a window.
    assert_same(other, own.generator, 1e-5, (64, 64), (16, 24), (8, 8), (13, 18))


@pytest.mark.parametrize("size", [(13, 18), (7, 9), (3, 18), (1, 1), (4, 8), (16, 12)])
def test_swinir_as_a_graph_is_swinir(size: tuple[int, int]) -> None:
    generator = small("swinir")
    assert_same(SwinIRGraph(generator), generator, 1e-5, size)


@pytest.mark.parametrize("network", FAMILIES)
def test_onnx_agrees_at_sizes_it_was_not_recorded_with(tmp_path: Path, network: str) -> None:
    pytest.importorskip("onnxscript")
    onnxruntime = pytest.importorskip("onnxruntime")
    path = tmp_path / "g.onnx"
    own = of("swinir", groups=1) if network == "swinir" else model(network)
    write_onnx(own, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map["origin"] == "a test"

    def graph(image: Tensor) -> Tensor:
        return torch.from_numpy(session.run(None, {"lr": image.numpy()})[0])

    assert_same(graph, own.generator, 1e-4, (5, 22), (24, 16), (1, 3))


def test_a_graph_that_disagrees_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxscript")
    pytest.importorskip("onnxruntime")
    wrong = _recorded(torch.nn.Upsample(scale_factor=4))
    monkeypatch.setattr("sr.weights.export._recorded", lambda _graph: wrong)
    with pytest.raises(InputError, match=r"not written, for its values are .* off"):
        write_onnx(model("msrresnet"), tmp_path / "g.onnx")
    assert not list(tmp_path.iterdir())


def test_onnx_without_its_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(InputError, match=r"needs onnx, .*sr-replications\[export\]"):
        write_onnx(model("rrdb"), tmp_path / "g.onnx")


def test_what_can_be_exported(tmp_path: Path) -> None:
    write_pth(model("rrdb"), tmp_path / "g.pth", "esrgan")
    found = load(str(tmp_path / "g.pth"))
    assert (found.settings, found.origin) == (SETTINGS["rrdb"], {"origin": "g.pth"})
    with pytest.raises(InputError, match="did you mean 'esrgan'"):
        load("esrgn")
    with pytest.raises(InputError, match="no finished run"):
        load(str(tmp_path))


def test_the_same_weights_give_the_same_bytes_under_any_name(tmp_path: Path) -> None:
    origin = {"origin": "a test", "sha256": "0", "licence": "none", "trained_by": "nobody"}
    exported = Loaded(small("rrdb"), SETTINGS["rrdb"], origin)
    for suffix, write in (("safetensors", write_safetensors), ("pth", write_pth)):
        paths = [tmp_path / f"{name}.{suffix}" for name in ("one", "another")]
        for path in paths:
            write(exported, path)
        assert paths[0].read_bytes() == paths[1].read_bytes()
        assert b"part-" not in paths[0].read_bytes()


def test_a_scaling_that_a_public_file_can_not_tell_is_refused(tmp_path: Path) -> None:
    """Every reader would take 0.2 for it, and show other images without a word."""
    settings = SETTINGS["rrdb"].model_copy(update={"residual_scaling": 1.0})
    unscaled = Loaded(settings.build().eval(), settings, {})
    with pytest.raises(InputError, match="no place for a residual scaling of 1"):
        write_pth(unscaled, tmp_path / "g.pth")
    assert not list(tmp_path.iterdir())
    write_safetensors(unscaled, tmp_path / "g.safetensors")
    assert_same(load_file(tmp_path / "g.safetensors"), unscaled.generator, 0, (5, 6))


def test_networks_that_papers_compare_with_come_back_too(tmp_path: Path) -> None:
    settings = LapSRNSettings(network="lapsrn", depth=2, channels=4)
    compared = Loaded(settings.build().eval(), settings, {})
    write_safetensors(compared, tmp_path / "g.safetensors")
    assert_same(load_file(tmp_path / "g.safetensors"), compared.generator, 0, (8, 9))
    with pytest.raises(InputError, match="can not be written as ONNX"):
        write_onnx(compared, tmp_path / "g.onnx")
    assert not (tmp_path / "g.onnx").exists()
