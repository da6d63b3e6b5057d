"""Weights in ncnn's form: against bytes written by hand, and against ncnn's own forward pass."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sr.data.assets import Assets
from sr.errors import InputError
from sr.networks.rrdb import RRDBSettings
from sr.weights.ncnn_weights import read_ncnn_rrdb
from sr.weights.released import load_released

SETTINGS = RRDBSettings(
    network="rrdb", blocks=2, channels=6, growth=3, residual_scaling=0.2, initialisation_scale=1.0
)
FORWARD = Path(__file__).parent / "fixtures" / "ncnn_forward.npz"


def written(weights: dict[str, torch.Tensor], half: bool) -> bytes:
    """As ncnn lays them out: a flag, weights filled up to four bytes, biases."""
    content = b""
    for name, value in weights.items():
        if name.endswith("bias"):
            content += value.numpy().astype("<f4").tobytes()
        else:
            data = value.numpy().astype("<f2" if half else "<f4").tobytes()
            content += (b"\x47\x6b\x30\x01" if half else bytes(4)) + data + bytes(-len(data) % 4)
    return content


@pytest.mark.parametrize("half", [True, False])
def test_every_value_is_read(half: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    weights = {k: v.half().float() for k, v in SETTINGS.build().state_dict().items()}
    (tmp_path / "a.bin").write_bytes(written(weights, half))
    found = read_ncnn_rrdb(tmp_path / "a.bin", SETTINGS)
    assert found.keys() == weights.keys()
    assert all(torch.equal(found[key], weights[key]) for key in weights)


def test_another_file_is_refused(tmp_path: Path) -> None:
    content = written(SETTINGS.build().state_dict(), half=True)
    for damaged in (content[:-4], content + bytes(4), b"\x01" + content[1:], b"", content[:7]):
        (tmp_path / "a.bin").write_bytes(damaged)
        with pytest.raises(InputError, match=r"a\.bin"):
            read_ncnn_rrdb(tmp_path / "a.bin", SETTINGS)


def test_the_released_network_gives_what_ncnn_gives() -> None:
    """The fixture is what the package ncnn 1.0.20261020 made of the LR image with the released graph.

    All in single precision, without its fast convolutions.
    """
    assets = Assets.from_environment()
    if assets.find("realesrgan_x4plus") is None:
        pytest.skip("needs `sr assets fetch realesrgan_x4plus`")
    generator, _ = load_released("realesrgan_x4plus", assets)
    truth = np.load(FORWARD)
    lr = torch.from_numpy(truth["lr"].transpose(2, 0, 1).astype(np.float32) / 255)[None]
    with torch.inference_mode():
        sr = generator(lr)[0].numpy()
    assert np.abs(sr - truth["sr"]).max() < 1e-5
