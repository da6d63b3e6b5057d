"""Extraction of good archives, and refusal of every way out of the target folder."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from sr.data.archives import Layout, extract_file, extract_folders
from sr.errors import InputError

GOOD = {"top/set/HR/a.png": b"A", "top/set/HR/b.png": b"B", "top/set/LR/a.png": b"small", "top/read.me": b"!"}


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def make_tar(path: Path, files: dict[str, bytes], links: tuple[tarfile.TarInfo, ...] = ()) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for link in links:
            archive.addfile(link)
    return path


def link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.fixture(params=["set.zip", "set.tar", "set.tgz"])
def good(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return (make_zip if request.param.endswith("zip") else make_tar)(tmp_path / request.param, GOOD)


def extract(archive: Path, wanted: dict[Path, str | None], pattern: str = "*") -> None:
    extract_folders(archive, wanted, pattern, lambda _: None)


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_folder_anywhere_in_the_archive(good: Path, tmp_path: Path) -> None:
    extract(good, {tmp_path / "out": "set/HR"})
    assert files_below(tmp_path / "out") == ["a.png", "b.png"]
    assert (tmp_path / "out" / "a.png").read_bytes() == b"A"


def test_several_folders_at_once(good: Path, tmp_path: Path) -> None:
    extract(good, {tmp_path / "out" / "x": "HR", tmp_path / "out" / "y": "LR"}, pattern="a*")
    assert files_below(tmp_path / "out") == ["x/a.png", "y/a.png"]


def test_single_file(good: Path, tmp_path: Path) -> None:
    extract_file(good, "top/read.me", tmp_path / "out" / "text")
    assert (tmp_path / "out" / "text").read_bytes() == b"!"


def test_the_one_folder_with_images(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"Set5_HR/a.png": b"A", "notes/x.txt": b""})
    extract(archive, {tmp_path / "out": None})
    assert files_below(tmp_path / "out") == ["a.png"]


def test_images_in_two_folders_are_ambiguous(good: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"top/set/HR, top/set/LR"):
        extract(good, {tmp_path / "out": None})


@pytest.mark.parametrize("member", ["set/XX", "a.png"])
def test_folder_that_is_not_there(good: Path, tmp_path: Path, member: str) -> None:
    with pytest.raises(InputError, match=f"0 folders named '{member}'"):
        extract(good, {tmp_path / "out": member})


def test_refused_check_leaves_the_old_folder(good: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    extract(good, {target: "HR"})

    def refuse(folders: list[Path]) -> None:
        assert len(folders) == 1
        raise InputError("too few")

    with pytest.raises(InputError, match="too few"):
        extract_folders(good, {target: "LR"}, "*", refuse)
    assert files_below(target) == ["a.png", "b.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["out", good.name])


@pytest.mark.parametrize(
    "name", ["../evil.png", "/evil.png", "top/../../evil.png", "..\\evil.png", "C:/evil.png"]
)
@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_paths_that_leave(make, name: str, tmp_path: Path) -> None:
    archive = make(tmp_path / "bad", GOOD | {name: b"evil"})
    with pytest.raises(InputError, match=r"bad: nothing was extracted, for member '.*evil\.png' is refused"):
        extract(archive, {tmp_path / "in" / "out": "HR"})
    assert files_below(tmp_path) == ["bad"]


@pytest.mark.parametrize(
    "bad",
    [
        link("top/set/HR/c.png", "/etc/passwd", tarfile.SYMTYPE),
        link("top/set/HR/c.png", "../../../../etc/passwd", tarfile.SYMTYPE),
        link("top/set/HR/c.png", "../outside", tarfile.LNKTYPE),
        link("top/set/HR/c.png", "a.png", tarfile.SYMTYPE),
        link("top/set/HR/c.png", "", tarfile.FIFOTYPE),
    ],
    ids=["absolute", "symlink out", "hardlink out", "symlink inside", "pipe"],
)
def test_links_and_devices_in_tar(bad: tarfile.TarInfo, tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "bad.tar", GOOD, (bad,))
    with pytest.raises(InputError, match=r"bad\.tar: .*'top/set/HR/c\.png' is refused"):
        extract(archive, {tmp_path / "out": "HR"})
    assert files_below(tmp_path) == ["bad.tar"]


def test_symlink_in_zip(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "bad.zip", GOOD)
    with zipfile.ZipFile(archive, "a") as opened:
        info = zipfile.ZipInfo("top/set/HR/c.png")
        info.external_attr = 0o120777 << 16
        opened.writestr(info, "../../../../etc/passwd")
    with pytest.raises(InputError, match="leaves the target folder"):
        extract(archive, {tmp_path / "out": "HR"})


def test_harmless_link_elsewhere_does_not_disturb(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "a.tar", GOOD, (link("top/latest", "set", tarfile.SYMTYPE),))
    extract(archive, {tmp_path / "out": "HR"})
    assert files_below(tmp_path / "out") == ["a.png", "b.png"]


def test_damaged_and_foreign_files(good: Path, tmp_path: Path) -> None:
    content = good.read_bytes()
    # For the plain tar: behind the second file's header and before its content.
    good.write_bytes(content[: 1536 if good.suffix == ".tar" else len(content) // 2])
    with pytest.raises(InputError, match=good.name):
        extract(good, {tmp_path / "out": "HR"})
    good.write_bytes(b"<html>log in first</html>")
    with pytest.raises(InputError, match="neither a zip nor a tar"):
        extract(good, {tmp_path / "out": "HR"})
    assert files_below(tmp_path) == [good.name]


def pictures(folder: str, count: int, size: int = 1) -> dict[str, bytes]:
    return {f"{folder}/{number}.png": b"x" * size for number in range(count)}


def found(tmp_path: Path, files: dict[str, bytes], member: str | None, layout: Layout) -> list[str]:
    """What is extracted, with the folders it lay in beside its size."""
    archive = make_zip(tmp_path / "some.zip", files)
    extract_folders(archive, {tmp_path / "out": member}, "*", lambda _: None, layout)
    return files_below(tmp_path / "out")


def test_a_folder_is_found_by_what_it_holds(tmp_path: Path) -> None:
    """Called otherwise than stated: the right number, this set's name, and HR, which takes more bytes."""
    bundle = pictures("all/B100/HR", 3, 9) | pictures("all/Set3/LR/X4", 3) | pictures("all/Set3/GT", 3, 5)
    bundle |= pictures("all/Set4", 4, 20) | {"all/Set3/GT/.4.png": b"hidden", "all/Set3/GT/list.txt": b"text"}
    assert found(tmp_path, bundle, "benchmark/Set3/HR", Layout(3, "Set3"))[-1] == "list.txt"
    assert (tmp_path / "out" / "0.png").read_bytes() == b"x" * 5


def test_the_stated_folder_counts_only_with_the_stated_images(tmp_path: Path) -> None:
    files = pictures("a/HR", 2) | pictures("b/images", 3, 4)
    assert found(tmp_path, files, "HR", Layout(3, "Set")) == ["0.png", "1.png", "2.png"]
    assert (tmp_path / "out" / "0.png").read_bytes() == b"x" * 4
    files = pictures("a/HR", 3) | pictures("b/images", 3, 4)
    found(tmp_path, files, "HR", Layout(3, "Set"))
    assert (tmp_path / "out" / "0.png").read_bytes() == b"x"


def test_a_set_of_folders_is_found_wherever_it_begins(tmp_path: Path) -> None:
    files = pictures("x/y/Train/sky", 2) | pictures("x/y/Train/sea/deep", 3) | pictures("x/y/Test", 4)
    layout = Layout(5, "Scenes", deep=True)
    assert found(tmp_path, files, "SceneTrain", layout) == [
        "sea/deep/0.png",
        "sea/deep/1.png",
        "sea/deep/2.png",
        "sky/0.png",
        "sky/1.png",
    ]
    with pytest.raises(InputError, match=r"no folder of it holds 6 images, but 4 in x/y/Test, 3 in "):
        found(tmp_path, files, "SceneTrain", Layout(6, "Scenes", deep=True))
