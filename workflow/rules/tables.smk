# The papers' tables with what came out beside what was printed, and what is made of them.

FORMS = ("csv", "md", "html", "tex")

def scores_of(wildcards):
    sources = planned().sources(wildcards.paper, wildcards.item)
    return expand(
        "results/scores/{paper}/{source}/{benchmark}.csv",
        paper=wildcards.paper,
        source=sources,
        benchmark=planned().benchmarks,
    )

def overlap_of(wildcards):
    """Checks of the training sets behind a table's trained sources."""
    sources = planned().sources(wildcards.paper, wildcards.item)
    sets = sorted({source.split("/")[2] for source in sources if source.startswith("trained/")})
    return expand("results/overlap/{training_set}.txt", training_set=sets)

rule benchmarks:
    output: "results/benchmarks.json"
    log: "results/logs/benchmarks.log"
    conda: ENVIRONMENT
    params: states=lambda wildcards: json.dumps(planned().benchmark_states())
    shell: "printf '%s\\n' {params.states:q} > {output} 2> {log}"

rule table:
    input:
        scores=scores_of,
        overlap=overlap_of,
        benchmarks="results/benchmarks.json",
        calibration="results/calibration/{paper}.csv",
        layout="replications/{paper}/tables.yaml",
        published="replications/{paper}/published.csv",
        tolerances="replications/tolerances.yaml",
    output:
        expand("results/tables/{{item}}_{{paper}}.{form}", form=("csv", "md", "tex")),
        report(
            "results/tables/{item}_{paper}.html",
            caption="../report/table.rst",
            category="Tables",
            labels={"paper": "{paper}", "table": "{item}"},
        ),
    log: "results/logs/table/{item}_{paper}.log"
    conda: ENVIRONMENT
    params:
        sources=lambda wildcards: option("source", planned().sources(wildcards.paper, wildcards.item)),
        code=lambda wildcards: code_hash(TABLE_CODE),
    shell:
        "sr table {wildcards.paper} {wildcards.item} --scores results/scores {params.sources}"
        " --benchmarks {input.benchmarks} --output {output[0]} > {log} 2>&1"
