# Names that occur in paths, the mirror, the processor cores there are, and the inputs of rules.

import json
import os
import re
import time

from sr.seals import read_record

wildcard_constraints:
    budget="[a-z0-9_]+",
    training_set="[A-Za-z0-9_]+",
    paper="|".join(map(re.escape, papers())),
    recipe="[a-z0-9_]+",
    seed="[0-9]+",
    benchmark="[A-Za-z0-9_]+",
    item="[A-Za-z0-9_]+",
    group="[A-Za-z0-9_]+",
    study="[A-Za-z0-9_]+",
    asset="[A-Za-z0-9_]+",

ENVIRONMENT = "../../environment.yml"

# `--cores 8` on two cores must not start eight threads: jobs also share the cores that exist. On a cluster,
# where this machine only submits, the profile takes `cpu` out of the count (profiles/slurm).
workflow.register_resource("cpu", available_cores())

def megabytes(first):
    """Memory of a job: `first`, and as much again at each new attempt. What a rule does not say of memory
    and minutes is the profile's default-resources.
    """
    return lambda wildcards, attempt: attempt * first

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

def training_threads(wildcards, input):
    """A training's CPU threads: the budget's for each process, of which there is one a GPU."""
    if input.twin:
        return 1
    share = budget_threads(wildcards.budget, f"{wildcards.paper}/{wildcards.recipe}")
    return share * max(1, plan.gpus(wildcards.budget))

def start_of(wildcards):
    """The run whose generator a recipe begins with, of the same budget."""
    if wildcards.budget != plan.configuration.budget:
        raise WorkflowError(f"runs of the budget {wildcards.budget} are made with --config budget={wildcards.budget}")
    start = planned().start(f"{wildcards.paper}/{wildcards.recipe}")
    return [ancient(f"{run_folder(start)}/generator.safetensors")] if start else []

def twin_of(wildcards):
    """The run of another recipe that is the very same training, which is not made twice. A finished run keeps
    the one that it was made from: other inputs would ask for it again.
    """
    runs = f"results/runs/{wildcards.budget}/{wildcards.training_set}"
    record = Path(f"{runs}/{wildcards.paper}/{wildcards.recipe}/seed{wildcards.seed}/run.json")
    if record.is_file():
        recipe = read_record(record, "train it again").get("same_training_as")
    else:
        recipe = planned().twin(f"{wildcards.paper}/{wildcards.recipe}")
    return [ancient(f"{runs}/{recipe}/seed{wildcards.seed}/generator.safetensors")] if recipe else []

def weights_of(wildcards):
    """Receipts of the perceptual network's weights, and of AlexNet's for LPIPS while validating."""
    names = [*weights(wildcards.budget, f"{wildcards.paper}/{wildcards.recipe}"), "alexnet"]
    return [ancient(f"data/fetched/{name}.json") for name in names]

def scored(wildcards):
    """The sources that are scored together."""
    return planned().scored(wildcards.paper, wildcards.group, wildcards.benchmark)

def runs_of(wildcards):
    """Weights of the trained sources that are scored together."""
    return [
        f"{run_folder(source)}/generator.safetensors"
        for source in scored(wildcards)
        if source.startswith("trained/")
    ]

def supplied_images_of(wildcards):
    """Supplied images lie where their owner put them."""
    return [f"{source}/{wildcards.benchmark}" for source in scored(wildcards) if source.startswith("images/")]

def today(source):
    """What a source would be made with today; it is evaluated anew when that changes."""
    if source.startswith("released/"):
        weights_file = plan.assets.find(source.removeprefix("released/"))
        return file_hash(weights_file) if weights_file else ""
    if not source.startswith("trained/"):
        return ""
    _, budget, training_set, paper, recipe, _ = source.split("/")
    return made_today(budget, training_set, "/".join((paper, recipe)))

def evaluations(paper, group, benchmarks):
    """The lists of a group's scores on those of some benchmarks for which it has a source at all."""
    return [
        f"results/evaluations/{paper}/{group}/{benchmark}.json"
        for benchmark in benchmarks
        if planned().scored(paper, group, benchmark)
    ]

def scores_of(wildcards):
    """Scores of all sources of a table on the benchmarks it prints."""
    item = wildcards.item
    return evaluations(wildcards.paper, item, planned().measured_on(wildcards.paper, item))

def baseline_scores_of(wildcards):
    """Scores of nearest and bicubic under a paper's protocol."""
    return evaluations(wildcards.paper, "baselines", planned().benchmarks)

def study_scores_of(wildcards):
    """Scores of a study's recipes."""
    return evaluations(wildcards.paper, f"study_{wildcards.study}", planned().benchmarks)

def study_sources(wildcards):
    """A study's sources."""
    return planned().study_sources(wildcards.paper, wildcards.study)

def study_obstacles(wildcards):
    """Why recipes of a study can not be trained here."""
    return option("obstacle", planned().obstacles(wildcards.paper, f"{STUDY}{wildcards.study}"))

def overlap_of(wildcards):
    """Checks of the training sets behind a table's trained sources."""
    sets = planned().training_sets(wildcards.paper, wildcards.item)
    return expand("results/overlap/{training_set}.txt", training_set=sets)

def tables_of(wildcards):
    """All tables of the configured papers."""
    return [f"results/tables/{name_in_files(item)}_{paper}.csv" for paper, item in plan.tables()]
