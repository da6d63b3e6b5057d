"""The table across methods, as numbers and for people: panels of columns, a row for each source."""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from sr.files import write_text
from sr.pages.grid import MEANINGS, SIGNS
from sr.pages.notes import Notes
from sr.pages.render import templates
from sr.pages.table import RENDERINGS
from sr.pages.templating import headings
from sr.papers.comparison import ComparisonLayout, load_comparison_layout
from sr.papers.published import LOWER_IS_BETTER
from sr.results.complexity import Cost, Costs, load_costs
from sr.results.image_sets import BenchmarkState, state_of
from sr.results.measurement import Results
from sr.results.source import PAPER_BUDGET, Kind
from sr.verdicts.comparison import Line, Value, comparison_lines, write_provenance, write_values
from sr.verdicts.rows import Verdict

MISSING = "∅"

# A page holds about that many columns beside the methods' names.
_COLUMNS_OF_A_PANEL = 13
_SSIM = {"wang": "Wang et al.", "daala": "daala"}
_BACKBONE = {"alex": "AlexNet", "vgg": "VGG16"}
_MARKS = {
    Verdict.NOT_COMPARABLE: "not trained the way that the method's paper states",
    Verdict.STALE: MEANINGS[Verdict.STALE],
}
_COSTS = ("Parameters [M]", "Multiply-adds [G]", "Time [s/MP]", "Memory [MB]")
_NO_COST = {
    "baseline": "an interpolation is no network; its costs are not measured",
    "images": "only images were supplied; the network behind them is not known here",
    "none": "nothing fills this method in this run; see the note at its name",
}


@dataclass(frozen=True)
class Cell:
    """A number as it is shown, or the sign for a missing one with the number of a note."""

    text: str
    note: int | None = None
    best: bool = False


@dataclass(frozen=True)
class Block:
    """Columns under one heading: the costs, or one benchmark. A set without images has a single column."""

    heading: str
    note: int | None
    columns: list[str]
    cells: list[list[Cell]]


@dataclass(frozen=True)
class Name:
    """A row's heading: the method and, lest it be taken for the paper's own, what stands for it."""

    method: str
    tag: str
    mark: Verdict | None
    note: int | None

    @property
    def sign(self) -> str:
        """The mark's sign; empty without one."""
        return SIGNS[self.mark][0] if self.mark else ""


@dataclass(frozen=True)
class Page:
    """Everything that the templates show. sections: (heading, numbers of rows) in order."""

    title: str
    remarks: list[str]
    names: list[Name]
    sections: list[tuple[str, list[int]]]
    panels: list[list[Block]]
    notes: list[str]


def write_comparison(results: Results, costs_path: Path, output: Path, left_out: list[str]) -> int:
    """Write `output` (CSV), and beside it .json and its renderings of the same stem.

    left_out: methods that are not to appear, because their papers are not configured. Returns the number
    of rows. The CSV is written last, so that a file under its final name has its companions.
    """
    described, costs = load_comparison_layout(), load_costs(costs_path)
    methods = {name: method for name, method in described.methods.items() if name not in left_out}
    layout = described.model_copy(update={"methods": methods})
    lines = comparison_lines(layout, results, costs)
    page = build_page(layout, lines, results.benchmarks, costs, left_out)
    for suffix in RENDERINGS:
        write_text(output.with_suffix(f".{suffix}"), render_page(page, suffix, output.stem))
    write_provenance(output.with_suffix(".json"), layout, results, costs)
    write_values(output, lines)
    return len(lines)


def build_page(
    layout: ComparisonLayout,
    lines: list[Line],
    states: dict[str, BenchmarkState],
    costs: Costs,
    left_out: list[str],
) -> Page:
    """Arrange the lines in panels. left_out: methods of papers that are not configured."""
    notes = Notes()
    names = [_name(line, notes) for line in lines]
    blocks = [_cost_block(lines, notes)]
    blocks += [_benchmark_block(name, layout, lines, states, notes) for name in layout.benchmarks]
    blocks.sort(key=lambda block: block.note is not None)  # what has no images goes last
    groups = groupby(range(len(lines)), key=lambda row: layout.methods[lines[row].method].group or "")
    return Page(
        title=layout.title,
        remarks=_remarks(layout, lines, costs, left_out),
        names=names,
        sections=[(heading, list(rows)) for heading, rows in groups],
        panels=_panels(blocks),
        notes=notes.texts,
    )


def render_page(page: Page, suffix: str, name: str = "") -> str:
    """The page as text of the format `suffix`: md, html, body.html (with the page's `name`) or tex."""
    found = templates(suffix).get_template(f"comparison.{suffix}.j2")
    return found.render(page=page, missing=MISSING, **headings(suffix, name))


def tag_of(line: Line) -> str:
    """What stands for a method: a budget, weights by name, supplied images; nothing for interpolations."""
    if line.group is None:
        return "missing"
    return {
        "baseline": "",
        "released": f"weights {line.group.source.name}",
        "images": "supplied images",
        "trained": "full training" if line.group.budget == PAPER_BUDGET else line.group.budget,
    }[line.group.kind]


def _name(line: Line, notes: Notes) -> Name:
    told = [*_reservations(line), *_of_seeds(line), *_absent(line)]
    text = f"{line.method} ({tag_of(line)}): {'; '.join(told)}" if told else ""
    return Name(line.method, tag_of(line), _mark(line), notes.number(text))


def _mark(line: Line) -> Verdict | None:
    if line.stale:
        return Verdict.STALE
    return Verdict.NOT_COMPARABLE if line.deviations else None


def _reservations(line: Line) -> list[str]:
    """What speaks against the line's numbers. A shrunk budget changes too much to be listed in a note."""
    told = list(line.deviations)
    if told and line.group and line.group.budget not in ("", PAPER_BUDGET):
        told = [f"settings that differ from the paper's: {len(told)}, listed in comparison.csv"]
    return told + ([line.stale] if line.stale else [])


def _of_seeds(line: Line) -> list[str]:
    """The seeds of all values that have them all; a value of fewer has a note of its own."""
    complete = {value.seeds for value in line.values.values() if not value.unscored}
    return [_mean_over(seeds) for seeds in sorted(complete) if len(seeds) > 1]


def _mean_over(seeds: tuple[int, ...]) -> str:
    return f"mean over the seeds {', '.join(map(str, seeds))} ± their standard deviation"


def _of_fewer(value: Value) -> str:
    """Which seeds a value is of where some were not scored, and which these are."""
    if not value.unscored:
        return ""
    made_of = _mean_over(value.seeds) if len(value.seeds) > 1 else f"seed {value.seeds[0]} alone"
    return f"{made_of}; not scored: {', '.join(value.unscored)}"


def _absent(line: Line) -> list[str]:
    """Why there is nothing, in full; of further weights of a method only that they are not at hand."""
    if line.group is None:
        return [filling.reason for filling in line.absent]
    weights = [filling for filling in line.absent if filling.way.kind == Kind.RELEASED]
    names = ", ".join(filling.way.name for filling in weights)
    told = [f"the weights {names} are not at hand (`sr assets list` says how to get them)"] if names else []
    return told + [filling.reason for filling in line.absent if filling not in weights]


def _cost_block(lines: list[Line], notes: Notes) -> Block:
    return Block("Cost", None, list(_COSTS), [_cost_cells(line, notes) for line in lines])


def _cost_cells(line: Line, notes: Notes) -> list[Cell]:
    if line.cost is None:
        kind = line.group.kind if line.group else "none"
        reason = _NO_COST.get(kind, f"the cost of {line.method} was not measured")
        return [Cell(MISSING, notes.number(reason)) for _ in _COSTS]
    return [Cell(significant(number)) for number in _in_units(line.cost)]


def _in_units(cost: Cost) -> tuple[float, float, float, float]:
    return cost.parameters / 1e6, cost.multiply_adds / 1e9, cost.seconds, cost.memory / 1e6


def significant(number: float) -> str:
    """Three significant digits, and never a power of ten: 16.7, 0.0512, 1,033."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:#.3g}".rstrip(".")


def _benchmark_block(
    name: str, layout: ComparisonLayout, lines: list[Line], states: dict[str, BenchmarkState], notes: Notes
) -> Block:
    state = state_of(states, name)
    if state.reason:
        return Block(name, notes.number(state.reason), [""], [[Cell(MISSING)] for _ in lines])
    images = {line.values[name, metric].images for line in lines for metric in layout.metrics} - {None}
    heading = f"{name} ({', '.join(map(str, sorted(filter(None, images))))} images)" if images else name
    return Block(
        heading,
        None,
        [
            f"{measure.label or metric} {'↓' if metric in LOWER_IS_BETTER else '↑'}"
            for metric, measure in layout.metrics.items()
        ],
        [
            [
                _cell(line, line.values[name, metric], measure.decimals, notes)
                for metric, measure in layout.metrics.items()
            ]
            for line in lines
        ],
    )


def _cell(line: Line, value: Value, decimals: int, notes: Notes) -> Cell:
    if value.mean is None:
        # A line without any source says why at its name.
        return Cell(MISSING, notes.number(value.missing) if line.group else None)
    spread = "" if value.spread is None else f" ± {value.spread:.{decimals}f}"
    return Cell(f"{value.mean:.{decimals}f}{spread}", notes.number(_of_fewer(value)), value.best)


def _panels(blocks: list[Block]) -> list[list[Block]]:
    panels: list[list[Block]] = [[]]
    for block in blocks:
        if sum(len(other.columns) for other in [*panels[-1], block]) > _COLUMNS_OF_A_PANEL:
            panels.append([])
        panels[-1].append(block)
    return panels


def _remarks(layout: ComparisonLayout, lines: list[Line], costs: Costs, left_out: list[str]) -> list[str]:
    """Sentences for the caption: how scores and costs were measured, and how to read the rows."""
    way = layout.way
    rounded = "rounded " if way.y_rounded else ""
    remarks = [
        f"Every method is measured as the protocol of {layout.protocol} says: PSNR and SSIM on {rounded}"
        f"{way.channel} without {way.border} pixels at each side, SSIM after {_SSIM[way.ssim]}, LPIPS "
        f"{way.lpips.version} on {_BACKBONE[way.lpips.backbone]}; arrows point to the better side.",
        f"Cost: multiply-adds of convolutions and matrix products, and peak memory, for an output of "
        f"{costs.output}; time per megapixel of that output. Measured on {costs.machine}.",
    ]
    if any(value.best for line in lines for value in line.values.values()):
        remarks.append(
            "Bold: the best of the learned methods of one budget, or of one kind of source, in each column."
        )
    budgets = {line.group.budget for line in lines if line.group} - {"", PAPER_BUDGET}
    if budgets:
        named = ", ".join(f"'{budget}'" for budget in sorted(budgets))
        remarks.append(f"Rows of the shrunk budget {named} show small networks, not the papers' methods.")
    marks = {_mark(line): None for line in lines}
    remarks += [f"{SIGNS[mark][0]} {mark}: {_MARKS[mark]}; the note says why." for mark in marks if mark]
    if any(cell.mean is None for line in lines for cell in line.values.values()):
        remarks.append(f"{MISSING} missing; the note says why.")
    if left_out:
        remarks.append(f"Left out, because their papers are not configured: {', '.join(left_out)}.")
    return remarks
