"""Weights that losses are built with."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from sr.errors import InputError
from sr.weights.pretrained import load_pretrained, tensors_hash


class OneFile:
    """Stands in for Assets: every asset is one file."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def require(self, name: str) -> Path:
        if self.path is None:
            raise InputError(f"{name} is missing")
        return self.path


def test_weights_of_any_asset_are_read_by_their_own_names(tmp_path: Path) -> None:
    tensors = {"alpha": torch.arange(3.0)}
    save_file(tensors, tmp_path / "own.safetensors")
    found = load_pretrained(OneFile(tmp_path / "own.safetensors"), "own")  # type: ignore[arg-type]
    assert found.keys() == {"alpha"}
    assert torch.equal(found["alpha"], tensors["alpha"])


@pytest.mark.parametrize("name", ["vgg16", "own"])
def test_missing_weights_are_named(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is missing"):
        load_pretrained(OneFile(None), name)  # type: ignore[arg-type]


def test_a_hash_is_of_what_the_tensors_hold_not_of_their_order() -> None:
    one, two = torch.ones(2, 2), torch.zeros(3)
    known = tensors_hash({"a": one, "b": two})
    assert tensors_hash({"b": two.clone(), "a": one.clone()}) == known
    others = [{"a": one, "b": two + 1}, {"a": one.reshape(4), "b": two}, {"a": one.double(), "b": two}]
    assert len({known, *map(tensors_hash, others), tensors_hash({"a": one, "c": two})}) == 5
