# `make all` and `make test` need nothing but Python 3.11 or newer and a package index.

PYTHON ?= python3
VENV ?= .venv
CORES ?= all
# Further extras of pyproject.toml: `make all EXTRAS=perceptual-index` adds Ma's score, for non-commercial use only.
EXTRAS ?=
# Part of the images that `make rehearse` takes.
SIZE ?= 1
COMMA := ,
# An environment knows its place: one that was moved or copied with the project would run the old folder's code.
PLACE := $(shell printf %s '$(CURDIR)' | cksum | cut -d' ' -f1)
READY := $(VENV)/ready-$(PLACE)$(if $(EXTRAS),-$(EXTRAS))
RUN := PATH="$(abspath $(VENV))/bin:$$PATH"

.PHONY: all setup test test-all lint format bench rehearse docs site clean help

all: $(READY)  ## run the workflow: tables in results/tables
	$(RUN) snakemake --cores $(CORES) all

setup: $(READY)  ## the virtual environment alone

test: $(READY)  ## fast tests
	$(RUN) OMP_NUM_THREADS=1 pytest -n 2 --dist loadfile

test-all: $(READY)  ## fast and slow tests
	$(RUN) OMP_NUM_THREADS=1 pytest -m "slow or not slow"

lint: $(READY)  ## ruff, mypy, snakemake --lint
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) snakemake --lint

format: $(READY)  ## format the code
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

bench: $(READY)  ## speed, as ratios to plain implementations
	$(RUN) python -m benchmarks

rehearse: $(READY)  ## everything at the papers' scale with made data: 60 GB of disk; SIZE=0.01 for a hundredth of the images
	$(RUN) python -m benchmarks.rehearsal --size $(SIZE)

# It installs nothing: without the environment it says which command makes it.
docs:  ## the reference of every function and the tutorial, in results/docs
	@test -x $(VENV)/bin/python || { echo "make docs: no environment in $(VENV); make it with 'make setup'."; exit 1; }
	$(RUN) python -W error -m pdoc sr '!sr.cli' -d markdown --output-directory results/docs
	@grep -q 'One row of one table' results/docs/sr.html

# results/report/index.html and what it links to, for any server of static files. It installs nothing either.
site:  ## the page of results for publishing, in results/site
	@test -x $(VENV)/bin/python || { echo "make site: no environment in $(VENV); make it with 'make setup'."; exit 1; }
	$(RUN) python -m sr site results/site

clean:  ## remove the virtual environment (results and data stay)
	rm -rf $(VENV)

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(if $(filter-out $(VENV)/ready-$(PLACE)%,$(wildcard $(VENV)/ready-*)),--clear) $(VENV)
	$(VENV)/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/bin/python -m pip install --quiet -c constraints.txt -e '.[metrics,export,workflow,development$(addprefix $(COMMA),$(EXTRAS))]'
	touch $@
