"""A metric is one file and its entry: directions, kinds, pooling and assets are read off its descriptor."""

import inspect
import json
from pathlib import Path

import numpy as np
import pytest

from sr.errors import InputError, Unavailable
from sr.metrics.known import BY_NAME, METRICS, metric
from sr.papers.published import HIGHER_IS_BETTER, LOWER_IS_BETTER
from sr.project import papers
from sr.scoring.protocol import load_protocol
from tests.project_copy import add_line, copied_project, inside

METRIC = '''"""Largest error of a channel, in grey levels; a set has that of its worst image."""

import numpy as np

from sr.images import Pixels
from sr.metrics.metric import Metric


class Worst:
    """Largest absolute difference."""

    def reference(self, hr: Pixels) -> Pixels:
        return hr

    def score(self, sr: Pixels, reference: Pixels) -> float:
        return float(np.abs(sr.astype(int) - reference).max())


METRIC = Metric(
    name="Worst",
    better="lower",
    kind="full reference",
    build=lambda _conventions, _assets: Worst(),
    pool=max,
    light=True,
)
'''

CHECK = """
import json
from pathlib import Path
import numpy as np
from sr.data.assets import Assets
from sr.images import write_png
from sr.papers.published import HIGHER_IS_BETTER, LOWER_IS_BETTER
from sr.scoring.protocol import load_protocol
from sr.scoring.scoring import score_folders

flat = np.full((16, 16, 3), 100, dtype=np.uint8)
for name, error in (("a", 3), ("b", 7)):
    write_png(Path("hr") / f"{name}.png", flat)
    changed = flat.copy()
    changed[4, 4, 1] += error
    write_png(Path("sr_images") / f"{name}.png", changed)
protocol = load_protocol("srgan")
found = score_folders({"one": Path("sr_images")}, Path("hr"), protocol, Assets.from_environment())["one"]
print(json.dumps([
    list(found.per_image["Worst"]), found.set_values["Worst"],
    "Worst" in LOWER_IS_BETTER, "Worst" in HIGHER_IS_BETTER,
]))
"""


def test_a_metric_is_one_file_and_its_entry(tmp_path: Path) -> None:
    copy = copied_project(tmp_path)
    (copy / "sr" / "metrics" / "worst.py").write_text(METRIC)
    known = copy / "sr" / "metrics" / "known.py"
    add_line(known, "from sr.metrics.metric import", "from sr.metrics import worst")
    add_line(known, "    ssim.METRIC,", "    worst.METRIC,")
    add_line(copy / "replications" / "srgan" / "protocol.yaml", "  - PSNR", "  - Worst  # sec. 1")
    assert json.loads(inside(copy, "-c", CHECK)) == [[3.0, 7.0], 7.0, True, False]


def test_what_is_better_is_what_identical_images_reach() -> None:
    """An image is nearer to itself than to another: which end of the scale that is, needs no list."""
    random = np.random.default_rng(0)
    hr = random.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    other = random.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    checked = 0
    for one in METRICS:
        if one.kind == "full reference" and one.assets(load_protocol("ldl")) == ():
            computed = one.build(load_protocol("ldl"), None)  # type: ignore[arg-type]
            reference = computed.reference(hr)
            rises = computed.score(hr, reference) > computed.score(other, reference)
            assert rises == (one.better == "higher"), one.name
            checked += 1
    assert checked == 4


def test_directions_are_those_that_the_papers_print() -> None:
    assert {"LPIPS", "DISTS", "FID", "PI", "NIQE"} <= LOWER_IS_BETTER
    assert {"PSNR", "SSIM", "MOS"} <= HIGHER_IS_BETTER
    assert not LOWER_IS_BETTER & HIGHER_IS_BETTER


class NoAssets:
    """A machine without any."""

    def find(self, _name: str) -> None:
        return None

    def reason(self, name: str) -> str:
        return name


@pytest.mark.parametrize("paper", papers())
def test_a_metric_says_which_assets_it_needs(paper: str) -> None:
    """Without them it is unavailable, by the name of one it has declared."""
    protocol = load_protocol(paper)
    for one in METRICS:
        declared = one.assets(protocol)
        if not declared:
            assert one.build(protocol, NoAssets())  # type: ignore[arg-type]
            continue
        with pytest.raises(Unavailable) as reason:
            one.build(protocol, NoAssets())  # type: ignore[arg-type]
        assert str(reason.value) in declared


def test_kinds_are_what_the_built_objects_take() -> None:
    protocol = load_protocol("srgan")
    for name in ("PSNR", "SSIM", "RMSE", "GMSD"):
        computed = BY_NAME[name].build(protocol, None)  # type: ignore[arg-type]
        assert BY_NAME[name].kind == "full reference"
        assert list(inspect.signature(computed.score).parameters) == ["sr", "reference"]


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="'LPIP' is no metric; did you mean 'LPIPS'"):
        metric("LPIP")
