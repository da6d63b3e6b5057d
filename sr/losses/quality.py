"""Quality loss: gradient magnitude similarity deviation as something to minimise (GMGAN, Eq. 5 to 9)."""

import torch
from torch.nn import functional

from sr.config import Strict
from sr.losses.batch import Batch
from sr.losses.full_precision import at_least_float32

# Under the roots, so that their gradients stay finite where an image is flat or perfectly reconstructed.
_TINY = 1e-12


class QualitySettings(Strict):
    """weight: factor of the term. constant: c of Eq. 7, for images in [0, 1]."""

    weight: float
    constant: float

    def build(self) -> "Quality":
        """The loss."""
        return Quality(self.constant)


class Quality:
    """Sum over red, green and blue of the deviation of the similarity of gradient magnitudes.

    Magnitudes come from Prewitt filters over 3 (Eq. 5, 6), at full size and inside the image; the
    deviation is taken over the pixels of each image and channel (Eq. 8), and averaged over the batch.
    """

    def __init__(self, constant: float) -> None:
        self.constant = constant

    def __call__(self, batch: Batch) -> torch.Tensor:
        with torch.no_grad():
            original = _magnitude(batch.hr)
        found = _magnitude(batch.sr)
        product, squares = 2 * original * found, original.square() + found.square()
        similarity = (product + self.constant) / (squares + self.constant)
        deviation = (similarity.var(dim=(2, 3), correction=0) + _TINY).sqrt()
        return deviation.sum(dim=1).mean()


def _magnitude(images: torch.Tensor) -> torch.Tensor:
    """Gradient magnitude of every channel, N x C x H-2 x W-2."""
    planes = at_least_float32(images).flatten(0, 1)[:, None]
    step = planes.new_tensor([1.0, 0.0, -1.0]).expand(3, 3) / 3.0
    gradients = functional.conv2d(planes, torch.stack((step, step.T))[:, None])
    magnitude = (gradients.square().sum(dim=1) + _TINY).sqrt()
    return magnitude.unflatten(0, images.shape[:2])
