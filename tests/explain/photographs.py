"""Originals and their reconstructions for the tests of `sr explain`."""

from pathlib import Path

import numpy as np

from sr.data.assets import Assets
from sr.degradation import upscale
from sr.images import Pixels, read_image, write_png
from sr.reductions import REDUCTIONS, Reduction

SIZE = 240


def originals() -> dict[str, Pixels]:
    """Three photographs that come with scikit-image, cut to squares."""
    files = Assets(Path("no_such_folder"), None).images("embedded")
    return {path.stem: read_image(path)[20 : 20 + SIZE, 30 : 30 + SIZE] for path in files}


def enlarged(hr: Pixels, fed: Reduction = "matlab") -> Pixels:
    """A reconstruction by MATLAB's bicubic of an image that was reduced in some way."""
    return upscale(np.asarray(REDUCTIONS[fed](hr)), 4)


def write(folder: Path, images: dict[str, Pixels]) -> Path:
    """Write images as PNG and return their folder."""
    for name, pixels in images.items():
        write_png(folder / f"{name}.png", pixels)
    return folder
