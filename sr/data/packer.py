"""Packing a training set: parallel, and going on where it was killed.

While a set is packed its folder holds `images.jsonl`, a line for each image that is done, and `packing.json`,
what it is packed from; `index.json` comes last. Both stay, so that a set that is asked for again, to be
compared with further benchmarks, is not read again.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from sr.ahead import in_order
from sr.choice import Chosen
from sr.data.packing import HR, INDEX, LR, SIZES, PackedIndex, Remark, in_words
from sr.degradation import downscale
from sr.errors import InputError
from sr.files import atomic_path, full_disk_explained, value_hash, write_json
from sr.images import Pixels, crop_to_multiple
from sr.judge import Judge, NoJudge
from sr.locks import waiting_for
from sr.progress import progress
from sr.provenance import PACKING_CODE, code_hash
from sr.seals import write_record
from sr.sums import Memory, sums_of
from sr.training_image import bytes_as_rgb, read_training_image

_DONE, _HEADER, _SIGNATURES = "images.jsonl", "packing.json", "signatures.bin"
# What a kill costs at most.
_SECONDS_BETWEEN_SAVES = 5.0
# Images that are compared with the test images at once, and the bytes of their pixels.
_BATCH, _BYTES_OF_BATCH = 32, 32 << 20


@dataclass(frozen=True)
class _Image:
    """One image, ready to be written; without pixels where it is left out."""

    name: str
    remark: Remark | None
    hr: Pixels | None = None
    lr: Pixels | None = None
    signature: NDArray[np.uint8] | None = None


def pack(
    name: str,
    images: Iterable[Path] | Chosen,
    folder: Path,
    scale: int = 4,
    *,
    judge: Judge | None = None,
    refuse_twins: bool = False,
    threads: int = 1,
) -> PackedIndex:
    """Pack HR images and their exact LR into `folder`, and say in its index which were left out or converted.

    Left out is what can not be read, is smaller than the scale, or is a test image by the judge. A set that
    was being packed, or that only has to be compared with other benchmarks, is gone on with. Progress goes to
    stderr. Raises InputError when too few images remain, and for test images where they are to be refused;
    what is packed stays for the next time.
    """
    chosen = images if isinstance(images, Chosen) else Chosen.of(images)
    if not chosen.files:
        raise InputError(f"{name}: holds no images to pack.")
    folder.mkdir(parents=True, exist_ok=True)
    with waiting_for(folder / "packing.lock"), full_disk_explained(folder):
        writer = _Writer(folder, name, chosen, scale, judge or NoJudge(), threads)
        with writer:
            todo = islice(chosen.files.items(), writer.done, None)
            total = len(chosen.files)
            with progress(f"packing {name}", total, writer.done) as report:
                for made in in_order(writer.made, _batches(todo), threads):
                    for image in made:
                        writer.add(image)
                    report(writer.done)
        return writer.finish(refuse_twins)


class _Writer:
    """The growing files of a packed set."""

    def __init__(
        self, folder: Path, name: str, chosen: Chosen, scale: int, judge: Judge, threads: int
    ) -> None:
        self.folder, self.name, self.chosen, self.scale = folder, name, chosen, scale
        self.judge, self.threads = judge, threads
        self._sizes: list[tuple[int, int]] = []
        self._remarks: list[Remark] = []
        self._lines: list[str] = []
        self.done = 0
        self._digest = hashlib.sha256()
        self._saved = time.monotonic()

    def __enter__(self) -> "_Writer":
        (self.folder / INDEX).unlink(missing_ok=True)
        header = self._header()
        known = _read_json(self.folder / _HEADER)
        # Another set's files are unlinked and not cut off: a training that has them mapped would die.
        same = all(known.get(key) == header[key] for key in header if key != "compared_with")
        if same:
            self._recall()
        if not same or not self._goes_on_from(known, header):
            self._begin_anew()
            known = {}
        write_json(self.folder / _HEADER, known | header)
        self._checksum = known.get("checksum") if self._is_complete() else None
        if self._checksum is None:
            _feed(self._digest, self.folder / HR)
        self._files: list[IO[bytes]] = [
            (self.folder / part).open("ab") for part in (HR, LR, _SIGNATURES, _DONE)
        ]
        return self

    def __exit__(self, *_: object) -> None:
        self._save()
        for file in self._files:
            file.close()

    def made(self, batch: Sequence[tuple[str, Path]]) -> list[_Image]:
        """Images from their files; this is what runs in parallel."""
        images = [self._read(name, path) for name, path in batch]
        whole = [image for image in images if image.hr is not None]
        twins = dict(zip((image.name for image in whole), self._twins(whole), strict=True))
        return [
            _Image(image.name, Remark(name=image.name, what="a test image", detail=twin))
            if (twin := twins.get(image.name))
            else image
            for image in images
        ]

    def _read(self, name: str, path: Path) -> _Image:
        try:
            image = read_training_image(path)
        except InputError as error:
            reason = str(error).removeprefix(f"{path}: ")
            return _Image(name, Remark(name=name, what="unreadable", detail=reason))
        hr = crop_to_multiple(image.pixels, self.scale)
        if not hr.size:
            height, width = image.pixels.shape[:2]
            return _Image(name, Remark(name=name, what="smaller than the scale", detail=f"{width}x{height}"))
        remark = Remark.model_validate({"name": name, "what": image.converted}) if image.converted else None
        lr = _planes(downscale(hr, self.scale))
        return _Image(name, remark, _planes(hr), lr, self.judge.signature(hr))

    def _twins(self, images: Sequence[_Image]) -> list[str | None]:
        """What the judge says of several images."""
        signatures = [image.signature for image in images if image.signature is not None]
        readers = [partial(np.transpose, image.hr, (1, 2, 0)) for image in images]
        return self.judge.twins(np.stack(signatures), readers) if signatures else []

    def add(self, image: _Image) -> None:
        """Write the next image."""
        line: dict[str, Any] = {"name": image.name}
        if image.hr is not None and image.lr is not None and image.signature is not None:
            _, height, width = image.hr.shape
            line |= {"size": [height, width]}
            self._sizes.append((height, width))
            self._digest.update(image.hr.data)
            for file, values in zip(self._files, (image.hr, image.lr, image.signature), strict=False):
                file.write(values.tobytes())
        if image.remark:
            line |= {"what": image.remark.what, "detail": image.remark.detail}
            self._remarks.append(image.remark)
        self._lines.append(json.dumps(line) + "\n")
        self.done += 1
        if time.monotonic() - self._saved > _SECONDS_BETWEEN_SAVES:
            self._save()

    def finish(self, refuse_twins: bool) -> PackedIndex:
        """Write the index of what was packed. Raises InputError when that is too little, or refused."""
        left_out = tuple(one for one in self._remarks if _is_left_out(one))
        twins = [f"{one.name} is {one.detail}" for one in left_out if one.what == "a test image"]
        if twins and refuse_twins:
            more = f"; and {len(twins) - 5} more" if len(twins) > 5 else ""
            raise InputError(
                f"{self.name}: images of it are also test images ({'; '.join(twins[:5])}{more}); take"
                " them out, or have them left out."
            )
        needed = max(1, self.chosen.at_least)
        if len(self._sizes) < needed:
            raise InputError(
                f"{self.name}: only {len(self._sizes)} of its {len(self.chosen.files)} images can be used,"
                f" where {needed} are needed: {in_words(left_out)}; mend or replace them."
            )
        with atomic_path(self.folder / SIZES) as temporary, temporary.open("wb") as stream:
            np.save(stream, np.array(self._sizes, np.uint32))
        if self._checksum is None:
            _feed(self._digest, self.folder / LR)
            self._checksum = self._digest.hexdigest()
        index = PackedIndex(
            training_set=self.name,
            scale=self.scale,
            checksum=self._checksum,
            rule=self.chosen.rule,
            images=len(self._sizes),
            at_least=self.chosen.at_least,
            left_out=left_out,
            converted=tuple(one for one in self._remarks if not _is_left_out(one)),
            compared_with=self.judge.compared_with,
            files=sums_of(self.folder, [SIZES, _DONE, _SIGNATURES]),
        )
        # What was just written need not be read again to be known.
        with Memory(self.folder) as memory:
            memory.remember(index.checksum, HR, LR)
            for part, one in index.files.items():
                memory.remember(one.sha256, part)
        sums = {name: one.sha256 for name, one in index.files.items()}
        write_json(self.folder / _HEADER, self._header() | {"checksum": index.checksum, "sums": sums})
        write_record(self.folder / INDEX, index.model_dump(mode="json"))
        return index

    def _header(self) -> dict[str, Any]:
        """What decides the content of the files."""
        files = [
            [name, status.st_size, status.st_mtime_ns]
            for name, status in ((name, _status(path)) for name, path in self.chosen.files.items())
        ]
        return {
            "training_set": self.name,
            "scale": self.scale,
            "signature_size": self.judge.signature_size,
            "files": value_hash(files),
            "code": code_hash(PACKING_CODE),
            "compared_with": self.judge.compared_with,
        }

    def _begin_anew(self) -> None:
        for part in (HR, LR, SIZES, _SIGNATURES, _DONE, _HEADER):
            (self.folder / part).unlink(missing_ok=True)
        self._recall()

    def _recall(self) -> None:
        """Take up the images that are done, as far as all of their bytes are there, and cut off the rest."""
        self._sizes, self._remarks, self.done, self._digest = [], [], 0, hashlib.sha256()
        lengths = [0, 0, 0, 0]
        there = [_length(self.folder / part) for part in (HR, LR, _SIGNATURES)]
        for line, name in zip(_lines(self.folder / _DONE), self.chosen.files, strict=False):
            try:
                (height, width), remark = _understood(line, name)
            except (ValueError, KeyError, TypeError, AttributeError):
                break  # torn or damaged
            values = 3 * height * width
            own = (values, values // self.scale**2, self.judge.signature_size * bool(values), len(line))
            after = [length + more for length, more in zip(lengths, own, strict=True)]
            if any(end > size for end, size in zip(after, there, strict=False)):
                break
            lengths = after
            self.done += 1
            if values:
                self._sizes.append((height, width))
            if remark:
                self._remarks.append(remark)
        for part, length in zip((HR, LR, _SIGNATURES, _DONE), lengths, strict=True):
            path = self.folder / part
            if not path.exists():
                path.touch()
            if path.stat().st_size != length:
                os.truncate(path, length)

    def _goes_on_from(self, known: Mapping[str, Any], header: Mapping[str, Any]) -> bool:
        """Whether what is packed of the same images is what would be packed today."""
        before, today = known.get("compared_with", {}), header["compared_with"]
        if not self._is_whole(known):
            return False
        gone = before.items() - today.items()
        return before == today or not (self._left_out_for({name for name, _ in gone}) or self._has_twin())

    def _is_complete(self) -> bool:
        return self.done == len(self.chosen.files)

    def _is_whole(self, known: Mapping[str, Any]) -> bool:
        """Whether the files of a set that was packed to its end are still what they were then."""
        if "checksum" not in known or not self._is_complete():
            return True
        with Memory(self.folder) as memory:
            right = memory.confirms(known["checksum"], HR, LR)
            return right and all(
                memory.confirms(sha256, name) for name, sha256 in known.get("sums", {}).items()
            )

    def _left_out_for(self, benchmarks: set[str]) -> bool:
        """Whether an image was left out as one of these benchmarks' own."""
        twins = (one.detail for one in self._remarks if one.what == "a test image")
        return any(twin.partition("/")[0] in benchmarks for twin in twins)

    def _has_twin(self) -> bool:
        """Whether an image that is packed already is one of the test images of today's judge."""
        if not self._sizes or not self.judge.signature_size:
            return False
        pixels = np.memmap(self.folder / HR, dtype=np.uint8, mode="r")
        signatures = np.memmap(self.folder / _SIGNATURES, dtype=np.uint8, mode="r")
        number = len(self._sizes)
        compared = 0
        rows, ends = signatures.reshape(number, -1), np.cumsum(3 * np.prod(self._sizes, axis=1))

        def twins(begin: int) -> list[str | None]:
            part = slice(begin, begin + _BATCH)
            places = zip(ends[part].tolist(), self._sizes[part], strict=True)
            readers = [partial(_interleaved, pixels, end, *size) for end, size in places]
            return self.judge.twins(rows[part], readers)

        with progress(f"comparing {self.name}", number) as report:
            for found in in_order(twins, range(0, number, _BATCH), self.threads):
                if any(found):
                    return True
                compared += len(found)
                report(compared)
        return False

    def _save(self) -> None:
        """The pixels first: a line stands for bytes that are on the disk."""
        *values, done = self._files
        for file in values:
            file.flush()
            os.fsync(file.fileno())
        done.write("".join(self._lines).encode())
        done.flush()
        self._lines = []
        self._saved = time.monotonic()


def _batches(files: Iterable[tuple[str, Path]]) -> Iterator[list[tuple[str, Path]]]:
    """Small images many at a time, and large ones few or one by one."""
    batch: list[tuple[str, Path]] = []
    size = 0
    for name, path in files:
        own = bytes_as_rgb(path)
        if batch and (len(batch) == _BATCH or size + own > _BYTES_OF_BATCH):
            yield batch
            batch, size = [], 0
        batch.append((name, path))
        size += own
    if batch:
        yield batch


def _is_left_out(remark: Remark) -> bool:
    return remark.what in ("unreadable", "smaller than the scale", "a test image")


def _planes(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _interleaved(pixels: Pixels, end: int, height: int, width: int) -> Pixels:
    """The image whose planes end there."""
    return pixels[end - 3 * height * width : end].reshape(3, height, width).transpose(1, 2, 0)


def _status(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise InputError(f"{path}: no such image.") from error


def _length(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _feed(digest: Any, path: Path) -> None:
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)


def _lines(path: Path) -> Iterator[bytes]:
    """The whole lines of a file."""
    if path.is_file():
        with path.open("rb") as stream:
            yield from (line for line in stream if line.endswith(b"\n"))


def _understood(line: bytes, name: str) -> tuple[tuple[int, int], Remark | None]:
    """Height and width of an image that is done, 0 where it was left out, and the remark on it."""
    record = json.loads(line)
    height, width = record.get("size", (0, 0))
    if record["name"] != name or not all(type(side) is int and side >= 0 for side in (height, width)):
        raise ValueError(name)
    remark = Remark(name=name, what=record["what"], detail=record["detail"]) if "what" in record else None
    return (height, width), remark


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
