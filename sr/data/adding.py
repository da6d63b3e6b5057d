"""Files that a person downloaded: checked against the catalogue, and put where it expects them."""

import json
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from sr.config import load_yaml
from sr.data.assets import Assets
from sr.data.catalogue import Asset, Hashes, Url, catalogue
from sr.data.lock import Lock
from sr.errors import InputError
from sr.files import atomic_path, file_hash, write_json, write_text
from sr.project import root
from sr.sums import Memory

_NAME = re.compile(r"[a-z0-9_]+")
NO_HASH = "no hash was published for it; its network loads and has the catalogue's shapes"
OTHER_HASH = "its hash is none of those that were published"


def add(assets: Assets, name: str, file: Path, fits: Callable[[Path], None]) -> Path:
    """Copy `file` below the root of `assets` as the asset `name`, and return where it lies now.

    fits: raises InputError when a released generator's file does not hold the catalogue's network.
    A receipt with hash, size and evidence goes to `fetched/NAME.json` beside the root. A file without a
    published hash is also recorded in the lock, so that another one under the same name is noticed later.
    Raises InputError when the file is another one than the catalogue's; nothing is kept then.
    """
    asset = catalogue().get(name)
    if asset.kind == "images":
        raise InputError(f"'{name}' is a set of images; put them into {assets.root / asset.path}.")
    if not file.is_file():
        raise InputError(f"{file}: no such file.")
    if asset.kind == "released":
        fits(file)
    source = stated(asset, file)
    if source is None:
        _refuse_known(name, asset, file)
    target = assets.root / (source.path if isinstance(source, Url) and source.path else asset.path)
    if source is None:
        Lock(assets.root.with_name("assets.lock.json")).confirm(name, f"added by hand: {name}", file)
    with atomic_path(target) as temporary:
        shutil.copyfile(file, temporary)
    write_json(assets.root.with_name("fetched") / f"{name}.json", {name: receipt(name, target)})
    return target


def add_to_own_catalogue(name: str, file: Path, network: dict[str, Any]) -> None:
    """Give a file of weights a name in my/catalogue.yaml, under which it is a source as any other.

    network: the generator's settings. Raises InputError for a name that could not stand in paths.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"'{name}': name weights of your own with the letters a to z, digits and _.")
    path = root() / "my" / "catalogue.yaml"
    entry = {
        "kind": "released",
        "title": f"{file.name}, of your own",
        "path": f"released/{name}{file.suffix}",
        "licence": {"text": "your own", "non_commercial": False},
        "released": {
            "network": network,
            "training_set": "not stated",
            "trained_by": "you",
            "deviation": "your own training",
        },
        "sources": [{"kind": "user", "instructions": f"`sr assets add {name} FILE`"}],
    }
    write_text(path, _with_entry(path, name, entry))


def _with_entry(path: Path, name: str, entry: dict[str, Any]) -> str:
    """The catalogue with one more line, so that a person's comments and order stay.

    Raises InputError where the file is written in a way that does not take such a line.
    """
    there = path.is_file()
    known = load_yaml(path) or {} if there else {}
    text = path.read_text(encoding="utf-8-sig").rstrip() if there else ""
    heading = "" if "assets" in known else "assets:\n"
    line = f"  {name}: {json.dumps(entry)}"
    longer = f"{text}\n{heading}{line}\n".lstrip()
    with suppress(yaml.YAMLError):
        if yaml.safe_load(longer) == known | {"assets": (known.get("assets") or {}) | {name: entry}}:
            return longer
    raise InputError(f"{path}: takes no further line as it is written; add under `assets`:\n{line}")


def receipt(name: str, file: Path) -> dict[str, Any]:
    """Hash and size of an asset's file and, for a released generator, what vouches for them."""
    asset = catalogue().get(name)
    record = {"sha256": file_hash(file), "size": file.stat().st_size}
    return record | {"verified": evidence(asset, file)} if asset.kind == "released" else record


def evidence(asset: Asset, file: Path) -> str:
    """What vouches for a file's bytes, in words."""
    source = stated(asset, file)
    if source is not None:
        return f"its hash was checked ({source.evidence})"
    return NO_HASH if _open(asset) else OTHER_HASH


def stated(asset: Asset, file: Path) -> Hashes | None:
    """The first source whose stated size and hashes are the file's."""
    return next((s for s in _hashed(asset) if s.known and _has(file, s)), None)


def require_stated(name: str, file: Path) -> None:
    """Raise InputError when the catalogue states hashes for the asset `name`, and `file` has none of them.

    The file's own hash is computed once for each change of it.
    """
    asset = catalogue().get(name)
    known = [source for source in _hashed(asset) if source.known]
    if len(known) < len(_hashed(asset)):
        return
    whole = {source.sha256 for source in known if source.sha256 and _has_size(file, source)}
    with Memory(file.parent) as memory:
        if any(memory.confirms(sha256, file.name) for sha256 in whole):
            return
    if stated(asset, file) is None:
        raise InputError(
            f"{file}: is not {name} ({asset.title}), for its sha256 is {file_hash(file)} and none of those"
            f" that were published; remove it and run `sr assets fetch {name}`."
        )


def _has_size(file: Path, expected: Hashes) -> bool:
    return not expected.size or file.stat().st_size == expected.size


def _hashed(asset: Asset) -> list[Hashes]:
    """The sources that are single files."""
    return [s for s in asset.sources if isinstance(s, Hashes) and not (isinstance(s, Url) and s.is_archive)]


def _open(asset: Asset) -> bool:
    """Whether a file may be right although no stated hash is its own."""
    return asset.kind == "released" and any(not source.known for source in _hashed(asset))


def _has(file: Path, expected: Hashes) -> bool:
    if not _has_size(file, expected):
        return False
    digests = {"sha256": expected.sha256 or expected.sha256_prefix, "md5": expected.md5}
    return all(
        file_hash(file, algorithm=name).startswith(digest) for name, digest in digests.items() if digest
    )


def _refuse_known(name: str, asset: Asset, file: Path) -> None:
    """Raise InputError unless a released generator comes without a stated hash."""
    if _open(asset):
        return
    digests = [s.sha256 or s.sha256_prefix or s.md5 for s in _hashed(asset) if s.known]
    if not digests:
        raise InputError(f"{name}: the catalogue has no hash to check {file} by.")
    wanted = " or ".join(f"{digest}" for digest in dict.fromkeys(digests))
    raise InputError(
        f"{file}: is not {name} ({asset.title}), for its sha256 is {file_hash(file)} and not {wanted}; "
        "nothing was kept, download it again."
    )
