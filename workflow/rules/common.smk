# Names that occur in paths, the mirror, the processor cores there are, and the inputs of rules.

import json
import os
import time

wildcard_constraints:
    budget="[a-z0-9_]+",
    training_set="[A-Za-z0-9_]+",
    paper="|".join(papers()),
    recipe="[a-z0-9_]+",
    seed="[0-9]+",
    benchmark="[A-Za-z0-9_]+",
    protocol="|".join(papers()),
    item="[A-Za-z0-9_]+",
    asset="[A-Za-z0-9_]+",
    source="(baseline|trained|images)/[A-Za-z0-9_/]+",

ENVIRONMENT = "../../environment.yml"

# `--cores 8` on two cores must not start eight threads: jobs also share the cores that exist.
workflow.register_resource("cpu", available_cores())

def planned():
    """The plan, made anew once downloads have been tried."""
    if plan.configuration.download:
        checkpoints.downloads.get()
        return Plan(config)
    return plan

def downloaded(wildcards):
    """For rules whose parameters depend on the plan: first the downloads, if any are wanted."""
    return [ancient(checkpoints.downloads.get().output[0])] if plan.configuration.download else []

def attempt():
    """Changes from run to run while something to download is missing, so that it is tried again."""
    missing = any(not plan.assets.find(name) for name in plan.wanted_assets())
    return time.time() if plan.configuration.download and missing else 0

def prepared(wildcards):
    """The benchmarks at hand."""
    return expand("data/benchmarks/{benchmark}/index.json", benchmark=planned().benchmarks)

def run_folder(source):
    """Where a trained source's run lies."""
    return f"results/runs/{source.removeprefix('trained/')}"

def start_of(wildcards):
    """The run whose generator a recipe begins with."""
    recipe = f"{wildcards.paper}/{wildcards.recipe}"
    start = start_of_run(wildcards.budget, wildcards.training_set, recipe, wildcards.seed)
    return [ancient(f"{run_folder(start)}/generator.safetensors")] if start else []

def weights_of(wildcards):
    """Receipts of the perceptual network's weights, and of AlexNet's for LPIPS while validating."""
    names = [*weights(wildcards.budget, f"{wildcards.paper}/{wildcards.recipe}"), "alexnet"]
    return [ancient(f"data/fetched/{name}.json") for name in names]

def made_by(wildcards):
    """What a reconstruction is made with: a trained run's weights; a baseline needs nothing."""
    trained = wildcards.source.startswith("trained/")
    return [f"{run_folder(wildcards.source)}/generator.safetensors"] if trained else []

def images_of(wildcards):
    """Supplied images lie where their owner put them; all others are reconstructed."""
    supplied = wildcards.source.startswith("images/")
    return "{source}/{benchmark}" if supplied else "results/reconstructions/{source}/{benchmark}"

def today_of(wildcards):
    """What a trained source would be made with today; scores are made anew when that changes."""
    if not wildcards.source.startswith("trained/"):
        return ""
    _, budget, training_set, paper, recipe, _ = wildcards.source.split("/")
    return today(budget, training_set, "/".join((paper, recipe)))

def run_option(wildcards):
    """`--run FOLDER` for a trained source."""
    trained = wildcards.source.startswith("trained/")
    return option("run", [run_folder(wildcards.source)] if trained else [])

def scores_of(wildcards):
    """Scores of all sources of a table on the benchmarks at hand."""
    pairs = planned().scores(wildcards.paper, wildcards.item)
    return [f"results/scores/{wildcards.paper}/{source}/{benchmark}.csv" for source, benchmark in pairs]

def baseline_scores_of(wildcards):
    """Scores of nearest and bicubic under a paper's protocol."""
    return expand(
        "results/scores/{paper}/{source}/{benchmark}.csv",
        paper=wildcards.paper,
        source=BASELINES,
        benchmark=planned().benchmarks,
    )

def overlap_of(wildcards):
    """Checks of the training sets behind a table's trained sources."""
    sets = planned().training_sets(wildcards.paper, wildcards.item)
    return expand("results/overlap/{training_set}.txt", training_set=sets)

def tables_of(wildcards):
    """All tables of the configured papers."""
    return [f"results/tables/{item}_{paper}.csv" for paper, item in plan.tables()]
