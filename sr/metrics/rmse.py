"""Root mean square error as the PIRM 2018 challenge ranks it (Blau et al., ECCVW 2018).

The challenge's regions are thresholds on sqrt(mean of the images' MSE), the root of the mean and not the
mean of the roots, so a set's value does not follow from the per-image values by averaging.
"""

import math
from collections.abc import Sequence

import numpy as np

from sr.images import Pixels
from sr.metrics.metric import Metric
from sr.metrics.psnr import mean_square
from sr.metrics.views import Plane, View


class RMSE:
    """Root mean square error on a view of the images, in grey levels (0..255); on the processor, as PSNR."""

    def __init__(self, view: View) -> None:
        self.view = view

    def reference(self, hr: Pixels) -> Plane:
        """What the protocol looks at of the HR image."""
        return self.view(hr)

    def score(self, sr: Pixels, reference: Plane) -> float:
        """Root of the MSE of one image."""
        return math.sqrt(mean_square(self.view(sr), reference))


def root_of_mean_square(values: Sequence[float]) -> float:
    """A set's RMSE from its images': the root of the mean MSE."""
    return math.sqrt(float(np.mean(np.square(values))))


METRIC = Metric(
    name="RMSE",
    better="lower",
    kind="full reference",
    build=lambda conventions, _assets: RMSE(conventions.view),
    pool=root_of_mean_square,
    light=True,
)
