"""A sixth paper, complete: the files that CONTRIBUTING describes, and scores to judge it on."""

from pathlib import Path

from tests.project_copy import inside
from tests.results.synthetic_scores import write_score

NAME = "sixth"

FILES = {
    "README.md": """# A sixth paper

A small SRResNet, and the same with a second loss. What it leaves open:

<!-- assumptions: written by docs/make_assumptions.py -->
<!-- end of assumptions -->
""",
    "published.csv": """paper,item,dataset,method,metric,value,note
sixth,table1,Set5,Bicubic,PSNR,28.43,
sixth,table1,Set5,Bicubic,NIQE,7.20,
sixth,table1,Set5,Small,PSNR,30.10,
sixth,table1,Set5,Small,NIQE,6.50,
sixth,table1,Set5,Small and sharp,PSNR,29.40,
sixth,table1,Set5,Small and sharp,NIQE,5.25,
sixth,text,Set5,Small,seconds_an_image,0.2,sec. 4
""",
    "totals.yaml": """# Counted by hand in the paper.
printed_numbers: 7
claims: 2
comparisons: 2
do_not_hold: [Z02]
""",
    "protocol.yaml": """# How the sixth paper measures.
metrics:
  - PSNR             # Table 1
  - NIQE             # Table 1
benchmarks:
  - Set5             # Table 1
channel: Y           # unstated; chosen as in GMGAN
y_rounded: false     # unstated; chosen as in GMGAN
border: 4            # sec. 4
grey: as_rgb         # unstated; chosen as in GMGAN
ssim: wang           # not reported; chosen as in GMGAN
niqe: release        # sec. 4
lpips:
  backbone: alex     # not reported; chosen as in LDL
  version: "0.1"     # not reported; the version in general use
  border: 0          # not reported; chosen as in LDL
dists:
  border: 0          # not reported; chosen as in LDL
fid:
  images: whole      # not reported; chosen as in LDL

assumptions:
  measured_as:
    settings: [channel, y_rounded, grey]
    chosen: unrounded luma, grey images as RGB
    because: later papers of the same authors measure so
    otherwise: rounded luma
  not_reported:
    settings: [ssim, lpips, dists, fid]
    chosen: what LDL's released script does
    because: the paper prints none of them
    otherwise: no number hangs on it
""",
    "recipes.yaml": """# What the sixth paper trains.
small:
  title: a small SRResNet  # sec. 3
  start: null  # sec. 3
  training_set: DIV2K_train  # sec. 4
  batch: 16  # sec. 4
  patch: 96  # sec. 4
  sampling: image  # sec. 4
  distinct_images: true  # sec. 4
  augmentation:
    flip: true  # sec. 4
    rotate: false  # sec. 4
  generator:
    network: srresnet  # sec. 3
    blocks: 4  # sec. 3
    channels: 32  # sec. 3
    kernel: 9  # sec. 3
    prelu: channel  # sec. 3
    long_skip: true  # sec. 3
    batch_normalisation: false  # sec. 3
    output: linear  # sec. 3
  discriminator: null  # sec. 3
  losses:
    l1:
      weight: 1.0  # Eq. 1
  optimiser:
    learning_rate: 1e-4  # sec. 4
    betas: [0.9, 0.999]  # sec. 4
  schedule:
    iterations: 100000  # sec. 4
    milestones: [50000]  # sec. 4
    factor: 0.5  # sec. 4

sharp:
  extends: small
  title: the same with total variation taken off  # Table 1
  losses:
    total_variation:
      weight: 1e-8  # Eq. 2
      intensity_range: [0, 1]  # sec. 4
""",
    "tables.yaml": """# Where each printed number stands.
tables:
  table1:
    title: "Sixth, Table 1"
    caption: "PSNR and NIQE on Set5, 4x."
    rows: [dataset, metric]
    columns: [method]
    datasets:
      Set5:
    metrics:
      PSNR: {label: "PSNR [dB]", decimals: 2}
      NIQE: {decimals: 2}
    methods:
      Bicubic: {baseline: bicubic}
      Small: {recipe: small}
      Small and sharp: {recipe: sharp}

elsewhere:
  text:
    verdict: not run
    reason: "sec. 4 does not name the machine whose seconds it prints"
""",
    "claims.yaml": """groups:
  methods: [Bicubic, Small, Small and sharp]

claims:
  - id: Z01
    place: "sec. 4, Table 1"
    left: "PSNR(Small)"
    relation: ">"
    right: "PSNR(Bicubic)"
    kind: numeric
    comparisons:
      - {item: table1, metrics: PSNR, datasets: Set5, left: Small, relation: ">", right: Bicubic}

  - id: Z02
    place: "sec. 4"
    left: "NIQE(Small)"
    relation: "<"
    right: "NIQE(Small and sharp)"
    kind: numeric
    comparisons:
      - {item: table1, metrics: NIQE, datasets: Set5, left: Small, relation: "<", right: Small and sharp}
""",
    "studies.yaml": """sharpness:
  title: with and without the second loss
  source: Table 1
  recipes: [small, sharp]
  note: The two differ in one loss.
""",
    "inconsistencies.yaml": """aliases:
  - {method: Bicubic, means: bicubic}

inconsistencies:
  - id: I-Z1
    place: "sec. 4"
    says: "Small has the better NIQE"
    against: "Table 1: 6.50 and 5.25"
    cause: "The two rows were exchanged in the text."
    confidence: likely
    claims: [Z02]
""",
    "number_figures.yaml": "# Its figures of numbers.\nplane: table1\nablations: [table1]\n",
    "images.yaml": "# The image that it shows.\nfig1:\n  place: Fig. 1\n  images:\n    Set5: [butterfly]\n",
    "figures.py": '''"""What no other paper shows."""

import pandas as pd

from sr.figures.figure import Description, drawing, write_figure
from sr.figures.own import OwnFigure


def squares(results, output):
    """Fig. 2."""
    table = pd.DataFrame({"x": [0, 1, 2], "y": [0, 1, 4]})
    with drawing() as (figure, axis):
        axis.plot(table["x"], table["y"])
        write_figure(figure, table, Description("Squares", results.paper, "Fig. 2", "Squares."), output)


FIGURES = (OwnFigure("squares", "numbers", squares, "Fig. 2: squares"),)
''',
    # NIQE of a baseline is printed by no other paper.
    "tolerances.yaml": """verdict:
  baseline:
    NIQE: {band: 0.05, reason: "as for released weights: one per cent of a typical value of 5"}
""",
}


def add_sixth_paper(project: Path) -> None:
    """All of the paper's files, its name in the configuration, and its assumptions printed in its README."""
    folder = project / "replications" / NAME
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    configuration = project / "workflow" / "config.yaml"
    text = configuration.read_text(encoding="utf-8")
    papers = next(line for line in text.splitlines() if line.startswith("papers: ["))
    configuration.write_text(text.replace(papers, papers.replace("]", f", {NAME}]")), encoding="utf-8")
    inside(project, "docs/make_assumptions.py")


def write_scores(folder: Path) -> None:
    """Bicubic as printed, and a demo's training of the first recipe."""
    bicubic = {"PSNR": [28.40, 28.46], "NIQE": [7.10, 7.30]}
    write_score(folder, "baseline/bicubic", "Set5", bicubic, protocol=NAME)
    small = {"PSNR": [29.00, 29.20], "NIQE": [7.00, 7.10]}
    cut = ["schedule.iterations: 100 instead of 100000"]
    source = f"trained/demo/embedded_train/{NAME}/small/seed0"
    write_score(folder, source, "Set5", small, protocol=NAME, deviations=cut)
