"""`sr train` in a second: a budget of thirty steps, and no weights to be had."""

from pathlib import Path

from sr.recipes.budget import Budget, load_budget
from sr.recipes.recipe import Recipe
from sr.training import loop as loops
from sr.training import run as runs
from sr.training.run import Run

ITERATIONS = 30


class NoAssets:
    """Nothing can be had: LPIPS is then missing, with a reason."""

    def find(self, _name: str) -> None:
        return None

    def reason(self, name: str) -> str:
        return f"{name} is not here."


def tiny() -> Budget:
    """The demo budget, shrunk."""
    demo = load_budget("demo")
    caps = demo.psnr_oriented.caps.model_copy(update={"iterations": ITERATIONS, "patch": 16, "batch": 4})
    share = demo.psnr_oriented.model_copy(update={"caps": caps, "checks": 3, "threads": 1})
    return demo.model_copy(update={"psnr_oriented": share, "perceptual_oriented": share})


def a_run(data: Path, output: str, recipe: str = "srgan/srresnet_mse", start: Path | None = None) -> Run:
    """A run on the images of the fixture `data`."""
    folders = (data / "packed", data / "benchmark", start, data / output)
    return Run(recipe, "demo", 0, *folders, checkpoint_minutes=0.0)


def change_this_process() -> None:
    """For a process of its own: the tiny budget, a checkpoint after each step, no verdict about learning."""
    loops._SHARE_OF_SAVING = 1e9
    runs.load_budget = lambda _name: tiny()
    Recipe.psnr_oriented = property(lambda _self: False)  # type: ignore[assignment]
    Budget.share = lambda self, _recipe: self.psnr_oriented  # type: ignore[method-assign]
