# Reconstructions of a benchmark by a source, and their scores under a paper's protocol.

RECONSTRUCTION = "results/reconstructions/{source}/{benchmark}"

def run_folder(source):
    return f"results/runs/{source.removeprefix('trained/')}"

def made_by(wildcards):
    """What a reconstruction is made with: a trained run's weights, or nothing but the baseline."""
    if wildcards.source.startswith("trained/"):
        return [f"{run_folder(wildcards.source)}/generator.safetensors"]
    return []

rule reconstruct:
    input:
        benchmark="data/benchmarks/{benchmark}/index.json",
        weights=made_by,
    output: directory(RECONSTRUCTION)
    log: "results/logs/reconstruct/{source}/{benchmark}.log"
    benchmark: "results/benchmarks/reconstruct/{source}/{benchmark}.tsv"
    resources: cpu=1
    conda: ENVIRONMENT
    params:
        source=lambda wildcards, input: os.path.dirname(input.weights[0]) if input.weights else wildcards.source,
        code=lambda wildcards: code_hash(RECONSTRUCTION_CODE),
    shell:
        "sr reconstruct {params.source} --benchmark data/benchmarks/{wildcards.benchmark}"
        " --output {output} > {log} 2>&1"

def images_of(wildcards):
    """Supplied images lie where their owner put them; all others are reconstructed."""
    if wildcards.source.startswith("images/"):
        return "{source}/{benchmark}"
    return RECONSTRUCTION

rule score:
    input:
        images=images_of,
        benchmark="data/benchmarks/{benchmark}/index.json",
        protocol="replications/{protocol}/protocol.yaml",
    output:
        table="results/scores/{protocol}/{source}/{benchmark}.csv",
        header="results/scores/{protocol}/{source}/{benchmark}.json",
    log: "results/logs/score/{protocol}/{source}/{benchmark}.log"
    resources: cpu=1
    conda: ENVIRONMENT
    params:
        run=lambda wildcards: option("run", [run_folder(wildcards.source)] if "trained" in wildcards.source else []),
        code=lambda wildcards: code_hash(SCORING_CODE),
    shell:
        "sr evaluate {input.images} --source {wildcards.source} --protocol {wildcards.protocol}"
        " --benchmark data/benchmarks/{wildcards.benchmark} {params.run} --output {output.table} > {log} 2>&1"
