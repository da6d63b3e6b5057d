"""What of a stored run is held against another, and what is not."""

from dataclasses import replace

from sr.papers.published import load_published
from sr.verdicts.judge import blank_row
from sr.verdicts.reference import Comparison, _compare
from sr.verdicts.rows import Row, Verdict

IMAGES = {("images/mine", "Set5"): "the same"}


def measured(metric: str, value: float) -> Row:
    """A number of SRGAN's Table 1, as of somebody's images."""
    cell = next(
        one
        for one in load_published("srgan")
        if (one.item, one.dataset, one.metric) == ("table1", "Set5", metric)
    )
    return replace(blank_row(cell, Verdict.DIFFERS, "mean"), source="images/mine", measured=value)


def test_opinions_drift_with_who_was_asked() -> None:
    found = Comparison()
    _compare(found, "cpu", measured("MOS", 3.1), measured("MOS", 3.4), (IMAGES, IMAGES))
    assert found.compared == 0
    assert "opinion" in next(iter(found.skipped))
    _compare(found, "cpu", measured("PSNR", 30.0), measured("PSNR", 31.0), (IMAGES, IMAGES))
    assert (found.compared, len(found.drifts)) == (1, 1)
