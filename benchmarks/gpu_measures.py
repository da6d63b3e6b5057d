"""The measurements of `benchmarks.gpu`: each takes sizes, runs, and returns rows of plain values."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks import naive_losses as naive
from benchmarks.eager_step import EagerESRGAN
from benchmarks.material import packed_images, random_weights, recipe_of, sampler_of
from sr.data.packing import PackedSet
from sr.device import Autocast, Execution, Precision
from sr.inference.forward import forward
from sr.losses.artifact import ArtifactSettings
from sr.losses.batch import Batch
from sr.losses.best_buddy import BestBuddySettings
from sr.losses.region_mask import RegionMaskSettings
from sr.planning.cost import operations_of_a_step
from sr.recipes.recipe import Recipe
from sr.training.feed import Feed
from sr.training.objective import Objective
from sr.training.trainer import Trainer

Row = dict[str, Any]
Work = Callable[[], object]

ESRGAN = "esrgan/esrgan"
MIB = 2**20


def device() -> torch.device:
    """The GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@contextmanager
def arithmetic(*, tf32: bool) -> Iterator[None]:
    """float32 as such, or by TF32, inside the block; the fastest convolutions are searched."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def finish() -> None:
    """Wait for the GPU."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def timed(work: Work, repeats: int, warm_up: int) -> tuple[float, float | None]:
    """Seconds of one call, and the GPU memory held at most in MiB (None on a CPU)."""
    for _ in range(warm_up):
        work()
    finish()
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    for _ in range(repeats):
        work()
    finish()
    seconds = (time.perf_counter() - began) / repeats
    return seconds, torch.cuda.max_memory_allocated() / MIB if torch.cuda.is_available() else None


def trainer_of(recipe: Recipe, packed: PackedSet, precision: Precision, *, compiled: bool = False) -> Trainer:
    """The engine on this machine's device, with random perceptual weights."""
    execution = Execution(str(device()), precision, processes=1, micro_batch=None, compiled=compiled)
    objective = Objective(recipe.losses, random_weights)
    return Trainer(recipe, objective, sampler_of(recipe, packed), 0, execution)


def steps(folder: Path, *, toy: bool) -> list[Row]:
    """ESRGAN's step: the plain loop and the engine, in each arithmetic."""
    recipe, packed = recipe_of(ESRGAN, toy=toy), packed_images(folder, toy=toy)
    repeats, warm_up = (2, 1) if toy else (30, 8)

    def engine(name: str, precision: str, *, compiled: bool = False) -> Row:
        # Built here, so that its memory is free again before the next row is measured.
        trainer = trainer_of(recipe, packed, precision, compiled=compiled)
        return _row(recipe, name, trainer.step, repeats, warm_up)

    rows = []
    for tf32 in (False, True):
        with arithmetic(tf32=tf32):
            rows.append(_row(recipe, f"plain loop, {_name(tf32)}", _eager(recipe, packed), repeats, warm_up))
            rows.append(engine(f"engine, {_name(tf32)}", "float32"))
    with arithmetic(tf32=False):
        rows.append(engine("engine, bfloat16", "bfloat16"))
        if torch.cuda.is_available():
            rows.append(engine("engine, bfloat16, compiled", "bfloat16", compiled=True))
    for row in rows:
        row["times_plain_loop"] = row["iterations_a_second"] / rows[0]["iterations_a_second"]
        row["times_plain_loop_tf32"] = row["iterations_a_second"] / rows[2]["iterations_a_second"]
    return rows


def _name(tf32: bool) -> str:
    return "TF32" if tf32 else "float32"


def _row(recipe: Recipe, name: str, step: Work, repeats: int, warm_up: int) -> Row:
    seconds, memory = timed(step, repeats, warm_up)
    return {"what": name, **rate_of(recipe, seconds), "peak_mib": memory}


def rate_of(recipe: Recipe, seconds: float) -> Row:
    """What a step's seconds mean."""
    operations = operations_of_a_step(recipe)
    return {"iterations_a_second": 1 / seconds, "teraflops": operations / seconds / 1e12}


def _eager(recipe: Recipe, packed: PackedSet) -> Work:
    """The plain loop, its crops cut beforehand and copied to the device in each step."""
    loss = trainer_of(recipe, packed, "float32").objective.pretrained[0]
    loop, sampler = EagerESRGAN(recipe, loss.network, 0, device()), sampler_of(recipe, packed)
    batches = [[crops.float() / 255 for crops in sampler.batch(number)] for number in range(4)]
    taken = iter(range(10**9))

    def step() -> None:
        lr, hr = batches[next(taken) % len(batches)]
        loop.step(lr.to(device()), hr.to(device()))

    return step


def curves(folder: Path, *, toy: bool) -> list[Row]:
    """Losses in TF32 and in bfloat16 against those in float32, over steps from the same start.

    TF32 shows how far rounding alone drives two trainings apart.
    """
    recipe, packed = recipe_of(ESRGAN, toy=toy), packed_images(folder, toy=toy)
    count = 5 if toy else 200
    exact = _curve(recipe, packed, "float32", count, tf32=False)
    others = {
        "TF32": _curve(recipe, packed, "float32", count, tf32=True),
        "bfloat16": _curve(recipe, packed, "bfloat16", count, tf32=False),
    }
    return [
        {
            "what": f"{term}, {name}",
            "mean": float(exact[term].mean()),
            "mean_relative_difference": float(((losses[term] - exact[term]) / exact[term]).abs().mean()),
            "difference_of_means": float((losses[term].mean() / exact[term].mean() - 1).abs()),
        }
        for name, losses in others.items()
        for term in exact
    ]


def _curve(
    recipe: Recipe, packed: PackedSet, precision: Precision, count: int, *, tf32: bool
) -> dict[str, torch.Tensor]:
    with arithmetic(tf32=tf32):
        trainer = trainer_of(recipe, packed, precision)
        found = [trainer.step() for _ in range(count)]
    names = [name for name in found[0] if not name.endswith("gradient_norm")]
    return {name: torch.stack([terms[name] for terms in found]).double().cpu() for name in names}


def losses(_folder: Path, *, toy: bool) -> list[Row]:
    """Best-buddy loss, region mask and artifact loss on the papers' batches, plain and ours."""
    beby, ldl = (_batch(2, 48), _batch(2, 32)) if toy else (_batch(8, 192), _batch(16, 128))
    buddy = BestBuddySettings(weight=1, alpha=1, beta=1, patch=3, stride=3, levels=3, antialias=True).build()
    mask = RegionMaskSettings(patch=11, threshold=0.025, image="hr").build()
    artifact = ArtifactSettings(
        weight=1, window=7, root=5, map="refined", residual="signed", gradient_through_map=True
    ).build()
    plain_artifact = partial(naive.artifact, ldl.sr, ldl.hr, ldl.sr_ema, signed=True)
    cases: list[tuple[str, Work, Work]] = [
        ("region mask", partial(naive.region_mask, beby.hr, 11, 0.025), partial(mask, beby)),
        (
            "best-buddy loss and gradient",
            partial(_differentiated, lambda: naive.best_buddy(beby.sr, beby.hr, 1.0, 1.0), beby),
            partial(_differentiated, lambda: buddy(beby), beby),
        ),
        (
            "artifact loss and gradient",
            partial(_differentiated, plain_artifact, ldl),
            partial(_differentiated, lambda: artifact(ldl), ldl),
        ),
    ]
    repeats, warm_up = (1, 1) if toy else (20, 3)
    rows = []
    for name, plain, ours in cases:
        for kind, work in (("plain", plain), ("ours", ours)):
            seconds, memory = timed(work, repeats, warm_up)
            rows.append({"what": f"{name}, {kind}", "milliseconds": 1e3 * seconds, "peak_mib": memory})
    return rows


def _differentiated(loss: Callable[[], torch.Tensor], batch: Batch) -> None:
    torch.autograd.grad(loss(), batch.sr)


def _batch(count: int, side: int) -> Batch:
    """Random images with edges, and two noisy versions of them."""
    draws = torch.Generator().manual_seed(0)
    coarse = torch.rand(count, 3, side // 8, side // 8, generator=draws)
    hr = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bicubic").clamp(0, 1)
    sr, sr_ema = ((hr + 0.02 * torch.randn(hr.shape, generator=draws)).clamp(0, 1) for _ in range(2))
    lr = torch.nn.functional.interpolate(hr, scale_factor=0.25, mode="area")
    lr, hr, sr, sr_ema = (images.to(device()) for images in (lr, hr, sr, sr_ema))
    return Batch(lr, hr, sr.requires_grad_(), sr_ema=sr_ema)


def crops(folder: Path, *, toy: bool) -> list[Row]:
    """Crops a second that reach the device from a packed set, without a step to hide behind."""
    recipe, packed = recipe_of(ESRGAN, toy=toy), packed_images(folder, toy=toy)
    feed = Feed(sampler_of(recipe, packed), None, device())
    numbers = iter(range(10**9))
    seconds, memory = timed(lambda: feed.take(next(numbers)), 5 if toy else 300, 5)
    size = f"{recipe.patch}x{recipe.patch}"
    return [{"what": f"crops of {size}", "crops_a_second": recipe.batch / seconds, "peak_mib": memory}]


def inference(_folder: Path, *, toy: bool) -> list[Row]:
    """RRDB on a 510x339 image (2040x1356 when enlarged): HR megapixels a second."""
    height, width = (24, 36) if toy else (339, 510)
    network = recipe_of(ESRGAN, toy=toy).generator.build().to(device()).eval().requires_grad_(False)
    lr = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0)).to(device())
    repeats, warm_up = (1, 1) if toy else (10, 3)
    autocast = Autocast(network)
    cases: list[tuple[str, Work, bool]] = [
        ("plain forward, float32", lambda: network(lr), False),
        ("ours, float32", lambda: forward(network, lr), False),
        ("ours, TF32", lambda: forward(network, lr), True),
        ("plain forward, bfloat16", lambda: autocast(lr), False),
    ]
    rows = []
    for name, work, tf32 in cases:
        with torch.inference_mode(), arithmetic(tf32=tf32):
            seconds, memory = timed(work, repeats, warm_up)
        megapixels = 16 * height * width / 1e6
        rows.append({"what": name, "megapixels_a_second": megapixels / seconds, "peak_mib": memory})
    return rows
