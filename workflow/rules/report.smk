# The page for people, from everything that a run leaves behind: results/report/index.html.

rule report:
    input:
        rules.verdicts.output,
        rules.claims.output,
        rules.audit.output,
        rules.third_party.output,
        rules.comparison.output,
        rules.all_image_figures.input,
        rules.all_number_figures.input,
        opinions=lambda wildcards: opinion_studies(),
    output:
        page="results/report/index.html",
        figures=report(
            directory("results/report/figures"),
            patterns=["{paper}/{name}.png"],
            caption="../report/figure.rst",
            category="Figures",
            labels={"paper": "{paper}", "figure": "{name}"},
        ),
    log: "results/logs/report.log"
    conda: ENVIRONMENT
    params:
        papers=option("paper", plan.configuration.papers),
        # Studies that are there; the page asks for none to be run.
        studies=plan.shown.finished_studies(),
        code=lambda wildcards: code_hash(("report", *TABLE_CODE)),
    shell: "sr report {params.papers} --results results --benchmarks data/benchmarks --output {output.page:q} 2>&1 | tee {log:q}"
