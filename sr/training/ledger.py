"""The named values of every step, kept where they are computed: reading them makes the host wait."""

from pathlib import Path
from typing import Any

import torch

from sr.errors import InputError


class Ledger:
    """Sums named scalars over steps, and remembers for each the first step at which it was not finite."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._sums = torch.zeros(0)
        self._first_bad = torch.zeros(0, dtype=torch.long)
        self._steps = 0

    def add(self, step: int, values: dict[str, torch.Tensor]) -> None:
        """Add the values of step number `step` (from 1). The names must be the same at every step."""
        row = torch.stack(list(values.values())).double()
        if not self._names:
            self._names = list(values)
            self._sums = torch.zeros_like(row)
        if len(self._first_bad) != len(row):
            self._first_bad = torch.full_like(row, -1, dtype=torch.long)
        self._sums = self._sums.to(row.device) + row
        self._first_bad = torch.where((self._first_bad < 0) & ~row.isfinite(), step, self._first_bad)
        self._steps += 1

    def require_finite(self, folder: Path) -> None:
        """Raise InputError naming the first step and value that was not finite.

        folder: where the checkpoints are that training can go on from.
        """
        bad = [(step, name) for name, step in zip(self._names, self._first_bad.tolist(), strict=False)]
        bad = [(step, name) for step, name in bad if step >= 0]
        if not bad:
            return
        # Within a step the loss comes before the gradient it spoils.
        step = min(step for step, _ in bad)
        name = next(name for other, name in bad if other == step)
        good = max(folder.glob("checkpoint-*.pt"), default=None)
        last = f"the last good checkpoint is {good}" if good else "there is no checkpoint before it"
        raise InputError(
            f"'{name}' was not finite at step {step}; {last}."
            " Lower the learning rate or the weight of the loss that grew."
        )

    def take_means(self) -> dict[str, float]:
        """Mean of every value over the steps since the last call."""
        totals = zip(self._names, self._sums.tolist(), strict=True)
        means = {name: total / self._steps for name, total in totals}
        self._sums, self._steps = torch.zeros_like(self._sums), 0
        return means

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps; a state with bad values is never saved."""
        return {"names": self._names, "sums": self._sums.cpu(), "steps": self._steps}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._names, self._sums, self._steps = state["names"], state["sums"], state["steps"]
