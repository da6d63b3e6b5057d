"""Files that carry their own checksum: records in JSON, networks' weights, checkpoints.

A seal is the pair `"seal": "sha256-of-the-rest:HEX"` inside the file: the digest of all its bytes with
zeros in the place of HEX. It finds damage and careless edits. It is no signature: who means to deceive can
compute it too. Files of before there were seals have none, and are read all the same.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sr.errors import InputError
from sr.files import write_text

SEAL = "seal"
_MARK = b"sha256-of-the-rest:"
_KEY = b'"seal"'
_DIGITS = 64
_ZEROS = b"0" * _DIGITS
# Stands in a file until it is closed.
OPEN = (_MARK + _ZEROS).decode()
# What a checkpoint ends with.
TRAILER = _KEY + b":" + b'"' + _MARK + _ZEROS + b'"'


def close(content: bytearray) -> bytearray:
    """Put the digest in the place of the last seal's zeros, and return the same bytes."""
    begin = content.rindex(_MARK) + len(_MARK)
    content[begin : begin + _DIGITS] = _digest(content, begin).encode()
    return content


def is_sealed(content: bytes, origin: Path, remedy: str) -> bool:
    """Whether the bytes of a file carry a seal, which is then checked.

    Raises InputError naming `origin` and what to do when the digest is another or the seal is spoilt.
    """
    mark = content.rfind(_MARK)
    if mark < 0 and content.rfind(_KEY) < 0:
        return False
    begin = mark + len(_MARK)
    if mark < 0 or content[begin : begin + _DIGITS] != _digest(content, begin).encode():
        raise InputError(f"{origin}: is damaged or was altered, for its checksum is another; {remedy}.")
    return True


def write_record(path: Path, value: Mapping[str, Any]) -> None:
    """Write a mapping as JSON with a seal, atomically."""
    text = json.dumps({**value, SEAL: OPEN}, indent=2, ensure_ascii=False) + "\n"
    write_text(path, close(bytearray(text, "utf-8")).decode("utf-8"))


def read_record(path: Path, remedy: str) -> dict[str, Any]:
    """What `write_record` wrote, without the seal. remedy: what to do about a file that is not whole.

    Raises InputError for a missing file, one that is no JSON mapping, and one whose seal says that its bytes
    are others than were written.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: can not be read ({error.strerror}); {remedy}.") from error
    is_sealed(content, path, remedy)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid JSON ({error}); {remedy}.") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: holds no JSON mapping; {remedy}.")
    value.pop(SEAL, None)
    return value


def say_unsealed(path: Path) -> None:
    """Tell that a file of an earlier version is used as it is."""
    print(
        f"{path}: was written before files carried checksums, so that damage to it would not be seen.",
        file=sys.stderr,
    )


def _digest(content: bytes | bytearray, begin: int) -> str:
    view = memoryview(content)
    digest = hashlib.sha256(view[:begin])
    digest.update(_ZEROS)
    digest.update(view[begin + _DIGITS :])
    return digest.hexdigest()
