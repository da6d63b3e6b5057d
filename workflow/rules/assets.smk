# What is fetched. A receipt names its hash, so that nothing downstream depends on where a file lies.
# Fetched where Snakemake runs: a cluster's nodes often reach no network.
localrules: asset, downloads, benchmarks

rule asset:
    output: "data/fetched/{asset}.json"
    log: "results/logs/asset/{asset}.log"
    conda: ENVIRONMENT
    # Trainings wait for it.
    priority: 3
    # LPIPS while validating is a help, not a need.
    params: optional=lambda wildcards: "--try" if wildcards.asset == "alexnet" else ""
    shell: "sr assets fetch {wildcards.asset:q} {params.optional} --receipt {output:q} 2>&1 | tee {log:q}"

# What is to be downloaded is tried before the rest is planned.
checkpoint downloads:
    output: "data/downloads.json"
    log: "results/logs/downloads.log"
    conda: ENVIRONMENT
    params:
        wanted=plan.wanted_assets(),
        attempt=plan.attempt,
        quick="--quick" if plan.configuration.download == "small" else "",
    shell: "sr assets fetch {params.wanted:q} --try {params.quick} --receipt {output:q} 2>&1 | tee {log:q}"
