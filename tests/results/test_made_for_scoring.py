"""Methods by name beside folders of images: what is taken for which, and that the images are the method's."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from sr.data.assets import Assets
from sr.data.benchmarks import prepare
from sr.degradation import downscale, upscale
from sr.errors import InputError
from sr.images import read_image, write_png
from sr.inference.forward import forward
from sr.results.made_for_scoring import is_method, reconstructed

NO_ASSETS = Assets(Path("nowhere"), None)


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    for name, size in (("one", (41, 46, 3)), ("two", (24, 20, 3))):
        write_png(tmp_path / "originals" / f"{name}.png", random.integers(0, 256, size, dtype=np.uint8))
    return tmp_path / "originals"


def test_what_exists_and_is_no_run_and_no_weights_is_images(tmp_path: Path, originals: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{}")
    for name in ("mine.pth", "mine.safetensors"):
        (tmp_path / name).touch()
    assert all(is_method(str(tmp_path / name)) for name in ("run", "mine.pth", "mine.safetensors", "absent"))
    assert all(map(is_method, ("bicubic", "esrgan", "srgan/srresnet_mse", "released/esrgan")))
    assert not is_method(str(originals))
    assert not is_method(str(originals / "one.png"))


def test_images_are_the_methods_on_the_reduced_originals(
    originals: Path, tmp_path: Path, rrdb: nn.Module
) -> None:
    weights = tmp_path / "mine.pth"
    torch.save({"params": rrdb.state_dict()}, weights)
    done: list[None] = []
    with reconstructed(["bicubic", str(weights)], originals, NO_ASSETS, lambda: done.append(None)) as found:
        for name in ("one", "two"):
            hr = read_image(originals / f"{name}.png")
            lr = downscale(hr[: len(hr) // 4 * 4, : hr.shape[1] // 4 * 4], 4)
            assert np.array_equal(read_image(found["bicubic"] / f"{name}.png"), upscale(lr, 4))
            values = torch.from_numpy(lr.transpose(2, 0, 1).astype(np.float32) / 255)[None]
            expected = forward(rrdb.eval(), values)[0].clamp(0, 1).mul(255).round().permute(1, 2, 0).numpy()
            made = read_image(found[str(weights)] / f"{name}.png").astype(float)
            assert np.abs(made - expected).max() <= 1
        kept = found["bicubic"]
    assert len(done) == 4
    assert not kept.exists()


def test_of_one_original_there_is_one_image(originals: Path) -> None:
    with reconstructed(["nearest"], originals / "two.png", NO_ASSETS) as found:
        lr = downscale(read_image(originals / "two.png"), 4)
        assert np.array_equal(read_image(found["nearest"]), lr.repeat(4, axis=0).repeat(4, axis=1))


def test_a_prepared_benchmark_is_taken_as_it_is(originals: Path, tmp_path: Path) -> None:
    """Its LR images, and not others made of its originals: here they are exchanged, which its sums tell."""
    prepare("mine", sorted(originals.iterdir()), tmp_path / "prepared")
    with reconstructed(["nearest"], tmp_path / "prepared" / "HR", NO_ASSETS) as found:
        assert len(list(found["nearest"].iterdir())) == 2
    write_png(tmp_path / "prepared" / "LR" / "one.png", np.zeros((10, 11, 3), np.uint8))
    with (
        pytest.raises(InputError, match="one"),
        reconstructed(["nearest"], tmp_path / "prepared" / "HR", NO_ASSETS),
    ):
        pass


@pytest.mark.parametrize("name", ["absent", "bicubik", "/absent/x.pth", "srgan/none"])
def test_what_is_neither_is_refused(name: str, originals: Path) -> None:
    with (
        pytest.raises(InputError, match="no such file or folder, and no method"),
        reconstructed([name], originals, NO_ASSETS),
    ):
        pass
