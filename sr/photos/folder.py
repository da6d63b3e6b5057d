"""Enlarging files: one by one, never over an existing one, and going on where a stopped job ended."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import nn

from sr.config import load_yaml
from sr.errors import InputError
from sr.files import write_json
from sr.images import image_size
from sr.inference.forward import Method
from sr.photos.comparison import write_comparison
from sr.photos.photo import SUFFIXES, check_format, read_photo, write_photo
from sr.photos.upscale import SCALE, Options, upscale_photo

_RECORD = "upscale.json"


@dataclass(frozen=True)
class Job:
    """Which files become which; `record` (weights and options) tells whether an old job is the same.

    compare: write a picture beside each result that shows it next to bicubic.
    """

    targets: dict[Path, Path]
    record: dict[str, Any]
    compare: bool = False


@dataclass
class Outcome:
    """What a job did: files written, files that were there before, and a sentence for each failure."""

    written: int
    skipped: int
    failures: list[str]


def one_image(path: Path, output: Path | None, suffix: str | None) -> dict[Path, Path]:
    """The target of one image: `output` if that is a file's name, else NAME_x4 there or beside it.

    Raises InputError for a format that can not be written.
    """
    target = output
    if output is None or output.is_dir() or not output.suffix:
        target = (output or path.parent) / f"{path.stem}_x{SCALE}{suffix or path.suffix}"
    assert target is not None
    if target.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{target}: its format is not among {', '.join(SUFFIXES)}; name another or give --format."
        )
    if suffix and SUFFIXES[target.suffix.lower()] != SUFFIXES[suffix]:
        raise InputError(f"--output {output}: contradicts --format {suffix[1:]}; leave out one of them.")
    return {path: target}


def whole_folder(folder: Path, output: Path | None, suffix: str | None) -> dict[Path, Path]:
    """The target of every image in a folder. Raises InputError for none, or two with the same target."""
    output = output or folder.with_name(f"{folder.resolve().name}_x{SCALE}")
    if output.resolve() == folder.resolve():
        raise InputError(f"--output {output}: is the folder of the originals; choose another one.")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not files:
        raise InputError(f"{folder}: holds no images ({', '.join(SUFFIXES)}).")
    targets: dict[Path, Path] = {}
    for path in files:
        target = output / (path.stem + (suffix or path.suffix))
        if target in targets.values():
            raise InputError(f"{path}: another image of that name would also become {target}; rename one.")
        targets[path] = target
    return targets


def begin(output: Path, job: Job, *, force: bool) -> None:
    """Leave weights and options in the output folder, so that the job can go on after a stop.

    force: remove what is in the way. Without it, InputError is raised when the folder holds results of
    other weights or options, or of unknown ones: skipping them would mix the two.
    """
    record = output / _RECORD
    known = load_yaml(record) if record.is_file() else None
    present = [target for target in job.targets.values() if target.exists()]
    if known != job.record and present and not force:
        whose = "other" if known else "unknown"
        raise InputError(
            f"{output}: holds results of {whose} weights or options; choose another --output or give --force."
        )
    if force:
        for target in present:
            target.unlink()
    write_json(record, job.record)


def fingerprint(network: nn.Module) -> str:
    """Short hash of a network's weights: a path may hold others tomorrow."""
    digest = hashlib.sha256()
    for key, value in sorted(network.state_dict().items()):
        digest.update(key.encode() + value.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def run(
    job: Job,
    method: Method,
    device: torch.device,
    *,
    force: bool,
    file_done: Callable[[Path], None] = lambda _: None,
) -> Outcome:
    """Enlarge every file whose target is missing; one that fails is reported and the others go on.

    force: also where the target exists.
    """
    outcome = Outcome(0, 0, [])
    for path, target in job.targets.items():
        if target.exists() and not force:
            outcome.skipped += 1
        else:
            try:
                _upscale_file(path, target, method, device, compare=job.compare)
                outcome.written += 1
            except InputError as error:
                outcome.failures.append(str(error))
        file_done(path)
    return outcome


def work(job: Job, options: Options, *, force: bool) -> dict[Path, int]:
    """LR pixels that the network will see for each file; 0 where there is nothing to do or to read."""

    def of(path: Path, target: Path) -> int:
        if target.exists() and not force:
            return 0
        try:
            return options.work(*image_size(path))
        except (InputError, Image.DecompressionBombError):
            return 0

    return {path: of(path, target) for path, target in job.targets.items()}


def _upscale_file(path: Path, target: Path, method: Method, device: torch.device, *, compare: bool) -> None:
    lr = read_photo(path)
    check_format(target, lr, SCALE)
    try:
        sr = upscale_photo(lr, method, device)
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise InputError(f"{path}: too large for this memory; give --tile 512 or less.") from error
    if compare:
        write_comparison(target.with_name(f"{target.stem}_compare.png"), lr, sr)
    write_photo(target, sr)
