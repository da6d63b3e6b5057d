"""Images larger than most: what is read at all, and what its result needs."""

from pathlib import Path

from sr.errors import InputError
from sr.inference.dense_body import available_memory

# Pixels above which an image is enlarged in tiles, and a file must be as large as photographs are: no
# compression in use makes more than some thousand pixels of a byte.
LARGE = 178_956_970
_PIXELS_A_BYTE = 4096


def require_plausible(path: Path, pixels: int) -> None:
    """Raise InputError for a small file that says it holds a huge image."""
    size = path.stat().st_size
    if pixels > LARGE and pixels > _PIXELS_A_BYTE * size:
        raise InputError(f"{path}: says it has {pixels / 1e6:.0f} megapixels in {size} bytes; copy it again.")


def require_room(path: Path, height: int, width: int, needed: int) -> None:
    """Raise InputError where the bytes needed for a result of height x width are not free.

    The network's own needs come on top.
    """
    free = available_memory()
    if free is not None and needed > free:
        raise InputError(
            f"{path}: its result of {width}x{height} pixels needs {needed / 1e9:.1f} GB of memory, and"
            f" {free / 1e9:.1f} GB are free; cut the image into parts."
        )
