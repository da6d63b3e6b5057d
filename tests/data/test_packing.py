"""A packed set holds every image's pixels and their exact LR."""

import os
import shutil
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sr.choice import Chosen
from sr.data import packer
from sr.data.benchmarks import prepare
from sr.data.crops import Augmentation, CropSampler
from sr.data.packer import pack
from sr.data.packing import PackedSet
from sr.degradation import downscale
from sr.errors import InputError
from sr.images import write_png
from sr.seals import read_record, write_record
from sr.sums import Memory, sums_of
from sr.training_image import TrainingImage


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    random = np.random.default_rng(0)
    shapes = {"grey": (33, 41), "colour": (40, 48, 3)}
    for name, shape in shapes.items():
        write_png(tmp_path / "photos" / f"{name}.png", random.integers(0, 256, shape, dtype=np.uint8))
    return sorted((tmp_path / "photos").iterdir())


def test_images_come_back(tmp_path: Path, photos: list[Path]) -> None:
    from sr.images import read_image

    index = pack("two", photos, tmp_path / "packed")
    packed = PackedSet(tmp_path / "packed")
    assert (index.images, len(packed), index.left_out, index.converted) == (2, 2, (), ())
    colour = read_image(photos[0])
    grey = np.repeat(read_image(photos[1])[:32, :40, None], 3, axis=2)
    for number, hr in enumerate([colour, grey]):
        lr_packed, hr_packed = packed.pair(number)
        assert np.array_equal(hr_packed.transpose(1, 2, 0), hr)
        assert np.array_equal(lr_packed.transpose(1, 2, 0), downscale(hr, 4))


def test_checksum_tells_sets_apart(tmp_path: Path, photos: list[Path]) -> None:
    one = pack("one", photos[:1], tmp_path / "one")
    again = pack("one", photos[:1], tmp_path / "again")
    both = pack("both", photos, tmp_path / "both")
    assert one.checksum == again.checksum != both.checksum


def test_refuses_what_is_no_packed_set(tmp_path: Path, photos: list[Path]) -> None:
    with pytest.raises(InputError, match="not a packed training set"):
        PackedSet(tmp_path)
    with pytest.raises(InputError, match="holds no images"):
        pack("none", [], tmp_path / "none")
    pack("two", photos, tmp_path / "packed")
    with (tmp_path / "packed" / "hr.bin").open("r+b") as stream:
        stream.truncate(100)
    with pytest.raises(InputError, match=r"hr.bin: missing or not of"):
        PackedSet(tmp_path / "packed")


@pytest.fixture
def odd(tmp_path: Path) -> list[Path]:
    """Two ordinary images, and one of every kind that large collections have."""
    random = np.random.default_rng(0)
    folder = tmp_path / "odd"
    folder.mkdir()

    def picture(height: int = 24, width: int = 32) -> Image.Image:
        return Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8))

    picture().save(folder / "a.png")
    picture().convert("CMYK").save(folder / "b.jpg")
    picture().save(folder / "c.jpg")
    (folder / "c.jpg").write_bytes((folder / "c.jpg").read_bytes()[:300])
    picture(3, 32).save(folder / "d.png")
    picture().save(folder / "e.JPEG", format="PNG")
    picture().quantize(16).save(folder / "f.png")
    picture().convert("RGBA").save(folder / "g.png")
    picture().convert("1").save(folder / "h.png")
    picture(40, 40).save(folder / "i.png")
    return sorted(folder.iterdir())


def test_odd_images_are_converted_or_left_out_and_listed(tmp_path: Path, odd: list[Path]) -> None:
    index = pack("odd", odd, tmp_path / "packed")
    assert [(one.name, one.what) for one in index.left_out] == [
        ("c.jpg", "unreadable"),
        ("d.png", "smaller than the scale"),
        ("g.png", "unreadable"),
    ]
    assert index.left_out[1].detail == "32x3"
    assert "alpha channel" in index.left_out[2].detail
    assert str(tmp_path) not in "".join(one.detail for one in index.left_out)
    assert [(one.name, one.what) for one in index.converted] == [
        ("b.jpg", "CMYK"),
        ("e.JPEG", "named wrongly"),
        ("f.png", "palette"),
        ("h.png", "one bit"),
    ]
    packed = PackedSet(tmp_path / "packed")
    names = ["a.png", "b.jpg", "e.JPEG", "f.png", "h.png", "i.png"]
    for number, name in enumerate(names):
        expected = np.asarray(Image.open(tmp_path / "odd" / name).convert("RGB"))
        assert np.array_equal(packed.pair(number)[1].transpose(1, 2, 0), expected)
    account = packed.account(28)
    assert account["smaller_than_the_patch"] == 5
    assert account["left_out"]["unreadable"]["count"] == 2
    assert account["converted"]["CMYK"] == {"count": 1, "first": ["b.jpg"]}


def test_too_few_are_refused_with_what_was_wrong(tmp_path: Path, odd: list[Path]) -> None:
    chosen = Chosen({path.name: path for path in odd}, "all 9", 7)
    with pytest.raises(InputError, match=r"only 6 of its 9 images.* 7 are needed: 2 unreadable \(c\.jpg, "):
        pack("odd", chosen, tmp_path / "packed")
    assert not (tmp_path / "packed" / "index.json").exists()


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(tmp_path: Path, odd: list[Path], threads: int) -> None:
    one = pack("odd", odd, tmp_path / "one")
    many = pack("odd", odd, tmp_path / "many", threads=threads)
    assert one == many
    assert (tmp_path / "one" / "hr.bin").read_bytes() == (tmp_path / "many" / "hr.bin").read_bytes()


def test_goes_on_where_it_was_killed(
    tmp_path: Path, odd: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after every number of images, with any part of the next one written: the same set in the end."""
    whole = pack("odd", odd, tmp_path / "whole")
    sizes = {
        part: (tmp_path / "whole" / part).stat().st_size for part in ("hr.bin", "lr.bin", "images.jsonl")
    }
    read: list[str] = []
    reading = packer.read_training_image

    def remembering(path: Path) -> TrainingImage:
        read.append(path.name)
        return reading(path)

    monkeypatch.setattr(packer, "read_training_image", remembering)
    random = np.random.default_rng(1)
    for attempt in range(12):
        folder = tmp_path / f"killed{attempt}"
        shutil.copytree(tmp_path / "whole", folder)
        (folder / "index.json").unlink()
        for part, size in sizes.items():
            os.truncate(folder / part, int(random.integers(0, size + 1)))
        read.clear()
        assert pack("odd", odd, folder) == whole
        assert read == [path.name for path in odd][len(odd) - len(read) :]
        for part in sizes:
            assert (folder / part).read_bytes() == (tmp_path / "whole" / part).read_bytes()
    PackedSet(folder)


def test_asked_for_again_nothing_is_read_and_other_images_begin_anew(
    tmp_path: Path, odd: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pack("odd", odd, tmp_path / "packed")
    changed = pack("odd", odd[:6], tmp_path / "packed")
    assert changed.images < first.images
    assert changed == pack("odd", odd[:6], tmp_path / "fresh")
    monkeypatch.setattr(packer, "read_training_image", None)
    (tmp_path / "packed" / "index.json").unlink()
    assert pack("odd", odd[:6], tmp_path / "packed") == changed


@pytest.mark.parametrize("part", ["hr.bin", "lr.bin", "signatures.bin", "images.jsonl", "sizes.npy"])
def test_damage_is_never_sealed_as_good(tmp_path: Path, plain: list[Path], part: str) -> None:
    """One bit of each file in turn, asked for again as it was and with a further benchmark."""
    whole = pack("plain", plain, tmp_path / "whole", judge=Named(two=2))
    for place in (0.0, 0.5, 0.9):
        for number, judge in enumerate((Named(two=2), Named(two=2, none=9))):
            folder = tmp_path / f"damaged{place}{number}"
            shutil.copytree(tmp_path / "whole", folder)
            content = bytearray((folder / part).read_bytes())
            content[int(place * len(content))] ^= 1
            (folder / part).write_bytes(content)
            assert pack("plain", plain, folder, judge=judge).checksum == whole.checksum
            for name in ("hr.bin", "lr.bin", "signatures.bin", "images.jsonl", "sizes.npy"):
                assert (folder / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
            PackedSet(folder)


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\n",
        b"\0\0\0\n",
        b'{"name": "3.p\n',
        b"[]\n",
        b"7\n",
        b'{"size": [20, 12]}\n',
        b'{"name": "3.png", "size": [-20, 12]}\n',
        b'{"name": "3.png", "size": [20]}\n',
        b'{"name": "3.png", "size": "20"}\n',
        b'{"name": "5.png", "size": [20, 12]}\n',
        b'{"name": "3.png", "what": "odd", "detail": ""}\n',
    ],
)
def test_a_line_that_is_none_ends_what_is_known(tmp_path: Path, plain: list[Path], line: bytes) -> None:
    whole = pack("plain", plain, tmp_path / "packed")
    lines = (tmp_path / "packed" / "images.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "packed" / "images.jsonl").write_bytes(b"".join([*lines[:3], line, *lines[4:]]))
    assert pack("plain", plain, tmp_path / "packed") == whole
    PackedSet(tmp_path / "packed")


def test_other_code_packs_anew(tmp_path: Path, plain: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    pack("plain", plain, tmp_path / "packed", judge=Named(two=2))
    monkeypatch.setattr(packer, "code_hash", lambda _parts: "another")
    monkeypatch.setattr(packer, "downscale", lambda pixels, scale: pixels[::scale, ::scale] + 1)
    index = pack("plain", plain, tmp_path / "packed", judge=Named(two=2))
    lr, hr = PackedSet(tmp_path / "packed").pair(0)
    assert np.array_equal(lr, hr[:, ::4, ::4] + 1)
    assert index == pack("plain", plain, tmp_path / "fresh", judge=Named(two=2))


def test_an_index_of_before_is_refused_in_words(tmp_path: Path, photos: list[Path]) -> None:
    pack("two", photos, tmp_path / "packed")
    write_record(tmp_path / "packed" / "index.json", {"training_set": "two", "images": []})
    with pytest.raises(InputError, match="before training sets were chosen by rules; delete"):
        PackedSet(tmp_path / "packed")


def test_an_index_of_350000_images_takes_a_second_and_little_memory(tmp_path: Path) -> None:
    """Of pixels there are none: the two files are holes."""
    count = 350_000
    folder = tmp_path / "packed"
    pack("many", [made(tmp_path / "one.png")], folder)
    sizes = np.full((count, 2), 400, np.uint32)
    np.save(folder / "sizes.npy", sizes)
    for part, values in (("hr.bin", count * 3 * 400 * 400), ("lr.bin", count * 3 * 100 * 100)):
        os.truncate(folder / part, values)
    record = read_record(folder / "index.json", "") | {"images": count, "checksum": "made"}
    record["files"] = {"sizes.npy": sums_of(folder, ["sizes.npy"])["sizes.npy"].model_dump()}
    write_record(folder / "index.json", record)
    with Memory(folder) as memory:
        memory.remember("made", "hr.bin", "lr.bin")
    tracemalloc.start()
    packed = PackedSet(folder)
    CropSampler(
        packed,
        seed=0,
        batch=16,
        patch=96,
        augmentation=Augmentation(True, True),
        sampling="area",
        distinct_images=False,
    ).batch(0)
    assert tracemalloc.get_traced_memory()[1] < 100e6
    tracemalloc.stop()
    assert len(packed) == count


class Named:
    """A judge that knows test images by their first pixel."""

    signature_size = 1

    def __init__(self, **known: int) -> None:
        self.compared_with = dict.fromkeys(known, "checksum")
        self.known = known

    def signature(self, pixels: np.ndarray) -> np.ndarray:
        return pixels[0, 0, :1].copy()

    def twins(self, signatures: np.ndarray, readers: Sequence[Callable[[], np.ndarray]]) -> list[str | None]:
        assert [read()[0, 0, 0] for read in readers] == signatures[:, 0].tolist()
        names = {value: name for name, value in self.known.items()}
        return [names.get(value) for value in signatures[:, 0].tolist()]


@pytest.fixture
def plain(tmp_path: Path) -> list[Path]:
    for value in range(6):
        write_png(tmp_path / "plain" / f"{value}.png", np.full((8 + 4 * value, 12, 3), value, np.uint8))
    return sorted((tmp_path / "plain").iterdir())


def test_test_images_are_left_out_or_refused(tmp_path: Path, plain: list[Path]) -> None:
    index = pack("plain", plain, tmp_path / "packed", judge=Named(two=2, five=5), threads=2)
    assert [(one.name, one.what, one.detail) for one in index.left_out] == [
        ("2.png", "a test image", "two"),
        ("5.png", "a test image", "five"),
    ]
    assert index.compared_with == {"two": "checksum", "five": "checksum"}
    with pytest.raises(InputError, match=r"also test images \(2\.png is two\)"):
        pack("plain", plain, tmp_path / "refused", judge=Named(two=2), refuse_twins=True)


def test_batches_are_small_in_memory_however_small_the_files(tmp_path: Path) -> None:
    """Plain images of 12 MB, whose files are a thousandth of that; one of them holds nothing at all."""
    batches: list[list[int]] = []

    class Counting(Named):
        def twins(
            self, signatures: np.ndarray, readers: Sequence[Callable[[], np.ndarray]]
        ) -> list[str | None]:
            batches.append([read().nbytes for read in readers])
            return super().twins(signatures, readers)

    for number in range(5):
        write_png(tmp_path / "large" / f"{number}.png", np.full((2000, 2000), number, np.uint8))
    (tmp_path / "large" / "0.png").write_bytes(b"")
    index = pack("large", sorted((tmp_path / "large").iterdir()), tmp_path / "packed", judge=Counting())
    assert (index.images, len(index.left_out)) == (4, 1)
    assert [len(batch) for batch in batches] == [2, 2]
    assert all(sum(batch) <= 32 << 20 for batch in batches)


def test_further_benchmarks_are_compared_without_reading_again(
    tmp_path: Path, plain: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    pack("plain", plain, tmp_path / "packed", judge=Named(two=2))
    with monkeypatch.context() as patched:
        patched.setattr(packer, "read_training_image", None)
        index = pack("plain", plain, tmp_path / "packed", judge=Named(two=2, none=9))
    assert set(index.compared_with) == {"two", "none"}
    # One that shows a packed image has the set packed anew, without it.
    index = pack("plain", plain, tmp_path / "packed", judge=Named(two=2, three=3))
    assert index == pack("plain", plain, tmp_path / "fresh", judge=Named(two=2, three=3))
    assert [one.name for one in index.left_out] == ["2.png", "3.png"]


def test_what_only_a_former_benchmark_left_out_comes_back(tmp_path: Path, plain: list[Path]) -> None:
    pack("plain", plain, tmp_path / "packed", judge=Named(two=2, five=5))
    index = pack("plain", plain, tmp_path / "packed", judge=Named(two=2), threads=2)
    assert [one.name for one in index.left_out] == ["2.png"]
    assert index == pack("plain", plain, tmp_path / "fresh", judge=Named(two=2))
    # Not refused for ever, once nothing is compared with.
    assert pack("plain", plain, tmp_path / "packed", judge=Named(), refuse_twins=True).images == 6


def test_a_changed_benchmark_is_compared_anew(tmp_path: Path, plain: list[Path]) -> None:
    pack("plain", plain, tmp_path / "packed", judge=Named(two=2))
    changed = Named(two=3)
    changed.compared_with = {"two": "another"}
    index = pack("plain", plain, tmp_path / "packed", judge=changed)
    assert [one.name for one in index.left_out] == ["3.png"]


def test_a_former_benchmark_without_twins_costs_nothing(
    tmp_path: Path, plain: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    pack("plain", plain, tmp_path / "packed", judge=Named(two=2, none=9))
    monkeypatch.setattr(packer, "read_training_image", None)
    index = pack("plain", plain, tmp_path / "packed", judge=Named(two=2))
    assert index.compared_with == {"two": "checksum"}


def made(path: Path) -> Path:
    write_png(path, np.zeros((400, 400, 3), np.uint8))
    return path


def test_a_training_that_reads_a_set_keeps_it_while_other_images_are_packed(
    tmp_path: Path, plain: list[Path]
) -> None:
    """Cut off, mapped files would end the training with a bus error."""
    pack("plain", plain, tmp_path / "packed")
    training = PackedSet(tmp_path / "packed")
    kept = [tuple(np.array(pixels) for pixels in training.pair(number)) for number in range(len(training))]
    pack("plain", plain[::-1], tmp_path / "packed", judge=Named(two=2))
    for number, (lr, hr) in enumerate(kept):
        found = training.pair(number)
        assert np.array_equal(found[0], lr)
        assert np.array_equal(found[1], hr)


def test_a_benchmark_is_no_training_set(tmp_path: Path, plain: list[Path]) -> None:
    prepare("plain", plain, tmp_path / "ready")
    with pytest.raises(InputError, match=r"is a prepared benchmark and no training set; .* give .*ready/HR"):
        PackedSet(tmp_path / "ready")
