"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def mirror() -> Path:
    """A local folder with the benchmark images in their original layout; skips where there is none."""
    folder = Path(os.environ.get("SR_MIRROR", PROJECT.parent / "shared" / "mirror"))
    if not (folder / "benchmark" / "Set5").is_dir():
        pytest.skip(f"no image mirror: set SR_MIRROR to a folder with benchmark/Set5 ({folder} has none)")
    return folder
