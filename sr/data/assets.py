"""Where assets lie: a mirror first, then the project's own folder. Both have the catalogue's layout."""

import importlib.util
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sr import project
from sr.choice import Chosen, drawn, enough, listed
from sr.data.catalogue import Asset, Installed, Manual, Package, Unavailable, Url, catalogue
from sr.data.contents import is_there
from sr.data.lock import ContentChangedError, Lock
from sr.errors import InputError
from sr.files import file_hash
from sr.images import count_images, image_names, image_tree

if TYPE_CHECKING:
    from sr.data.fetch import Reach

MIRROR_VARIABLE = "SR_MIRROR"


class Assets:
    """Data sets, weights and parameters by their names in the catalogue.

    root: folder for what is fetched; its lock, `assets.lock.json`, lies beside it. mirror: a folder of the
    same layout that is looked at first. Nothing is put there but, where it may be, a hidden note of which
    files had the right content (`.checked.json`).
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
        if asset.part_of:
            return self.find(asset.part_of)
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
        chosen = self.chosen(name)
        self.check_images(name)
        return list(chosen.files.values())

    def check_images(self, name: str) -> None:
        """Raises InputError where `images` does; in much less time for a large set."""
        asset = self._image_set(name)
        path = self.require(name)
        for part in asset.parts:
            self.check_images(part)
        if asset.part_of:
            self.check_chosen(name)
        elif not asset.parts and not asset.files:
            self._require_count(name, asset, path, asset.count or 1)

    def chosen(self, name: str) -> Chosen:
        """The images of a training set by its rule, of which a few may be missing or unusable.

        Raises InputError when the set is missing, is no image set, or too many of its images are missing.
        """
        asset = self._image_set(name)
        path = self.require(name)
        self.check_chosen(name)
        if asset.parts:
            parts = {part: self.chosen(part) for part in asset.parts}
            return Chosen(
                {f"{part}/{file}": path for part, one in parts.items() for file, path in one.files.items()},
                "; ".join(f"{part}: {one.rule}" for part, one in parts.items()),
                sum(one.at_least for one in parts.values()),
            )
        if asset.part_of:
            return self._part(name, asset, self.chosen(asset.part_of))
        names = [file for file in self._names(asset, path) if file not in asset.without]
        return Chosen({file: path / file for file in names}, f"all {len(names)}", enough(len(names)))

    def check_chosen(self, name: str) -> None:
        """Raises InputError where `chosen` does; in much less time for a large set."""
        asset = self._image_set(name)
        path = self.require(name)
        for part in asset.parts:
            self.check_chosen(part)
        if asset.part_of and asset.take:
            whole = catalogue().get(asset.part_of)
            self._require_count(name, whole, path, enough(asset.take))
        elif not asset.parts and not asset.files:
            self._require_count(name, asset, path, enough(asset.count or 1))

    def _part(self, name: str, asset: Asset, whole: Chosen) -> Chosen:
        assert asset.take is not None
        names, number = list(whole.files), asset.take
        path = self.require(name)
        own = path.with_name(f"{name}.txt")
        if own.is_file():
            names = listed(own, names)
            rule = f"{len(names)} of {len(whole.files)}, listed in {own.name}, sha256 {file_hash(own)}"
        else:
            names = drawn(names, number, asset.seed)
            rule = f"{len(names)} of {len(whole.files)}, drawn by seed {asset.seed}"
        if len(names) < enough(number):
            raise InputError(f"{name}: {rule}, where {number} are wanted; add images.")
        return Chosen({file: whole.files[file] for file in names}, rule, enough(number))

    def _image_set(self, name: str) -> Asset:
        asset = catalogue().get(name)
        if asset.kind != "images":
            raise InputError(f"'{name}' is no image set but {asset.kind}; `sr assets list` shows all sets.")
        return asset

    def _names(self, asset: Asset, path: Path) -> list[str]:
        """Names of a set's files, below its folder and in its order."""
        if asset.files:
            return sorted(asset.files)
        if asset.deep:
            return image_tree(path)
        prefixes = [f"{folder}/" for folder in asset.folders] or [""]
        return [prefix + file for prefix in prefixes for file in image_names(path / prefix)]

    def _require_count(self, name: str, asset: Asset, path: Path, at_least: int) -> None:
        """Raise InputError for a folder that holds fewer images, or more than its set has."""
        most = asset.count or at_least
        found = 0
        for folder in asset.folders or ("",):
            found += count_images(path / folder, most + 1 - found, deep=asset.deep)
        if found < at_least or (asset.count and found > asset.count):
            said = f"{found if found <= most else f'more than {most}'} images"
            wanted = f"{name} has {asset.count}" if asset.count else f"{name} takes at least {at_least}"
            raise InputError(
                f"{path}: holds {said} where {wanted}; remove the folder and fetch or copy it again."
            )

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
        if asset.whole:
            missing = next((one for one in asset.whole if not self.find(one)), asset.whole[0])
            how = f"{asset.take} images of {asset.part_of}" if asset.part_of else " and ".join(asset.parts)
            return f"{name} is made of {how}: {self.reason(missing)}"
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

    def reach(self, names: Iterable[str], seconds: float) -> "Reach":
        """Which of the sources of missing assets answer within so many seconds."""
        from sr.data.fetch import Reach

        files = dict.fromkeys(file for name in names for file in with_files(name))
        missing = [catalogue().get(file) for file in files if not self.find(file)]
        return Reach((source for asset in missing for source in asset.fetchable), seconds)

    def fetch(self, name: str, reach: "Reach | None" = None) -> Path:
        """Where the asset lies, after fetching it below the root if it was missing.

        reach: only the sources that answer are tried. Raises InputError when it can not be fetched, with what
        went wrong at each source.
        """
        path = self.find(name)
        asset = catalogue().get(name)
        if path is not None:
            return path
        if asset.whole:
            for one in asset.whole:
                self.fetch(one, reach)
            return self.require(name)
        if not asset.fetchable:
            raise InputError(self.reason(name))
        # Here, since most commands and every plan need nothing of the network.
        from sr.data.fetch import Fetcher

        try:
            lock = Lock(self.root.with_name("assets.lock.json"))
            return Fetcher(self.root, lock, reach=reach).fetch(name, asset)
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


def with_files(name: str) -> list[str]:
    """The assets that have files of their own behind one that may be made of others."""
    return [file for one in catalogue().get(name).whole for file in with_files(one)] or [name]


def origins(asset: Asset) -> str:
    """Where an asset comes from, in a few words: hosts, packages, or that a person has to act."""
    words = [f"the sets {' and '.join(asset.parts)}"] if asset.parts else []
    words += [f"{asset.take} images of {asset.part_of}, drawn by seed {asset.seed}"] if asset.part_of else []
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
