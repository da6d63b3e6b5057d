# What figures, the table across methods, and the claims show of a run: their sources, scores and reasons.

from types import SimpleNamespace

from sr.papers.figures import interpolation_under, load_number_figures
from sr.papers.comparison import BENCHMARK
from sr.results.source import group_sources, parse_sources

def study_at_hand(paper, study):
    """Whether a study has been trained and scored: figures do not ask for hours of training."""
    sources = planned().study_sources(paper, study)
    made = [f"{run_folder(source)}/generator.safetensors" for source in sources]
    made += evaluations(paper, f"{STUDY}{study}", planned().benchmarks)
    return bool(sources) and all(Path(path).is_file() for path in made)

def studies_at_hand(paper):
    """Names of a paper's studies whose images can be shown."""
    return [study for owner, study in planned().studies() if owner == paper and study_at_hand(paper, study)]

def shown_scores(wildcards):
    """Scores of all sources whose images a paper's figures show."""
    paper = wildcards.paper
    tables = [item for owner, item in planned().tables() if owner == paper]
    return [
        *baseline_scores_of(wildcards),
        *[path for item in tables for path in evaluations(paper, item, planned().measured_on(paper, item))],
        *[
            path
            for study in studies_at_hand(paper)
            for path in evaluations(paper, f"{STUDY}{study}", planned().benchmarks)
        ],
    ]

def shown_sources(wildcards):
    """Sources of a paper's tables and of its studies that are at hand."""
    paper = wildcards.paper
    tables = [planned().sources(paper, item) for owner, item in planned().tables() if owner == paper]
    studies = [planned().study_sources(paper, study) for study in studies_at_hand(paper)]
    return list(dict.fromkeys(source for group in [*tables, *studies] for source in group))

def figure_obstacles(wildcards):
    """Why recipes of a paper's tables and studies can not be trained here."""
    paper = wildcards.paper
    groups = [item for owner, item in planned().tables() if owner == paper]
    groups += [f"{STUDY}{study}" for owner, study in planned().studies() if owner == paper]
    found = [entry for group in groups for entry in planned().obstacles(paper, group)]
    return option("obstacle", dict.fromkeys(found))

def ends_of(paper):
    """The two sources between which a paper interpolates, if this configuration trains both."""
    settings = load_number_figures(paper).interpolation
    recipes = [settings.psnr, settings.gan]
    trained = {part for name in planned().recipes() for part in planned().chain(name)}
    sources = [source for recipe in recipes for source in planned().trained(recipe)[:1]]
    return sources if trained.issuperset(recipes) and len(sources) == len(recipes) else []

def curves_under(protocol):
    """Scores of interpolations that a paper's figures show."""
    found = interpolation_under(protocol)
    if not found or not ends_of(found[0]):
        return []
    shown = [name for name in found[1].benchmarks if name in planned().benchmarks]
    return expand("results/interpolation/{paper}/{benchmark}.csv", paper=found[0], benchmark=shown)

def runs_between(wildcards):
    """The runs of the two ends, the PSNR-oriented one first."""
    return [f"{run_folder(source)}/generator.safetensors" for source in ends_of(wildcards.paper)]

def drawn_tables(wildcards):
    """All tables of one paper."""
    items = [item for paper, item in planned().tables() if paper == wildcards.paper]
    return [f"results/tables/{name_in_files(item)}_{wildcards.paper}.csv" for item in items]

def studies_to_draw(paper):
    """Those studies of a paper that have a figure and are at hand."""
    return [study for study in studies_at_hand(paper) if study in load_number_figures(paper).studies]

def drawn_studies(wildcards):
    """Scores of those studies."""
    groups = [f"{STUDY}{study}" for study in studies_to_draw(wildcards.paper)]
    return [path for group in groups for path in evaluations(wildcards.paper, group, planned().benchmarks)]

def drawn_sources(wildcards):
    """Sources of those studies."""
    paper = wildcards.paper
    found = [source for study in studies_to_draw(paper) for source in planned().study_sources(paper, study)]
    return option("source", dict.fromkeys(found))

def figure_settings(wildcards):
    """What a paper's files say of its figures, as far as it has them."""
    folder = Path("replications") / wildcards.paper
    names = ("number_figures.yaml", "studies.yaml", "recipes.yaml", "protocol.yaml")
    return [str(folder / name) for name in names if (folder / name).is_file()]

def benchmark_sources():
    """The sources that are compared."""
    return planned().sources(plan.benchmark.protocol, BENCHMARK)

def benchmark_scores(wildcards):
    """Scores of the compared sources on the benchmarks at hand."""
    shown = [name for name in plan.benchmark.benchmarks if name in planned().benchmarks]
    return evaluations(plan.benchmark.protocol, BENCHMARK, shown)

def compared_networks():
    """The same with one name for all seeds, which have one network."""
    return [group.name for group in group_sources(parse_sources(benchmark_sources()))]

def of_papers(function):
    """What an input function of one paper gives for all configured papers together, each once."""
    papers_of_run = (SimpleNamespace(paper=paper) for paper in plan.configuration.papers)
    return list(dict.fromkeys(found for paper in papers_of_run for found in function(paper)))

def obstacles_of_run():
    """Why recipes can not be trained here, and weights not be had."""
    groups = planned().tables() + [(paper, f"{STUDY}{study}") for paper, study in planned().studies()]
    return dict.fromkeys(entry for paper, group in groups for entry in planned().obstacles(paper, group))
