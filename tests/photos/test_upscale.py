"""`upscale`: arrays and pictures of every depth and number of channels."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import zoom
from torch import nn

from sr.degradation import downscale
from sr.degradation import upscale as bicubic
from sr.errors import InputError
from sr.photos.upscale import Options, upscale


class Repeat(nn.Module):
    """Repeats every pixel 4 x 4 times."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1))

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        return (lr * self.gain).repeat_interleave(4, dim=2).repeat_interleave(4, dim=3)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (5, 3, 1), (5, 3, 2), (5, 3, 3), (5, 3, 4)])
def test_depth_and_channels_stay(kind: type, shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(0).integers(0, np.iinfo(kind).max, shape, dtype=kind, endpoint=True)
    enlarged = upscale(image, Repeat())
    assert enlarged.dtype == kind
    assert enlarged.shape == (4 * shape[0], 4 * shape[1], *shape[2:])
    colours = image[..., : 1 if shape[2:] == (2,) else 3] if len(shape) == 3 else image
    repeated = colours.repeat(4, axis=0).repeat(4, axis=1)
    shown = enlarged[..., : repeated.shape[2]] if len(shape) == 3 else enlarged
    assert np.array_equal(shown, repeated)


def test_alpha_is_enlarged_bicubically() -> None:
    image = np.random.default_rng(0).integers(0, 256, (6, 5, 4), dtype=np.uint8)
    assert np.array_equal(upscale(image, Repeat())[..., 3], bicubic(image[..., 3], 4))
    deep = upscale(image.astype(np.uint16) * 257, Repeat())[..., 3]
    # Without rounding between the passes it is at most a step of 8 bits away.
    assert np.abs(deep / 257.0 - bicubic(image[..., 3], 4)).max() < 1.3


def test_a_picture_gives_a_picture() -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (6, 5, 3), dtype=np.uint8))
    enlarged = upscale(picture.convert("P"), Repeat())
    assert (enlarged.mode, enlarged.size) == ("RGB", (20, 24))
    with pytest.raises(InputError, match="CMYK"):
        upscale(picture.convert("CMYK"), Repeat())


def test_other_arrays_are_refused() -> None:
    for image in (np.zeros((4, 4)), np.zeros((4, 4, 5), np.uint8), np.zeros((1, 4, 4, 3), np.uint8)):
        with pytest.raises(InputError, match="give uint8 or uint16"):
            upscale(image, Repeat())
    with pytest.raises(InputError, match="no pixels"):
        upscale(np.zeros((0, 4, 3), np.uint8), Repeat())


def test_a_photograph_by_a_real_network(rrdb: nn.Module) -> None:
    data = pytest.importorskip("skimage.data")
    photo = data.coffee()[100:160, 200:270]
    enlarged = upscale(photo, rrdb, ensemble=True, back_projection=30)
    assert enlarged.shape == (240, 280, 3)
    # An untrained network, but back-projected: reduced again it is the photograph.
    assert np.abs(downscale(enlarged, 4).astype(int) - photo).mean() < 8.0


def test_tiles_equal_the_whole_where_the_network_sees_no_further_than_the_margin() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 4, 9, padding=4), nn.ReLU(), nn.Conv2d(4, 48, 9, padding=4), nn.PixelShuffle(4)
    )
    image = np.random.default_rng(0).integers(0, 65536, (90, 75, 3), dtype=np.uint16)
    difference = upscale(image, network, tile=16).astype(int) - upscale(image, network)
    assert np.abs(difference).max() <= 1  # of 65535: sums in another order


@pytest.mark.parametrize("scale", [1, 1.5, 2, 3, 3.7])
def test_any_scale_is_the_exact_reduction_of_four(scale: float) -> None:
    """By 2 it is MATLAB's reduction of the network's image; by others its size, and flat stays flat."""
    image = np.random.default_rng(0).integers(0, 256, (10, 12, 3), dtype=np.uint8)
    found = upscale(image, Repeat(), scale=scale)
    assert found.shape == (round(10 * scale), round(12 * scale), 3)
    if scale in (1, 2):
        assert np.array_equal(found, downscale(upscale(image, Repeat()), int(4 / scale)))
    flat = np.full((10, 12), 77, np.uint8)
    assert (upscale(flat, Repeat(), scale=scale) == 77).all()


def test_values_that_are_not_finite_are_refused() -> None:
    network = Repeat()
    network.gain.data.fill_(float("nan"))
    with pytest.raises(InputError, match="not finite"):
        upscale(np.zeros((4, 4, 3), np.uint8), network)


@pytest.mark.parametrize("scale", [0.9, 0, -4, 16.1, float("nan"), float("inf")])
def test_a_scale_out_of_range_is_refused(scale: float) -> None:
    with pytest.raises(InputError, match="from 1 to 16"):
        upscale(np.zeros((4, 4, 3), np.uint8), Repeat(), scale=scale)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_by_16_the_network_is_applied_to_its_own_result(kind: type) -> None:
    """What repeats pixels 4 times repeats them 16 times, in whatever tiles."""
    image = np.random.default_rng(0).integers(0, np.iinfo(kind).max, (9, 7, 3), kind, endpoint=True)
    repeated = image.repeat(16, axis=0).repeat(16, axis=1)
    assert np.array_equal(upscale(image, Repeat(), scale=16), repeated)
    assert np.array_equal(upscale(image, Repeat(), scale=16, tile=5), repeated)


def wave(height: int, width: int) -> NDArray[np.uint16]:
    """A picture known at every point of a square, sampled at the centres of the pixels that tile it."""
    y, x = (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width
    return np.rint(65535 * (0.5 + 0.3 * np.sin(9.0 * y)[:, None] * np.cos(7.0 * x))).astype(np.uint16)


class Spline(Repeat):
    """Enlarges by splines of the fifth order, nearly ideal for a picture as smooth as the wave."""

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        channel = lr[0, 0].double().numpy()
        finer = zoom(channel, 4, order=5, mode="reflect", grid_mode=True)
        return torch.from_numpy(finer).float()[None, None].expand(1, 3, -1, -1)


@pytest.mark.parametrize("scale", [1.5, 2, 2.5, 3, 4, 4.1, 5, 6, 7.3, 8, 11, 16])
def test_every_scale_samples_the_same_picture(scale: float) -> None:
    """Of the right size and not shifted: not by a fifth of a pixel of the result."""
    height, width = 37, 45
    wanted = round(scale * height), round(scale * width)
    found = upscale(wave(height, width), Spline(), scale=scale)
    assert found.shape == wanted
    truth, border = wave(*wanted).astype(float), round(6 * scale)
    inner = np.s_[border:-border, border:-border]
    error = np.abs(found - truth)[inner].max()
    shifted = [np.abs(np.diff(truth, axis=axis)[inner]).max() / 5 for axis in (0, 1)]
    assert error < min(shifted)


def test_alpha_of_any_scale_is_that_of_bicubic() -> None:
    image = np.random.default_rng(0).integers(0, 256, (6, 5, 4), dtype=np.uint8)
    assert np.array_equal(upscale(image, Repeat(), scale=8)[..., 3], bicubic(image[..., 3], 8))


def test_the_second_pass_is_by_tiles_and_counted() -> None:
    """By 6 it sees an image 1.5 times as large; nothing larger than a tile with its margins at once."""
    seen: list[tuple[int, ...]] = []

    class Watched(Repeat):
        def forward(self, lr: torch.Tensor) -> torch.Tensor:
            seen.append(tuple(lr.shape[2:]))
            return super().forward(lr)

    upscale(np.zeros((600, 300), np.uint8), Watched(), scale=6)
    assert seen[0] == (600, 300)
    assert {height for height, _ in seen[1:]} == {512 + 32, 900 - 512 + 32}
    assert sum(height * width for height, width in seen) == Options(scale=6).work(600, 300)


@pytest.mark.parametrize("hidden", [0, 255, 128])
def test_what_is_hidden_by_alpha_does_not_show(hidden: int) -> None:
    """A disc of one colour, over any colour below alpha 0: seen over white, the disc has no ring."""
    rows, columns = np.mgrid[:24, :24]
    inside = (rows - 12) ** 2 + (columns - 12) ** 2 < 64
    image = np.where(inside[..., None], [200, 60, 20, 255], [hidden, hidden, hidden, 0]).astype(np.uint8)
    network = nn.Sequential(Repeat(), nn.AvgPool2d(9, 1, 4, count_include_pad=False))
    found = upscale(image, network).astype(float)
    assert np.abs(found[found[..., 3] > 0][:, :3] - [200, 60, 20]).max() <= 1


def test_options_compose(rrdb: nn.Module) -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    assert np.array_equal(upscale(image, rrdb, tile=40), upscale(image, rrdb))
    assert Options(ensemble=True).work(10, 20) == 1600
