"""pyproject.toml, constraints.txt and environment.yml describe the same environment."""

import re
import tomllib
from pathlib import Path

import yaml

PROJECT = Path(__file__).parents[1]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(lines: list[str]) -> dict[str, str]:
    pairs = (line.split("==") for line in lines if "==" in line)
    return {normal(name): version.strip() for name, version in pairs}


def requirements() -> set[str]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    listed = [*project["dependencies"], *(line for extra in extras for line in extra)]
    return {normal(re.match(r"[\w.-]+", line).group()) for line in listed}


def test_conda_gives_the_same_versions() -> None:
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text())
    conda = pinned(environment["dependencies"][-1]["pip"])
    constraints = pinned((PROJECT / "constraints.txt").read_text().splitlines())
    assert conda.keys() == requirements() - {"pyiqa"}
    assert conda == {name: constraints[name] for name in conda}


def test_no_addresses_in_lock_files() -> None:
    for name in ("constraints.txt", "environment.yml", "pyproject.toml"):
        text = (PROJECT / name).read_text()
        assert not re.search(r"https?://|file:|index-url|find-links", text), name
