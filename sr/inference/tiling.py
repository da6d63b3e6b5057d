"""Enlarging tile by tile, for images whose features do not fit into memory at once."""

from collections.abc import Iterator

from sr.inference.forward import SCALE

# LR pixels around a tile that the network sees but whose result is cut off. Deep networks see further
# (RRDB-23: 173 px to each side), so tiles differ slightly from the whole image.
MARGIN = 32


def pixels_with_margins(height: int, width: int, tile: int) -> int:
    """LR pixels that the network sees for one image, margins counted as often as they are computed."""

    def length(size: int) -> int:
        return sum(near.stop - near.start for _, near, _ in pieces(size, tile))

    return length(height) * length(width)


def pieces(length: int, tile: int) -> Iterator[tuple[slice, slice, slice]]:
    """Along one axis: a tile's place in SR, the LR pixels with MARGIN around it, its place in their result.

    Tile by tile, a result equals the whole image's where a network sees no further than MARGIN, and differs
    a little elsewhere.
    """
    for begin in range(0, length, tile):
        end = min(begin + tile, length)
        first, last = max(begin - MARGIN, 0), min(end + MARGIN, length)
        yield (
            slice(SCALE * begin, SCALE * end),
            slice(first, last),
            slice(SCALE * (begin - first), SCALE * (end - first)),
        )
