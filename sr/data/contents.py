"""What a file is by its first bytes, and whether an asset is there."""

from pathlib import Path

from sr.data.catalogue import Asset
from sr.errors import InputError
from sr.images import image_size, is_image

_HEAD = 512
_WEB_PAGE = (b"<!doctype", b"<html", b"<head", b"<?xml")
# Zip, what PyTorch writes today, or a pickle, what it wrote before.
_PICKLED = (b"PK\x03\x04", b"\x80")
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    ".pth": _PICKLED,
    ".pt": _PICKLED,
    ".ckpt": _PICKLED,
    ".mat": (b"MATLAB",),
}


def is_web_page(path: Path) -> bool:
    """Whether a file is HTML or XML: what servers give in place of a file."""
    with path.open("rb") as stream:
        return stream.read(_HEAD).lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_WEB_PAGE)


def require_file_of_its_kind(path: Path, suffix: str) -> None:
    """Raise InputError for an empty file, a web page, and one that does not begin as files `suffix` do."""
    if not path.stat().st_size:
        raise InputError("the file is empty")
    if is_web_page(path):
        raise InputError("it is a web page")
    with path.open("rb") as stream:
        head = stream.read(8)
    expected = _BEGINNINGS.get(suffix)
    if expected and not head.startswith(expected):
        raise InputError(f"it does not begin as a {suffix} file does")
    if suffix == ".safetensors" and int.from_bytes(head, "little") + 8 > path.stat().st_size:
        raise InputError("it does not begin as a .safetensors file does")


def require_images(folders: list[Path], count: int | None, *, deep: bool = False) -> None:
    """Raise InputError unless the folders hold `count` images, or some, and all of them open.

    deep: also at any depth below.
    """
    files = (path for folder in folders for path in (folder.rglob("*") if deep else folder.iterdir()))
    images = [path for path in files if is_image(path)]
    if len(images) != (count or len(images)) or not images:
        raise InputError(f"the archive gives {len(images)} images where {count or 'some'} were expected")
    for path in images:
        try:
            image_size(path)
        except InputError as error:
            raise InputError(f"the archive's {path.name} is no image") from error


def is_there(asset: Asset, path: Path) -> bool:
    """Whether the asset lies at `path`; a saved web page is none."""
    if asset.kind != "images":
        return path.is_file() and not is_web_page(path)
    if asset.files:
        return all((path / file).is_file() for file in asset.files)
    return all((path / folder).is_dir() for folder in asset.folders or ("",))
