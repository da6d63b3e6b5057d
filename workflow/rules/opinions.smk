# Studies of opinions that anyone can open: the papers' own, on the photographs that are always at hand. They
# show people what they would be asked; for a real one, `sr opinions prepare` (docs/opinions.md).

rule opinions:
    input:
        unanswered=unanswered,
        downloads=downloaded,
        scores=lambda wildcards: planned().inputs.scores(wildcards.paper, "table2"),
        study="replications/{paper}/opinions.yaml",
    output: "results/opinions/{paper}/key.json"
    log: "results/logs/opinions/{paper}.log"
    conda: ENVIRONMENT
    params:
        folder=subpath(output[0], parent=True),
        sources=lambda wildcards: option("source", planned().sources(wildcards.paper, "table2")),
        code=lambda wildcards: code_hash(("opinions",)),
    shell:
        "sr opinions prepare {wildcards.paper:q} --output {params.folder:q} {params.sources} --benchmark embedded"
        " --calibration embedded_train --raters 2 --embed > {log:q} 2>&1"
