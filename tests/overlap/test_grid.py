"""Windows of the grid against a plain comparison of everything with everything."""

import numpy as np

from sr.overlap.grid import Grid, flips, likely
from sr.overlap.thumbnails import looks, through_boxes, thumbnail
from tests.overlap.pictures import picture

LEAST = 0.6


def test_the_likeliest_window_of_every_pair_is_found() -> None:
    images = np.stack([thumbnail(picture(seed), 48) for seed in range(19)])
    tests = np.stack([thumbnail(picture(seed), 48) for seed in range(17, 30)])
    found = likely(Grid(images), Grid(tests), LEAST)
    assert len(found)
    assert np.all(found.likeness >= LEAST)
    for place in range(0, len(found), 7):
        one = found.of(np.array([place]))
        image, test = images[one.image[0]], tests[one.test[0]]
        large, small = (image, test) if one.is_around[0] else (test, image)
        rows, columns = (through_boxes(ends, 6, 48)[0] for ends in (one.rows, one.columns))
        whole = through_boxes(np.array([[0.0, 1.0]]), 6, 48)[0]
        window, wanted = rows @ large @ columns.T, whole @ flips(small[None])[0, one.flip[0]] @ whole.T
        assert np.isclose(looks(window) @ looks(wanted), one.likeness[0], atol=1e-4)
    # The two images that both lists have, as wholes.
    same = found.likeness > 0.999
    pairs = set(zip(found.image[same].tolist(), found.test[same].tolist(), strict=True))
    assert pairs == {(17, 0), (18, 1)}
