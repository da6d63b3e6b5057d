"""What every record says of code and machine."""

import platform
import subprocess
from pathlib import Path

import pytest

from sr import provenance


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=N", "-c", "user.email=n@example.org", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "file").write_text("one")
    git(folder, "add", "file")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def test_the_commit_is_marked_when_files_differ_from_it(checkout: Path) -> None:
    name = git(checkout, "rev-parse", "HEAD")
    assert provenance.commit(checkout) == name
    provenance.commit.cache_clear()
    (checkout / "results").write_text("not tracked")
    assert provenance.commit(checkout) == name
    provenance.commit.cache_clear()
    (checkout / "file").write_text("two")
    assert provenance.commit(checkout) == f"{name}+changes"


def test_there_is_no_commit_outside_a_checkout(tmp_path: Path, checkout: Path) -> None:
    """A folder inside another project's checkout, such as an environment's, is not that project."""
    assert provenance.commit(tmp_path) is None
    (checkout / "site-packages").mkdir()
    assert provenance.commit(checkout / "site-packages") is None


def test_without_git_there_is_no_commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    provenance.commit.cache_clear()
    assert provenance.commit(checkout) is None
    provenance.commit.cache_clear()


def test_the_environment_names_the_processor_and_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    found = provenance.environment()
    assert {"sr", "python", "torch", "numpy", "pillow", "scipy"} <= found.keys()
    assert found["processor"] == provenance.processor()
    if platform.system() == "Linux" and platform.machine() == "x86_64":
        assert found["processor"] in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    monkeypatch.setattr(provenance, "gpu", lambda: "A GPU")
    assert provenance.environment()["gpu"] == "A GPU"
    assert "commit" not in provenance.computer()
