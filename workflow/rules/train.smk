# One run for each recipe, budget, training set and seed. A finished run is protected, and made once:
# its inputs are `ancient`, so that no changed path or date trains it again; `sr check` says `stale`
# when recipe or code have changed since. Checkpoints in progress/ outlive an interruption. A recipe that the
# budget makes the very same training of as another takes over that one's result, its twin's.

RUN = "results/runs/{budget}/{training_set}/{paper}/{recipe}/seed{seed}"

rule train:
    input:
        packed=ancient("data/packed/{training_set}/index.json"),
        validation=ancient("data/benchmarks/embedded/index.json"),
        start=lambda wildcards: ancient(planned().inputs.start(**wildcards)),
        twin=lambda wildcards: ancient(planned().inputs.twin(**wildcards)),
        weights=lambda wildcards: ancient(plan.inputs.weights(**wildcards)),
    output:
        weights=protected(f"{RUN}/generator.safetensors"),
        record=protected(f"{RUN}/run.json"),
        curve=protected(f"{RUN}/curve.csv"),
    log: f"{RUN}/train.log".replace("runs", "logs/train")
    benchmark: f"{RUN}/train.tsv".replace("runs", "timings/train")
    # Before evaluations, and these before tables and figures: what much waits for goes first.
    priority: 2
    threads: lambda wildcards, input: plan.training_threads(**wildcards, shared=bool(input.twin))
    resources:
        cpu=lambda wildcards, threads: threads,
        gpu=lambda wildcards, input: 0 if input.twin else plan.gpus_of_a_training(wildcards.budget),
        mem_mb=lambda wildcards, attempt: attempt * plan.training_megabytes(wildcards.budget),
        # A day; a run that needs more goes on from its checkpoint in the next attempt.
        runtime=1440,
        # No parameters: a finished run is not made again for another precision, which its record names.
        precision=lambda wildcards: plan.precision(wildcards.budget),
        checkpoint_minutes=lambda wildcards: str(plan.checkpoint_minutes(wildcards.budget)),
    conda: ENVIRONMENT
    params:
        run=subpath(output.weights, parent=True),
        start=lambda wildcards, input: option("start", folders(input.start)),
        twin=lambda wildcards, input: option("twin", folders(input.twin)),
    shell:
        "sr train {wildcards.paper:q}/{wildcards.recipe:q} --budget {wildcards.budget:q} --seed {wildcards.seed:q}"
        " --training-set data/packed/{wildcards.training_set:q} --benchmark data/benchmarks/embedded"
        " {params.start} {params.twin} --output {params.run:q}"
        " --threads {threads} --gpus {resources.gpu} --precision {resources.precision:q}"
        " --checkpoint-minutes {resources.checkpoint_minutes:q} 2>&1 | tee {log:q}"
