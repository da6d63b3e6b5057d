# Replicates super-resolution papers: `snakemake all`, or any one file, such as
# `snakemake results/tables/table2_srgan.csv`. What is made from which stands in workflow/rules; what a rule
# needs and passes on, the plan says (sr/planning).

import json
from pathlib import Path

from snakemake.exceptions import WorkflowError

from sr.errors import InputError
from sr.gpus import visible
from sr.locks import clear_stale_snakemake_locks
from sr.papers.comparison import comparison_files
from sr.papers.tables import layouts_files
from sr.papers.tables import name_in_files
from sr.planning.groups import CALIBRATION, STUDY
from sr.planning.parameters import (
    available_cores, folders, made_from, megabytes, option, packing_threads,
)
from sr.planning.plan import Plan
from sr.project import papers
from sr.provenance import (
    COMPLEXITY_CODE, PACKING_CODE, PREPARING_CODE, RECONSTRUCTION_CODE, SCORING_CODE, TABLE_CODE, code_hash,
    figure_code,
)
from sr.verdicts.summary import ending

# From wherever it is called: paths are the project's.
workdir: workflow.basedir

configfile: "workflow/config.yaml"

try:
    plan = Plan(config)
except InputError as error:
    raise WorkflowError(str(error)) from None

# The same command goes on after a kill, which leaves Snakemake's locks behind.
if workflow.is_main_process:
    clear_stale_snakemake_locks(Path.cwd())

include: "workflow/rules/common.smk"
include: "workflow/rules/assets.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/studies.smk"
include: "workflow/rules/figure_images.smk"
include: "workflow/rules/comparison.smk"
include: "workflow/rules/figure_numbers.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/opinions.smk"
include: "workflow/rules/report.smk"

rule all:
    input:
        [] if plan.configuration.download == "none" else "data/downloads.json",
        rules.verdicts.output,
        rules.third_party.output,
        rules.audit.output,
        rules.claims.output,
        rules.all_image_figures.input,
        rules.all_number_figures.input,
        rules.comparison.output,
        rules.report.output,
    default_target: True

onsuccess:
    print(ending(workflow.dag_settings.targets))
