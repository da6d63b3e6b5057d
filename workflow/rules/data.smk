# Benchmarks with their exact LR images, and packed training sets.

rule prepare:
    output: "data/benchmarks/{benchmark}/index.json"
    log: "results/logs/prepare/{benchmark}.log"
    conda: ENVIRONMENT
    priority: 3
    resources: mem_mb=megabytes(3000), runtime=60
    params:
        folder=subpath(output[0], parent=True),
        code=code_hash(PREPARING_CODE),
    shell: "sr prepare {wildcards.benchmark:q} --output {params.folder:q} > {log:q} 2>&1"

# No image that is measured on may be trained on: what a training set shares with a benchmark is left out of it.
# One that is packed already is only compared with further benchmarks, and packed anew where it shares an image.
# `sr pack` and `sr train` pack sets that no rule knows of: benchmarks that were prepared since have them compared.
rule pack:
    input:
        compared=lambda wildcards: ancient(planned().inputs.compared(wildcards.training_set)),
        further=lambda wildcards: planned().inputs.not_compared(wildcards.training_set),
    output: "data/packed/{training_set}/index.json"
    log: "results/logs/pack/{training_set}.log"
    conda: ENVIRONMENT
    # Before trainings, which wait for it.
    priority: 3
    threads: lambda wildcards: packing_threads(wildcards.training_set)
    resources: cpu=lambda wildcards, threads: threads, mem_mb=megabytes(4000), runtime=720
    params:
        folder=subpath(output[0], parent=True),
        benchmarks=lambda wildcards, input: option("benchmark", folders(sorted(input))),
        overlap=plan.configuration.overlap,
        code=code_hash(PACKING_CODE),
    shell:
        "sr pack {wildcards.training_set:q} --output {params.folder:q} {params.benchmarks}"
        " --overlap {params.overlap:q} --threads {threads} 2>&1 | tee {log:q}"

rule overlap:
    input:
        packed="data/packed/{training_set}/index.json",
        benchmarks=lambda wildcards: planned().inputs.benchmarks(),
    output: "results/overlap/{training_set}.txt"
    log: "results/logs/overlap/{training_set}.log"
    conda: ENVIRONMENT
    params:
        packed=lambda wildcards, input: folders([input.packed]),
        benchmarks=lambda wildcards, input: folders(input.benchmarks),
    shell: "sr overlap {params.packed:q} {params.benchmarks:q} --output {output:q} > {log:q} 2>&1"
