"""Enlarging files: one by one, never over an existing one, and going on where a stopped job ended."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sr.config import load_yaml
from sr.errors import InputError
from sr.files import write_json
from sr.photos.comparison import BYTES, write_comparison
from sr.photos.photo import SUFFIXES, check_format, photo_size, read_photo, write_photo
from sr.photos.sizes import LARGE, require_room
from sr.photos.upscale import TILE, Options, bytes_needed, target_size, upscale_photo
from sr.weights.generators import device_of

_RECORD = "upscale.json"


@dataclass(frozen=True)
class Job:
    """Which files become which; `record` (weights and options) tells whether an old job is the same.

    compare: write a picture beside each result that shows it next to bicubic.
    """

    targets: dict[Path, Path]
    record: dict[str, Any]
    compare: bool = False

    def comparison(self, target: Path) -> Path | None:
        """The picture beside a result; None where none was asked for."""
        return comparison_of(target) if self.compare else None

    @property
    def files(self) -> list[Path]:
        """All that it writes: results, and the pictures beside them."""
        pictures = map(self.comparison, self.targets.values())
        return [*self.targets.values(), *(one for one in pictures if one is not None)]


@dataclass
class Outcome:
    """What a job did: files written, files that were there before, and a sentence for each failure.

    left_out: what files held and their results can not, with the files' names.
    """

    written: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """The images of a folder, relative to it, and how many other things of each kind lie beside them."""

    images: list[Path]
    others: Counter[str]


def comparison_of(target: Path) -> Path:
    """Where the picture lies that shows a result next to bicubic."""
    return target.with_name(f"{target.stem}_compare.png")


def one_image(
    path: Path, output: Path | None, suffix: str | None, scale: float, *, into: bool = False
) -> dict[Path, Path]:
    """The target of one image: `output` if that is a file's name, else NAME_x4 there or beside it.

    into: `output` is a folder, whatever its name. Raises InputError for a format that can not be written.
    """
    target = output
    if output is None or into or output.is_dir() or not output.suffix:
        target = (output or path.parent) / f"{path.stem}_x{scale:g}{suffix or path.suffix}"
    assert target is not None
    if target.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{target}: its format is not among {', '.join(SUFFIXES)}; name another or give --format."
        )
    if suffix and SUFFIXES[target.suffix.lower()] != SUFFIXES[suffix]:
        raise InputError(f"--output {output}: contradicts --format {suffix[1:]}; leave out one of them.")
    return {path: target}


def beside(folder: Path, scale: float) -> Path:
    """Where a folder's results go unless it is said: next to it, also where it is given as `.` or `..`."""
    named = folder if folder.name not in ("", "..") else folder.resolve()
    return named.with_name(f"{folder.resolve().name}_x{scale:g}")


def whole_folder(
    folder: Path,
    found: Found,
    output: Path | None,
    suffix: str | None,
    scale: float,
    *,
    compare: bool = False,
) -> dict[Path, Path]:
    """The target of every image found in a folder, in the same subfolders.

    compare: names of comparisons are taken too. Raises InputError for no image, or two with the same target.
    """
    output = output or beside(folder, scale)
    if output.resolve() == folder.resolve():
        raise InputError(f"--output {output}: is the folder of the originals; choose another one.")
    targets: dict[Path, Path] = {}
    taken: dict[Path, Path] = {}
    for relative in found.images:
        path, target = folder / relative, output / relative.with_suffix(suffix or relative.suffix)
        for made in (target, comparison_of(target)) if compare else (target,):
            if made in taken:
                rename = (
                    "rename one" if made == target == targets[taken[made]] else "rename one, or no --compare"
                )
                raise InputError(f"{path}: {taken[made]} would also become {made}; {rename}.")
            taken[made] = path
        targets[path] = target
    if not targets:
        raise InputError(f"{folder}: holds no images ({', '.join(SUFFIXES)}){passed_over(found.others)}.")
    return targets


def images_in(folder: Path, output: Path | None, *, recursive: bool) -> Found:
    """What lies in a folder, and with `recursive` in those below; hidden entries and the output do not count.

    Raises InputError for a folder that can not be read.
    """

    def refuse(error: OSError) -> None:
        raise InputError(f"{error.filename}: can not be read ({error.strerror}).")

    images, others = [], Counter[str]()
    avoided = output.resolve() if output is not None else None
    for place, folders, files in os.walk(folder, onerror=refuse):
        here = Path(place)
        below = [n for n in folders if not n.startswith(".") and (here / n).resolve() != avoided]
        folders[:] = sorted(below) if recursive else []
        others["folders (see --recursive)"] += 0 if recursive else len(below)
        for name in (name for name in files if not name.startswith(".")):
            if Path(name).suffix.lower() in SUFFIXES:
                images.append((here / name).relative_to(folder))
            elif name != _RECORD:
                others[Path(name).suffix.lower() or "without an ending"] += 1
    return Found(sorted(images), +others)


def passed_over(others: Counter[str]) -> str:
    """What was passed over, in brackets, or nothing."""
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
    return f"; passed over: {listed}" if listed else ""


def is_there(path: Path) -> bool:
    """Whether a file of that name exists; a name that can not be has none."""
    try:
        return path.exists()
    except OSError:
        return False


def begin(output: Path, job: Job, *, force: bool) -> None:
    """Leave weights and options in the output folder, so that the job can go on after a stop.

    force: remove what is in the way. Without it, InputError is raised when the folder holds results of
    other weights or options, or of unknown ones: skipping them would mix the two.
    """
    record = output / _RECORD
    known = load_yaml(record) if record.is_file() else None
    present = [path for path in job.files if is_there(path)]
    if known != job.record and present and not force:
        whose = "other" if known else "unknown"
        raise InputError(
            f"{output}: holds results of {whose} weights or options; choose another --output or give --force."
        )
    if force:
        for path in present:
            path.unlink()
    write_json(record, job.record)


def fingerprint(network: nn.Module) -> str:
    """Short hash of a network's weights: a path may hold others tomorrow."""
    digest = hashlib.sha256()
    for key, value in sorted(network.state_dict().items()):
        digest.update(key.encode() + value.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def run(
    job: Job,
    network: nn.Module,
    options: Options,
    *,
    force: bool,
    work_done: Callable[[float], None] = lambda _: None,
    file_done: Callable[[Path], None] = lambda _: None,
) -> Outcome:
    """Enlarge every file whose target is missing; one that fails is reported and the others go on.

    force: also where the target exists. work_done: told of progress, see `forward`.
    """
    outcome = Outcome()
    for path, target in job.targets.items():
        if is_there(target) and not force:
            outcome.skipped += 1
        else:
            try:
                picture = job.comparison(target)
                # One that is there is that of a job that was stopped before the result was written.
                wanted = picture if picture and (force or not is_there(picture)) else None
                lost = _upscale_file(path, target, network, options, work_done, comparison=wanted)
                outcome.written += 1
                for name in lost:
                    outcome.left_out.setdefault(name, []).append(path.name)
            except InputError as error:
                text = str(error)
                outcome.failures.append(
                    text if str(path) in text or str(target) in text else f"{path}: {text}"
                )
            except Exception as error:
                outcome.failures.append(_sentence(path, error))
        file_done(path)
    return outcome


def work(job: Job, options: Options, *, force: bool) -> dict[Path, int]:
    """LR pixels that the network will see for each file; 0 where there is nothing to do or to read."""

    def of(path: Path, target: Path) -> int:
        if is_there(target) and not force:
            return 0
        try:
            height, width = photo_size(path)
        except InputError:
            return 0
        return _for_size(options, height * width).work(height, width)

    return {path: of(path, target) for path, target in job.targets.items()}


def large(job: Job) -> Iterator[str]:
    """A sentence for each file that takes its time and memory."""
    for path, target in job.targets.items():
        try:
            height, width = photo_size(path)
        except InputError:
            continue
        if height * width > LARGE and not is_there(target):
            yield f"{path}: {width}x{height} pixels, enlarged in tiles"


def _for_size(options: Options, pixels: int) -> Options:
    return options if options.tile or pixels <= LARGE else replace(options, tile=TILE)


def _upscale_file(
    path: Path,
    target: Path,
    network: nn.Module,
    options: Options,
    work_done: Callable[[float], None],
    *,
    comparison: Path | None,
) -> list[str]:
    """Write one file's result, and its comparison if asked; returns the names of what it can not hold."""
    lr = read_photo(path)
    check_format(target, lr, options.scale)
    height, width = lr.pixels.shape[:2]
    options = _for_size(options, height * width)
    needed = bytes_needed(lr, options, BYTES if comparison else 0)
    require_room(path, *target_size(height, width, options.scale), needed)
    sr = upscale_photo(lr, options.method(network, work_done), device_of(network), options)
    if comparison:
        write_comparison(comparison, lr, sr, options.scale)
    return write_photo(target, sr)


def _named(path: Path, target: Path, sentence: str) -> str:
    """A sentence that names the file."""
    return sentence if str(path) in sentence or str(target) in sentence else f"{path}: {sentence}"


def _sentence(path: Path, error: Exception) -> str:
    """What a failure of any kind is called."""
    # A CPU's allocator raises RuntimeError.
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error):
        return f"{path}: too large for this memory; give --tile 512 or less."
    reason = (
        error.strerror
        if isinstance(error, OSError) and error.strerror
        else f"{type(error).__name__}: {error}"
    )
    return f"{path}: could not be enlarged ({reason})."
