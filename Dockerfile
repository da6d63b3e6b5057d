# The whole workflow in an image, for Kubernetes, cloud executors and Apptainer (docs/cluster.md):
#   docker build -t sr-replications .
#   docker run --rm --gpus all --shm-size 2g --user "$(id -u):$(id -g)" \
#       -v "$PWD/data:/project/data" -v "$PWD/results:/project/results" -v "$PWD/.snakemake:/project/.snakemake" \
#       sr-replications snakemake --cores all all --config budget=short
# PyTorch's standard build brings CUDA along; the host needs only the driver, or no GPU at all.
FROM python:3.12-slim-bookworm

# torch.compile needs a compiler on a GPU; pyiqa imports OpenCV, which needs the other two even without a screen.
# Debian's packages keep their interface within a release, and pinned versions vanish from its mirrors.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /project

# Libraries first: this layer, by far the largest, stays when only code changes. `sr` itself is
# installed below; pip needs an empty package here to read what it depends on.
COPY pyproject.toml constraints.txt README.md LICENSE ./
# Ma's score, and so the perceptual index, comes with the package pyiqa, whose licence allows non-commercial use only:
# --build-arg EXTRAS=metrics,export,workflow leaves it out, and those cells say `unavailable`.
ARG EXTRAS=metrics,export,workflow,perceptual-index
RUN mkdir sr && touch sr/__init__.py \
    && pip install --constraint constraints.txt ".[$EXTRAS]" \
    && pip uninstall --yes sr-replications \
    && rm -rf sr build ./*.egg-info

# What Snakemake needs beside Slurm's plugin, for instance
# --build-arg PLUGINS="snakemake-executor-plugin-kubernetes snakemake-storage-plugin-s3".
ARG PLUGINS=""
# One word for each package.
# hadolint ignore=DL3013,SC2086
RUN if [ -n "$PLUGINS" ]; then pip install --constraint constraints.txt $PLUGINS; fi

# Any user may run it: with mounted folders, docker run --user "$(id -u):$(id -g)" writes as their owner.
ENV HOME=/home/replicator
RUN useradd --create-home --uid 1000 replicator

COPY . .
# Editable: `sr` reads budgets and papers from this folder.
RUN pip install --no-deps --editable . \
    && python -m compileall -q sr \
    && mkdir -p data results \
    && chmod 1777 . data results "$HOME"

USER 1000:1000
CMD ["snakemake", "--cores", "all", "all"]
