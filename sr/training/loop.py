"""The training loop around the step: checks, curve, checkpoints, progress, and resuming from them."""

import math
import sys
import time
from pathlib import Path
from typing import Any

import torch

from sr.errors import InputError
from sr.progress import progress
from sr.training import checkpoint
from sr.training.curve import write_curve
from sr.training.trainer import Trainer
from sr.training.validation import Validation

_SECONDS_BETWEEN_CHECKPOINTS = 20.0


class Loop:
    """Runs a trainer up to `iterations` steps, checking it `checks` times on validation images.

    folder: where checkpoints, the growing curve and sample images lie. identity: what a checkpoint must
    carry to be resumed from. code: hash of the training code; `codes` lists all that made the run.
    The curve's rows travel inside the checkpoint, so that a resumed run's curve has every check exactly
    once.
    """

    def __init__(
        self,
        trainer: Trainer,
        validation: Validation,
        *,
        iterations: int,
        checks: int,
        folder: Path,
        identity: str,
        code: str,
    ) -> None:
        self.trainer = trainer
        self.validation = validation
        self.iterations = iterations
        self.folder = folder
        self.identity = identity
        self.codes = [code]
        self.rows: list[dict[str, Any]] = []
        self.seconds = 0.0
        self._check_steps = {round(iterations * (number + 1) / checks) for number in range(checks)}
        self._sums: dict[str, torch.Tensor] = {}
        self._steps_summed = 0

    def run(self, title: str) -> None:
        """Train from the last checkpoint, or from the start, to the end. Raises InputError on NaN."""
        self._resume()
        if not self.rows:
            self._check()
        started = last_saved = time.monotonic()
        before = self.seconds
        with progress(title, self.iterations, self.trainer.step_number) as report:
            while self.trainer.step_number < self.iterations:
                self._accumulate(self.trainer.step())
                step = self.trainer.step_number
                self.seconds = before + time.monotonic() - started
                if step in self._check_steps:
                    self._check()
                if step == self.iterations or time.monotonic() - last_saved > _SECONDS_BETWEEN_CHECKPOINTS:
                    self._save()
                    last_saved = time.monotonic()
                report(step, self._note())

    def _resume(self) -> None:
        state, skipped = checkpoint.load_latest(self.folder, self.identity)
        for sentence in skipped:
            print(sentence, file=sys.stderr)
        if state is None:
            return
        self.trainer.load_state(state["trainer"])
        # Steps made by other code stay known, so that the run can not pass as today's.
        self.codes = list(dict.fromkeys([*state["codes"], *self.codes]))
        self.rows = state["rows"]
        self.seconds = state["seconds"]
        self._sums = {name: value.to(self.trainer.device) for name, value in state["sums"].items()}
        self._steps_summed = state["steps_summed"]
        print(f"resuming at step {self.trainer.step_number} of {self.iterations}", file=sys.stderr)

    def _save(self) -> None:
        self._require_finite()
        state = {
            "trainer": self.trainer.state(),
            "codes": self.codes,
            "rows": self.rows,
            "seconds": self.seconds,
            "sums": self._sums,
            "steps_summed": self._steps_summed,
        }
        checkpoint.save(self.folder, self.identity, self.trainer.step_number, state)

    def _accumulate(self, terms: dict[str, torch.Tensor]) -> None:
        """Sum the terms where they were computed; reading them would make the host wait at every step."""
        for name, term in terms.items():
            self._sums[name] = self._sums[name] + term if name in self._sums else term
        self._steps_summed += 1

    def _check(self) -> None:
        """Add a row to the curve: mean losses since the last one, and validation."""
        self._require_finite()
        learning_rate = self.trainer.learning_rate
        quality = self.validation.generator(self.trainer.generator, self._samples())
        losses = {name: float(value) / self._steps_summed for name, value in self._sums.items()}
        steps = self.trainer.step_number
        rate = steps * self.trainer.sampler.size / self.seconds if self.seconds else None
        self.rows.append(
            {
                "step": steps,
                "seconds": round(self.seconds, 2),
                "images_per_second": rate,
                "learning_rate": learning_rate,
                **losses,
                "validation_psnr": quality.psnr,
                "validation_lpips": quality.lpips,
            }
        )
        self._sums, self._steps_summed = {}, 0
        write_curve(self.folder / "curve.csv", self.rows)

    def _samples(self) -> Path:
        return self.folder / "samples" / f"step{self.trainer.step_number:08d}"

    def _require_finite(self) -> None:
        for name, value in self._sums.items():
            if not math.isfinite(float(value)):
                raise InputError(
                    f"the loss '{name}' became {float(value)} within the {self._steps_summed} steps before"
                    f" step {self.trainer.step_number}; the last good checkpoint is in {self.folder}."
                    " Lower the learning rate or that term's weight."
                )

    def _note(self) -> str:
        last = self.rows[-1]
        lpips = "" if last["validation_lpips"] is None else f", LPIPS {last['validation_lpips']:.4f}"
        return f"PSNR {last['validation_psnr']:.2f} dB{lpips} at step {last['step']}"
