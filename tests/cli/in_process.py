"""Running `sr` in this process, which spares every test the seconds of a start."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from sr.cli import main


@dataclass
class Outcome:
    code: int
    out: str
    err: str


def sr(*arguments: object) -> Outcome:
    """What `sr` with these arguments does."""
    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["sr", *map(str, arguments)]
    code = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        sys.argv = before
    return Outcome(code, out.getvalue(), err.getvalue())
