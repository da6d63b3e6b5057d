# Figures made of numbers: all of a paper in one process, those across methods in another. A study is drawn
# once `snakemake studies` has trained it; numbers.json lists what was made and what is missing, with why.

from sr.figures.number_settings import interpolation_under, load_number_figures

FIGURE_CODE = ("figures", "inference/interpolation.py", "replication")

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
    """Which figures a paper has, if it says so."""
    path = f"replications/{wildcards.paper}/number_figures.yaml"
    return [path] if Path(path).is_file() else []

rule interpolation:
    input:
        downloads=downloaded,
        benchmark="data/benchmarks/{benchmark}/index.json",
        protocols=expand("replications/{paper}/protocol.yaml", paper=papers()),
        settings=figure_settings,
        runs=runs_between,
    output: "results/interpolation/{paper}/{benchmark}.csv"
    log: "results/logs/interpolation/{paper}_{benchmark}.log"
    benchmark: "results/benchmarks/interpolation/{paper}_{benchmark}.tsv"
    conda: ENVIRONMENT
    params:
        ends=lambda wildcards, input: [os.path.dirname(path) for path in input.runs],
        protocols=lambda wildcards: option("protocol", load_number_figures(wildcards.paper).interpolation.protocols),
        today=lambda wildcards: [today(source) for source in ends_of(wildcards.paper)],
        code=lambda wildcards: code_hash(RECONSTRUCTION_CODE + SCORING_CODE + ("inference/interpolation.py",)),
    shell:
        "sr interpolation-curve {params.ends:q} --benchmark data/benchmarks/{wildcards.benchmark}"
        " {params.protocols} --output {output} > {log} 2>&1"

rule number_figures:
    input:
        downloads=downloaded,
        tables=drawn_tables,
        studies=drawn_studies,
        curves=lambda wildcards: curves_under(wildcards.paper),
        benchmarks="results/benchmarks.json",
        settings=figure_settings,
        layout="replications/{paper}/tables.yaml",
        published="replications/{paper}/published.csv",
    output: "results/figures/{paper}/numbers.json"
    log: "results/logs/figures/numbers_{paper}.log"
    conda: ENVIRONMENT
    params:
        curves=lambda wildcards, input: option("curve", input.curves),
        sources=drawn_sources,
        benchmarks=lambda wildcards: option("benchmark", planned().benchmarks),
        obstacles=figure_obstacles,
        code=lambda wildcards: code_hash(FIGURE_CODE),
    shell:
        "sr number-figures {wildcards.paper} {params.curves} {params.sources} {params.benchmarks}"
        " {params.obstacles} > {log} 2>&1"

rule benchmark_figures:
    input:
        downloads=downloaded,
        scores=benchmark_scores,
        curves=lambda wildcards: curves_under(plan.benchmark.protocol),
        benchmarks="results/benchmarks.json",
        layout="replications/benchmark.yaml",
    output: "results/figures/all/numbers.json"
    log: "results/logs/figures/numbers_all.log"
    conda: ENVIRONMENT
    params:
        curves=lambda wildcards, input: option("curve", input.curves),
        sources=lambda wildcards: option("source", benchmark_sources()),
        code=lambda wildcards: code_hash(FIGURE_CODE),
    shell: "sr benchmark-figures {params.sources} {params.curves} > {log} 2>&1"

rule all_number_figures:
    input:
        rules.benchmark_figures.output,
        expand("results/figures/{paper}/numbers.json", paper=plan.configuration.papers),
