"""Which assets are there, and fit: asked once for each, at the moment a plan is made."""

from collections.abc import Callable

from sr.data.assets import Assets
from sr.errors import InputError
from sr.remembered import once


class AtHand:
    """The assets as a plan finds them."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets

    @once
    def has(self, name: str) -> bool:
        """Whether an asset is there."""
        return self._assets.find(name) is not None

    @once
    def problem(self, name: str) -> str | None:
        """Why an image set is missing or not usable, in one sentence; None where it can be used."""
        return self._problem(name, self._assets.check_images)

    @once
    def training_problem(self, name: str) -> str | None:
        """The same of a training set, of which a few images may be missing."""
        return self._problem(name, self._assets.check_chosen)

    def _problem(self, name: str, check: Callable[[str], None]) -> str | None:
        if not self.has(name):
            return self._assets.reason(name)
        try:
            check(name)
        except InputError as error:
            return str(error)
        return None

    @once
    def reason(self, name: str) -> str | None:
        """Why an asset is missing, in one sentence; None where it is there."""
        return None if self.has(name) else self._assets.reason(name)

    @once
    def unobtainable(self, name: str) -> str | None:
        """Why a weight file is neither there nor inside a package that pip can fetch; None where it is."""
        return None if self.has(name) or self._assets.packaged(name) else self._assets.reason(name)
