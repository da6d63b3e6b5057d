"""The metrics there are. A new one is its file and its entry here; nothing else lists metrics by name."""

from sr.config import nearest
from sr.errors import InputError
from sr.metrics import dists, fid, gmsd, lpips, niqe, perceptual_index, psnr, rmse, ssim
from sr.metrics.metric import Metric

METRICS: tuple[Metric, ...] = (
    psnr.METRIC,
    ssim.METRIC,
    rmse.METRIC,
    gmsd.METRIC,
    lpips.METRIC,
    dists.METRIC,
    niqe.METRIC,
    perceptual_index.MA,
    perceptual_index.PI,
    fid.METRIC,
)
BY_NAME = {metric.name: metric for metric in METRICS}


def metric(name: str) -> Metric:
    """The metric that papers print under `name`. Raises InputError with the nearest name."""
    if name not in BY_NAME:
        raise InputError(f"'{name}' is no metric; {nearest(name, list(BY_NAME))}")
    return BY_NAME[name]
