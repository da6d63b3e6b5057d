"""A beginning for small generators: an enlargement of the input, to which training adds what is missing.

The first six feature maps carry the three colours, each as a pair of opposite sign: a rectifier r whose slope
is s where its input is negative has r(v) - r(-v) = (1 + s) v, so that the next convolution finds v again.
Colours are taken around middle grey, so that the zeros beyond an image's border are grey. Both doublings are
bilinear, and the first convolution sharpens by as much as they blur: functions up to the second degree come
out as they are, as from Keys' bicubic kernel. All other weights keep the network's own initialisation, but
that what the other feature maps add to the image is scaled down.

Networks with the method `begin_as_enlargement` say in it which layers the colours pass.
"""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

_COLOURS = 3
_CARRYING = 2 * _COLOURS
_OTHERS = 0.1  # factor on the last convolution's weights for all other feature maps

# Slope of a rectifier that is none.
IDENTITY = 1.0

# Standard deviation of photographs in [0, 1], roughly.
_CONTRAST = 0.25

# Bilinear doubling weighs offsets of 1/4 and 3/4 with 3/4 and 1/4: a second moment of 3/16 squared pixels.
# The second doubling works on pixels half as wide. The first convolution's outer taps take both moments off.
_OUTER = (3 / 16 + 3 / 64) / 2
_SHARPENING = torch.tensor([-_OUTER, 1.0 + 2.0 * _OUTER, -_OUTER])
_UNCHANGED = torch.tensor([0.0, 1.0, 0.0])
# After each sample was repeated, this is bilinear doubling.
_SMOOTHING = torch.tensor([0.25, 0.5, 0.25])
# The two new samples of each, on the old samples around it.
_DOUBLING = torch.tensor([[0.25, 0.75, 0.0], [0.0, 0.75, 0.25]])


@runtime_checkable
class Enlarging(Protocol):
    """A generator that can begin as an enlargement."""

    def begin_as_enlargement(self) -> None:
        """Set those initial weights that let the colours pass."""
        ...


def take_colours(convolution: nn.Module, middle: float = 0.5) -> None:
    """The first convolution gives colours, less `middle`, and their opposites."""
    _take(convolution, torch.outer(_SHARPENING, _SHARPENING), middle)


def take_detail(convolution: nn.Module) -> None:
    """The first convolution gives what sharpening adds to the colours: the network adds their enlargement."""
    sharpened = torch.outer(_SHARPENING, _SHARPENING)
    _take(convolution, sharpened - torch.outer(_UNCHANGED, _UNCHANGED), 0.0)


def pass_on(convolution: nn.Module, slope: float) -> None:
    """A convolution carries on what a rectifier of that slope leaves."""
    _carry(convolution, _UNCHANGED[None], slope)


def smooth(convolution: nn.Module, slope: float) -> None:
    """A convolution carries on, and makes bilinear a doubling that repeated each sample."""
    _carry(convolution, _SMOOTHING[None], slope)


def double(convolution: nn.Module, slope: float) -> None:
    """A sub-pixel convolution by 2 (Shi et al. 2016) carries on and doubles bilinearly."""
    _carry(convolution, _DOUBLING, slope)


@torch.no_grad()
def give_colours(convolution: nn.Module, slope: float, *, gain: float = 1.0, middle: float = 0.5) -> None:
    """The last convolution gives `middle` plus `gain` times what is carried, and little else."""
    assert isinstance(convolution, nn.Conv2d)
    others = _OTHERS * convolution.weight[:, _CARRYING:]
    for colour in range(_COLOURS):
        _forget(convolution, colour)
        _put_pair(convolution, colour, colour, gain * torch.outer(_UNCHANGED, _UNCHANGED), slope)
        _bias(convolution)[colour] = middle
    convolution.weight[:, _CARRYING:] = others


def slope_of(rectifier: nn.Module) -> float:
    """Where its input is negative; a parametric one begins alike in all channels."""
    if isinstance(rectifier, nn.PReLU):
        return float(rectifier.weight.detach()[0])
    assert isinstance(rectifier, nn.LeakyReLU)
    return rectifier.negative_slope


@torch.no_grad()
def add_nothing(layer: nn.Module) -> None:
    """The last layer of a residual branch adds nothing to what is carried."""
    for parameter in layer.parameters():
        parameter[:_CARRYING] = 0.0


@torch.no_grad()
def keep_contrast(normalisation: nn.Module) -> None:
    """Batch normalisation gives what is carried the contrast of photographs: as it was, or nearly so."""
    assert isinstance(normalisation, nn.BatchNorm2d)
    assert normalisation.running_var is not None
    normalisation.weight[:_CARRYING] = _CONTRAST
    normalisation.running_var[:_CARRYING] = _CONTRAST**2


@torch.no_grad()
def _take(convolution: nn.Module, kernel: Tensor, middle: float) -> None:
    assert isinstance(convolution, nn.Conv2d)
    for row, colour, sign in _carrying():
        _forget(convolution, row)
        _put(convolution, row, colour, sign * kernel)
        _bias(convolution)[row] = -sign * middle


@torch.no_grad()
def _carry(convolution: nn.Module, taps: Tensor, slope: float) -> None:
    """taps: a line for each of the samples along an axis that come of one, its weights on three old ones."""
    assert isinstance(convolution, nn.Conv2d)
    kernels = [torch.outer(vertical, horizontal) for vertical in taps for horizontal in taps]
    for row, colour, sign in _carrying():
        for place, kernel in enumerate(kernels, start=len(kernels) * row):
            _forget(convolution, place)
            _put_pair(convolution, place, colour, sign * kernel, slope)


def _carrying() -> list[tuple[int, int, float]]:
    """Feature maps that carry: map, colour, sign."""
    signs = (1.0, -1.0)
    return [
        (number * _COLOURS + colour, colour, sign)
        for number, sign in enumerate(signs)
        for colour in range(_COLOURS)
    ]


def _forget(convolution: nn.Conv2d, output: int) -> None:
    convolution.weight[output] = 0.0
    if convolution.bias is not None:
        convolution.bias[output] = 0.0


def _put_pair(convolution: nn.Conv2d, output: int, colour: int, kernel: Tensor, slope: float) -> None:
    """output = kernel * colour, found from its two maps after a rectifier."""
    found = kernel / (1.0 + slope)
    _put(convolution, output, colour, found)
    _put(convolution, output, colour + _COLOURS, -found)


def _put(convolution: nn.Conv2d, output: int, source: int, kernel: Tensor) -> None:
    """The 3x3 kernel in the middle of the convolution's own."""
    margin = (convolution.kernel_size[0] - 3) // 2
    inside = slice(margin, margin + 3)
    convolution.weight[output, source, inside, inside] = kernel


def _bias(convolution: nn.Conv2d) -> Tensor:
    assert convolution.bias is not None
    return convolution.bias
