"""Writes docs/gpu.md from what an H100 was measured to do: `python docs/make_gpu.py`."""

import json
from pathlib import Path
from typing import Any

from markdown_table import table

from sr.files import write_text
from sr.project import root

TEXT = """# On a GPU

This page is written by `python docs/make_gpu.py` from `results/reference/gpu/h100.json`; do not edit it.
It says what was measured on one {device} with torch {torch} on machines of {cores} cores, on three
of them for five to ten minutes each, and what was not. `python -m benchmarks.gpu` measures the same on
another.

## Checked there

`pytest tests/training/test_on_gpu.py`, 19 tests, all passed: for one recipe of each paper at toy size,
fifty recorded steps equal fifty plain ones to 1e-6 in float32; seven steps, a checkpoint and five more
give the bits of twelve unbroken ones where `--deterministic` is asked for; no operation of a step makes
the host wait; crops cut on the GPU are the host's bit for bit; the best buddies that a GPU chooses are
float64's; validating between recorded steps changes nothing; a CPU goes on from a GPU's checkpoint. After
float32 got the channels first, those of recorded steps and crops, seven, were run again and passed.

On a third machine they were run once more, six at a time on the one GPU, with the 35 of
`tests/metrics/test_on_gpu.py`: 53 of 54 passed. One did not: of GMGAN's fifty recorded steps the 48th's
gradient norm of the discriminator was further than 1e-6 from the plain step's. Alone on the GPU it has
passed, on the first machine; why it did not there is not known.

`sr train esrgan/rrdb_psnr --budget demo`, killed after 14 s with `kill -9` and started again, reached
29.03 dB in 5 s of training, at 270 steps a second (bicubic 28.53 dB). The demo was then 1,400 steps from
random weights; today's is shorter and begins as an enlargement.

## Steps

`recorded`: the whole step is launched as one CUDA graph; `eager`: operation by operation; `plain loop`:
a plain training script (`benchmarks/eager_step.py`). A large matrix product reached {ceilings} on the
second machine. `peak mib` is what the process had reserved at most; memory of the rows before may be in it.

ESRGAN at full size, batch 16, 128 px, images with the channels last:

{first}

The same with the channels first, which float32 is trained with since:

{contiguous}

On the second machine, each precision in its layout:

{second}

**The aims were 4 times the plain loop without TF32, 2 times with it, and 5 times for SRGAN.** TF32
reaches {tf32:.1f} times the plain TF32 loop. In float32 without TF32 the arithmetic itself sets the
pace: recorded, the step sustains {share:.0%} of what a large product does, and is {exact:.1f} times as
fast as the plain loop, so that aim can not be met in float32; bfloat16 is {half:.1f} times as fast.
Launching was expected to set the pace of the plain loop; it does for TF32 and bfloat16, where eager
steps are no faster than float32's.

The other papers' recipes at full size (second machine):

{recipes}

## Losses, crops, inference, scoring

Beby-GAN's best-buddy loss and mask at 8 x 192 px, LDL's artifact loss at 16 x 128 px. Called alone, ours
are more and smaller operations than the plain formulas, and slower to launch; inside a recorded step
that does not count:

{losses}

{crops:.0f} crops of 128 px a second are drawn, cut and made images, {enough:.0f} times what ESRGAN's step
takes in bfloat16. RRDB at 2040x1356 pixels of output:

{inference}

One further source at 2040x1356 pixels, on the GPU and on the machine's CPU (third machine), networks with
random weights. At 512x512 pixels and less LPIPS agreed to 1e-4:

{scoring}

PSNR and RMSE stay on the CPU, which reads every pixel once for them, as sending it would.

## A few minutes of Beby-GAN's Table 1

On the third machine a full-size RRDB, and from it two of the table's three recipes, were trained in
bfloat16 on the 399 images of BSDS500 as budget `short` does, but for fewer iterations: the 20,000 and 5,000
of the budget did not fit. Trainings on the machine's other cores ran beside. Scores are Beby-GAN's (LPIPS on
VGG features):

{trained}

So the start learns, and 2,000 iterations of the game are too few to better its LPIPS: from check to check,
every 200, it went up and down between 0.23 and 0.27, and without the best-buddy loss between 0.21 and 0.30
(bicubic: 0.3463). The rate ran through all its restarts in these 2,000. By eye colours are right
and everything is drawn in brush strokes. Nothing here is compared with the paper. 200
iterations of Beby-GAN on made-up images, at {contract_rate:.1f} a second, gave no value that is not finite.

## Not measured

- **A compiled generator** (`torch.compile`): compiling and searching took longer than the 46 s that were
  left, so nothing says that it pays, and it is not used.
- The contract suite (every adversarial recipe for 200 steps), but for Beby-GAN's, the loss curves of
  float32 against bfloat16 (they did not end within 80 s), and the `short` budget as it stands.
- Several GPUs. There a step is launched operation by operation.
"""


def page() -> str:
    """The page's text."""
    found = json.loads((root() / "results" / "reference" / "gpu" / "h100.json").read_text(encoding="utf-8"))
    rate = {row["what"]: row["iterations_a_second"] for row in found["steps, second machine"]}
    speed = {row["what"]: row["teraflops"] for row in found["steps, second machine"]}
    ceiling = {row["what"]: row["teraflops"] for row in found["ceilings"]}
    crops = found["crops"][0]["crops_a_second"]
    recorded = {name: rate[f"engine, {name}, recorded"] for name in ("float32", "tf32", "bfloat16")}
    return TEXT.format(
        **found["origin"],
        ceilings=", ".join(f"{value:.0f} teraflop/s in {name}" for name, value in ceiling.items()),
        first=_table(found["steps, channels last"]),
        contiguous=_table(found["steps, channels first"]),
        second=_table(found["steps, second machine"]),
        tf32=recorded["tf32"] / rate["plain loop, tf32"],
        share=speed["engine, float32, recorded"] / ceiling["float32"],
        exact=recorded["float32"] / rate["plain loop, float32"],
        half=recorded["bfloat16"] / rate["plain loop, float32"],
        recipes=_table(found["recipes"]),
        losses=_table(found["losses"]),
        crops=crops,
        enough=crops / (16 * recorded["bfloat16"]),
        inference=_table(found["inference"]),
        scoring=_table(found["scoring"]),
        trained=_table(found["trained"]),
        contract_rate=found["contract"][0]["iterations_a_second"],
    )


def _table(rows: list[dict[str, Any]]) -> str:
    columns = list(rows[0])
    return table(
        [name.replace("_", " ") for name in columns],
        [[_shown(row[name]) for name in columns] for row in rows],
    )


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
    return "" if value is None else str(value)


if __name__ == "__main__":
    write_text(Path(__file__).with_name("gpu.md"), page())
