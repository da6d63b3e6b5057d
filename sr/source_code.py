"""What decides a result, found from the import graph: the modules that a module needs, and what they do.

Nothing is imported. A module's hash is over its syntax tree without docstrings and comments, so rewording
changes nothing, and a changed constant, name or branch does.
"""

import ast
import gc
import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sr.files import write_json

PACKAGE = Path(__file__).parent

# Modules that can not change a number, and data that is known by its content where it is used.
LEFT_OUT = {
    "api.py": "the calls for notebooks: the package offers them, and nothing in it needs them",
    "errors.py": "what is said when something is refused",
    "files.py": "how files are written and hashed, not what is in them",
    "gpus.py": "which GPU a job waits for",
    "locks.py": "who waits for whom",
    "progress.py": "what is shown meanwhile",
    "project.py": "where folders lie",
    "provenance.py": "what is written down about a result",
    "source_code.py": "what is written down about a result",
    "data/archives.py": "how what was fetched is unpacked: contents are checked",
    "data/catalogue.yaml": "where things are fetched from: contents are checked, and checksums recorded",
    "data/download.py": "how things are fetched: contents are checked",
    "data/fetch.py": "how things are fetched: contents are checked",
    "data/lock.py": "what is known of fetched contents",
}
# Modules that import what they do not need, and its folder: a recipe is parsed with the settings of its
# losses, also by what builds its generator alone. What runs the losses names their folder.
_NOT_FOLLOWED = {"recipes/recipe.py": "losses/"}
_DATA = (".yaml", ".j2")


@dataclass(frozen=True)
class Module:
    """One file: hash of what it does, and the dotted names in this package that it imports.

    stamp: time of change and size, by which a file is known without reading it.
    """

    stamp: tuple[int, int]
    digest: str
    imports: tuple[str, ...] = field(default=())


class SourceCode:
    """The files of a package as they are now, each looked at once.

    known: a file in which what was read is kept between processes; None to read everything anew.
    """

    def __init__(self, package: Path, known: Path | None = None) -> None:
        self._package = package
        self._known = known
        self._modules = _read_known(known, package) if known else {}
        self._learned = False
        self._current: set[str] = set()
        self._needs: dict[str, list[str]] = {}

    def needed(self, parts: Iterable[str]) -> list[str]:
        """Paths inside the package of everything that some files or folders need, themselves included.

        The modules that they import, wherever the statement stands, and so on; the packages that hold those;
        and the data files beside them. Raises ValueError for a part that does not exist.
        """
        found: set[str] = set()
        waiting = [path for part in parts for path in self._files(part)]
        while waiting:
            path = waiting.pop()
            if path in found or path in LEFT_OUT:
                continue
            found.add(path)
            if path.endswith(".py"):
                if path not in self._needs:
                    self._needs[path] = [*self._imported(path), *self._beside(path)]
                waiting += self._needs[path]
        self._remember()
        return sorted(found)

    def digest(self, parts: Iterable[str]) -> str:
        """Short hash of everything that some files or folders need."""
        total = hashlib.sha256()
        for path in self.needed(parts):
            total.update(f"{path} {self._module(path).digest}\n".encode())
        self._remember()
        return total.hexdigest()[:16]

    def imported_by(self, file: Path) -> list[str]:
        """Paths inside the package of the modules that a Python file outside of it imports."""
        _, imports = _understood(file.read_bytes(), self._package.name)
        return sorted(set(self._modules_of(imports)))

    def _files(self, part: str) -> Iterator[str]:
        path = self._package / part
        if not path.exists():
            raise ValueError(f"'{part}' is no part of {self._package}")
        files = [path] if path.is_file() else sorted(path.rglob("*.py"))
        yield from (file.relative_to(self._package).as_posix() for file in files)

    def _imported(self, path: str) -> Iterator[str]:
        found = self._modules_of(self._module(path).imports)
        yield from (file for file in found if not self._ignored(path, file))

    def _modules_of(self, imports: Iterable[str]) -> Iterator[str]:
        # Importing a.b.c runs a/__init__, a.b and a.b.c; the last part may be a name inside a.b.
        names = [name.split(".")[1:] for name in imports]
        for place in {"/".join(parts[:end]) for parts in names for end in range(len(parts) + 1)}:
            for file in (f"{place}/__init__.py".lstrip("/"), f"{place}.py"):
                if (self._package / file).is_file():
                    yield file

    @staticmethod
    def _ignored(path: str, imported: str) -> bool:
        return path in _NOT_FOLLOWED and imported.startswith(_NOT_FOLLOWED[path])

    def _beside(self, path: str) -> Iterator[str]:
        """Data in a module's folder and below."""
        folder = (self._package / path).parent
        files = [] if folder == self._package else sorted(folder.rglob("*"))
        yield from (one.relative_to(self._package).as_posix() for one in files if one.suffix in _DATA)

    def _module(self, path: str) -> Module:
        if path in self._current:
            return self._modules[path]
        self._current.add(path)
        file = self._package / path
        status = file.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        if path not in self._modules or self._modules[path].stamp != stamp:
            content = file.read_bytes()
            self._modules[path] = (
                Module(stamp, *_understood(content, self._package.name))
                if path.endswith(".py")
                else Module(stamp, hashlib.sha256(content).hexdigest())
            )
            self._learned = True
        return self._modules[path]

    def _remember(self) -> None:
        if self._known and self._learned:
            # A package that may not be written to is read anew by every process.
            with suppress(OSError, ValueError):
                write_json(
                    self._known,
                    {"by": _stamp_of_this_file(), "files": {k: asdict(v) for k, v in self._modules.items()}},
                )
            self._learned = False


def _read_known(known: Path, package: Path) -> dict[str, Module]:
    with suppress(OSError, ValueError, KeyError, TypeError):
        content = json.loads(known.read_text(encoding="utf-8"))
        if content["by"] == _stamp_of_this_file():
            return {
                path: Module(tuple(one["stamp"]), one["digest"], tuple(one["imports"]))
                for path, one in content["files"].items()
                if (package / path).is_file()
            }
    return {}


def _stamp_of_this_file() -> list[int]:
    """What an older version of this file has written down is not believed."""
    status = Path(__file__).stat()
    return [status.st_mtime_ns, status.st_size]


def _understood(content: bytes, package: str) -> tuple[str, tuple[str, ...]]:
    """Hash of a module's syntax tree, and what it imports of the package."""
    # Hundreds of thousands of small objects without a cycle: collecting between them takes half the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        tree = ast.parse(content)
        imports = tuple(sorted(set(_imports(tree, package))))
        words: list[str] = []
        _spell(tree, words)
    finally:
        if collecting:
            gc.enable()
    return hashlib.sha256(" ".join(words).encode()).hexdigest(), imports


def _imports(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == package)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError("relative imports are not followed; write the full name")
            if node.module and node.module.split(".")[0] == package:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _spell(node: ast.AST, words: list[str]) -> None:
    """A tree as words: the kind of each node and its fields that hold anything; no texts that stand alone.

    Not `ast.dump`, whose form changes from one Python to the next.
    """
    words.append(type(node).__name__)
    for name, value in ast.iter_fields(node):
        if value is None or value == []:
            continue
        words.append(name)
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, ast.AST):
                words.append(repr(part))
            elif not _is_text_alone(part):
                _spell(part, words)
        words.append(")")


def _is_text_alone(node: ast.AST) -> bool:
    """A docstring, or another text that is a statement of its own."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
