"""Writes what each paper leaves open into its README.md: `python docs/make_assumptions.py`.

The table stands between two comments; recipes.yaml and protocol.yaml are where it is said.
"""

from pathlib import Path

from markdown_table import table

from sr.files import write_text
from sr.papers.assumptions import OpenQuestion, open_questions
from sr.project import paper_folder, papers

BEGIN = "<!-- assumptions: written by docs/make_assumptions.py -->"
END = "<!-- end of assumptions -->"


def main() -> None:
    """Write all of them."""
    for paper in papers():
        readme = paper_folder(paper) / "README.md"
        write_text(readme, with_assumptions(readme, paper))


def with_assumptions(readme: Path, paper: str) -> str:
    """The text of a README.md with today's table."""
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{_table(paper)}\n{END}{after}"


def _table(paper: str) -> str:
    header = ("question", "of", "chosen", "because", "otherwise")
    return table(header, map(_row, open_questions(paper))).replace("---:", "---")


def _row(question: OpenQuestion) -> tuple[str, ...]:
    one = question.assumption
    tried = f" (tried by {', '.join(f'`{name}`' for name in one.tried_by)})" if one.tried_by else ""
    cells = (question.name, question.whose, one.chosen, one.because, f"{one.otherwise}{tried}")
    return tuple(cell.replace("|", "\\|") for cell in cells)


if __name__ == "__main__":
    main()
