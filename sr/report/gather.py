"""Everything that a results folder holds for people, read into plain objects; what is missing is said."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from markupsafe import Markup

from sr.claims.pool import RELEASED
from sr.claims.verdicts import ClaimVerdict
from sr.opinions.design import load_key
from sr.pages.templating import BODY
from sr.papers.assumptions import OpenQuestion, open_questions
from sr.papers.comparison import load_comparison_layout
from sr.papers.names import by_year, title_of, year_of
from sr.papers.published import load_published
from sr.papers.tables import layouts_path, load_layouts, name_in_files
from sr.project import papers
from sr.report.costs import Cost, job_costs, training_costs
from sr.report.figures import Figure, Figures, load_figures
from sr.report.findings import Finding, audited, checked, sayable
from sr.report.next_steps import Step, fetching
from sr.report.records import Record, Records, load_records
from sr.report.seeds import Forecast
from sr.report.shown import shown_sources
from sr.report.unavailable import Lack, can_be_had, lacks
from sr.report.viewer import ORIGINAL, Gallery, gather_crops
from sr.results.source import ORIGINAL as GROUND_TRUTH
from sr.results.source import PAPER_BUDGET, Kind, Source, parse_sources
from sr.results.trainings import Training, load_trainings
from sr.verdicts.rows import Row, Verdict, count_verdicts, read_rows

ACROSS = "all"  # the folder of figures across papers
NOT_RUN = str(ClaimVerdict.NOT_RUN)

_CLAIM_COLUMNS = (
    *("claim", "paper", "kind", "place", "statement", "budget", "verdict", "reason", "printed"),
    *("printed_tally", "difference", "low", "high", "p_value", "images", "seeds", "decisive", "sources"),
    "deviations",
)
_COMPARISON_COLUMNS = (
    "claim",
    "budget",
    "metric",
    "dataset",
    "left",
    "relation",
    "right",
    "verdict",
    "reason",
)


@dataclass(frozen=True)
class Body:
    """The body of a page that was written for others. name: the page's, which its anchors begin with."""

    name: str
    title: str
    html: Markup


@dataclass(frozen=True)
class Paper:
    """One paper's part of the page.

    printed: how many numbers it prints. in_run: whether the run is about it. forecasts: the seeds it takes.
    """

    name: str
    title: str
    year: int | None
    in_run: bool
    printed: int
    rows: tuple[Row, ...]
    tables: tuple[Body, ...]
    claims: tuple[Record, ...]
    audit: Records | None
    figures: Figures
    forecasts: tuple[Forecast, ...] = ()

    @property
    def verdicts(self) -> dict[Verdict, int]:
        """How often each verdict was given to a printed number and a source."""
        return count_verdicts(row for row in self.rows if row.published)

    @property
    def beyond(self) -> dict[Verdict, int]:
        """How often each verdict was given where the paper prints no number."""
        return count_verdicts(row for row in self.rows if not row.published)

    @property
    def missing(self) -> Counter[bool]:
        """Of its unavailable printed numbers, how many wait for what can be had (True) and for nothing."""
        unavailable = (row for row in self.rows if row.published and row.verdict is Verdict.UNAVAILABLE)
        return Counter(map(can_be_had, unavailable))

    @property
    def open_questions(self) -> list[OpenQuestion]:
        """What the paper leaves open, and how it was read."""
        return open_questions(self.name)

    @property
    def unprinted(self) -> int:
        """Numbers that were measured where the paper prints none."""
        beyond = (row for row in self.rows if not row.published and row.verdict is not Verdict.OWN)
        return sum(row.measured is not None for row in beyond)

    def verdict(self, claim: str, budget: str) -> str:
        """What was found of a claim at a budget so far; empty for what was not judged."""
        found = (one["verdict"] for one in self.claims if (one["claim"], one["budget"]) == (claim, budget))
        return next(found, "")

    def decided(self, item: str) -> int:
        """How many numbers of a table were decided by trainings: a match, or they differ."""
        sure = (row for row in self.rows if row.verdict in (Verdict.MATCH, Verdict.DIFFERS))
        return len({row.key for row in sure if row.item == item and _is_trained(row)})

    @property
    def claim_counts(self) -> dict[str, Counter[str]]:
        """How often each verdict was given to a claim, by the budget that it was measured at."""
        counts: dict[str, Counter[str]] = {}
        for claim in self.claims:
            counts.setdefault(claim["budget"], Counter())[claim["verdict"]] += 1
        return counts


@dataclass(frozen=True)
class Material:
    """What the page shows. missing: what was not found, in words."""

    papers: tuple[Paper, ...]
    findings: tuple[Finding, ...]
    steps: tuple[Step, ...]
    lacks: tuple[Lack, ...]
    across: Body | None
    figures_across: Figures
    audit: Body | None
    comparisons: dict[str, list[Record]]
    studies: tuple[Records, ...]
    opinions: dict[str, str]
    calibrations: tuple[Records, ...]
    third_party: Records | None
    runs: tuple[Training, ...]
    training_costs: tuple[Cost, ...]
    job_costs: tuple[Cost, ...]
    gallery: Gallery
    missing: tuple[str, ...]

    @property
    def figures(self) -> list[Figure]:
        """All figures, of papers and across them."""
        folders = [self.figures_across, *(paper.figures for paper in self.papers)]
        return [figure for folder in folders for figure in folder.made]

    @property
    def shrunk(self) -> list[str]:
        """Budgets behind what is shown that are smaller than the papers'."""
        rows = {row.budget for paper in self.papers for row in paper.rows}
        drawn = {budget for figure in self.figures for budget in figure.description.budgets}
        return sorted((rows | drawn | {run.record.budget for run in self.runs}) - {"", PAPER_BUDGET})


class _Gathering:
    """Reads what is there, and remembers what is not."""

    def __init__(self, results: Path) -> None:
        self.results = results
        self.missing: list[str] = []

    def file(self, name: str, what: str) -> Path | None:
        """The path of a file, or None and a sentence for the page."""
        path = self.results / name
        if path.is_file():
            return path
        self.missing.append(f"{what}: results/{name} is not there; `snakemake results/{name}` makes it.")
        return None

    def records(self, name: str, what: str, needed: Sequence[str] = ()) -> Records | None:
        path = self.file(name, what)
        return load_records(path, needed) if path else None

    def body(self, name: str, title: str) -> Body | None:
        """A page of tables/ as the body that was written for this one."""
        path = self.file(f"tables/{name}.{BODY}", title)
        return Body(name, title, Markup(path.read_text(encoding="utf-8"))) if path else None

    def figures(self, name: str) -> Figures:
        """The figures in a folder of figures/."""
        folder = self.results / "figures" / name
        found = load_figures(folder)
        if not found.made and not found.missing:
            self.missing.append(
                f"Figures of {name}: none in results/figures/{folder.name}; `snakemake all` draws them."
            )
        return found


def gather(
    results: Path,
    benchmarks: Path,
    images: Path,
    megabytes: float,
    configured: Sequence[str] = (),
    steps: Sequence[Step] = (),
    forecasts: Mapping[str, tuple[Forecast, ...]] = MappingProxyType({}),
) -> Material:
    """Read a results folder.

    benchmarks: prepared benchmarks, with HR/ and index.json. images: folder with supplied images.
    megabytes: what the viewer's crops may take. configured: the papers that the run is about, which stand
    first; without them all are. steps: what to do next, after fetching what can be fetched.
    forecasts: paper -> the seeds it takes.
    Raises InputError for a file that is there and can not be read; what is missing becomes a sentence.
    """
    found = _Gathering(results)
    verdicts = found.file("tables/verdicts.csv", "Verdicts of all printed numbers")
    rows = read_rows(verdicts) if verdicts else []
    claims = found.records("tables/claims.csv", "The papers' claims", _CLAIM_COLUMNS)
    comparisons = found.records(
        "tables/claims_comparisons.csv", "Comparisons behind claims", _COMPARISON_COLUMNS
    )
    runs = load_trainings(results / "runs")
    order = sorted(by_year(papers()), key=lambda name: bool(configured) and name not in configured)
    parts = tuple(
        replace(_paper(found, name, rows, claims, configured or order), forecasts=forecasts.get(name, ()))
        for name in order
    )
    wanted = tuple(lacks(rows))
    gallery = gather_crops(benchmarks, shown_sources(results, images, rows, runs), megabytes)
    found.missing += _not_shown(rows, gallery)
    if not gallery.scenes:
        found.missing.append(
            f"The viewer: no image of a benchmark in {benchmarks} has a reconstruction;"
            " `snakemake all` makes them."
        )
    if not runs:
        found.missing.append("Trainings: none has ended in results/runs.")
    return Material(
        papers=parts,
        findings=(
            audited([paper.audit for paper in parts if paper.audit]),
            checked(rows, sum(paper.printed for paper in parts)),
            sayable(rows, runs, claims.rows if claims else ()),
        ),
        steps=(*fetching(wanted), *steps),
        lacks=wanted,
        across=found.body("comparison", load_comparison_layout().title),
        figures_across=found.figures(ACROSS),
        audit=found.body("audit", "Audit of the printed numbers"),
        comparisons=_by_claim(comparisons),
        opinions=_opinions(results / "opinions"),
        studies=tuple(load_records(path) for path in sorted((results / "studies").glob("*.csv"))),
        calibrations=tuple(load_records(path) for path in sorted((results / "calibration").glob("*.csv"))),
        third_party=found.records("third_party.csv", "What others report for released weights"),
        runs=tuple(runs),
        training_costs=tuple(training_costs(runs)),
        job_costs=tuple(job_costs(results / "timings")),
        gallery=gallery,
        missing=tuple(found.missing),
    )


def _opinions(folder: Path) -> dict[str, str]:
    """A page to rate on of each study that was prepared, below results/, and the study's title."""
    return {
        f"opinions/{key.parent.name}/pages/{page.name}": load_key(key.parent).study.title
        for key in sorted(folder.glob("*/key.json"))
        for page in sorted((key.parent / "pages").glob("*.html"))[:1]
    }


def _paper(
    found: _Gathering, name: str, rows: Iterable[Row], claims: Records | None, in_run: Sequence[str]
) -> Paper:
    printed = load_published(name)
    items = load_layouts(name).tables if layouts_path(name).is_file() else {}
    pages = [found.body(f"{name_in_files(item)}_{name}", table.title) for item, table in items.items()]
    return Paper(
        name=name,
        title=title_of(name),
        year=year_of(name),
        in_run=name in in_run,
        printed=len(printed),
        rows=tuple(row for row in rows if row.paper == name),
        tables=tuple(page for page in pages if page),
        claims=_claims(found, name, claims.rows if claims else ()),
        audit=found.records(f"tables/audit_{name}.csv", f"Audit of {name}"),
        figures=found.figures(name),
    )


def _claims(found: _Gathering, paper: str, rows: Iterable[Record]) -> tuple[Record, ...]:
    """The paper's claims; those on released weights only if some was measured or no others stand there."""
    claims = tuple(row for row in rows if row["paper"] == paper)
    others = tuple(row for row in claims if row["budget"] != RELEASED)
    if not others or others == claims or {row["verdict"] for row in claims if row not in others} != {NOT_RUN}:
        return claims
    found.missing.append(
        f"Claims of {paper} on released weights: none was measured; tables/claims.csv says why of each."
    )
    return others


def _not_shown(rows: Iterable[Row], gallery: Gallery) -> list[str]:
    """A sentence for every source that was refused, or measured and has no crop. Crops name a run's seed."""
    sources = dict.fromkeys(row.source for row in rows if row.measured is not None)
    names = {crop.source for scene in gallery.scenes for crop in scene.crops}
    shown = parse_sources((names - {ORIGINAL}) | set(gallery.refused))
    known = {str(source.without_seed) for source in shown}
    refused = [f"The viewer lacks crops of {source}: {reason}" for source, reason in gallery.refused.items()]
    absent = [source for source in sources if source not in known | {str(GROUND_TRUTH)}]
    return refused + [
        f"The viewer does not show {source}: it was measured, but no image of it belongs to a scene."
        for source in absent
    ]


def _is_trained(row: Row) -> bool:
    return bool(row.source) and Source.parse(row.source).kind == Kind.TRAINED


def _by_claim(comparisons: Records | None) -> dict[str, list[Record]]:
    """Measured comparisons of each claim and budget, under `claim/budget`."""
    found: dict[str, list[Record]] = {}
    for row in comparisons.rows if comparisons else ():
        if row["verdict"] != NOT_RUN:
            found.setdefault(f"{row['claim']}/{row['budget']}", []).append(row)
    return found
