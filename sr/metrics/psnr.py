"""Peak signal-to-noise ratio, 10 log10(255^2 / MSE), in dB."""

import math

import numpy as np

from sr.images import Pixels
from sr.metrics.metric import Metric
from sr.metrics.views import Plane, View


class PSNR:
    """PSNR on a view of the images; infinite for identical ones.

    Computed on the processor even where there is a GPU: it reads every pixel of the view once and keeps
    nothing, and sending the view would read it as often.
    """

    def __init__(self, view: View) -> None:
        self.view = view

    def reference(self, hr: Pixels) -> Plane:
        """What the protocol looks at of the HR image."""
        return self.view(hr)

    def score(self, sr: Pixels, reference: Plane) -> float:
        """PSNR in dB over all pixels (and channels) of the view."""
        error = mean_square(self.view(sr), reference)
        return math.inf if error == 0.0 else 10.0 * math.log10(255.0**2 / error)


def mean_square(first: Plane, second: Plane) -> float:
    """Mean squared difference, accumulated in double precision row by row."""
    difference = first - second
    return float(np.vecdot(difference, difference).sum(dtype=np.float64) / difference.size)


METRIC = Metric(
    name="PSNR",
    better="higher",
    kind="full reference",
    build=lambda conventions, _assets: PSNR(conventions.view),
    light=True,
)
