"""Which assets are there, and fit: asked once for each, at the moment a plan is made."""

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
        if not self.has(name):
            return self._assets.reason(name)
        try:
            self._assets.check_images(name)
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
