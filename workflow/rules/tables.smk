# The papers' tables with what came out beside what was printed, and what is made of them.

rule benchmarks:
    input: downloaded
    output: "results/benchmarks.json"
    log: "results/logs/benchmarks.log"
    conda: ENVIRONMENT
    params: states=lambda wildcards: json.dumps(planned().benchmark_states())
    shell: "printf '%s\\n' {params.states:q} > {output:q} 2> {log:q}"

rule table:
    input:
        downloads=downloaded,
        scores=lambda wildcards: planned().inputs.scores(wildcards.paper, wildcards.item),
        overlap=lambda wildcards: planned().inputs.overlap(wildcards.paper, wildcards.item),
        benchmarks="results/benchmarks.json",
        calibration="results/calibration/{paper}.csv",
        layout=lambda wildcards: layouts_files(wildcards.paper),
        published="replications/{paper}/published.csv",
        listed="replications/third_party.csv",
        tolerances=lambda wildcards: planned().inputs.tolerances(wildcards.paper),
    output:
        table="results/tables/{item}_{paper}.csv",
        forms=expand("results/tables/{{item}}_{{paper}}.{form}", form=("json", "md", "tex", "body.html")),
        page=report(
            "results/tables/{item}_{paper}.html",
            caption="../report/table.rst",
            category="Tables",
            labels={"paper": "{paper}", "table": "{item}"},
        ),
    log: "results/logs/table/{item}_{paper}.log"
    conda: ENVIRONMENT
    params:
        sources=lambda wildcards: option("source", planned().sources(wildcards.paper, wildcards.item)),
        obstacles=lambda wildcards: option("obstacle", planned().obstacles(wildcards.paper, wildcards.item)),
        judged_by=lambda wildcards: plan.judged_by,
        code=lambda wildcards: code_hash(TABLE_CODE),
    shell:
        "sr table {wildcards.paper:q} {wildcards.item:q} --scores results/scores {params.sources} {params.obstacles}"
        " --benchmarks {input.benchmarks:q} --output {output.table:q} > {log:q} 2>&1"

# A paper's table by its name alone: `snakemake table2_srgan`. That across methods is `snakemake comparison`.
for paper, item in plan.tables():
    rule:
        name: f"{name_in_files(item)}_{paper}"
        input: f"results/tables/{name_in_files(item)}_{paper}.csv"

# Nearest and bicubic need no training: they prove that data, degradation, colour, border and SSIM are
# the paper's, before an hour of training is spent.
rule calibration:
    input:
        scores=lambda wildcards: planned().inputs.scores(wildcards.paper, CALIBRATION),
        benchmarks="results/benchmarks.json",
        published="replications/{paper}/published.csv",
        listed="replications/third_party.csv",
        tolerances=lambda wildcards: planned().inputs.tolerances(wildcards.paper),
    output:
        report(
            "results/calibration/{paper}.csv", caption="../report/calibration.rst", category="Calibration",
            labels={"paper": "{paper}", "table": "calibration"},
        ),
    log: "results/logs/calibration/{paper}.log"
    conda: ENVIRONMENT
    params: code=lambda wildcards: code_hash(TABLE_CODE)
    shell:
        "sr calibrate {wildcards.paper:q} --scores results/scores --benchmarks {input.benchmarks:q}"
        " --output {output:q} 2>&1 | tee {log:q}"

rule calibrate:
    input: expand("results/calibration/{paper}.csv", paper=papers())

rule verdicts:
    input:
        plan.inputs.tables(),
        # Some printed numbers are of figures.
        figures=expand("results/figures/{paper}/images.json", paper=plan.configuration.papers),
    output:
        report(
            "results/tables/verdicts.csv", caption="../report/verdicts.rst", category="Tables",
            labels={"paper": "all", "table": "verdicts"},
        ),
    log: "results/logs/verdicts.log"
    conda: ENVIRONMENT
    params:
        # As far as `snakemake multiverse` has looked for them.
        nearest=lambda wildcards: option("nearest", sorted(map(str, Path("results/multiverse").glob("*_nearest.csv")))),
        code=lambda wildcards: code_hash(TABLE_CODE),
    shell: "sr verdicts --tables results/tables {params.nearest} --output {output:q} 2>&1 | tee {log:q}"

# Every printed number under every convention in use: takes minutes for each set of images, and is made on demand.
rule nearest:
    input: lambda wildcards: plan.inputs.tables(wildcards.paper)
    output:
        values="results/multiverse/{paper}.csv",
        nearest="results/multiverse/{paper}_nearest.csv",
        figure="results/figures/{paper}/multiverse.json",
    log: "results/logs/multiverse/{paper}.log"
    conda: ENVIRONMENT
    params: code=lambda wildcards: code_hash(("explain", *SCORING_CODE))
    shell: "sr multiverse {wildcards.paper:q} 2>&1 | tee {log:q}"

rule multiverse:
    input: expand("results/multiverse/{paper}_nearest.csv", paper=plan.configuration.papers)

# What others report for released weights, beside what the same weights give here under that convention.
rule third_party:
    input:
        tables=plan.inputs.tables(),
        reported="replications/third_party.csv",
    output:
        report(
            "results/third_party.csv", caption="../report/third_party.rst", category="Tables",
            labels={"paper": "all", "table": "third parties"},
        ),
    log: "results/logs/third_party.log"
    conda: ENVIRONMENT
    params: code=lambda wildcards: code_hash(TABLE_CODE)
    shell: "sr third-party --scores results/scores --output {output:q} > {log:q} 2>&1"

# Which of the papers' claims hold on their own numbers, and which numbers disagree.
rule audit:
    input:
        downloads=downloaded,
        published=expand("replications/{paper}/published.csv", paper=papers()),
        claims=expand("replications/{paper}/claims.yaml", paper=papers()),
        causes=plan.inputs.causes(),
        tolerances=sorted({path for paper in papers() for path in plan.inputs.tolerances(paper)}),
    output:
        expand("results/tables/audit_{paper}.csv", paper=papers()),
        "results/tables/audit.md",
        "results/tables/audit.body.html",
        report(
            "results/tables/audit.html", caption="../report/audit.rst", category="Audit",
            labels={"paper": "all", "table": "audit"},
        ),
    log: "results/logs/audit.log"
    conda: ENVIRONMENT
    params: code=lambda wildcards: code_hash(TABLE_CODE + SCORING_CODE), benchmarks=lambda wildcards: planned().benchmarks
    shell: "sr audit --output results/tables > {log:q} 2>&1"

# A target without a file: fails when a comparable number is not the paper's, or drifted.
rule check:
    input: plan.inputs.tables()
    log: "results/logs/check.log"
    conda: ENVIRONMENT
    shell: "sr check --tables results/tables --reference results/reference 2>&1 | tee {log:q}"
