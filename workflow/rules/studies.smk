# Comparisons that a paper makes outside its tables: `snakemake studies`, or one of the files.

rule study:
    input:
        scores=lambda wildcards: planned().inputs.scores(wildcards.paper, STUDY + wildcards.study),
        studies="replications/{paper}/studies.yaml",
    output:
        report(
            "results/studies/{study}_{paper}.csv", caption="../report/study.rst", category="Studies",
            labels={"paper": "{paper}", "table": "{study}"},
        ),
    log: "results/logs/study/{study}_{paper}.log"
    conda: ENVIRONMENT
    params:
        sources=lambda wildcards: option("source", planned().sources(wildcards.paper, STUDY + wildcards.study)),
        benchmarks=lambda wildcards: option("benchmark", planned().benchmarks),
        obstacles=lambda wildcards: option("obstacle", planned().obstacles(wildcards.paper, STUDY + wildcards.study)),
        code=lambda wildcards: code_hash(TABLE_CODE),
    shell:
        "sr study {wildcards.paper:q} {wildcards.study:q} {params.sources} {params.benchmarks}"
        " {params.obstacles}"
        " --output {output:q} > {log:q} 2>&1"

rule studies:
    input: plan.inputs.studies()
