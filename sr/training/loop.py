"""The training loop around the step: checks, curve, checkpoints, progress, and resuming from them."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from sr.device import peak_memory
from sr.distributed import LeavingAloneError, first, on_first
from sr.errors import InputError
from sr.interruption import interruptible
from sr.progress import Reporter, progress
from sr.training import checkpoint
from sr.training.curve import Board, Row, write_curve, write_stability
from sr.training.ledger import Ledger
from sr.training.pace import Pace
from sr.training.trainer import Trainer
from sr.training.validation import Validation, changes
from sr.weights.generators import save_weights

# Saving may take this part of the time: a large network's state is written less often.
_SHARE_OF_SAVING = 0.05
# No longer does a loss that is not finite stay unnoticed.
_STEPS_BETWEEN_VISITS = 100


@dataclass(frozen=True)
class Plan:
    """How far a run goes and what it leaves on the way.

    checks: how often it is validated. checkpoint_minutes: its state is saved so often, and when the process
    is asked to end. keep_every: the generator's weights are kept so often, or never.
    folder: where checkpoints, the growing curve and sample images lie. identity: what a checkpoint must
    carry to be resumed from. made_from: what of that files hold, for the record. code, execution: how the
    steps from now on are made.
    """

    iterations: int
    checks: int
    checkpoint_minutes: float
    keep_every: int | None
    folder: Path
    identity: str
    made_from: dict[str, Any]
    code: str
    execution: dict[str, Any]


class StoppedError(LeavingAloneError):
    """A run was asked to end before its last step, and has saved its state."""


class Loop:
    """Runs a trainer to the end of its plan, checking it on validation images.

    Between steps the host only waits for the device at visits: when a check, a checkpoint or a kept
    generator is due, and every hundred steps. Then the first process looks whether all was finite,
    validates and writes, while the others wait; validation is None for those. The curve's rows travel
    inside the checkpoint, so that a resumed run's curve has every check exactly once. `codes` and
    `executions` list everything that made the run.
    """

    def __init__(self, trainer: Trainer, validation: Validation | None, plan: Plan) -> None:
        self.trainer = trainer
        self.validation = validation
        self.plan = plan
        self.folder = plan.folder
        self.codes = [plan.code]
        self.executions = [plan.execution]
        self.rows: list[Row] = []
        self.stability: list[Row] = []
        self.pace = Pace()
        self.peak_memory = 0
        self._ledger = Ledger()
        self._visited = 0
        self._saved = time.monotonic()
        self._saving = 0.0
        self._check_steps = {
            round(plan.iterations * (number + 1) / plan.checks) for number in range(plan.checks)
        }

    def run(self, title: str) -> None:
        """Train from the last checkpoint, or from the start, to the end.

        Raises InputError on NaN, and StoppedError when the process is asked to end (`sr.interruption`).
        """
        self._resume()
        trainer, iterations = self.trainer, self.plan.iterations
        with self._shown(title) as report, interruptible() as to_end:
            visit = on_first(self._visit) if not trainer.step_number else trainer.step_number + 1
            while trainer.step_number < iterations:
                terms = trainer.step()
                self._ledger.add(trainer.step_number, terms)
                if trainer.step_number == visit:
                    visit = on_first(self._visit)
                # After what is due, for a resumed run does not come by this step again. The others end with
                # the first process: they wait for it in their next step.
                if to_end() and first() and trainer.step_number < iterations:
                    self._stop(title)
                report(trainer.step_number, self._note())

    def _stop(self, title: str) -> NoReturn:
        try:
            step = self._look()
            self._save()
        except InputError as error:
            raise LeavingAloneError(str(error)) from error
        raise StoppedError(
            f"{title}: stopped at step {step} of {self.plan.iterations}, which is saved;"
            " give the same command to go on from there."
        )

    def _look(self) -> int:
        """Count what was trained since the last visit, refuse what is not finite, and return the step."""
        step = self.trainer.step_number
        self._ledger.require_finite(self.folder)
        self.pace.pause(step - self._visited)
        self._visited = step
        if self.plan.execution.get("recorded") and not self.trainer.recorded:
            refused = self.plan.execution | {"recorded": False}
            self.executions = [*(one for one in self.executions[:-1] if one != refused), refused]
        return step

    def _visit(self) -> int:
        """Look at what has been trained, do what is due, and return the step of the next visit."""
        step = self._look()
        if step in self._check_steps or not self.rows:
            self._check()
        if step and self.plan.keep_every and step % self.plan.keep_every == 0:
            save_weights(self.kept / f"step{step:08d}.safetensors", self.trainer.generator)
        wait = max(60 * self.plan.checkpoint_minutes, self._saving / _SHARE_OF_SAVING)
        if step == self.plan.iterations or (step and time.monotonic() - self._saved > wait):
            self._save()
        self.pace.start()
        return min([step + self.pace.steps_within(wait, _STEPS_BETWEEN_VISITS), *self._due_after(step)])

    def _due_after(self, step: int) -> Iterator[int]:
        """Steps that must be visited, the next of each kind."""
        yield from sorted(check for check in self._check_steps if check > step)[:1]
        if self.plan.keep_every:
            yield step + self.plan.keep_every - step % self.plan.keep_every

    @property
    def kept(self) -> Path:
        """Folder of the generators kept on the way, as trained and not averaged, beside the result."""
        return self.folder.parent / "kept"

    def _resume(self) -> None:
        state, skipped = on_first(lambda: checkpoint.load_latest(self.folder, self.plan.identity))
        for sentence in skipped if first() else ():
            print(sentence, file=sys.stderr)
        if state is not None:
            self.trainer.load_state(state["trainer"])
            # Steps made by other code, or in another way, stay known: the run can not pass as today's.
            self.codes = list(dict.fromkeys([*state["codes"], *self.codes]))
            others = [one for one in state["executions"] if one not in self.executions]
            self.executions = [*others, *self.executions]
            self.rows, self.stability = state["rows"], state["stability"]
            self.peak_memory = state["peak_memory"]
            self._ledger.load_state(state["ledger"])
            self.pace.load_state(state["pace"])
            if first():
                place = f"{self.trainer.step_number} of {self.plan.iterations}"
                print(f"resuming at step {place}", file=sys.stderr)
        self._visited = self.trainer.step_number
        self.pace.start()

    def _save(self) -> None:
        began = time.monotonic()
        self.peak_memory = max(self.peak_memory, peak_memory(self.trainer.device))
        state = {
            "trainer": self.trainer.state(),
            "codes": self.codes,
            "executions": self.executions,
            "rows": self.rows,
            "stability": self.stability,
            "peak_memory": self.peak_memory,
            "ledger": self._ledger.state(),
            "pace": self.pace.state(),
        }
        checkpoint.save(self.folder, self.plan.identity, self.trainer.step_number, state)
        self._saved = time.monotonic()
        self._saving = self._saved - began

    def _check(self) -> None:
        """Add a row to the curve: mean losses since the last one, and validation."""
        assert self.validation is not None  # on the first process
        step = self.trainer.step_number
        quality = self.validation.generator(self.trainer.result, self.samples(step))
        rate = self.pace.take_steps_a_second()
        row = {
            "step": step,
            "seconds": round(self.pace.seconds, 2),
            "images_per_second": rate * self.trainer.sampler.size if rate else None,
            "learning_rate": self.trainer.learning_rate,
            **self._ledger.take_means(),
            "validation_psnr": quality.psnr,
            "validation_lpips": quality.lpips,
            "validation_change": self._change(step),
        }
        self.rows.append(row)
        self._board.add(row)
        write_curve(self.folder / "curve.csv", self.rows)
        write_stability(self.folder / "stability.csv", self.stability)

    def _change(self, step: int) -> float | None:
        """How much the validation images changed since the check before; None where there is none."""
        if not self.rows:
            return None
        previous = self.rows[-1]["step"]
        change = changes(self.samples(previous), self.samples(step))
        self.stability += [
            {"step": step, "previous_step": previous, "image": image, "mad": mad}
            for image, mad in change.items()
        ]
        return sum(change.values()) / len(change) if change else None

    def samples(self, step: int) -> Path:
        """Folder of the validation images made at a check."""
        return self.folder / "samples" / f"step{step:08d}"

    @contextmanager
    def _shown(self, title: str) -> Iterator[Reporter]:
        """Progress on the first process, with TensorBoard beside it; nothing on the others."""
        if not first():
            yield _silent
            return
        self._board = Board(self.folder / "tensorboard", self.trainer.step_number)
        try:
            with progress(title, self.plan.iterations, self.trainer.step_number) as report:
                yield report
        finally:
            self._board.close()

    def _note(self) -> str:
        if not self.rows:
            return ""
        last = self.rows[-1]
        lpips = "" if last["validation_lpips"] is None else f", LPIPS {last['validation_lpips']:.4f}"
        return f"PSNR {last['validation_psnr']:.2f} dB{lpips} at step {last['step']}"


def _silent(done: int, note: str = "") -> None:
    """Nobody watches this process."""
