"""Where assets lie: a mirror first, then the project's own folder. Both have the catalogue's layout."""

import importlib.util
import os
from pathlib import Path
from urllib.parse import urlsplit

from sr import project
from sr.data.catalogue import Asset, Installed, Manual, Package, Unavailable, Url, catalogue
from sr.data.contents import is_there
from sr.data.lock import ContentChangedError, Lock
from sr.errors import InputError
from sr.images import image_names

MIRROR_VARIABLE = "SR_MIRROR"


class Assets:
    """Data sets, weights and parameters by their names in the catalogue.

    root: folder for what is fetched; its lock, `assets.lock.json`, lies beside it. mirror: a folder of the
    same layout that is looked at first and never written to.
    Every method raises InputError, with the nearest valid name, for a name that the catalogue has not.
    """

    def __init__(self, root: Path, mirror: Path | None) -> None:
        if mirror is not None and not mirror.is_dir():
            raise InputError(
                f"{mirror}: no such folder; name an existing one with --mirror or {MIRROR_VARIABLE}."
            )
        self.root = root
        self.mirror = mirror

    @classmethod
    def from_environment(cls, mirror: Path | None = None) -> "Assets":
        """The project's assets, with `mirror`, else the folder that SR_MIRROR names, else no mirror."""
        named = os.environ.get(MIRROR_VARIABLE)
        return cls(project.data_folder() / "assets", mirror or (Path(named) if named else None))

    def find(self, name: str) -> Path | None:
        """The asset's file or folder, or None where it is missing; for a set made of others, the root."""
        asset = catalogue().get(name)
        if asset.parts:
            return self.root if all(self.find(part) for part in asset.parts) else None
        for root in self._roots(asset):
            for form in asset.forms:
                if is_there(asset, root / form):
                    return root / form
        return None

    def require(self, name: str) -> Path:
        """The asset's file or folder. Raises InputError saying where it would come from."""
        path = self.find(name)
        if path is None:
            raise InputError(self.reason(name))
        return path

    def images(self, name: str) -> list[Path]:
        """The image files of an image set, in the order of its folders and sorted by name in each.

        Files that the catalogue leaves out (`without`) are counted but not returned.
        Raises InputError when the set is missing, is no image set, or has not the catalogue's count.
        """
        asset = self._image_set(name)
        path = self.require(name)
        if asset.parts:
            return [image for part in asset.parts for image in self.images(part)]
        if asset.files:
            return sorted(path / file for file in asset.files)
        files = [folder / file for folder, names in self._listed(name, asset, path) for file in names]
        left_out = {path / file for file in asset.without}
        return [file for file in files if file not in left_out]

    def check_images(self, name: str) -> None:
        """Raises InputError where `images` does; in much less time for a large set."""
        asset = self._image_set(name)
        path = self.require(name)
        for part in asset.parts:
            self.check_images(part)
        if not asset.parts and not asset.files:
            self._listed(name, asset, path)

    def _image_set(self, name: str) -> Asset:
        asset = catalogue().get(name)
        if asset.kind != "images":
            raise InputError(f"'{name}' is no image set but {asset.kind}; `sr assets list` shows all sets.")
        return asset

    def _listed(self, name: str, asset: Asset, path: Path) -> list[tuple[Path, tuple[str, ...]]]:
        """Folders of an image set with the names of their images. Raises InputError for a wrong number."""
        folders = [path / folder for folder in asset.folders or ("",)]
        listed = [(folder, image_names(folder)) for folder in folders]
        found = sum(len(names) for _, names in listed)
        if asset.count and found != asset.count:
            raise InputError(
                f"{path}: holds {found} images where {name} has {asset.count}; "
                "remove the folder and fetch or copy it again."
            )
        return listed

    def supplied(self, images: Path, name: str, benchmark: str) -> Path:
        """The folder with images that others made of a benchmark: the user's, a mirror's or a fetched one.

        images: the user's folder, with a folder for each method. Where there is none, it is where the
        user's would be.
        """
        own = images / name / benchmark
        roots = (root / "images" for root in (self.mirror, self.root) if root is not None)
        return next((f for f in (own, *(r / name / benchmark for r in roots)) if f.is_dir()), own)

    def packaged(self, name: str) -> bool:
        """Whether pip alone can fetch the asset, without any other host."""
        return any(isinstance(source, Package) for source in catalogue().get(name).sources)

    def reason(self, name: str) -> str:
        """One sentence: why the asset is missing and how to get it."""
        asset = catalogue().get(name)
        if asset.parts:
            missing = next((part for part in asset.parts if not self.find(part)), asset.parts[0])
            return f"{name} is made of {' and '.join(asset.parts)}: {self.reason(missing)}"
        if asset.fetchable:
            return (
                f"{name} ({asset.title}) is not in {self._places(asset)}; get it with "
                f"`sr assets fetch {name}` ({origins(asset)})."
            )
        source = asset.sources[0]
        if isinstance(source, Unavailable):
            return f"{name} ({asset.title}) can not be had: {source.reason.rstrip('.')}."
        if isinstance(source, Installed):
            return f"{name} ({asset.title}) comes with the package {source.package}; {source.instructions}."
        assert isinstance(source, Manual)
        return (
            f"{name} ({asset.title}) is not in {self._places(asset)}, and no program can fetch it: "
            f"{self._instructions(asset, source)}."
        )

    def fetch(self, name: str) -> Path:
        """Where the asset lies, after fetching it below the root if it was missing.

        Raises InputError when it can not be fetched, with what went wrong at each source.
        """
        path = self.find(name)
        asset = catalogue().get(name)
        if path is not None:
            return path
        if asset.parts:
            for part in asset.parts:
                self.fetch(part)
            return self.root
        if not asset.fetchable:
            raise InputError(self.reason(name))
        # Here, since most commands and every plan need nothing of the network.
        from sr.data.fetch import Fetcher

        try:
            return Fetcher(self.root, Lock(self.root.with_name("assets.lock.json"))).fetch(name, asset)
        except ContentChangedError:
            raise
        except InputError as error:
            manual = [self._instructions(asset, s) for s in asset.sources if isinstance(s, Manual)]
            by_hand = "; or ".join(manual) or f"get it elsewhere and put it at {self.root / asset.path}"
            raise InputError(f"{error} By hand: {by_hand}.") from error

    def _instructions(self, asset: Asset, source: Manual) -> str:
        return source.instructions.format(folder=_shown(self.root / asset.path)).rstrip(".")

    def _places(self, asset: Asset) -> str:
        return " nor ".join(
            f"the mirror's {asset.path}" if root == self.mirror else _shown(root / asset.path)
            for root in self._roots(asset)
        )

    def _roots(self, asset: Asset) -> list[Path]:
        source = asset.sources[0]
        if isinstance(source, Installed):
            folder = _package_folder(source.package)
            return [folder] if folder else []
        return [self.mirror, self.root] if self.mirror else [self.root]


def origins(asset: Asset) -> str:
    """Where an asset comes from, in a few words: hosts, packages, or that a person has to act."""
    words = [f"the sets {' and '.join(asset.parts)}"] if asset.parts else []
    for source in asset.sources:
        if isinstance(source, Url):
            words.append(f"from {urlsplit(source.url).hostname}")
        elif isinstance(source, Package):
            words.append(f"from the package {source.package.replace('==', ' ')}")
        elif isinstance(source, Installed):
            words.append(f"inside the package {source.package}")
        elif isinstance(source, Unavailable):
            words.append("never released")
        else:
            words.append("by hand" if source.kind == "manual" else "your own images")
    return ", ".join(dict.fromkeys(words))


def _shown(path: Path) -> str:
    """Relative to the working folder where possible, so that tables read the same on every machine."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _package_folder(package: str) -> Path | None:
    """Folder of an installed package, without importing it."""
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found and found.origin else None
