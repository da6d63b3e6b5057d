"""What is known of images while they are made or measured, and what a killed process has done already.

A journal has a line for each image, written as soon as it is made. A line carries its own seal and what it
was made from, so that a torn or altered line, and one of other images or code, is as if it were not there.
"""

import json
from pathlib import Path
from typing import Any

from sr.errors import InputError
from sr.files import full_disk_explained
from sr.seals import OPEN, SEAL, close, is_sealed

# By name, what is known of one image: its metrics' values, and what a metric of sets takes from it.
Values = dict[str, Any]


class Notes:
    """What is known of images, in memory."""

    def __init__(self) -> None:
        self._known: dict[str, Values] = {}

    def of(self, image: str) -> Values:
        """What is known of an image."""
        return self._known.get(image, {})

    def add(self, image: str, values: Values) -> None:
        """An image was made or measured."""
        self._known[image] = self.of(image) | values


class Journal(Notes):
    """Notes on images that outlive the process. One process at a time may have it open.

    made_from: hash of all that the notes follow from. found: how many lines of that there were.
    damaged: a sentence where lines are left out, else empty.
    """

    def __init__(self, path: Path, made_from: str) -> None:
        super().__init__()
        self._path = path
        self._made_from = made_from
        self.found = 0
        damaged = 0
        for line in path.read_bytes().splitlines() if path.is_file() else ():
            note = _read(line, path)
            damaged += bool(line) and note is None
            if note is not None and note["made_from"] == made_from:
                super().add(note["image"], note["values"])
                self.found += 1
        self.damaged = f"{path}: {damaged} damaged lines are left out; those images are done again."
        if not damaged:
            self.damaged = ""

    def add(self, image: str, values: Values) -> None:
        """Note and write down. Raises InputError when the disk is full."""
        super().add(image, values)
        note = {"made_from": self._made_from, "image": image, "values": values, SEAL: OPEN}
        line = close(bytearray(json.dumps(note), "utf-8"))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # The line before may be torn, and must not tear this one as well.
        with full_disk_explained(self._path), self._path.open("ab") as stream:
            stream.write(b"\n" + line)

    def remove(self) -> None:
        """What was noted is written elsewhere by now."""
        self._path.unlink(missing_ok=True)


def _read(line: bytes, path: Path) -> dict[str, Any] | None:
    """One line; None where it is not whole."""
    try:
        note = json.loads(line) if is_sealed(line, path, "") else None
    except (InputError, ValueError):
        return None
    return note if isinstance(note, dict) else None
