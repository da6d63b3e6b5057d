# Comparisons that a paper makes outside its tables: `snakemake studies`, or one of the files.

rule study:
    input:
        scores=study_scores_of,
        studies="replications/{paper}/studies.yaml",
    output:
        report(
            "results/studies/{study}_{paper}.csv", caption="../report/study.rst", category="Studies",
            labels={"paper": "{paper}", "table": "{study}"},
        ),
    log: "results/logs/study/{study}_{paper}.log"
    conda: ENVIRONMENT
    params:
        sources=lambda wildcards: option("source", study_sources(wildcards)),
        benchmarks=lambda wildcards: option("benchmark", planned().benchmarks),
        obstacles=study_obstacles,
        code=lambda wildcards: code_hash(TABLE_CODE),
    shell:
        "sr study {wildcards.paper:q} {wildcards.study:q} {params.sources} {params.benchmarks}"
        " {params.obstacles}"
        " --output {output:q} > {log:q} 2>&1"

rule studies:
    input: [f"results/studies/{study}_{paper}.csv" for paper, study in plan.studies()]
