"""A typo in any YAML is refused with file, key and nearest name."""

from pathlib import Path

import pytest

from sr.config import Strict, load_model, load_yaml
from sr.errors import InputError


class Stage(Strict):
    batch: int
    rate: float


class File(Strict):
    title: str
    stages: dict[str, Stage]
    first: Stage | None = None


def load(tmp_path: Path, text: str) -> File:
    path = tmp_path / "recipes.yaml"
    path.write_text(text)
    return load_model(path, File)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("titel: x\nstages: {}", r"recipes.yaml: .*'titel'; did you mean 'title'"),
        ("title: x\nstages: {a: {batch: 1, rat: 2}}", r"'stages.a.rat'; did you mean 'rate'"),
        (
            "title: x\nstages: {}\nfirst: {batsh: 1, rate: 2}",
            r"'first.batsh'; did you mean 'batch'",
        ),
        ("title: x\nstages: {a: {batch: many, rate: 2}}", r"'stages.a.batch': .*valid integer.*'many'"),
        ("title: x", r"'stages' is missing"),
        ("title: [", r"recipes.yaml: not valid YAML"),
        ("title: x\ntitle: y\nstages: {}", r"'title' appears twice"),
    ],
)
def test_refuses(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load(tmp_path, text)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent.yaml: no such file"):
        load_yaml(tmp_path / "absent.yaml")


def test_exponents_without_a_point_are_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("rate: 1e-4\nname: e4")
    assert load_yaml(tmp_path / "a.yaml") == {"rate": 1e-4, "name": "e4"}
