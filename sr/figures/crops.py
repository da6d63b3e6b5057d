"""Which part of an image a figure shows: chosen by a rule, not by taste."""

from collections.abc import Sequence

import numpy as np

from sr.crop import SIDE, Crop, most_different
from sr.figures.paper_results import PaperResults
from sr.results.source import Source

RULE = (
    f"Image: the one whose PSNR differs most between the compared methods (standard deviation). Crop: the"
    f" {SIDE}x{SIDE} pixels of it in which the details of their outputs differ most (a value minus the mean"
    " of its 4x4 block, which the input tells; standard deviation between the methods, mean over pixels and"
    " colours)."
)


def choose(results: PaperResults, benchmark: str, sources: Sequence[Source]) -> tuple[str, Crop]:
    """The image of a benchmark, and the crop of it, that `RULE` says."""
    image = most_different_image(results, benchmark, sources)
    return image, crop_of(results, benchmark, image, sources)


def most_different_image(results: PaperResults, benchmark: str, sources: Sequence[Source]) -> str:
    """The image whose PSNR has the largest standard deviation between the sources; the first of equals."""

    def deviation(image: str) -> float:
        values = [results.value(source, benchmark, image, "PSNR") for source in sources]
        return float(np.std([value for value in values if value is not None]))

    return max(results.names(benchmark), key=deviation)


def crop_of(results: PaperResults, benchmark: str, image: str, sources: Sequence[Source]) -> Crop:
    """The crop of an image in which the sources' outputs differ most."""
    return most_different([results.reconstruction(source, benchmark, image) for source in sources])
