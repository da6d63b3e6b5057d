# Reconstructions and scores. One process for each group of sources (a table's, a study's, the baselines)
# and benchmark: it reconstructs and scores what is not known yet under results/reconstructions and
# results/scores, where other groups find it, and leaves a list of what each score was made from.

rule evaluate:
    input:
        downloads=downloaded,
        benchmark="data/benchmarks/{benchmark}/index.json",
        protocol="replications/{paper}/protocol.yaml",
        runs=lambda wildcards: planned().inputs.runs(**wildcards),
        images=lambda wildcards: planned().inputs.images(**wildcards),
    output: "results/evaluations/{paper}/{group}/{benchmark}.json"
    log: "results/logs/evaluate/{paper}/{group}/{benchmark}.log"
    benchmark: "results/timings/evaluate/{paper}/{group}/{benchmark}.tsv"
    conda: ENVIRONMENT
    priority: 1
    # Mostly scores, the processor's work: it waits for no GPU, though reconstructions use one where they find
    # it. In a new attempt it goes on where it was.
    resources: mem_mb=megabytes(6000), runtime=1440
    params:
        sources=lambda wildcards: option("source", planned().scored(**wildcards)),
        today=lambda wildcards: made_from(planned(), planned().scored(**wildcards)),
        code=lambda wildcards: code_hash(RECONSTRUCTION_CODE + SCORING_CODE),
    shell:
        "sr evaluate {params.sources} --protocol {wildcards.paper:q}"
        " --benchmark data/benchmarks/{wildcards.benchmark:q} --output {output:q} --threads {threads} 2>&1 | tee {log:q}"
