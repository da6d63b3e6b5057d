"""GMSD of Xue, Zhang, Mou and Bovik, "Gradient magnitude similarity deviation", IEEE TIP 23(2), 2014.

Luminance is averaged over 2x2 pixels and every second one kept; gradients are Prewitt filters over 3;
GMS = (2 m1 m2 + c) / (m1^2 + m2^2 + c) with c = 170 for grey levels 0..255; the score is the standard
deviation of GMS over the image (Eqs. 1 to 6). What a protocol measures PSNR on does not concern it: the
constant is meant for MATLAB's `rgb2gray` of the whole image, 0..255, as the authors' release is called.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sr.device import scoring_device
from sr.images import Pixels
from sr.metrics.metric import Metric
from sr.metrics.views import rgb2gray

_C = 170.0


class GMSD:
    """Gradient magnitude similarity deviation of grey levels; 0 for identical images.

    The processor makes the grey levels, all else is done on the GPU where there is one.
    """

    def __init__(self) -> None:
        self._device = scoring_device()

    def reference(self, hr: Pixels) -> Tensor:
        """Gradient magnitude of the HR image at half size."""
        # A copy, because torch takes neither a mirrored view nor, without a warning, a read-only image.
        return gradient_magnitude(torch.from_numpy(np.array(rgb2gray(hr))).to(self._device).double())

    def score(self, sr: Pixels, reference: Tensor) -> float:
        """Standard deviation of the gradient magnitude similarity."""
        magnitude = self.reference(sr)
        similarity = (2.0 * magnitude * reference + _C) / (magnitude**2 + reference**2 + _C)
        return similarity.std(correction=1).item()  # MATLAB's std2


def gradient_magnitude(plane: Tensor) -> Tensor:
    """Prewitt gradient magnitude of a plane reduced by two; outside the image counts as zero (`conv2`)."""
    height, width = plane.shape
    padded = functional.pad(plane, (0, 1, 0, 1))
    of_four = [padded[i : i + height : 2, j : j + width : 2] for i in (0, 1) for j in (0, 1)]
    half = functional.pad(torch.stack(of_four).sum(0) / 4.0, (1, 1, 1, 1))
    rows = half[:-2] + half[1:-1] + half[2:]
    columns = half[:, :-2] + half[:, 1:-1] + half[:, 2:]
    return torch.hypot(rows[:, 2:] - rows[:, :-2], columns[2:] - columns[:-2]) / 3.0


METRIC = Metric(
    name="GMSD",
    better="lower",
    kind="full reference",
    build=lambda _conventions, _assets: GMSD(),
    light=True,
)
