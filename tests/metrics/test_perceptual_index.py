"""PI and Ma's score with stand-ins: neither pyiqa nor the trained forests are needed."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from scipy.io import savemat

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


def save_forests(path: Path, thresholds: tuple[float, float, float]) -> None:
    """The layout of NRQM_model.mat: for each of three groups of features a forest, here of one tree that asks
    whether the group's first feature is at most a threshold, and then says 4, or else 6; and the weights of a
    constant and of the three forests.
    """

    def tree(threshold: float) -> dict[str, np.ndarray]:
        column = np.array([[1], [1], [1]], np.int32)
        return {
            "left": np.array([[2], [0], [0]], np.int32),
            "right": np.array([[3], [0], [0]], np.int32),
            "status": column,
            "average": column,
            "threshold": np.array([[threshold], [0.0], [0.0]]),
            "prediction": np.array([[0.0], [4.0], [6.0]]),
            "attribute": column,
        }

    forests = np.empty((1, 3), object)
    forests[0] = [tree(threshold) for threshold in thresholds]
    weights = np.array([[0.5], [0.0], [0.0], [1.0]])
    savemat(path, {"model": {"linear": weights, "rf": forests}})


@pytest.mark.parametrize(("step", "expected"), [(-1e-4, 0.5 + 6.0), (1e-4, 0.5 + 4.0)])
def test_pyiqas_forests_see_the_luma_as_it_is(step: float, expected: float, tmp_path: Path) -> None:
    """With pyiqa itself, which the extra `perceptual-index` brings: the first of the spatial features is the
    largest singular value of an image's 5 x 5 blocks (Ma et al., sec. 3.3), which numpy knows.
    """
    pytest.importorskip("pyiqa")
    rgb = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    luma = np.round(16 + rgb @ np.array([65.481, 128.553, 24.966]) / 255) / 255
    blocks = luma.reshape(12, 5, 16, 5).transpose(0, 2, 1, 3).reshape(-1, 25)
    largest = np.linalg.svd(blocks, compute_uv=False)[0]
    save_forests(tmp_path / "model.mat", (0.0, 0.0, largest * (1 + step)))
    assert Ma(StandInAssets(tmp_path / "model.mat")).score(rgb) == pytest.approx(expected)
