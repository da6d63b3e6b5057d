"""Numbers that a paper's authors list outside the paper, in a table that the paper itself does not print.

They stand in replications/third_party.csv, belong to weights that were given away, and are not printed.
"""

from sr.papers.published import Cell
from sr.papers.tables import Table
from sr.papers.third_party import load_reported


def listed_cells(paper: str, item: str, table: Table) -> list[Cell]:
    """The listed numbers that have a place in the table, in the order of their file; few tables have any."""
    methods = {method.listed: name for name, method in table.methods.items() if method.listed}
    datasets = {table.benchmark(name): name for name in table.datasets}
    return [
        Cell(paper, item, datasets[entry.dataset], methods[entry.model], entry.metric, entry.value)
        for entry in load_reported()
        if entry.source == table.listed
        and entry.model in methods
        and entry.dataset in datasets
        and entry.metric in table.metrics
    ]
