"""Sizes of the benchmarks, which decide what evaluations cost before any image is there."""

# HR megapixels of the benchmarks that tables print. Set5, Set14 and BSD100 are counted; the others are their
# number of images times a usual size of theirs. UH4K was never released.
MEGAPIXELS = {
    "Set5": 0.57,
    "Set14": 3.22,
    "BSD100": 15.44,
    "Urban100": 100 * 0.98 * 0.80,
    "Manga109": 109 * 0.83 * 1.17,
    "General100": 100 * 0.17,
    "DIV2K": 100 * 2.04 * 1.36,
}

# HR megapixels of a benchmark's largest image: counted, or a usual size (PIRM's doubled).
# DIV2K's longer sides have 2040 pixels.
LARGEST = {
    "embedded": 0.27,
    "Set5": 0.27,
    "Set14": 0.42,
    "BSD100": 0.16,
    "Urban100": 1.23,
    "Manga109": 0.98,
    "General100": 0.50,
    "PIRM": 0.60,
    "DIV2K": 4.17,
}
