# Figures made of numbers: all of a paper in one process, those across methods in another. A study is drawn
# once `snakemake studies` has trained it; numbers.json lists what was made and what is missing, with why.

rule interpolation:
    input:
        downloads=downloaded,
        benchmark="data/benchmarks/{benchmark}/index.json",
        protocols=expand("replications/{paper}/protocol.yaml", paper=papers()),
        settings=lambda wildcards: plan.shown.settings(wildcards.paper),
        runs=lambda wildcards: planned().shown.runs_between(wildcards.paper),
    output: "results/interpolation/{paper}/{benchmark}.csv"
    log: "results/logs/interpolation/{paper}_{benchmark}.log"
    benchmark: "results/timings/interpolation/{paper}_{benchmark}.tsv"
    conda: ENVIRONMENT
    params:
        ends=lambda wildcards, input: folders(input.runs),
        protocols=lambda wildcards: option("protocol", plan.shown.scored_by(wildcards.paper)),
        today=lambda wildcards: made_from(planned(), planned().shown.ends(wildcards.paper)),
        code=lambda wildcards: code_hash(RECONSTRUCTION_CODE + SCORING_CODE + ("inference/interpolation.py",)),
    shell:
        "sr interpolation-curve {params.ends:q} --benchmark data/benchmarks/{wildcards.benchmark:q}"
        " {params.protocols} --output {output:q} > {log:q} 2>&1"

rule number_figures:
    input:
        downloads=downloaded,
        tables=lambda wildcards: plan.inputs.tables(wildcards.paper),
        scores=lambda wildcards: planned().shown.scores(wildcards.paper),
        curves=lambda wildcards: planned().shown.curves(wildcards.paper),
        benchmarks="results/benchmarks.json",
        settings=lambda wildcards: plan.shown.settings(wildcards.paper),
        layout="replications/{paper}/tables.yaml",
        published="replications/{paper}/published.csv",
    output: "results/figures/{paper}/numbers.json"
    log: "results/logs/figures/numbers_{paper}.log"
    conda: ENVIRONMENT
    params:
        curves=lambda wildcards, input: option("curve", input.curves),
        sources=lambda wildcards: option("source", planned().shown.sources(wildcards.paper)),
        benchmarks=lambda wildcards: option("benchmark", planned().benchmarks),
        obstacles=lambda wildcards: option("obstacle", planned().shown.obstacles(wildcards.paper)),
        code=lambda wildcards: figure_code(wildcards.paper),
    shell:
        "sr number-figures {wildcards.paper:q} {params.curves} {params.sources} {params.benchmarks}"
        " {params.obstacles} > {log:q} 2>&1"

rule comparison_figures:
    input:
        downloads=downloaded,
        scores=lambda wildcards: planned().shown.compared_scores(),
        curves=lambda wildcards: planned().shown.curves(plan.comparison.protocol),
        benchmarks="results/benchmarks.json",
        layout=comparison_files(),
    output: "results/figures/all/numbers.json"
    log: "results/logs/figures/numbers_all.log"
    conda: ENVIRONMENT
    params:
        curves=lambda wildcards, input: option("curve", input.curves),
        sources=lambda wildcards: option("source", planned().shown.compared()),
        code=lambda wildcards: code_hash(("figures",)),
    shell: "sr comparison-figures {params.sources} {params.curves} > {log:q} 2>&1"

rule all_number_figures:
    input:
        rules.comparison_figures.output,
        expand("results/figures/{paper}/numbers.json", paper=plan.configuration.papers),
