"""Ma's no-reference score and the perceptual index PI of the PIRM 2018 challenge."""

import torch

from sr.data.assets import Assets
from sr.errors import Unavailable
from sr.images import Pixels, as_rgb, luma
from sr.metrics.deep_features import asset_path
from sr.metrics.metric import Conventions, CroppedAlone, Metric, NoReference
from sr.metrics.niqe import BORDERS, NIQE


class Ma:
    """Ma et al., CVIU 2017 (NRQM): quality of a super-resolved image, about 0 to 10, higher is better.

    Measured as the PIRM 2018 kit does, on Y of MATLAB's rgb2ycbcr rounded to whole numbers; no border is cut
    here, a protocol may do so before (the kit cuts 4 pixels). The features and the random forests are
    pyiqa's, a large package for non-commercial use, hence an extra of its own.

    Tested with pyiqa and forests made for the test, of which the answer is known. The trained forests (asset
    `nrqm`, NRQM_model.mat) could not be had where this was written, so no score has been held against an
    official one.

    Raises Unavailable when the trained forests or pyiqa are missing.
    """

    def __init__(self, assets: Assets) -> None:
        path = asset_path(assets, "nrqm")
        try:
            from pyiqa.archs.nrqm_arch import NRQM
        except ImportError:
            raise Unavailable(
                "Ma's score needs the package pyiqa, which is licensed for non-commercial use only; if that "
                "suits you, install the extra `perceptual-index` "
                "(pip install 'sr-replications[perceptual-index]')."
            ) from None
        self._network = NRQM(pretrained_model_path=str(path)).eval()

    @torch.inference_mode()
    def score(self, sr: Pixels) -> float:
        """Ma's score of an image, grey or RGB."""
        # One channel in 0..255: pyiqa takes it as it is, and would turn RGB into the Y of NTSC.
        rounded = luma(as_rgb(sr), rounded=True)
        return float(self._network(torch.from_numpy(rounded)[None, None]))


class PerceptualIndex:
    """PI = ((10 - Ma) + NIQE) / 2 (Blau et al., ECCV workshops 2018, eq. 1); lower is better.

    ma, niqe: what computes the two scores, each with its own convention; both see the same pixels.
    """

    def __init__(self, ma: NoReference, niqe: NoReference) -> None:
        self._ma = ma
        self._niqe = niqe

    def score(self, sr: Pixels) -> float:
        """PI of an image."""
        return ((10.0 - self._ma.score(sr)) + self._niqe.score(sr)) / 2.0


# The process peaks at 2.9 GB for 0.3 megapixel, most of it a table that does not grow.
_TABLE = 2200


def _megabytes(_conventions: Conventions) -> int:
    """What grows are about 15 planes of doubles, several times over."""
    return 600


def _ma(conventions: Conventions, assets: Assets) -> NoReference:
    return CroppedAlone(Ma(assets), BORDERS[conventions.niqe])


def _pi(conventions: Conventions, assets: Assets) -> NoReference:
    return PerceptualIndex(_ma(conventions, assets), NIQE(assets, conventions.niqe))


MA = Metric(
    name="Ma",
    better="higher",
    kind="no reference",
    build=_ma,
    assets=lambda _conventions: ("nrqm",),
    megabytes=_megabytes,
    fixed_megabytes=_TABLE,
)
PI = Metric(
    name="PI",
    better="lower",
    kind="no reference",
    build=_pi,
    assets=lambda _conventions: ("nrqm", "niqe"),
    megabytes=_megabytes,
    fixed_megabytes=_TABLE,
)
