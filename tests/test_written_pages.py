"""Pages that programs write are what these programs write today."""

import importlib

import pytest

from sr.project import root

DOCS = root() / "docs"


# The plans of every paper at every number of GPUs take a minute.
@pytest.mark.parametrize("name", ["gpu", "small_networks", pytest.param("scaling", marks=pytest.mark.slow)])
def test_the_page_is_what_its_program_writes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DOCS)
    written = importlib.import_module(f"make_{name}").page()
    assert written == (DOCS / f"{name}.md").read_text(encoding="utf-8")
