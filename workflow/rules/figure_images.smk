# Figures made of images: all of a paper in one process. Those of studies are drawn once `snakemake studies`
# has trained them; images.json lists what was made and what is missing, with the reason.

def at_hand(paper, study):
    """Whether a study has been trained and scored: figures do not ask for hours of training."""
    sources = planned().study_sources(paper, study)
    made = [f"{run_folder(source)}/generator.safetensors" for source in sources]
    made += evaluations(paper, f"{STUDY}{study}", planned().benchmarks)
    return bool(sources) and all(Path(path).is_file() for path in made)

def studies_at_hand(paper):
    return [study for owner, study in planned().studies() if owner == paper and at_hand(paper, study)]

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

rule image_figures:
    input:
        downloads=downloaded,
        scores=shown_scores,
        benchmarks=prepared,
        layout="replications/{paper}/tables.yaml",
        published="replications/{paper}/published.csv",
    output: "results/figures/{paper}/images.json"
    log: "results/logs/figures/images_{paper}.log"
    benchmark: "results/benchmarks/figures/images_{paper}.tsv"
    conda: ENVIRONMENT
    params:
        sources=lambda wildcards: option("source", shown_sources(wildcards)),
        benchmarks=lambda wildcards: option("benchmark", planned().benchmarks),
        obstacles=figure_obstacles,
        code=lambda wildcards: code_hash(("figures", "toys", "networks/vgg.py", "images.py")),
    shell:
        "sr image-figures {wildcards.paper} {params.sources} {params.benchmarks} {params.obstacles}"
        " > {log} 2>&1"

rule all_image_figures:
    input: expand("results/figures/{paper}/images.json", paper=plan.configuration.papers)
