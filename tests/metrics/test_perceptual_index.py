"""PI and Ma's score with stand-ins: neither pyiqa nor the trained forests are needed."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from sr.errors import Unavailable
from sr.images import Pixels
from sr.metrics.perceptual_index import Ma, PerceptualIndex

MODEL = Path("NRQM_model.mat")


class StandInAssets:
    def __init__(self, nrqm: Path | None) -> None:
        self._nrqm = nrqm

    def find(self, name: str) -> Path | None:
        return self._nrqm if name == "nrqm" else None

    def reason(self, name: str) -> str:
        return f"{name} has to be fetched by hand"


class StandInNRQM(torch.nn.Module):
    """Remembers what it is given; its score is the mean."""

    made_from: str | None = None
    seen: torch.Tensor

    def __init__(self, pretrained_model_path: str) -> None:
        super().__init__()
        type(self).made_from = pretrained_model_path

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        type(self).seen = image
        return image.mean()


@pytest.fixture
def pyiqa(monkeypatch: pytest.MonkeyPatch) -> None:
    architecture = ModuleType("pyiqa.archs.nrqm_arch")
    architecture.NRQM = StandInNRQM  # type: ignore[attr-defined]
    for name, module in (
        ("pyiqa", ModuleType("pyiqa")),
        ("pyiqa.archs", ModuleType("pyiqa.archs")),
        ("pyiqa.archs.nrqm_arch", architecture),
    ):
        monkeypatch.setitem(sys.modules, name, module)


@pytest.mark.usefixtures("pyiqa")
def test_ma_gives_the_rounded_luma_to_the_forests_of_the_asset() -> None:
    # rgb2ycbcr's own primaries: red 81.481, green 144.553, blue 40.966, white 235, black 16.
    row = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0]], dtype=np.uint8)
    score = Ma(StandInAssets(MODEL)).score(np.stack([row, row]))
    assert StandInNRQM.made_from == str(MODEL)
    assert StandInNRQM.seen.shape == (1, 1, 2, 5)
    assert StandInNRQM.seen[0, 0, 1].tolist() == [81.0, 145.0, 41.0, 235.0, 16.0]
    assert score == pytest.approx((81 + 145 + 41 + 235 + 16) / 5)


@pytest.mark.usefixtures("pyiqa")
def test_ma_takes_a_grey_image_as_rgb() -> None:
    Ma(StandInAssets(MODEL)).score(np.full((3, 4), 255, dtype=np.uint8))
    assert StandInNRQM.seen.tolist() == [[[[235.0] * 4] * 3]]


@pytest.mark.usefixtures("pyiqa")
def test_ma_without_forests_gives_the_reason() -> None:
    with pytest.raises(Unavailable, match="nrqm has to be fetched by hand"):
        Ma(StandInAssets(None))


def test_ma_without_pyiqa_names_extra_and_licence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyiqa", None)
    with pytest.raises(Unavailable, match=r"non-commercial.*perceptual-index"):
        Ma(StandInAssets(MODEL))


def test_perceptual_index_combines_both_scores_of_the_same_pixels() -> None:
    class Constant:
        def __init__(self, value: float) -> None:
            self.value = value
            self.seen: list[Pixels] = []

        def score(self, sr: Pixels) -> float:
            self.seen.append(sr)
            return self.value

    ma, niqe = Constant(8.5), Constant(3.1)
    image = np.zeros((4, 4, 3), dtype=np.uint8)
    assert PerceptualIndex(ma, niqe).score(image) == pytest.approx(2.3)
    assert ma.seen[0] is image
    assert niqe.seen[0] is image
