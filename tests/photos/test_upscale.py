"""`upscale`: arrays and pictures of every depth and number of channels."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

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
    from sr.degradation import downscale

    assert np.abs(downscale(enlarged, 4).astype(int) - photo).mean() < 8.0


def test_options_compose(rrdb: nn.Module) -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    assert np.array_equal(upscale(image, rrdb, tile=40), upscale(image, rrdb))
    assert Options(ensemble=True).work(10, 20) == 1600
