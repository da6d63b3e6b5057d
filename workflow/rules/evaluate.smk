# Reconstructions of a benchmark by a source, and their scores under a paper's protocol.

rule reconstruct:
    input:
        benchmark="data/benchmarks/{benchmark}/index.json",
        weights=made_by,
    output: directory("results/reconstructions/{source}/{benchmark}")
    log: "results/logs/reconstruct/{source}/{benchmark}.log"
    benchmark: "results/benchmarks/reconstruct/{source}/{benchmark}.tsv"
    conda: ENVIRONMENT
    params:
        source=lambda wildcards, input: os.path.dirname(input.weights[0]) if input.weights else wildcards.source,
        code=lambda wildcards: code_hash(RECONSTRUCTION_CODE),
    shell:
        "sr reconstruct {params.source} --benchmark data/benchmarks/{wildcards.benchmark}"
        " --output {output} > {log} 2>&1"

rule score:
    input:
        images=images_of,
        benchmark="data/benchmarks/{benchmark}/index.json",
        protocol="replications/{protocol}/protocol.yaml",
    output:
        table="results/scores/{protocol}/{source}/{benchmark}.csv",
        header="results/scores/{protocol}/{source}/{benchmark}.json",
    log: "results/logs/score/{protocol}/{source}/{benchmark}.log"
    conda: ENVIRONMENT
    params:
        run=run_option,
        code=lambda wildcards: code_hash(SCORING_CODE),
    shell:
        "sr evaluate {input.images} --source {wildcards.source} --protocol {wildcards.protocol}"
        " --benchmark data/benchmarks/{wildcards.benchmark} {params.run} --output {output.table} > {log} 2>&1"
