"""Artifact loss: the residual, weighed by how likely a pixel is an artifact (LDL, Eq. 2-7)."""

from typing import Literal

import torch
from pydantic import Field

from sr.losses.batch import Batch, at_least_float32
from sr.losses.box_filter import Window, local_variance
from sr.losses.settings import LossSettings


class ArtifactSettings(LossSettings):
    """window: side of the local variance (n of Eq. 3). root: a of Eq. 4.

    map: `local` (M, Eq. 3), `scaled` (sigma M, Eq. 4) or `refined` (M_refine, Eq. 6), Table 2's #2 to #4.
    residual: what the variances and the comparison are taken of, HR - SR in its three channels (`signed`,
    the paper) or the sum over channels of |HR - SR| (`absolute_sum`, the released code).
    gradient_through_map: whether the map is differentiated as well (Eq. 7 as it stands, where the map depends
    on the output, and the released code), or is a constant weight.
    """

    window: Window
    root: float = Field(gt=0)
    map: Literal["local", "scaled", "refined"]
    residual: Literal["signed", "absolute_sum"]
    gradient_through_map: bool

    @property
    def needs_ema(self) -> bool:
        """Whether the batch must bring the output of the generator's moving average."""
        return self.map == "refined"

    def build(self) -> "Artifact":
        """The loss."""
        return Artifact(self)


class Artifact:
    """Mean over pixels and channels of |map (HR - SR)|.

    The map has one channel, as in sec. 3.2. With the signed residual the variances are therefore those of
    all three channels' values together, and |R| of Eq. 6 is the sum of the channels' magnitudes. What
    the paper leaves open is taken from the released code: variances are unbiased, the local one mirrors the
    image at the borders, the norm of Eq. 7 is a mean.

    Raises ValueError when the refined map is asked for and the batch has no `sr_ema`.
    """

    def __init__(self, settings: ArtifactSettings) -> None:
        self.settings = settings

    def __call__(self, batch: Batch) -> torch.Tensor:
        residual = at_least_float32(batch.hr) - at_least_float32(batch.sr)
        magnitude = residual.abs().sum(dim=1, keepdim=True)
        judged = residual if self.settings.residual == "signed" else magnitude
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.settings.gradient_through_map):
            weights = self._map(judged, magnitude, batch)
        # The map is nowhere negative and the same for all channels, so it may leave the magnitude's sum.
        return (weights * magnitude).mean() / residual.shape[1]

    def _map(self, judged: torch.Tensor, magnitude: torch.Tensor, batch: Batch) -> torch.Tensor:
        """N x 1 x H x W."""
        local = local_variance(judged, self.settings.window)
        if self.settings.map == "local":
            return local
        scaled = _root(judged.var(dim=(1, 2, 3), keepdim=True), self.settings.root) * local
        if self.settings.map == "scaled":
            return scaled
        if batch.sr_ema is None:
            raise ValueError("the refined artifact map needs the averaged generator's output (sr_ema)")
        magnitude_ema = (batch.hr - at_least_float32(batch.sr_ema)).detach().abs().sum(dim=1, keepdim=True)
        return scaled.masked_fill(magnitude < magnitude_ema, 0.0)


def _root(variance: torch.Tensor, degree: float) -> torch.Tensor:
    """variance^(1/degree). At zero its infinite gradient is taken as zero: the map is zero there anyway."""
    positive = variance > 0
    return torch.where(positive, torch.where(positive, variance, 1.0) ** (1 / degree), 0.0)
