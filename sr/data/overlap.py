"""No training image may be a test image, not even recompressed, resized, cropped or turned grey.

Each image is reduced to the differences between neighbours of its 12 x 12 luma thumbnail, scaled to unit
length; the inner product of two such signatures is their similarity. Differences, because the thumbnails
themselves agree up to 0.95 between unrelated pictures with a bright sky.
"""

from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sr.errors import InputError
from sr.images import Pixels, as_rgb, luma, read_image
from sr.progress import progress

# Between Set5, Set14, BSD100 and 400 other Berkeley images, unrelated pairs reach 0.53. Copies stay above
# 0.95 as JPEG of quality 50, at half size, in grey or brightened, and above 0.80 with 8 pixels cut all round.
THRESHOLD = 0.75
_SIDE = 12


def check_disjoint(train: list[Path], test: list[Path]) -> None:
    """Raise InputError naming both files when a training image is also a test image.

    Two images count as the same when their pixels are equal or their similarity reaches THRESHOLD.
    Mirrored or rotated copies, and crops of more than some 3 % of a side, are not recognised.
    Raises InputError for an image that can not be read.
    """
    if not test:
        return
    tests = [read_image(path) for path in test]
    digests = {_digest(pixels): path for pixels, path in zip(tests, test, strict=True)}
    signatures = np.stack([signature(pixels) for pixels in tests])
    found = []
    with progress("comparing training with test images", len(train)) as report:
        for done, path in enumerate(train, start=1):
            pixels = read_image(path)
            similarities = signatures @ signature(pixels)
            nearest = int(similarities.argmax())
            twin = digests.get(_digest(pixels)) or (
                test[nearest] if similarities[nearest] >= THRESHOLD else None
            )
            if twin:
                found.append((path, twin))
            report(done)
    if found:
        pairs = "; ".join(f"{path} is {twin}" for path, twin in found[:5])
        more = f"; and {len(found) - 5} more" if len(found) > 5 else ""
        raise InputError(f"Training images are also test images ({pairs}{more}); take them out of training.")


def signature(pixels: Pixels) -> NDArray[np.float64]:
    """Unit vector of 264 differences; all zeros for an image of one colour."""
    grey = luma(as_rgb(pixels), rounded=False).astype(np.float32)
    thumbnail = np.asarray(Image.fromarray(grey).resize((_SIDE, _SIDE), Image.Resampling.BOX), np.float64)
    vector = np.concatenate([np.diff(thumbnail, axis=axis).ravel() for axis in (0, 1)])
    length = np.linalg.norm(vector)
    return vector / length if length else vector


def _digest(pixels: Pixels) -> str:
    rgb = as_rgb(pixels)
    return sha256(repr(rgb.shape).encode() + rgb.tobytes()).hexdigest()
