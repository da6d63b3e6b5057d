# Reconstructions and scores. One process for each group of sources (a table's, a study's, the baselines)
# and benchmark, or several with some of the sources each (`part`) where images are many and large: it
# reconstructs and scores what is not known yet under results/reconstructions and results/scores, where other
# groups find it, and leaves a list of what each score was made from.

rule evaluate:
    input:
        downloads=downloaded,
        benchmark="data/benchmarks/{benchmark}/index.json",
        protocol="replications/{paper}/protocol.yaml",
        runs=lambda wildcards: planned().inputs.runs(**wildcards),
        images=lambda wildcards: planned().inputs.images(**wildcards),
    output: "results/evaluations/{paper}/{group}/{benchmark}{part}.json"
    log: "results/logs/evaluate/{paper}/{group}/{benchmark}{part}.log"
    benchmark: "results/timings/evaluate/{paper}/{group}/{benchmark}{part}.tsv"
    conda: ENVIRONMENT
    priority: 1
    # Where there are GPUs, reconstructions and the metrics on network features take turns at them. In a new attempt
    # it goes on with the image where it was.
    threads: lambda wildcards: plan.evaluations.threads(**wildcards)
    resources:
        cpu=lambda wildcards, threads: threads,
        gpu=plan.evaluations.gpus(),
        mem_mb=lambda wildcards, attempt: attempt * plan.evaluations.megabytes(**wildcards),
        runtime=1440,
    params:
        sources=lambda wildcards: option("source", planned().evaluations.sources(**wildcards)),
        today=lambda wildcards: made_from(planned(), planned().evaluations.sources(**wildcards)),
        supplied=lambda wildcards: planned().inputs.state_of_images(**wildcards),
        metrics=lambda wildcards: planned().evaluations.at_hand(**wildcards),
        code=lambda wildcards: code_hash(RECONSTRUCTION_CODE + SCORING_CODE),
    shell:
        "sr evaluate {params.sources} --protocol {wildcards.paper:q}"
        " --benchmark data/benchmarks/{wildcards.benchmark:q} --output {output:q} --threads {threads} --gpus {resources.gpu} 2>&1 | tee {log:q}"

# The table across methods has most sources of its paper's tables. What another job scores it leaves to that one,
# and at the end waits for it: where places are scarce it comes last, and finds them scored.
use rule evaluate as evaluate_comparison with:
    wildcard_constraints: group="comparison"
    priority: 0

ruleorder: evaluate_comparison > evaluate
