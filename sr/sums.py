"""Size and sha256 of the files of a folder: compared whenever the folder is used.

Names and sizes are compared each time. Content is read once for each change of a file, and that it was right
is remembered beside the folder's files: a packed training set has tens of gigabytes.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import Field

from sr.config import Strict, validate
from sr.errors import InputError
from sr.files import file_hash, write_json
from sr.images import image_files
from sr.seals import read_record

MEMORY = ".checked.json"
_MADE_FROM = "made_from"


class Sum(Strict):
    """What a file's bytes were when it was made."""

    size: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


Sums = dict[str, Sum]  # path below the folder -> sum


def sums_of(folder: Path, names: Iterable[str]) -> Sums:
    """The sums of some files below `folder`."""
    return {name: Sum(size=(folder / name).stat().st_size, sha256=file_hash(folder / name)) for name in names}


def check(folder: Path, sums: Mapping[str, Sum], remedy: str) -> None:
    """Raise InputError naming the first file below `folder` that is not what `sums` says, and `remedy`."""
    for name, expected in sums.items():
        path = folder / name
        if not path.is_file():
            raise InputError(f"{path}: is missing; {remedy}.")
        if path.stat().st_size != expected.size:
            raise InputError(f"{path}: has {path.stat().st_size} bytes and not {expected.size}; {remedy}.")
    with Memory(folder) as memory:
        for name, expected in sums.items():
            if not memory.confirms(expected.sha256, name):
                raise InputError(
                    f"{folder / name}: is damaged or was altered, for its sha256 is another; {remedy}."
                )


def check_recorded(folder: Path, remedy: str) -> None:
    """Check the images of a folder by the record beside it, FOLDER.json, which holds their sums as `files`.

    Raises InputError naming the first image that is missing, foreign or not what was written. Of a folder
    without such a record, which others made, nothing is known, and nothing is said.
    """
    # Not resolved: of a link, the record lies beside the link.
    place = Path.cwd() / folder
    if place.name in ("", ".."):
        place = place.resolve()
    path = place.with_name(f"{place.name}.json")
    if not path.is_file() or _is_foreign(path):
        return
    files = read_record(path, remedy).get("files")
    if not isinstance(files, dict):
        return
    sums = {name: validate(one, Sum, f"{path}: {name}") for name, one in files.items()}
    for image in image_files(folder):
        if image.name not in sums:
            raise InputError(f"{image}: is none of the images that {path.name} lists; {remedy}.")
    check(folder, sums, remedy)


def _is_foreign(path: Path) -> bool:
    """Whether a JSON file is a person's own: a record of this project says what it was made from."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False  # damaged, perhaps
    return not isinstance(found, dict) or _MADE_FROM not in found


class Memory:
    """Which files below `folder` had the right content; a context that keeps what it learned.

    Where nothing may be written beside the files, they are read again the next time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known = _read(folder / MEMORY)
        self._changed = False

    def __enter__(self) -> "Memory":
        return self

    def __exit__(self, *_: object) -> None:
        if self._changed:
            with suppress(InputError, OSError):
                write_json(self.folder / MEMORY, self._known)

    def confirms(self, sha256: str, *names: str) -> bool:
        """Whether the named files, one after the other, have this digest."""
        paths = [self.folder / name for name in names]
        known = {"state": [_state(path) for path in paths], "sha256": sha256}
        key = "+".join(names)
        if self._known.get(key) == known:
            return True
        right = file_hash(*paths) == sha256
        if right:
            self.remember(sha256, *names)
        return right

    def remember(self, sha256: str, *names: str) -> None:
        """The named files, one after the other, have this digest: who has just written them knows."""
        state = [_state(self.folder / name) for name in names]
        self._known["+".join(names)] = {"state": state, "sha256": sha256}
        self._changed = True


def _state(path: Path) -> list[int]:
    """Changes with every write to a file; the last number also where the date was put back."""
    stat = path.stat()
    return [stat.st_size, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns]


def _read(path: Path) -> dict[str, Any]:
    try:
        memory = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return memory if isinstance(memory, dict) else {}
