"""Small files that ask for much: each is refused in a sentence, in little memory and time."""

import gzip
import json
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from sr.config import load_yaml
from sr.data.archives import open_archive
from sr.data.packaged_weights import convolutions
from sr.images import read_image
from sr.weights.released import read_file
from tests.peak_memory import LARGEST_MB, LONGEST_SECONDS, cost

MEGABYTE = b"\0" * (1 << 20)
# Of zeros that are compressed to a thousandth. Three thousand take as long to refuse, but minutes to make.
MEGABYTES = 100


def zip_of(path: Path, name: str, megabytes: int, mode: int = stat.S_IFREG) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as file:
        info = zipfile.ZipInfo(name)
        info.external_attr = (mode | 0o644) << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        with file.open(info, "w", force_zip64=True) as stream:
            for _ in range(megabytes):
                stream.write(MEGABYTE)


def zip_with_a_link(path: Path) -> None:
    zip_of(path, "link", MEGABYTES, stat.S_IFLNK)


def zip_of_zeros(path: Path) -> None:
    zip_of(path, "HR/a.png", MEGABYTES)


def zip_of_members(path: Path) -> None:
    """Says that it has four thousand million members."""
    zip_of(path, "a.png", 1)
    content = bytearray(path.read_bytes())
    end = content.rindex(b"PK\x05\x06")
    record = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 1 << 32, 1 << 32, 46, end - 46)
    locator = struct.pack("<IIQI", 0x07064B50, 0, end, 1)
    struct.pack_into("<HH", content, end + 8, 0xFFFF, 0xFFFF)
    path.write_bytes(content[:end] + record + locator + content[end:])


def tar_of_zeros(path: Path) -> None:
    with gzip.open(path, "wb", compresslevel=1) as stream:
        info = tarfile.TarInfo("HR/a.png")
        info.size = MEGABYTES << 20
        stream.write(info.tobuf())
        for _ in range(MEGABYTES):
            stream.write(MEGABYTE)


def tar_with_a_long_header(path: Path, kind: bytes) -> None:
    with gzip.open(path, "wb", compresslevel=1) as stream:
        info = tarfile.TarInfo("x")
        info.type, info.size = kind, MEGABYTES << 20
        stream.write(info.tobuf(tarfile.GNU_FORMAT))
        for _ in range(MEGABYTES):
            stream.write(MEGABYTE)


def tar_with_a_long_pax_header(path: Path) -> None:
    tar_with_a_long_header(path, tarfile.XHDTYPE)


def tar_with_a_long_name(path: Path) -> None:
    tar_with_a_long_header(path, tarfile.GNUTYPE_LONGNAME)


ARCHIVES = (
    zip_with_a_link,
    zip_of_zeros,
    zip_of_members,
    tar_of_zeros,
    tar_with_a_long_pax_header,
    tar_with_a_long_name,
)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, rows: bytes, *more: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [chunk(b"IHDR", header), *more, chunk(b"IDAT", zlib.compress(rows, 9)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def png_of_gigapixels(path: Path) -> None:
    path.write_bytes(png(100_000, 100_000, MEGABYTE))


def png_with_a_long_text(path: Path) -> None:
    text = zlib.compress(MEGABYTE * MEGABYTES, 9)
    path.write_bytes(png(4, 4, b"\0" * 52, chunk(b"zTXt", b"Comment\0\0" + text)))


def png_with_a_long_profile(path: Path) -> None:
    profile = zlib.compress(MEGABYTE * MEGABYTES, 9)
    path.write_bytes(png(4, 4, b"\0" * 51, chunk(b"iCCP", b"ICC\0\0" + profile)))


def tiff_of_gigapixels(path: Path) -> None:
    entries = [(256, 4, 1, 100_000), (257, 4, 1, 100_000), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)]
    entries += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 100_000), (279, 4, 1, 1000)]
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + body + b"\0" * 4 + MEGABYTE[:2000])


IMAGES = (png_of_gigapixels, png_with_a_long_text, png_with_a_long_profile, tiff_of_gigapixels)

RRDB = {
    "network": "rrdb",
    "blocks": 1,
    "channels": 4,
    "growth": 2,
    "residual_scaling": 0.2,
    "initialisation_scale": 0.1,
}


def weights_that_say(path: Path, **settings: int) -> None:
    metadata = {"generator": json.dumps(RRDB | settings)}
    save_file({"conv_first.weight": torch.zeros(4, 3, 3, 3)}, path, metadata)


def weights_of_a_billion_blocks(path: Path) -> None:
    weights_that_say(path, blocks=10**9)


def weights_of_a_billion_channels(path: Path) -> None:
    weights_that_say(path, channels=10**9)


def weights_of_wide_layers(path: Path) -> None:
    weights_that_say(path, channels=4096, growth=4096)


def weights_with_a_long_header(path: Path) -> None:
    path.write_bytes(struct.pack("<Q", 90_000_000) + b'{"a":' + b"[" * 90_000_000)


def views_of_one_number(path: Path) -> None:
    one = torch.zeros(1)
    names = ["body.0.rdb1.conv1.weight", "conv_first.weight"]
    torch.save({"params": {name: one.expand(4096, 4096, 30, 3) for name in names}}, path)


def compressed_pickle(path: Path) -> None:
    zip_of(path, "archive/data.pkl", MEGABYTES)


WEIGHTS = (
    weights_of_a_billion_blocks,
    weights_of_a_billion_channels,
    weights_of_wide_layers,
    weights_with_a_long_header,
    views_of_one_number,
    compressed_pickle,
)


def pickle_with_a_long_memo(path: Path) -> None:
    path.write_bytes(b"\x80\x02]r" + struct.pack("<I", 0x7FFFFFFF) + b".")


def pickle_of_many_bytes(path: Path) -> None:
    path.write_bytes(b"\x80\x04\x8e" + struct.pack("<Q", 1 << 40) + b"abc.")


PICKLES = (pickle_with_a_long_memo, pickle_of_many_bytes)


def yaml_of_laughter(path: Path) -> None:
    lines = ["a0: &a0 [lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    path.write_text("\n".join(lines))


def yaml_of_brackets(path: Path) -> None:
    path.write_text("[" * 200_000)


YAMLS = (yaml_of_laughter, yaml_of_brackets)


def open_and_close(path: Path) -> None:
    with open_archive(path):
        pass


CASES: list[tuple[Callable[[Path], None], str, Callable[[Path], object]]] = [
    *(
        (make, "bomb.tgz" if make.__name__.startswith("tar") else "bomb.zip", open_and_close)
        for make in ARCHIVES
    ),
    *((make, "bomb.png", read_image) for make in IMAGES),
    *((make, "bomb.pth" if make in WEIGHTS[4:] else "bomb.safetensors", read_file) for make in WEIGHTS),
    *((make, "bomb.ckpt", convolutions) for make in PICKLES),
    *((make, "bomb.yaml", load_yaml) for make in YAMLS),
]
# Whole images, with something in them that is large and left aside.
HARMLESS = (png_with_a_long_text, png_with_a_long_profile)


@pytest.mark.parametrize(("make", "name", "read"), CASES, ids=[make.__name__ for make, _, _ in CASES])
def test_a_bomb_is_refused_cheaply(
    make: Callable[[Path], None], name: str, read: Callable[[Path], object], tmp_path: Path
) -> None:
    path = tmp_path / name
    make(path)
    found = cost(read, path)
    assert name in found.said or make in HARMLESS, found
    assert "Error: " not in found.said, found
    assert found.megabytes < LARGEST_MB
    assert found.seconds < LONGEST_SECONDS
