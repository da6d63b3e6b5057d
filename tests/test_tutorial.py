"""The tutorial does what it says: every command is run, and prints what stands there."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project_copy import copied_project

TUTORIAL = Path(__file__).parents[1] / "docs" / "tutorial.md"
NUMBER = re.compile(r"-?\d+\.\d+")


def blocks(language: str) -> list[str]:
    """The tutorial's blocks of code in a language, or without one."""
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", TUTORIAL.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [text for name, text in fences if name == language]


def steps() -> list[tuple[str, list[str]]]:
    """The commands of the tutorial in order, each with the lines that it is said to print."""
    found = []
    for block in blocks(""):
        if block.startswith("$ "):
            for step in block.removeprefix("$ ").split("\n$ "):
                command, *lines = step.replace("\\\n", " ").splitlines()
                found.append((command, lines))
    return found


def environment(mirror: Path, project: Path) -> dict[str, str]:
    """What a reader's shell has: the images, this code and its commands."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"SR_MIRROR": str(mirror), "PYTHONPATH": str(project), "PATH": path}


@pytest.mark.slow
def test_every_command_prints_what_it_is_said_to(tmp_path: Path, mirror: Path) -> None:
    project = copied_project(tmp_path)
    commands = steps()
    assert commands[-1][0].startswith("sr check")
    for command, said in commands:
        if command.startswith("export"):
            continue  # of a folder that only the reader knows
        made = subprocess.run(
            ["bash", "-c", command],
            cwd=project,
            env=environment(mirror, project),
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, f"{command}: {made.stdout}{made.stderr[-3000:]}"
        printed = made.stdout.splitlines()
        for line in said:
            assert any(same(line, other) for other in printed), f"{command} does not print: {line}\n{printed}"
    # The workflow had something to do.
    assert (project / "results" / "tables" / "table2_srgan.csv").is_file()


@pytest.mark.slow
def test_the_python_of_the_tutorial_gives_what_it_says(mirror: Path) -> None:
    (session,) = blocks("python")
    lines = session.replace("/data/sr", str(mirror)).splitlines()
    said = [ast.literal_eval(line) for line in lines if not line.startswith(">>> ")]
    code = [line.removeprefix(">>> ") for line in lines if line.startswith(">>> ")]
    program = "\n".join(f"print({line})" if line.startswith("score(") else line for line in code)
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    printed = [ast.literal_eval(line) for line in made.stdout.splitlines()]
    assert len(printed) == len(said) > 1
    for found, expected in zip(printed, said, strict=True):
        assert found == pytest.approx(expected, rel=1e-6)


def same(line: str, other: str) -> bool:
    """Whether two lines are equal but for the last digits of their numbers."""
    first, second = (list(map(float, NUMBER.findall(text))) for text in (line, other))
    return NUMBER.sub("#", line) == NUMBER.sub("#", other) and first == pytest.approx(second, rel=1e-6)
