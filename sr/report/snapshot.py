"""A results folder for good: a Workflow Run RO-Crate that can be cited, and compared with another checkout.

What is in it: tables with their verdicts, claims, figures, scores, records and curves of trainings, and the
recipes, rules and workflow that they were made by, the user's own in my/ as well. Weights and images are not:
a record tells their hashes.
"""

import datetime
import mimetypes
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sr.config import load_yaml
from sr.data.archives import open_archive
from sr.errors import InputError
from sr.files import atomic_folder, atomic_path, file_hash, value_hash, write_json
from sr.project import root
from sr.provenance import environment
from sr.recipes.run_record import RECORD
from sr.verdicts.frozen import FIELD, frozen, rules
from sr.verdicts.reference import update_reference

METADATA = "ro-crate-metadata.json"
RULES = "rules.json"
_CRATE = "1.1"  # the version of RO-Crate that these profiles build on
_PROFILES = (
    "https://w3id.org/ro/wfrun/process/0.5",
    "https://w3id.org/ro/wfrun/workflow/0.5",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
)
_WORKFLOW = ("Snakefile", "workflow", "replications", "CITATION.cff", "LICENSE")
_KEPT = ("tables", "figures", "calibration", "studies")  # of the results folder, whole
_CONFIGURATION = "workflow/config.yaml"
# Of what a system may not know.
_FORMATS = {".yaml": "application/yaml", ".md": "text/markdown", ".svg": "image/svg+xml"}


def snapshot(results: Path, output: Path) -> int:
    """Pack a results folder into `output`, a folder or a file ending in .zip; returns how many files it has.

    Raises InputError when `output` exists, or when there are no tables to keep.
    """
    if output.exists():
        raise InputError(f"{output}: exists; a snapshot is never replaced, give another name.")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "crate"
        _collect(results, folder)
        count = _describe(folder)
        if output.suffix == ".zip":
            with atomic_path(output) as path:
                shutil.make_archive(str(Path(temporary) / "packed"), "zip", folder)
                shutil.copyfile(Path(temporary) / "packed.zip", path)
        else:
            with atomic_folder(output) as path:
                shutil.copytree(folder, path, dirs_exist_ok=True)
    return count


@contextmanager
def opened(crate: Path) -> Iterator[Path]:
    """A snapshot as a folder, unpacked where it is a .zip. Raises InputError for anything else."""
    if crate.is_dir() and (crate / METADATA).is_file():
        yield crate
    elif crate.is_file() and zipfile.is_zipfile(crate):
        # A snapshot may be anyone's: what it would unpack to is bounded before a byte is written.
        with open_archive(crate):
            pass
        with tempfile.TemporaryDirectory() as temporary, zipfile.ZipFile(crate) as packed:
            packed.extractall(temporary)
            if not (Path(temporary) / METADATA).is_file():
                raise InputError(f"{crate}: holds no {METADATA}; give a file made by `sr snapshot`.")
            yield Path(temporary)
    else:
        raise InputError(f"{crate}: is no snapshot; give a folder or .zip made by `sr snapshot`.")


def _collect(results: Path, folder: Path) -> None:
    runs, scores = results / "runs", results / "scores"
    update_reference(
        results / "tables",
        folder / "results" / "reference",
        force=False,
        runs=runs if runs.is_dir() else None,
        scores=scores if scores.is_dir() else None,
    )
    for name in _KEPT:
        if (results / name).is_dir():
            shutil.copytree(results / name, folder / "results" / name)
    for record in sorted(runs.glob(f"**/{RECORD}")):
        target = folder / "results" / record.relative_to(results)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(record, target)
    for name in _WORKFLOW:
        part = root() / name
        if part.is_dir():
            shutil.copytree(part, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".snakemake"))
        elif part.is_file():
            shutil.copyfile(part, folder / name)
    for path in sorted((root() / "my").glob("*.yaml")):
        (folder / "my").mkdir(exist_ok=True)
        shutil.copyfile(path, folder / "my" / path.name)
    fixed = frozen()
    write_json(folder / RULES, {FIELD: rules(), "frozen": fixed.model_dump(mode="json") if fixed else None})


def _describe(folder: Path) -> int:
    """Write the crate's metadata beside its files; returns how many there are.

    Raises InputError when rocrate is missing.
    """
    try:
        from rocrate.model.contextentity import ContextEntity
        from rocrate.rocrate import ROCrate
    except ImportError:
        raise InputError(
            "a snapshot needs rocrate; get it with `pip install 'sr-replications[workflow]'`."
        ) from None
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in files]
    sums = {name: file_hash(path) for name, path in zip(names, files, strict=True)}
    crate = ROCrate(gen_preview=False, version=_CRATE)
    cited = _citation()
    today = datetime.datetime.now(datetime.UTC)
    crate.name = f"{cited['title']}: results of {today.date()}"
    crate.description = "Tables, verdicts, claims and figures of a run, with what they were made by."
    crate.datePublished = today
    if cited["license"]:
        # Of the code and of what it made; LICENSE has its words.
        licence = f"https://spdx.org/licenses/{cited['license']}"
        crate.license = crate.add(
            ContextEntity(crate, licence, {"@type": "CreativeWork", "name": cited["license"]})
        )
    crate.root_dataset["identifier"] = f"sha256:{value_hash(sums)}"
    crate.root_dataset["creditText"] = f"{cited['title']} {cited['version']}, snapshot of {today.date()}"
    crate.root_dataset["conformsTo"] = [
        crate.add(ContextEntity(crate, profile, properties={"@type": "CreativeWork"}))
        for profile in _PROFILES
    ]
    workflow = crate.add_workflow(folder / "Snakefile", "Snakefile", main=True, lang="snakemake")
    workflow["version"] = str(cited["version"])
    for key, value in _bytes(folder / "Snakefile", sums["Snakefile"]).items():
        workflow[key] = value
    entities = {
        name: crate.add_file(path, name, properties=_bytes(path, sums[name]))
        for name, path in zip(names, files, strict=True)
        if name != "Snakefile"
    }
    made = [entity for name, entity in entities.items() if name.startswith("results/")]
    run = crate.add_action(
        workflow,
        identifier="#run",
        object=[entity for name, entity in entities.items() if name == _CONFIGURATION],
        result=made,
        properties={
            "name": "a run of the workflow",
            "endTime": _latest(files, folder).isoformat(timespec="seconds"),
            "description": ", ".join(f"{name} {value}" for name, value in environment().items()),
        },
    )
    crate.root_dataset["mentions"] = run
    crate.metadata.write(folder)
    return len(files)


def _bytes(path: Path, sha256: str) -> dict[str, Any]:
    """What the crate says of a file."""
    form, _ = mimetypes.guess_type(path.name)
    return {
        "sha256": sha256,
        "contentSize": str(path.stat().st_size),
        "encodingFormat": form or _FORMATS.get(path.suffix, "text/plain"),
    }


def _citation() -> dict[str, Any]:
    path = root() / "CITATION.cff"
    return load_yaml(path) if path.is_file() else {"title": "sr-replications", "version": "", "license": ""}


def _latest(files: list[Path], folder: Path) -> datetime.datetime:
    """When the last of the results was written."""
    times = [path.stat().st_mtime for path in files if path.is_relative_to(folder / "results")]
    return datetime.datetime.fromtimestamp(max(times), datetime.UTC)
