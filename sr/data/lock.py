"""The lock: what every fetched file was, so that a source that changes its content is noticed."""

import json
from pathlib import Path

from pydantic import Field

from sr.config import Strict, validate
from sr.errors import InputError
from sr.files import file_hash, write_json
from sr.locks import waiting_for


class Entry(Strict):
    """One fetched file. asset: what it was first fetched for."""

    asset: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int


class Entries(Strict):
    """Entries by source: an address, or `package==version:member`."""

    files: dict[str, Entry] = Field(default_factory=dict)


class ContentChangedError(InputError):
    """A source gives other content than at its first fetch."""


class Lock:
    """The file `assets.lock.json` beside an asset root."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> dict[str, Entry]:
        """What has been recorded. Raises InputError when the file is not a lock."""
        if not self.path.exists():
            return {}
        try:
            value = json.loads(self.path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"{self.path}: not valid JSON ({error}); mend or remove it.") from error
        return validate(value, Entries, self.path).files

    def confirm(self, asset: str, source: str, file: Path) -> None:
        """Record a fetched file, or compare it with the record.

        Raises ContentChangedError when an earlier fetch from the same source had other content.
        """
        entry = Entry(asset=asset, sha256=file_hash(file), size=file.stat().st_size)
        # Several fetch at once, and each would lose what the others have added since it read the list.
        with waiting_for(self.path.with_name(f".{self.path.name}.lock")):
            self._confirm(asset, source, entry)

    def _confirm(self, asset: str, source: str, entry: Entry) -> None:
        entries = self.entries()
        known = entries.setdefault(source, entry)
        if known.sha256 != entry.sha256:
            raise ContentChangedError(
                f"{asset}: {source} now has sha256 {entry.sha256}, but {self.path} recorded {known.sha256} "
                "when it was first fetched; find out why it changed, and if the new content is right, remove "
                "that entry and fetch again."
            )
        files = {name: entries[name].model_dump() for name in sorted(entries)}
        write_json(self.path, {"files": files})
