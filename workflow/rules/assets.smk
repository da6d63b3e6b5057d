import time

# What is fetched. A receipt names the file and its hash, so that nothing downstream depends on a path.

rule asset:
    output: "data/fetched/{asset}.json"
    log: "results/logs/asset/{asset}.log"
    conda: ENVIRONMENT
    shell: "sr assets fetch {wildcards.asset} --receipt {output} 2>&1 | tee {log}"

def attempt():
    """Changes from run to run while something wanted is missing, so that it is tried again."""
    return time.time() if any(not plan.assets.find(name) for name in plan.wanted_assets()) else 0

# With `download: true`, everything the configuration could use is tried before the rest is planned.
checkpoint downloads:
    output: "data/downloads.json"
    log: "results/logs/downloads.log"
    conda: ENVIRONMENT
    params:
        wanted=plan.wanted_assets(),
        attempt=attempt() if plan.configuration.download else 0,
    shell: "sr assets fetch {params.wanted} --try --receipt {output} 2>&1 | tee {log}"

def planned():
    """The plan, made anew once downloads have been tried."""
    if plan.configuration.download:
        checkpoints.downloads.get()
        return Plan(config)
    return plan
