"""Names that mean something to a terminal, a shell or a pattern."""

import re
from pathlib import Path

import numpy as np
import pytest

from sr import project
from sr.errors import InputError
from sr.images import write_png
from tests.cli.in_process import sr

RULES = Path(__file__).parents[2] / "workflow" / "rules"
# Numbers, and options that `sr.planning` has quoted.
QUOTED = {"threads", "resources.gpu"} | {
    f"params.{name}"
    for name in (
        "sources",
        "obstacles",
        "left_out",
        "benchmarks",
        "curves",
        "protocols",
        "start",
        "twin",
        "optional",
        "nearest",
        "papers",
        "quick",
    )
}


@pytest.mark.parametrize("name", ["[b]", "[/b]x", "[link=file:///etc]", "a[red]"])
def test_a_folder_named_like_markup_is_scored(tmp_path: Path, name: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    for folder in (tmp_path / name.replace("/", "_"), tmp_path / "hr"):
        write_png(folder / "a.png", pixels)
    folder = tmp_path / name.replace("/", "_")
    result = sr("score", "--sr", folder, "--hr", tmp_path / "hr", "--protocol", "gmgan", "--metrics", "PSNR")
    assert result.code == 0, result.err
    assert name.replace("/", "_") in "".join(result.out.split())


@pytest.mark.parametrize("name", ["x`touch y`", "x(y", "a b", "Ä", "x;y", "-x", "UPPER"])
def test_a_paper_is_named_so_that_it_can_stand_in_commands_and_patterns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "replications" / name).mkdir(parents=True)
    (tmp_path / "replications" / name / "published.csv").touch()
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="name a paper's folder with the letters"):
        project.papers()


def test_everything_that_a_rule_gives_to_a_shell_is_quoted() -> None:
    for path in RULES.glob("*.smk"):
        for command in re.findall(r"^    shell:\n?((?:\s*\"[^\n]*\"\n?)+)", path.read_text(), re.MULTILINE):
            for name in re.findall(r"(?<!\{)\{([^{}]+)\}", command):
                assert name.endswith(":q") or name in QUOTED, f"{path.name}: {{{name}}}"
