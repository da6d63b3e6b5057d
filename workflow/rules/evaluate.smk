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

# Nearest and bicubic together, so that what a metric computes of the originals is computed once.
rule score_baselines:
    input:
        images=expand("results/reconstructions/{source}/{{benchmark}}", source=BASELINES),
        benchmark="data/benchmarks/{benchmark}/index.json",
        protocol="replications/{protocol}/protocol.yaml",
    output:
        tables=expand("results/scores/{{protocol}}/{source}/{{benchmark}}.csv", source=BASELINES),
        headers=expand("results/scores/{{protocol}}/{source}/{{benchmark}}.json", source=BASELINES),
    log: "results/logs/score/{protocol}/baselines/{benchmark}.log"
    conda: ENVIRONMENT
    params:
        sources=option("source", BASELINES),
        outputs=lambda wildcards, output: option("output", output.tables),
        code=lambda wildcards: code_hash(SCORING_CODE),
    shell:
        "sr evaluate {input.images} {params.sources} {params.outputs} --protocol {wildcards.protocol}"
        " --benchmark data/benchmarks/{wildcards.benchmark} > {log} 2>&1"

rule score:
    input:
        images=images_of,
        benchmark="data/benchmarks/{benchmark}/index.json",
        protocol="replications/{protocol}/protocol.yaml",
    output:
        table="results/scores/{protocol}/{source}/{benchmark}.csv",
        header="results/scores/{protocol}/{source}/{benchmark}.json",
    wildcard_constraints: source="(trained|images)/[A-Za-z0-9_/]+"
    log: "results/logs/score/{protocol}/{source}/{benchmark}.log"
    conda: ENVIRONMENT
    params:
        run=run_option,
        today=today_of,
        code=lambda wildcards: code_hash(SCORING_CODE),
    shell:
        "sr evaluate {input.images} --source {wildcards.source} --protocol {wildcards.protocol}"
        " --benchmark data/benchmarks/{wildcards.benchmark} {params.run} --output {output.table} > {log} 2>&1"
