# Names that occur in paths, the processor cores there are, and when what was downloaded is known.

from sr.opinions.design import ANSWERS
from sr.opinions.study import load_study, version_sources

wildcard_constraints:
    budget="[a-z0-9_]+",
    training_set="[A-Za-z0-9_]+",
    paper="|".join(papers()),
    recipe="[a-z0-9_]+",
    seed="[0-9]+",
    benchmark="[A-Za-z0-9_]+",
    part="(-[0-9]+of[0-9]+)?",
    item="[A-Za-z0-9]+",
    group="[A-Za-z0-9_]+",
    study="[A-Za-z0-9_]+",
    asset="[A-Za-z0-9_]+",

ENVIRONMENT = "../../environment.yml"

# `--cores 8` on two cores must not start eight threads: jobs also share the cores that exist. On a cluster,
# where this machine only submits, the profile takes `cpu` out of the count (profiles/slurm).
workflow.register_resource("cpu", available_cores())
# Jobs that want a GPU share those of this machine, or as many as --resources gpu=N says. A single job's own
# machine may show just what that job asked for.
if visible() and "gpu" not in workflow.global_resources:
    if workflow.is_main_process and (reason := plan.lacking_gpus(visible())):
        raise WorkflowError(reason)
    workflow.register_resource("gpu", visible())

def planned():
    """The plan, made anew once downloads have been tried."""
    if plan.configuration.download == "none":
        return plan
    return plan.after(Path(checkpoints.downloads.get().output[0]))

def downloaded(wildcards):
    """For rules whose parameters depend on the plan: first the downloads, if any are wanted. They are no
    input, so that nothing is made again for another choice of them; evaluations look whether all is scored.
    """
    planned()
    return []

def opinion_studies():
    """Studies of the configured papers of which two versions can be shown here, on the photographs. One that
    people have answered stays as it is, for another key would not fit the answers.
    """
    described = [
        paper
        for paper in plan.configuration.papers
        if Path(f"replications/{paper}/opinions.yaml").is_file()
        and not Path(f"results/opinions/{paper}/{ANSWERS}").is_dir()
    ]
    shown = [
        paper
        for paper in described
        if "embedded" in planned().benchmarks
        and len(version_sources(*load_study(paper), planned().sources(paper, "table2"), first_counts=True)) > 1
    ]
    return expand("results/opinions/{paper}/key.json", paper=shown)

def unanswered(wildcards):
    """Refuses before Snakemake removes the key that a study's answers need."""
    if Path(f"results/opinions/{wildcards.paper}/{ANSWERS}").is_dir():
        raise WorkflowError(f"results/opinions/{wildcards.paper}: people have answered this study; move it away first.")
    return []
