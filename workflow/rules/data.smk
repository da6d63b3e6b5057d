# Benchmarks with their exact LR images, and packed training sets.

rule prepare:
    output: "data/benchmarks/{benchmark}/index.json"
    log: "results/logs/prepare/{benchmark}.log"
    conda: ENVIRONMENT
    resources: mem_mb=megabytes(3000), runtime=60
    params:
        folder=subpath(output[0], parent=True),
        code=code_hash(PREPARING_CODE),
    shell: "sr prepare {wildcards.benchmark:q} --output {params.folder:q} > {log:q} 2>&1"

rule pack:
    output: "data/packed/{training_set}/index.json"
    log: "results/logs/pack/{training_set}.log"
    conda: ENVIRONMENT
    resources: mem_mb=megabytes(3000), runtime=240
    params:
        folder=subpath(output[0], parent=True),
        code=code_hash(PREPARING_CODE),
    shell: "sr pack {wildcards.training_set:q} --output {params.folder:q} 2>&1 | tee {log:q}"

# No image that is measured on may have been trained on.
rule overlap:
    input: lambda wildcards: planned().inputs.benchmarks()
    output: "results/overlap/{training_set}.txt"
    log: "results/logs/overlap/{training_set}.log"
    conda: ENVIRONMENT
    resources: mem_mb=megabytes(3000), runtime=120
    params: folders=lambda wildcards, input: folders(input)
    shell: "sr overlap {wildcards.training_set:q} {params.folders:q} --output {output:q} > {log:q} 2>&1"
