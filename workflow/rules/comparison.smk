# The table across methods (replications/comparison.yaml): all of them under one protocol, and their costs.

# Costs depend on the networks alone: seeds share them, and nothing need be trained.
rule complexity:
    input: downloaded
    output: "results/complexity/costs.json"
    log: "results/logs/complexity.log"
    conda: ENVIRONMENT
    params:
        sources=lambda wildcards: option("source", planned().shown.compared_networks()),
        networks=lambda wildcards: planned().shown.settings_of_networks(),
        code=code_hash(COMPLEXITY_CODE),
    shell: "sr complexity {params.sources} --output {output:q} > {log:q} 2>&1"

rule comparison:
    input:
        downloads=downloaded,
        scores=lambda wildcards: planned().shown.compared_scores(),
        benchmarks="results/benchmarks.json",
        costs="results/complexity/costs.json",
        layout=comparison_files(),
        protocol=f"replications/{plan.comparison.protocol}/protocol.yaml",
    output:
        table="results/tables/comparison.csv",
        forms=expand("results/tables/comparison.{form}", form=("json", "md", "tex", "body.html")),
        page=report(
            "results/tables/comparison.html", caption="../report/comparison.rst", category="Tables",
            labels={"paper": "all", "table": "comparison"},
        ),
    log: "results/logs/comparison.log"
    conda: ENVIRONMENT
    params:
        sources=lambda wildcards: option("source", planned().shown.compared()),
        obstacles=lambda wildcards: option("obstacle", planned().shown.compared_obstacles()),
        left_out=lambda wildcards: option("left-out", planned().left_out()),
        code=lambda wildcards: code_hash(TABLE_CODE),
    shell:
        "sr comparison --scores results/scores {params.sources} {params.obstacles} {params.left_out}"
        " --benchmarks {input.benchmarks:q} --costs {input.costs:q} --output {output.table:q} > {log:q} 2>&1"
