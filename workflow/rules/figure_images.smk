# Figures made of images: all of a paper in one process. Those of studies are drawn once `snakemake studies`
# has trained them; images.json lists what was made and what is missing, with the reason.

rule image_figures:
    input:
        downloads=downloaded,
        scores=lambda wildcards: planned().shown.scores(wildcards.paper),
        benchmarks=lambda wildcards: planned().inputs.benchmarks(),
        settings=lambda wildcards: plan.shown.settings(wildcards.paper),
        layout="replications/{paper}/tables.yaml",
        published="replications/{paper}/published.csv",
    output: "results/figures/{paper}/images.json"
    log: "results/logs/figures/images_{paper}.log"
    benchmark: "results/timings/figures/images_{paper}.tsv"
    conda: ENVIRONMENT
    params:
        sources=lambda wildcards: option("source", planned().shown.sources(wildcards.paper)),
        benchmarks=lambda wildcards: option("benchmark", planned().benchmarks),
        obstacles=lambda wildcards: option("obstacle", planned().shown.obstacles(wildcards.paper)),
        code=lambda wildcards: figure_code(wildcards.paper),
    shell:
        "sr image-figures {wildcards.paper:q} {params.sources} {params.benchmarks} {params.obstacles}"
        " > {log:q} 2>&1"

rule all_image_figures:
    input: expand("results/figures/{paper}/images.json", paper=plan.configuration.papers)
