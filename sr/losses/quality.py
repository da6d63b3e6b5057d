"""Quality loss: gradient magnitude similarity deviation as something to minimise (GMGAN, Eq. 5 to 9)."""

import torch
from pydantic import Field

from sr.losses.batch import Batch, at_least_float32
from sr.losses.settings import LossSettings


class QualitySettings(LossSettings):
    """constant: c of Eq. 6, for images in [0, 1]."""

    constant: float = Field(gt=0)

    def build(self) -> "Quality":
        """The loss."""
        return Quality(self.constant)


class Quality:
    """Sum over red, green and blue of the deviation of the similarity of gradient magnitudes.

    Magnitudes come from Prewitt filters divided by 3, as the metric's authors do (Eq. 5), at full size
    and where the filters lie inside the image: what is outside is not stated. The deviation is taken over
    the pixels of each image and channel (Eq. 8), and averaged over the batch. Both roots, of the magnitude
    and of the deviation, are Euclidean norms, whose gradient torch takes as zero at zero: neither flat
    areas nor a perfect reconstruction need a small constant, which would shift the value.
    """

    def __init__(self, constant: float) -> None:
        self.constant = constant

    def __call__(self, batch: Batch) -> torch.Tensor:
        original, found = _magnitude(batch.hr), _magnitude(batch.sr)
        # 1 - GMS deviates as GMS does, and does not drown in rounding where the two images agree.
        difference = (original - found).square() / (original.square() + found.square() + self.constant)
        centred = difference - difference.mean(dim=(2, 3), keepdim=True)
        deviation = torch.linalg.vector_norm(centred, dim=(2, 3)) / centred[0, 0].numel() ** 0.5
        return deviation.sum(dim=1).mean()


def _magnitude(images: torch.Tensor) -> torch.Tensor:
    """Gradient magnitude of every channel, N x C x H-2 x W-2."""
    images = at_least_float32(images)
    columns = images[..., :-2, :] + images[..., 1:-1, :] + images[..., 2:, :]
    rows = images[..., :-2] + images[..., 1:-1] + images[..., 2:]
    across = columns[..., 2:] - columns[..., :-2]
    down = rows[..., 2:, :] - rows[..., :-2, :]
    return torch.linalg.vector_norm(torch.stack((across, down)), dim=0) / 3.0
