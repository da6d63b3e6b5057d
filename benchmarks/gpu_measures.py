"""The measurements of `benchmarks.gpu`: each takes sizes, runs, and returns rows of plain values."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from sr.recorded import Recorded, Values
from sr.training.feed import Feed
from sr.training.objective import Objective
from sr.training.trainer import Trainer

Row = dict[str, Any]
Work = Callable[[], object]

PRECISIONS: tuple[Precision, ...] = ("float32", "tf32", "bfloat16")
ESRGAN = "esrgan/esrgan"
OTHERS = ("srgan/srgan_vgg54", "beby/bebygan", "ldl/rrdb_ldl_df2k", "ldl/swinir_ldl", "gmgan/gmgan")
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


def timed(work: Work, least: int, warm_up: int) -> tuple[float, float | None]:
    """Seconds of one call, and the GPU memory reserved at most in MiB (None on a CPU).

    Calls are timed in rounds of `least` until a second has passed.
    """
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    for _ in range(warm_up):
        work()
    finish()
    calls, elapsed, began = 0, 0.0, time.perf_counter()
    while elapsed < (1.0 if torch.cuda.is_available() else 1e-9):
        for _ in range(least):
            work()
        finish()
        calls += least
        elapsed = time.perf_counter() - began
    memory = torch.cuda.max_memory_reserved() / MIB if torch.cuda.is_available() else None
    return elapsed / calls, memory


def trainer_of(
    recipe: Recipe,
    packed: PackedSet,
    precision: Precision,
    *,
    recorded: bool = False,
    deterministic: bool = False,
) -> Trainer:
    """The engine on this machine's device, with random perceptual weights."""
    execution = Execution(
        device=str(device()),
        precision=precision,
        processes=1,
        micro_batch=None,
        recorded=recorded and torch.cuda.is_available(),
        deterministic=deterministic,
    )
    objective = Objective(recipe.losses, random_weights)
    return Trainer(recipe, objective, sampler_of(recipe, packed), 0, execution)


@dataclass(frozen=True)
class Way:
    """One way to make a step."""

    precision: Precision
    recorded: bool

    @property
    def name(self) -> str:
        return f"engine, {self.precision}, {'recorded' if self.recorded else 'eager'}"


EVERY_WAY = tuple(Way(precision, recorded) for precision in PRECISIONS for recorded in (False, True))
# Of recipes whose every way would take too long.
SOME_WAYS = (Way("float32", False), Way("float32", True), Way("bfloat16", True))


def ceilings(_folder: Path, *, toy: bool) -> list[Row]:
    """What a large matrix product reaches in each arithmetic, the peak that shares are of."""
    side = 256 if toy else 8192
    rows = []
    for name, kind, tf32 in (
        ("float32", torch.float32, False),
        ("TF32", torch.float32, True),
        ("bfloat16", torch.bfloat16, False),
    ):
        one, two = (torch.randn(side, side, dtype=kind, device=device()) for _ in range(2))
        with arithmetic(tf32=tf32):
            seconds, _ = timed(partial(torch.mm, one, two), 2, 2)
        rows.append({"what": name, "teraflops": 2 * side**3 / seconds / 1e12})
    return rows


def steps(folder: Path, *, toy: bool) -> list[Row]:
    """ESRGAN's step: the plain loop, and the engine in every way."""
    recipe, packed = recipe_of(ESRGAN, toy=toy), packed_images(folder, toy=toy)
    rows = []
    for tf32 in (False, True):
        name = f"plain loop, {'TF32' if tf32 else 'float32'}"
        with arithmetic(tf32=tf32):
            rows.append(_row(recipe, name, _eager(recipe, packed), toy=toy))
    rows += [_engine_row(recipe, packed, way, toy=toy) for way in EVERY_WAY]
    for row in rows:
        row["times_plain_loop"] = row["iterations_a_second"] / rows[0]["iterations_a_second"]
        row["times_plain_loop_tf32"] = row["iterations_a_second"] / rows[1]["iterations_a_second"]
    return rows


def recipes(folder: Path, *, toy: bool) -> list[Row]:
    """The other papers' adversarial recipes that fit: the engine eager and recorded, and in bfloat16."""
    packed, rows = packed_images(folder, toy=toy), []
    for name in OTHERS:
        recipe, eager = recipe_of(name, toy=toy), None
        for way in SOME_WAYS:
            try:
                row = _engine_row(recipe, packed, way, toy=toy)
            except torch.OutOfMemoryError:
                print(f"{name}, {way.name}: does not fit into the memory of this GPU")
                release()
                continue
            eager = eager or (None if way.recorded else row["iterations_a_second"])
            row["what"] = f"{name}: {row['what'].removeprefix('engine, ')}"
            row["times_eager"] = eager and row["iterations_a_second"] / eager
            rows.append(row)
    return rows


def _engine_row(recipe: Recipe, packed: PackedSet, way: Way, *, toy: bool) -> Row:
    with arithmetic(tf32=way.precision == "tf32"):
        # Built here, so that its memory is free again before the next row is measured.
        trainer = trainer_of(recipe, packed, way.precision, recorded=way.recorded)
        row = _row(recipe, way.name, trainer.step, toy=toy)
    if trainer.execution.recorded and not trainer.recorded:
        row["what"] += " (refused)"
    del trainer
    release()
    return row


def release() -> None:
    """Give a trainer's memory back to the GPU: it holds its own step, a cycle that the collector breaks."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _row(recipe: Recipe, name: str, step: Work, *, toy: bool) -> Row:
    seconds, memory = timed(step, 2 if toy else 8, 1 if toy else 6)
    return {"what": name, **rate_of(recipe, seconds), "peak_mib": memory}


def rate_of(recipe: Recipe, seconds: float) -> Row:
    """What a step's seconds mean."""
    operations = operations_of_a_step(recipe)
    return {
        "iterations_a_second": 1 / seconds,
        "images_a_second": recipe.batch / seconds,
        "teraflops": operations / seconds / 1e12,
    }


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
    exact, *others = (_curve(recipe, packed, precision, count) for precision in PRECISIONS)
    return [
        {
            "what": f"{term}, {name}",
            "mean": float(exact[term].mean()),
            "mean_relative_difference": float(((losses[term] - exact[term]) / exact[term]).abs().mean()),
            "difference_of_means": float((losses[term].mean() / exact[term].mean() - 1).abs()),
        }
        for name, losses in zip(PRECISIONS[1:], others, strict=True)
        for term in exact
    ]


def _curve(recipe: Recipe, packed: PackedSet, precision: Precision, count: int) -> dict[str, torch.Tensor]:
    with arithmetic(tf32=precision == "tf32"):
        trainer = trainer_of(recipe, packed, precision, recorded=True)
        found = [trainer.step() for _ in range(count)]
    del trainer
    release()
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
    rows = []
    for name, plain, ours in cases:
        for kind, work in (("plain", plain), ("ours", ours), ("ours, recorded", _recorded(ours))):
            seconds, memory = timed(work, 1, 1 if toy else 5)
            rows.append({"what": f"{name}, {kind}", "milliseconds": 1e3 * seconds, "peak_mib": memory})
    return rows


def _recorded(work: Work) -> Work:
    """As a part of a recorded step, where there is a GPU."""

    def calculate() -> Values:
        work()
        return {}

    return Recorded(calculate, device()) if torch.cuda.is_available() else calculate


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
    """Crops a second that become images on the device, without a step to hide behind."""
    recipe, packed = recipe_of(ESRGAN, toy=toy), packed_images(folder, toy=toy)
    feed = Feed(sampler_of(recipe, packed), None, device())
    numbers = iter(range(10**9))

    def take() -> object:
        feed.send(next(numbers))
        return feed.crops()

    seconds, memory = timed(take, 5 if toy else 100, 5)
    size = f"{recipe.patch}x{recipe.patch}"
    return [{"what": f"crops of {size}", "crops_a_second": recipe.batch / seconds, "peak_mib": memory}]


def inference(_folder: Path, *, toy: bool) -> list[Row]:
    """RRDB on a 510x339 image (2040x1356 when enlarged): HR megapixels a second."""
    height, width = (24, 36) if toy else (339, 510)
    network = recipe_of(ESRGAN, toy=toy).generator.build().to(device()).eval().requires_grad_(False)
    lr = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0)).to(device())
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
            seconds, memory = timed(work, 1, 1 if toy else 3)
        megapixels = 16 * height * width / 1e6
        rows.append({"what": name, "megapixels_a_second": megapixels / seconds, "peak_mib": memory})
    return rows
