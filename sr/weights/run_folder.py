"""What a finished training leaves: weights, and a record that says what they are and holds their hash."""

from pathlib import Path
from typing import Any

from sr.errors import InputError
from sr.files import bytes_hash
from sr.seals import read_record, say_unsealed

WEIGHTS = "generator.safetensors"
RECORD = "run.json"
# The record's key.
WEIGHTS_HASH = "generator_sha256"


def read_run(folder: Path) -> dict[str, Any]:
    """What `run.json` says of a run. Raises InputError when it is missing, damaged or was altered."""
    if not (folder / RECORD).is_file():
        raise InputError(f"{folder}: holds no finished run ({RECORD} is missing); train it with `sr train`.")
    return read_record(folder / RECORD, f"copy it again, or delete {folder} to train it again")


def require_own_weights(folder: Path, record: dict[str, Any], content: bytes) -> None:
    """Raise InputError unless the bytes of a run's weights are those its record speaks of.

    A run of before records held the hash is used as it is, which is said.
    """
    if WEIGHTS_HASH not in record:
        say_unsealed(folder / WEIGHTS)
    elif bytes_hash(content) != record[WEIGHTS_HASH]:
        raise InputError(
            f"{folder / WEIGHTS}: is damaged, was altered or is another run's, for its sha256 is not"
            f" that in {RECORD}; copy it again, or delete {folder} to train it again."
        )
