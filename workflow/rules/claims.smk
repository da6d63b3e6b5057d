# What the papers claim, judged on the scores of a run: those of all tables, and of the studies that
# `snakemake studies` has trained. Claims ask for no training of their own.

rule claims:
    input:
        downloads=downloaded,
        scores=lambda wildcards: planned().shown.of_all(planned().shown.scores),
        benchmarks="results/benchmarks.json",
        # Some claims are about what figures show.
        figures=expand(
            "results/figures/{paper}/{kind}.json", paper=plan.configuration.papers, kind=("images", "numbers")
        ),
        claims=expand("replications/{paper}/claims.yaml", paper=papers()),
        layouts=expand("replications/{paper}/tables.yaml", paper=papers()),
        published=expand("replications/{paper}/published.csv", paper=papers()),
        causes=plan.inputs.causes(),
    output:
        table="results/tables/claims.csv",
        comparisons="results/tables/claims_comparisons.csv",
        rules="results/tables/claims.json",
        text="results/tables/claims.md",
        page=report(
            "results/tables/claims.html", caption="../report/claims.rst", category="Claims",
            labels={"paper": "all", "table": "claims"},
        ),
    log: "results/logs/claims.log"
    conda: ENVIRONMENT
    params:
        sources=lambda wildcards: option("source", planned().shown.of_all(planned().shown.sources)),
        obstacles=lambda wildcards: option("obstacle", planned().shown.all_obstacles()),
        judged_by=lambda wildcards: plan.judged_by,
        code=lambda wildcards: code_hash(TABLE_CODE),
    shell:
        "sr claims --scores results/scores {params.sources} {params.obstacles}"
        " --benchmarks {input.benchmarks:q} --output {output.table:q} > {log:q} 2>&1"
