"""A journal gives back what was written, and nothing that was torn or altered."""

from pathlib import Path

from sr.journal import Journal


def test_a_flipped_bit_makes_its_image_again(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path, "these images")
    values = {"a": {"PSNR": 0.1 + 0.2}, "b": {"PSNR": float("inf")}, "c": {"FID": [1 / 3, 2.0]}}
    for image, one in values.items():
        journal.add(image, one)
    again = Journal(path, "these images")
    assert {image: again.of(image) for image in values} == values
    assert not again.damaged
    whole = path.read_bytes()
    first = whole.index(b"\n", 1)
    for position in range(1, first):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        spoilt = Journal(path, "these images")
        assert spoilt.of("a") == {}, whole[position : position + 1]
        assert spoilt.of("c") == values["c"]
        assert spoilt.damaged


def test_a_torn_line_is_left_out_and_tears_no_other(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    Journal(path, "x").add("a", {"PSNR": 1.0})
    path.write_bytes(path.read_bytes()[:-9])
    Journal(path, "x").add("b", {"PSNR": 2.0})
    found = Journal(path, "x")
    assert (found.of("a"), found.of("b"), found.found) == ({}, {"PSNR": 2.0}, 1)


def test_notes_on_other_images_do_not_count(tmp_path: Path) -> None:
    Journal(tmp_path / "journal", "yesterday's").add("a", {"PSNR": 1.0})
    today = Journal(tmp_path / "journal", "today's")
    assert (today.of("a"), today.found, today.damaged) == ({}, 0, "")
