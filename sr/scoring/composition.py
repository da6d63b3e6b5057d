"""From a metric's printed name and a paper's protocol to the object that computes it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sr.data.assets import Assets
from sr.images import Pixels
from sr.metrics.views import without_border
from sr.scoring import protocol as protocols


class FullReference(Protocol):
    """Compares an image with the original; `reference` holds what is computed once per original."""

    def reference(self, hr: Pixels) -> Any:
        """Whatever is worth computing once per HR image."""
        ...

    def score(self, sr: Pixels, reference: Any) -> float:
        """Value of one image."""
        ...


class NoReference(Protocol):
    """Judges an image by itself."""

    def score(self, sr: Pixels) -> float:
        """Value of one image."""
        ...


class OfSets(Protocol):
    """Compares two sets of images as wholes."""

    def score(self, sr: list[Path], hr: list[Path]) -> float:
        """Value of one set."""
        ...


FULL_REFERENCE = ("PSNR", "SSIM", "RMSE", "GMSD", "LPIPS", "DISTS")
NO_REFERENCE = ("NIQE", "Ma", "PI")
OF_SETS = ("FID",)
NAMES = (*FULL_REFERENCE, *NO_REFERENCE, *OF_SETS)

# These need megabytes an image and little time, so several images are scored at once. The others run
# networks or hundreds of filters and use all threads on one image.
LIGHT = ("PSNR", "SSIM", "RMSE", "GMSD", "NIQE")


@dataclass(frozen=True)
class Cropped:
    """A full-reference metric on images without their border."""

    metric: FullReference
    border: int

    def reference(self, hr: Pixels) -> Any:
        """The inner metric's reference of the cropped HR image."""
        return self.metric.reference(without_border(hr, self.border))

    def score(self, sr: Pixels, reference: Any) -> float:
        """The inner metric's value of the cropped image."""
        return self.metric.score(without_border(sr, self.border), reference)


@dataclass(frozen=True)
class CroppedAlone:
    """A no-reference metric on images without their border."""

    metric: NoReference
    border: int

    def score(self, sr: Pixels) -> float:
        """The inner metric's value of the cropped image."""
        return self.metric.score(without_border(sr, self.border))


def build(name: str, protocol: protocols.Protocol, assets: Assets) -> Any:
    """The metric of that name in the paper's way: FullReference, NoReference or OfSets by its name.

    Raises Unavailable when an asset or package that it needs is missing.
    """
    return _BUILDERS[name](protocol, assets)


def _psnr(protocol: protocols.Protocol, _assets: Assets) -> FullReference:
    from sr.metrics.psnr import PSNR

    return PSNR(protocol.view)


def _rmse(protocol: protocols.Protocol, _assets: Assets) -> FullReference:
    from sr.metrics.rmse import RMSE

    return RMSE(protocol.view)


def _ssim(protocol: protocols.Protocol, _assets: Assets) -> FullReference:
    from sr.metrics.daala import DaalaSSIM
    from sr.metrics.ssim import SSIM

    return SSIM(protocol.view) if protocol.ssim == "wang" else DaalaSSIM(protocol.view)


def _gmsd(_protocol: protocols.Protocol, _assets: Assets) -> FullReference:
    from sr.metrics.gmsd import GMSD

    return GMSD()


def _niqe(protocol: protocols.Protocol, assets: Assets) -> NoReference:
    from sr.metrics.niqe import NIQE

    return NIQE(assets, protocol.niqe)


def _ma(protocol: protocols.Protocol, assets: Assets) -> NoReference:
    from sr.metrics.niqe import BORDERS
    from sr.metrics.perceptual_index import Ma

    return CroppedAlone(Ma(assets), BORDERS[protocol.niqe])


def _pi(protocol: protocols.Protocol, assets: Assets) -> NoReference:
    from sr.metrics.perceptual_index import PerceptualIndex

    return PerceptualIndex(_ma(protocol, assets), _niqe(protocol, assets))


def _lpips(protocol: protocols.Protocol, assets: Assets) -> FullReference:
    from sr.metrics.lpips import LPIPS

    return Cropped(LPIPS(protocol.lpips.backbone, assets), protocol.lpips.border)


def _dists(protocol: protocols.Protocol, assets: Assets) -> FullReference:
    from sr.metrics.dists import DISTS

    return Cropped(DISTS(assets), protocol.dists.border)


def _fid(_protocol: protocols.Protocol, assets: Assets) -> OfSets:
    from sr.metrics.fid import FID

    return FID(assets)


_BUILDERS: dict[str, Callable[[protocols.Protocol, Assets], Any]] = {
    "PSNR": _psnr,
    "SSIM": _ssim,
    "RMSE": _rmse,
    "GMSD": _gmsd,
    "LPIPS": _lpips,
    "DISTS": _dists,
    "NIQE": _niqe,
    "Ma": _ma,
    "PI": _pi,
    "FID": _fid,
}
