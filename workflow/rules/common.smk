# Names that occur in paths, the mirror, and how many processor cores there are to share.

import json
import os

wildcard_constraints:
    budget="[a-z]+",
    training_set="[A-Za-z0-9_]+",
    paper="[a-z]+",
    recipe="[a-z0-9_]+",
    seed="[0-9]+",
    benchmark="[A-Za-z0-9_]+",
    protocol="[a-z]+",
    item="[a-z0-9]+",
    asset="[A-Za-z0-9_]+",
    source="(baseline|trained|images)/[A-Za-z0-9_/]+",

# Commands look for the mirror in their environment: as a parameter of rules, another path to the same
# images would make everything anew.
if plan.assets.mirror:
    os.environ["SR_MIRROR"] = str(plan.assets.mirror)

# `--cores 8` on two cores must not start eight threads: jobs also share the cores that exist.
workflow.register_resource("cpu", len(os.sched_getaffinity(0)))

ENVIRONMENT = "../../environment.yml"
