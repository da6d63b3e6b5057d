"""The lock remembers what a source gave."""

from hashlib import sha256
from pathlib import Path

import pytest

from sr.data.lock import ContentChangedError, Lock
from sr.errors import InputError


def test_records_and_recognises(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"one")
    lock = Lock(tmp_path / "assets.lock.json")
    lock.confirm("Set5", "https://example.org/a", file)
    lock.confirm("Set5", "https://example.org/a", file)
    entry = Lock(lock.path).entries()["https://example.org/a"]
    assert (entry.asset, entry.sha256, entry.size) == ("Set5", sha256(b"one").hexdigest(), 3)


def test_refuses_other_content_but_only_from_the_same_source(tmp_path: Path) -> None:
    file = tmp_path / "file"
    lock = Lock(tmp_path / "assets.lock.json")
    file.write_bytes(b"one")
    lock.confirm("Set5", "https://example.org/a", file)
    file.write_bytes(b"two")
    lock.confirm("Set5", "https://example.org/b", file)
    with pytest.raises(ContentChangedError) as caught:
        lock.confirm("Set5", "https://example.org/a", file)
    message = str(caught.value)
    for part in (
        sha256(b"one").hexdigest(),
        sha256(b"two").hexdigest(),
        "assets.lock.json",
        "remove that entry",
    ):
        assert part in message
    assert lock.entries()["https://example.org/a"].sha256 == sha256(b"one").hexdigest()


@pytest.mark.parametrize("content", ["{", '{"files": {"a": 1}}', '{"fils": {}}'])
def test_broken_lock_is_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "assets.lock.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"assets\.lock\.json"):
        Lock(path).entries()
