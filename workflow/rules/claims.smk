# What the papers claim, judged on the scores of a run: those of all tables, and of the studies that
# `snakemake studies` has trained. Claims ask for no training of their own.

from types import SimpleNamespace

def of_papers(function):
    """What an input function of one paper gives for all configured papers together, each once."""
    papers_of_run = (SimpleNamespace(paper=paper) for paper in plan.configuration.papers)
    return list(dict.fromkeys(found for paper in papers_of_run for found in function(paper)))

def obstacles_of_run():
    """Why recipes can not be trained here, and weights not be had."""
    groups = planned().tables() + [(paper, f"{STUDY}{study}") for paper, study in planned().studies()]
    return dict.fromkeys(entry for paper, group in groups for entry in planned().obstacles(paper, group))

rule claims:
    input:
        downloads=downloaded,
        scores=lambda wildcards: of_papers(shown_scores),
        benchmarks="results/benchmarks.json",
        claims=expand("replications/{paper}/claims.yaml", paper=papers()),
        layouts=expand("replications/{paper}/tables.yaml", paper=papers()),
        published=expand("replications/{paper}/published.csv", paper=papers()),
        causes=expand("replications/{paper}/inconsistencies.yaml", paper=papers()),
    output:
        table="results/tables/claims.csv",
        comparisons="results/tables/claims_comparisons.csv",
        text="results/tables/claims.md",
        page=report(
            "results/tables/claims.html", caption="../report/claims.rst", category="Claims",
            labels={"paper": "all", "table": "claims"},
        ),
    log: "results/logs/claims.log"
    conda: ENVIRONMENT
    params:
        sources=lambda wildcards: option("source", of_papers(shown_sources)),
        obstacles=lambda wildcards: option("obstacle", obstacles_of_run()),
        code=lambda wildcards: code_hash(TABLE_CODE),
    shell:
        "sr claims --scores results/scores {params.sources} {params.obstacles}"
        " --benchmarks {input.benchmarks} --output {output.table} > {log} 2>&1"
