"""Means and the first bad step of named values."""

import math
from pathlib import Path

import pytest
import torch

from sr.errors import InputError
from sr.training.ledger import Ledger


def values(**named: float) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(value) for name, value in named.items()}


def test_means_begin_again_after_they_are_taken() -> None:
    ledger = Ledger()
    ledger.add(1, values(mse=1.0, gan=10.0))
    ledger.add(2, values(mse=2.0, gan=20.0))
    assert ledger.take_means() == {"mse": 1.5, "gan": 15.0}
    ledger.add(3, values(mse=7.0, gan=0.0))
    assert ledger.take_means() == {"mse": 7.0, "gan": 0.0}


def test_a_resumed_ledger_goes_on() -> None:
    ledger, resumed = Ledger(), Ledger()
    ledger.add(1, values(mse=1.0))
    resumed.load_state(ledger.state())
    resumed.add(2, values(mse=2.0))
    assert resumed.take_means() == {"mse": 1.5}


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_names_the_first_bad_step_and_the_loss_before_its_gradient(tmp_path: Path, bad: float) -> None:
    (tmp_path / "checkpoint-00000002.pt").touch()
    (tmp_path / "checkpoint-00000001.pt").touch()
    ledger = Ledger()
    ledger.add(1, values(mse=1.0, gan=1.0, norm=1.0))
    ledger.require_finite(tmp_path)
    ledger.add(2, values(mse=1.0, gan=bad, norm=bad))
    ledger.add(3, values(mse=bad, gan=bad, norm=bad))
    ledger.add(4, values(mse=1.0, gan=1.0, norm=1.0))
    with pytest.raises(InputError, match=r"'gan' was not finite at step 2;.*checkpoint-00000002\.pt"):
        ledger.require_finite(tmp_path)


def test_says_where_there_is_no_checkpoint(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.add(1, values(mse=math.nan))
    with pytest.raises(InputError, match="there is no checkpoint before it"):
        ledger.require_finite(tmp_path)
