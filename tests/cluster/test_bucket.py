"""A run whose folder lives in a bucket: `aws` is played by a program that copies between folders."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_with_bucket.sh"
RUN = "results/runs/it"

AWS = """#!/bin/sh
# aws s3 sync [options] FROM TO, with the bucket as a folder
while [ $# -gt 2 ]; do shift; done
from=$(echo "$1" | sed "s|^s3:/|$BUCKETS|")
to=$(echo "$2" | sed "s|^s3:/|$BUCKETS|")
[ -z "$BROKEN" ] || { echo "no connection" >&2; exit 1; }
mkdir -p "$from" "$to"
cp -R "$from/." "$to/"
"""
# Goes on from its checkpoint, and saves when it is asked to end.
TRAINING = f"""
trap 'echo saved > {RUN}/checkpoint; exit 1' TERM
cat {RUN}/checkpoint 2> /dev/null || echo nothing
touch {RUN}/begun
if [ "$1" = wait ]; then while true; do sleep 0.1; done; fi
exit 3
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    aws = tmp_path / "bin" / "aws"
    aws.parent.mkdir()
    aws.write_text(AWS)
    aws.chmod(0o755)
    own = {"PATH": f"{aws.parent}:{os.environ['PATH']}", "BUCKETS": str(tmp_path / "buckets"), "BROKEN": ""}
    return os.environ | own | {"SECONDS_BETWEEN_COPIES": "1000"}


def command(*arguments: str) -> list[str]:
    return [str(SCRIPT), "s3://bucket/project", RUN, "sh", "-c", TRAINING, "sh", *arguments]


def machine(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_a_run_that_is_ended_goes_on_on_another_machine(tmp_path: Path, environment: dict[str, str]) -> None:
    first = machine(tmp_path, "first")
    pipe = subprocess.PIPE
    process = subprocess.Popen(command("wait"), cwd=first, env=environment, stdout=pipe, text=True)
    while not (first / RUN / "begun").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)
    assert (said, process.returncode) == ("nothing\n", 1)
    second = machine(tmp_path, "second")
    done = subprocess.run(command(), cwd=second, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("saved\n", 3)


def test_without_a_bucket_nothing_is_trained_anew(tmp_path: Path, environment: dict[str, str]) -> None:
    folder = machine(tmp_path, "first")
    broken = environment | {"BROKEN": "yes"}
    done = subprocess.run(command(), cwd=folder, env=broken, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 1)
    assert "no connection" in done.stderr
