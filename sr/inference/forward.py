"""A generator's forward pass on a whole image, fast and in bounded memory, equal to `network(lr)`.

Deep networks see hundreds of pixels around each pixel (RRDB-23: 347 x 347), so cutting the image costs
either exactness or most of the work twice. Their body works at LR size, though, and only the few
convolutions after it on images 16 times as large: the body runs once on everything, the rest in strips.
"""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from sr.inference.dense_body import Body, applies, direct

# From 1 x 3 x H x W in [0, 1] to 1 x 3 x 4H x 4W, nominally in [0, 1].
Method = Callable[[Tensor], Tensor]

SCALE = 4

# LR pixels in a strip, its surroundings not counted: some 200 MB of features for 64 channels.
_STRIP = 2**14

# Share of the body in the work, for the progress shown (RRDB-23: 92 of 100 multiplications).
_BODY = 0.9


@runtime_checkable
class TwoParts(Protocol):
    """A network whose forward is reconstruct(deep_features(lr)), cut to 4H x 4W at the lower right.

    reconstruction_margin: how many LR rows beyond its own a row of the reconstruction depends on.
    """

    reconstruction_margin: int

    def deep_features(self, lr: Tensor) -> Tensor:
        """N x 3 x H x W to features at the same size, or a little larger to the right and below."""
        ...

    def reconstruct(self, features: Tensor) -> Tensor:
        """Features to N x 3 x 4H x 4W."""
        ...


@torch.inference_mode()
def forward(
    network: nn.Module,
    lr: Tensor,
    work_done: Callable[[float], None] = lambda _: None,
    dense_body: Body = direct,
) -> Tensor:
    """network(lr) for 1 x 3 x H x W, without gradients and with little memory if it has two parts.

    work_done: called now and then with the work done since the last call, in LR pixels.
    dense_body: the way through RRDB's body; scores are of images made the direct way.
    """
    pixels = float(lr.shape[2] * lr.shape[3])
    if not isinstance(network, TwoParts):
        whole: Tensor = network(lr)
        work_done(pixels)
        return whole
    two_parts: TwoParts = network
    in_body = _BODY * pixels
    features: Tensor
    if applies(network, lr):
        share = in_body / len(network.body)
        features = dense_body(network, lr, lambda: work_done(share))
    else:
        features = two_parts.deep_features(lr)
        work_done(in_body)
    sr = _in_strips(two_parts, features, lambda share: work_done((pixels - in_body) * share))
    return sr[:, :, : SCALE * lr.shape[2], : SCALE * lr.shape[3]]


def _in_strips(network: TwoParts, features: Tensor, share_done: Callable[[float], None]) -> Tensor:
    """network.reconstruct(features), some rows at a time."""
    height, width = features.shape[2:]
    margin, rows = network.reconstruction_margin, max(SCALE, _STRIP // width)
    sr = features.new_empty(len(features), 3, SCALE * height, SCALE * width)
    for begin in range(0, height, rows):
        end = min(begin + rows, height)
        first = max(begin - margin, 0)
        strip = network.reconstruct(features[:, :, first : min(end + margin, height)])
        sr[:, :, SCALE * begin : SCALE * end] = strip[:, :, SCALE * (begin - first) : SCALE * (end - first)]
        share_done((end - begin) / height)
    return sr
