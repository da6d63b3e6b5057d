"""The house keeps its order: imports run downward, rooms are small, names are said once, no paper is named.

A room is a folder below sr/; the files beside the folders are the ground floor.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import sr
from sr.project import papers

PACKAGE = Path(sr.__file__).parent
GROUND = "ground"

# From below. A room imports from lower floors, and from its own floor only what STAIRS names.
FLOORS = (
    (GROUND,),
    ("networks", "losses", "data", "metrics", "overlap"),
    ("scoring", "recipes"),
    ("weights",),
    ("inference",),
    ("photos",),
    ("papers",),
    ("results",),
    ("training",),
    ("verdicts", "claims", "audit"),
    ("planning",),
    ("opinions", "explain"),
    ("pages", "figures"),
    ("report",),
    ("cli",),
)
STAIRS = {
    ("losses", "networks"),  # the perceptual loss is made of VGG's features
    ("metrics", "networks"),
    ("metrics", "data"),  # assets: the parameters that metrics are made of
    ("data", "networks"),  # the catalogue says which network released weights belong to
}
# Doors of the house: they only hand on what a user asks for.
DOORS = ("__main__.py", "api.py")

MOST_FILES = 14  # about twelve
MOST_LINES = 400
# One file for each plug-in or command, so that a new one touches nothing else.
OPEN_ENDED = ("losses", "metrics", "cli", "networks", GROUND)


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else GROUND


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """Dotted names of this package that a module imports, wherever in it: sr.room.module[.name]."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            if (node.module or "").split(".")[0] == "sr":
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "sr")


def imports_between_rooms() -> dict[tuple[str, str], list[str]]:
    """(importing room, imported room) -> who imports what."""
    found = defaultdict(list)
    for path in modules():
        if room_of(path) == GROUND and path.name in DOORS:
            continue
        for name in imported(path):
            first = name.split(".")[1] if "." in name else ""
            target = first if (PACKAGE / first).is_dir() and first else GROUND
            if target != room_of(path):
                found[room_of(path), target].append(f"{path.relative_to(PACKAGE)} imports {name}")
    return found


def test_every_room_has_its_floor() -> None:
    rooms = [room for floor in FLOORS for room in floor]
    assert len(rooms) == len(set(rooms))
    there = {room_of(path) for path in modules()}
    assert there <= set(rooms), f"give {sorted(there - set(rooms))} a floor"


def test_imports_run_downward() -> None:
    level = {room: number for number, floor in enumerate(FLOORS) for room in floor}
    upward = {
        pair: lines
        for pair, lines in imports_between_rooms().items()
        if level[pair[0]] <= level[pair[1]] and pair not in STAIRS
    }
    assert not upward


def test_no_two_rooms_import_each_other() -> None:
    found = imports_between_rooms()
    assert not {frozenset(pair) for pair in found if pair[::-1] in found}


def test_stairs_are_used() -> None:
    assert set(imports_between_rooms()) >= STAIRS


def test_no_room_is_too_large_to_know() -> None:
    files = defaultdict(list)
    for path in modules():
        if path.name != "__init__.py":
            files[room_of(path)].append(path.name)
    large = {
        room: names for room, names in files.items() if len(names) > MOST_FILES and room not in OPEN_ENDED
    }
    assert not large


def test_no_file_is_too_long_to_read() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert not {str(path): count for path, count in lines.items() if count > MOST_LINES}


def test_a_class_has_its_name_to_itself_in_its_room() -> None:
    places = defaultdict(list)
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef):
                places[room_of(path), node.name].append(path.name)
    assert not {name: files for name, files in places.items() if len(files) > 1}


def test_replications_are_found_by_place() -> None:
    """The core knows the folder of the papers as a place; it imports nothing from there."""
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] not in ("replications", "snakemake"), path
            elif isinstance(node, ast.Import):
                names = {alias.name.split(".")[0] for alias in node.names}
                assert not names & {"replications", "snakemake"}, path


# Where a paper's name is another thing's: networks, naming conventions of weight files, and the options that
# choose these.
NAMED = re.compile(r"networks/.*|weights/naming\.py|cli/export\.py|SRGANDiscriminatorSettings")
# An example in a help text or a message, and where a formula stands: `(ESRGAN, sec. 3.4)`.
EXAMPLE = re.compile(
    r"(for instance|such as|source to use)\b.*|\([^)]*\b(sec\.|Eq\.|Fig\.)[^)]*\)", re.DOTALL
)


def texts_and_names(path: Path) -> Iterator[tuple[int, str]]:
    """Every text and identifier of a module with its line: what docstrings and comments say is left out."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, EXAMPLE.sub("", node.value)
        for field in ("name", "id", "attr", "arg", "module"):
            if isinstance(value := getattr(node, field, None), str):
                yield getattr(node, "lineno", 0), value


def test_the_core_names_no_paper() -> None:
    """What is true of one paper stands in its folder; the code would be the same without it."""
    paper = re.compile("|".join(papers()), re.IGNORECASE)
    said = [
        f"{place}:{line}: {text}"
        for path in modules()
        if not NAMED.fullmatch(place := path.relative_to(PACKAGE).as_posix())
        for line, text in texts_and_names(path)
        if paper.search(text) and not NAMED.fullmatch(text)
    ]
    said += [str(path) for path in PACKAGE.rglob("*.j2") if paper.search(path.read_text(encoding="utf-8"))]
    assert not said
