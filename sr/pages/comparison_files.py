"""The table across methods on disk: numbers as CSV, what they were made from as JSON, three renderings."""

from pathlib import Path

from sr.files import write_text
from sr.pages.comparison import build_page, render_page
from sr.pages.table import RENDERINGS
from sr.papers.comparison import load_benchmark_layout
from sr.results.complexity import load_costs
from sr.results.measurement import Results
from sr.verdicts.comparison import benchmark_lines, write_provenance, write_values


def write_benchmark(results: Results, costs_path: Path, output: Path, left_out: list[str]) -> int:
    """Write `output` (CSV), and beside it .json, .md, .html and .tex of the same stem.

    left_out: methods that are not to appear, because their papers are not configured. Returns the number
    of rows. The CSV is written last, so that a file under its final name has its companions.
    """
    described, costs = load_benchmark_layout(), load_costs(costs_path)
    methods = {name: method for name, method in described.methods.items() if name not in left_out}
    layout = described.model_copy(update={"methods": methods})
    lines = benchmark_lines(layout, results, costs)
    page = build_page(layout, lines, results.benchmarks, costs, left_out)
    for suffix in RENDERINGS:
        write_text(output.with_suffix(f".{suffix}"), render_page(page, suffix))
    write_provenance(output.with_suffix(".json"), layout, results, costs)
    write_values(output, lines)
    return len(lines)
