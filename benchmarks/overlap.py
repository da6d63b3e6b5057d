"""How well training images that are test images are told: both rates, and the time for an image.

`python -m benchmarks.overlap [--pairs MILLIONS]`, on the Berkeley images. False: random crops of the 500
photographs, each compared with all of them and three crops of each, but for its own photograph. True: every
benchmark image at hand, cut to at least 0.6 of a side, scaled, mirrored, as JPEG, in grey, and all of that.
"""

import io
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer
from PIL import Image

from benchmarks.report import print_table
from sr.data.assets import Assets
from sr.errors import InputError
from sr.images import Pixels, as_rgb, image_files, read_image, write_png
from sr.overlap.judge import SAME, TestImages
from sr.progress import progress

BENCHMARKS = ("Set5", "Set14", "BSD100", "Urban100", "General100", "DIV2K", "PIRM", "Manga109")
CROPS = 3  # of each photograph, among the test images
BATCH = 32  # images that are compared at once, as packing does
Change = Callable[[Pixels, np.random.Generator], Pixels]


def crop(pixels: Pixels, random: np.random.Generator, smallest: float = 0.6) -> Pixels:
    """A window of at least so much of each side."""
    sides = random.uniform(smallest, 1.0, 2)
    height, width = (int(side * share) for side, share in zip(pixels.shape[:2], sides, strict=True))
    top, left = (int(random.integers(0, n + 1)) for n in (pixels.shape[0] - height, pixels.shape[1] - width))
    return pixels[top : top + height, left : left + width]


def scaled(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """0.4 to 1.5 times as large."""
    factor = random.uniform(0.4, 1.5)
    size = tuple(max(32, round(side * factor)) for side in pixels.shape[1::-1])
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def mirrored(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Left to right, upside down, or both."""
    rows, columns = ((1, -1), (-1, 1), (-1, -1))[random.integers(3)]
    return np.ascontiguousarray(pixels[::rows, ::columns])


def jpeg(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Through a JPEG of quality 30 to 90."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=int(random.integers(30, 91)))
    return np.asarray(Image.open(stream))


def grey(pixels: Pixels, random: np.random.Generator) -> Pixels:  # noqa: ARG001
    """Without colours."""
    return np.asarray(Image.fromarray(pixels).convert("L"))


def all_at_once(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """One after the other."""
    for change in (crop, scaled, mirrored, jpeg, grey):
        pixels = change(pixels, random)
    return pixels


CHANGES: dict[str, Change] = {
    "cropped": crop,
    "scaled": scaled,
    "mirrored": mirrored,
    "JPEG": jpeg,
    "grey": grey,
    "all at once": all_at_once,
}


def hits(judge: TestImages, images: Sequence[Pixels]) -> list[list[str]]:
    """Names of the test images that are seen in each of several images."""
    rgb = [as_rgb(pixels) for pixels in images]
    signatures = np.stack([judge.signature(pixels) for pixels in rgb])
    readers = [partial(np.asarray, pixels) for pixels in rgb]
    return [[hit.test for hit in own] for own in judge.hits(signatures, readers)]


def false_hits(millions: float) -> None:
    """Print every hit between different photographs, their number, and the time."""
    folder = Assets.from_environment().require("BSDS500_train_test")
    files = {path.stem: path for part in ("train", "test", "val") for path in image_files(folder / part)}
    random, found, own, seconds = np.random.default_rng(0), 0, 0, 0.0
    with TemporaryDirectory() as temporary:
        tests = dict(files)
        for (stem, path), number in product(files.items(), range(CROPS)):
            tests[f"{stem}#{number}"] = Path(temporary) / f"{stem}#{number}.png"
            write_png(tests[f"{stem}#{number}"], crop(read_image(path), random, smallest=0.3))
        judge = TestImages({}, tests)
    others = len(tests) - 1 - CROPS
    crops = round(millions * 1e6 / others)
    stems = list(islice(cycle(files), crops))
    with progress("crops of photographs", crops) as report:
        for begin in range(0, crops, BATCH):
            batch = stems[begin : begin + BATCH]
            windows = [crop(read_image(files[stem]), random, smallest=0.3) for stem in batch]
            begun = time.process_time()
            seen = hits(judge, windows)
            seconds += time.process_time() - begun
            for stem, names in zip(batch, seen, strict=True):
                stems_seen = {name.partition("#")[0] for name in names}
                own += stem in stems_seen
                for other in sorted(stems_seen - {stem}):
                    found += 1
                    print(f"{stem} is taken for {other}", flush=True)
            report(begin + len(batch), f"{found} false hits")
    print_table(
        f"Different photographs (the same from a likeness of {SAME})",
        ["", ""],
        [
            ["pairs", f"{crops * others / 1e6:.1f} million"],
            ["false hits", str(found)],
            ["crops of 0.3 to 1 of each side whose own photograph was seen", f"{own / crops:.1%}"],
            [f"processor time an image, {len(tests)} test images", f"{1e3 * seconds / crops:.1f} ms"],
        ],
    )


def true_hits() -> None:
    """Print for every change how many benchmark images are still seen."""
    assets = Assets.from_environment()
    files: dict[str, Path] = {}
    for name in BENCHMARKS:
        try:
            files |= {f"{name}/{path.stem}": path for path in assets.images(name)}
        except InputError:
            continue
    judge = TestImages({}, files)
    rows = []
    for name, change in CHANGES.items():
        random = np.random.default_rng(0)
        missed = [
            test
            for test, path in files.items()
            if test not in hits(judge, [change(as_rgb(read_image(path)), random)])[0]
        ]
        rows.append([name, f"{len(files) - len(missed)} of {len(files)}", ", ".join(missed[:6])])
    print_table("Copies of test images that are seen", ["change", "seen", "not seen"], rows)


def main(
    pairs: Annotated[float, typer.Option(help="Millions of pairs of different photographs.")] = 15.0,
) -> None:
    """Print both rates."""
    true_hits()
    false_hits(pairs)


if __name__ == "__main__":
    typer.run(main)
