"""How far trainings are, from what they leave in their folders; the lock is taken by another process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sr.recipes.progress import Progress, progress_of
from tests.recipes.synthetic_record import make_record

RECIPE = "demo/embedded_train/srgan/srresnet_mse"


def begun(runs: Path, seed: int, step: int, seconds: float) -> Path:
    folder = runs / RECIPE / f"seed{seed}" / "progress"
    folder.mkdir(parents=True)
    (folder / "lock").touch()
    (folder / "curve.csv").write_text(f"step,seconds\n0,0\n{step},{seconds}\n")
    return folder


def only(runs: Path, seed: int) -> Progress:
    (found,) = (one for one in progress_of(runs) if one.run.endswith(f"seed{seed}"))
    return found


def test_every_state_is_told_apart(tmp_path: Path) -> None:
    begun(tmp_path, 0, 10, 20.0)
    failed = begun(tmp_path, 1, 30, 60.0)
    (failed / "run.json").write_text(json.dumps({"status": "did not learn"}))
    finished = begun(tmp_path, 2, 30, 60.0).parent
    (finished / "run.json").write_text(json.dumps(make_record(f"{RECIPE}")))
    checkpointed = begun(tmp_path, 3, 10, 20.0)
    (checkpointed / "checkpoint-00000017.pt").touch()
    (tmp_path / "elsewhere" / "seed0" / "progress").mkdir(parents=True)
    (tmp_path / "elsewhere" / "seed0" / "progress" / "lock").touch()
    states = {int(one.run[-1]): one.state for one in progress_of(tmp_path)}
    assert states == {0: "stopped", 1: "did not learn", 2: "finished", 3: "stopped"}
    assert only(tmp_path, 0).step == 10
    assert only(tmp_path, 3).step == 17
    assert only(tmp_path, 2).step == only(tmp_path, 0).iterations


def test_a_running_one_says_when_it_will_be_done(tmp_path: Path) -> None:
    folder = begun(tmp_path, 0, 10, 20.0)
    hold = "import sys; from pathlib import Path; from sr.locks import hold;"
    hold += " hold(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(folder / "lock")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        found = only(tmp_path, 0)
        other.communicate()
    assert found.state == "running"
    assert found.iterations is not None
    assert found.seconds_left == pytest.approx(2.0 * (found.iterations - 10))
    assert only(tmp_path, 0).state == "stopped"


@pytest.mark.parametrize("content", ["", "step\n", "step,seconds\nx,y\n", "\0"])
def test_what_is_half_written_is_no_error(content: str, tmp_path: Path) -> None:
    (begun(tmp_path, 0, 1, 1.0) / "curve.csv").write_text(content)
    assert only(tmp_path, 0).step == 0
