"""A typo in any YAML is refused with file, key and nearest name."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from sr.config import Strict, load_model, load_yaml
from sr.errors import InputError


class Stage(Strict):
    batch: int
    rate: float


class Round(Strict):
    shape: Literal["round"]
    radius: float


class Square(Strict):
    shape: Literal["square"]
    side: float
    corners: int


class Steps(Strict):
    iterations: int
    milestones: tuple[int, int]


class Waves(Strict):
    iterations: int
    periods: int
    warm_up: int


class File(Strict):
    title: str
    stages: dict[str, Stage]
    first: Stage | None = None
    form: Annotated[Round | Square, Field(discriminator="shape")] | None = None
    schedule: Steps | Waves | None = None


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "form: {shape: square, sid: 1, corners: 4}",
            r"key 'form.sid'; did you mean 'side'\? Valid: corners, shape, side\.$",
        ),
        ("form: {shape: square, side: 1}", r"key 'form.corners' is missing"),
        ("form: {shape: round, radius: wide}", r"key 'form.radius': .*'wide'"),
        ("form: {shape: sqare, side: 1}", r"key 'form.shape': unknown value 'sqare'; did you mean 'square'"),
        ("form: {side: 1}", r"key 'form.shape' is missing"),
        # Without a key that tells, the model meant is the one with the fewest errors.
        ("schedule: {iterations: 1, perods: 2, warm_up: 3}", r"'schedule.perods'; did you mean 'periods'"),
        ("schedule: {iterations: 1, milestons: [1, 2]}", r"'schedule.milestons'; did you mean 'milestones'"),
        ("schedule: {iterations: 1, warm_up: 3}", r"key 'schedule.periods' is missing"),
        ("schedule: {iterations: 1, milestones: [1]}", r"key 'schedule.milestones.1' is missing"),
    ],
)
def test_one_of_several_models(tmp_path: Path, text: str, message: str) -> None:
    """What is wrong is named as it stands in the file, with the names of the model that was meant."""
    with pytest.raises(InputError, match=message):
        load(tmp_path, f"title: x\nstages: {{}}\n{text}")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent.yaml: no such file"):
        load_yaml(tmp_path / "absent.yaml")


def test_exponents_without_a_point_are_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("rate: 1e-4\nname: e4")
    assert load_yaml(tmp_path / "a.yaml") == {"rate": 1e-4, "name": "e4"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: \xff\xfe", "not UTF-8 text"),
        (b"a: 2020-13-45", "not valid YAML"),
        (b"? [a, b]\n: 1", "a key is a list or a mapping"),
        (b"{a: 1}: 2", "a key is a list or a mapping"),
        (b"- " * 5000, "nests more than"),
        (b"\n".join(b" " * depth + b"a:" for depth in range(500)), "nests more than"),
        (b"a: \0", "not valid YAML"),
        (b"a: !!python/object/apply:os.getpid []", "not valid YAML"),
        (b"a: " + b"9" * 5000, "not valid YAML"),
    ],
)
def test_hostile_yaml_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(InputError, match=rf"a\.yaml: .*{said}"):
        load_yaml(tmp_path / "a.yaml")


def test_a_mark_in_front_of_utf_8_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1")
    assert load_yaml(tmp_path / "a.yaml") == {"a": 1}


@pytest.mark.parametrize("value", ["1e999", "-.inf", ".nan"])
def test_what_is_no_finite_number_is_refused(tmp_path: Path, value: str) -> None:
    class One(Strict):
        rate: float

    (tmp_path / "a.yaml").write_text(f"rate: {value}")
    with pytest.raises(InputError, match=r"a\.yaml: key 'rate': .*finite"):
        load_model(tmp_path / "a.yaml", One)
