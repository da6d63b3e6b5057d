"""What a GPU does with this code, without network: `python -m benchmarks.gpu`, and `... contract`.

Needs torch and the light dependencies of `sr`; no Snakemake, no LPIPS. Everything is made up on the spot:
images with the spectrum of photographs, and a perceptual network with random weights, which costs what the
pretrained one does. So speeds and the agreement of precisions are real, and the quality of what is learned
is not looked at. `--toy` runs all of it at toy size, on a CPU too, to see that it works.

The results go to a JSON file after every measurement, with the machine and the versions they come from.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks import gpu_measures as measures
from benchmarks.gpu_contract import contract, recipes_to_check
from benchmarks.gpu_scoring import scoring
from benchmarks.report import print_table
from sr.device import device_name
from sr.errors import InputError
from sr.files import write_json
from sr.provenance import environment

MEASURES: dict[str, Callable[..., list[measures.Row]]] = {
    "ceilings": measures.ceilings,
    "steps": measures.steps,
    "recipes": measures.recipes,
    "curves": measures.curves,
    "losses": measures.losses,
    "crops": measures.crops,
    "inference": measures.inference,
    "scoring": scoring,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the measurements that the command line names, or all but the contract."""
    options = _parsed(arguments)
    results = Results(options.output, toy=options.toy)
    if options.what == "contract":
        _contract(results, options)
        return
    names = list(MEASURES) if options.what == "all" else [options.what]
    with tempfile.TemporaryDirectory() as temporary:
        for name in names:
            try:
                rows = MEASURES[name](Path(temporary), toy=options.toy)
            except torch.OutOfMemoryError:
                print(f"{name}: does not fit into the memory of this GPU")
                measures.release()
                continue
            results.add(name, rows)
            _print(name, rows)
    print(f"results: {options.output}")


class Results:
    """The growing JSON file. Rows of another machine or another code are not mixed with this one's."""

    def __init__(self, path: Path, *, toy: bool) -> None:
        self.path = path
        self.origin = {
            "toy": toy,
            "device": device_name(measures.device()),
            "cuda": torch.version.cuda,
            **environment(),
        }
        self.found: dict[str, Any] = {"origin": self.origin}
        if path.is_file():
            earlier = json.loads(path.read_text(encoding="utf-8"))
            if earlier["origin"] != self.origin:
                raise InputError(f"{path}: holds results of {earlier['origin']}; name another --output.")
            self.found = earlier

    def add(self, name: str, rows: Iterable[measures.Row]) -> None:
        """Replace the rows of one measurement, and write."""
        self.found[name] = list(rows)
        write_json(self.path, self.found)

    def rows(self, name: str) -> list[measures.Row]:
        """What is known of one measurement."""
        return list(self.found.get(name, []))


def _contract(results: Results, options: argparse.Namespace) -> None:
    """Check the recipes that the file does not know yet, as long as there is time."""
    known = {row["what"] for row in results.rows("contract")}
    waiting = [name for name in recipes_to_check(options.recipes) if name not in known]
    stop, last = time.monotonic() + 60 * options.minutes, 0.0
    rows = results.rows("contract")
    with tempfile.TemporaryDirectory() as temporary:
        while waiting and time.monotonic() + last < stop:
            began = time.monotonic()
            rows.append(contract(waiting.pop(0), Path(temporary), options.steps, toy=options.toy))
            results.add("contract", rows)
            last = time.monotonic() - began
    if rows:
        _print("contract", rows)
    if waiting:
        print(f"no time left for {', '.join(waiting)}: run the same command again to go on.")
    failed = [row["what"] for row in rows if row["not_finite"]]
    if failed:
        raise SystemExit(f"not finite: {', '.join(failed)}")


def _print(name: str, rows: Sequence[measures.Row]) -> None:
    columns = list(rows[0])
    print_table(
        name,
        [column.replace("_", " ") for column in columns],
        [[_shown(row[column]) for column in columns] for row in rows],
    )


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"
    return "" if value is None else str(value)


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("what", nargs="?", default="all", choices=["all", *MEASURES, "contract"])
    parser.add_argument("recipes", nargs="*", help="contract: papers or recipes; default: all with a game")
    parser.add_argument("--toy", action="store_true", help="toy sizes, to see that everything works")
    parser.add_argument("--steps", type=int, default=200, help="contract: of each recipe")
    parser.add_argument(
        "--minutes", type=float, default=9.0, help="contract: begin nothing that takes longer"
    )
    parser.add_argument("--output", type=Path, default=Path("results/timings/gpu.json"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        raise SystemExit(f"benchmarks.gpu: {error}") from None
