"""Files from strangers: read where they hold tensors, refused in words where they do not, never executed."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from sr.errors import InputError
from sr.weights.weight_files import read_tensors

WEIGHTS = {"a.weight": torch.arange(4.0), "a.bias": torch.ones(2)}
OTHER = {"a.weight": torch.zeros(4)}


PREFIXES = ("module.", "generator.", "net_g.", "model.", "module.generator.", "model.module.", "params.")
WRAPPERS = ("params", "params_ema", "state_dict", "model_state_dict", "model", "generator", "net_g")


def named(prefix: str, weights: dict[str, torch.Tensor] = WEIGHTS) -> dict[str, torch.Tensor]:
    """The weights with something before their names."""
    return {f"{prefix}{key}": value for key, value in weights.items()}


class Touching:
    """Pickled, it is a command that leaves a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize(
    "content",
    [
        WEIGHTS,
        {"params": WEIGHTS},
        {"params_ema": WEIGHTS, "params": OTHER},
        {"state_dict": WEIGHTS, "epoch": 3},
        {
            "meta": {"iter": 1},
            "state_dict": {f"generator.{k}": v for k, v in WEIGHTS.items()} | {"discriminator.a": 1},
        },
        {"params": WEIGHTS | {"epoch": 3}},
        *(named(prefix) for prefix in PREFIXES),
        *({"state_dict": named(prefix), "epoch": 3} for prefix in PREFIXES),
        *({wrapper: WEIGHTS} for wrapper in WRAPPERS),
        *({wrapper: {"state_dict": named("module.")}} for wrapper in WRAPPERS),
        named("generator.", OTHER) | named("generator_ema.") | named("discriminator.", OTHER),
        named("net_g.module.", OTHER) | named("net_g_ema.module."),
        {"model_state_dict": WEIGHTS, "optimizer_state_dict": {"state": {}}, "epoch": 7},
    ],
)
@pytest.mark.parametrize("zipped", [True, False])
def test_wrappers_and_prefixes(tmp_path: Path, content: dict[str, Any], zipped: bool) -> None:
    torch.save(content, tmp_path / "w.pth", _use_new_zipfile_serialization=zipped)
    found = read_tensors(tmp_path / "w.pth")
    assert found.keys() == WEIGHTS.keys()
    assert all(torch.equal(found[key], WEIGHTS[key]) for key in WEIGHTS)


def test_the_wrapper_that_authors_name_is_preferred(tmp_path: Path) -> None:
    torch.save({"params_ema": OTHER, "params": WEIGHTS}, tmp_path / "w.pth")
    assert torch.equal(read_tensors(tmp_path / "w.pth", "params")["a.weight"], WEIGHTS["a.weight"])
    torch.save({"params_ema": WEIGHTS}, tmp_path / "w.pth")
    assert torch.equal(read_tensors(tmp_path / "w.pth", "params")["a.weight"], WEIGHTS["a.weight"])


@pytest.mark.parametrize("prefix", ["", *PREFIXES])
def test_safetensors(tmp_path: Path, prefix: str) -> None:
    save_file(named(prefix), tmp_path / "w.safetensors")
    assert read_tensors(tmp_path / "w.safetensors").keys() == WEIGHTS.keys()


def test_the_first_naming_of_all_begins_with_what_others_put_before(tmp_path: Path) -> None:
    first = {"model.0.weight": torch.ones(1), "model.1.sub.0.RDB1.conv1.0.weight": torch.ones(1)}
    torch.save(first, tmp_path / "w.pth")
    assert read_tensors(tmp_path / "w.pth").keys() == first.keys()


@pytest.mark.parametrize("form", ["zip", "old", "bare"])
def test_code_in_a_pickle_is_refused_and_not_executed(tmp_path: Path, form: str) -> None:
    path, mark = tmp_path / "w.pth", tmp_path / "touched"
    content = {"params": WEIGHTS, "more": Touching(mark)}
    if form == "bare":
        path.write_bytes(pickle.dumps(content, protocol=2))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=form == "zip")
    with pytest.raises(InputError, match=r"w\.pth: refused, for it asks for .*nothing of it was executed"):
        read_tensors(path)
    assert not mark.exists()
    pickle.loads(pickle.dumps(Touching(mark)))
    assert mark.exists(), "the pickle of this test would have left its mark"


@pytest.mark.parametrize("zipped", [True, False])
def test_truncated_files_are_refused_wherever_they_end(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "w.pth"
    torch.save({"params": WEIGHTS}, path, _use_new_zipfile_serialization=zipped)
    whole = path.read_bytes()
    for end in range(1, len(whole) - 1, 41):
        path.write_bytes(whole[:end])
        with pytest.raises(InputError, match=r"w\.pth: "):
            read_tensors(path)


def test_truncated_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file(WEIGHTS, path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError, match=r"w\.safetensors: not readable"):
        read_tensors(path)


@pytest.mark.parametrize(
    "page", ["<!DOCTYPE html><html><head>Virus scan warning", "\n  <HTML>", "<?xml version"]
)
@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
def test_a_web_page_is_named_as_one(tmp_path: Path, page: str, name: str) -> None:
    (tmp_path / name).write_text(page)
    with pytest.raises(InputError, match="is a web page and no weights; Google Drive"):
        read_tensors(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"Not Found\n", "broken or no file of PyTorch weights"),
        (b"\x89PNG\r\n", "broken or"),
    ],
)
def test_other_files(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_tensors(tmp_path / "w.pth")


@pytest.mark.parametrize("content", [{}, {"epoch": 1}, {"params": {}}, [1, 2], torch.zeros(3)])
def test_files_without_named_tensors(tmp_path: Path, content: Any) -> None:
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(InputError, match="holds no named tensors"):
        read_tensors(tmp_path / "w.pth")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_tensors(tmp_path / "w.pth")
