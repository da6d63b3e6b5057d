"""One way to name a method everywhere."""

from pathlib import Path

import pytest
import torch
from torch import nn

from sr.errors import InputError
from sr.results.methods import named_method, reconstruction
from sr.results.source import Source


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("bicubic", Source.baseline("bicubic")),
        ("baseline/nearest", Source.baseline("nearest")),
        ("srgan", Source.released("krasserm_srgan")),
        ("released/esrgan", Source.released("esrgan")),
        ("lapsrn", Source.released("lapsrn")),
    ],
)
def test_names(text: str, source: Source) -> None:
    assert named_method(text) == source


def test_a_file_of_weights_is_a_method(rrdb: nn.Module, tmp_path: Path) -> None:
    torch.save({"params": rrdb.state_dict()}, tmp_path / "mine.pth")
    method = reconstruction(named_method(str(tmp_path / "mine.pth")), threads=1)
    assert method(torch.zeros(6, 5, 3, dtype=torch.uint8).numpy()).shape == (24, 20, 3)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("lapsrm", "did you mean 'lapsrn'"),
        ("/absent/x.safetensors", "is no source"),
        ("released/../x", "is no source"),
        ("trained/../../x/y/z", "is no source"),
        ("srgan/srgan_vgg45", "did you mean 'srgan_vgg54'"),
    ],
)
def test_what_names_nothing_is_said(text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        named_method(text)
