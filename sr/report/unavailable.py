"""What printed numbers lack, told apart: what a command or a person can get, and what does not exist."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sr.verdicts.rows import Row, Verdict

_COMMAND = re.compile(r"get it with `(?P<how>[^`]+)`")
# Reasons say by hand what no program can do (sr/data/assets.py, sr/results/filling.py).
_BY_HAND = re.compile(r"no program can fetch it: (?P<how>.+)|;\s*(?P<put>put its x4 results into \S+)")


@dataclass(frozen=True)
class Lack:
    """One thing that is missing. how: the command or the act that gets it, empty where nothing does.

    reasons: as the verdicts give them. numbers: how many printed numbers wait for it.
    """

    how: str
    command: bool
    reasons: tuple[str, ...]
    numbers: int


def can_be_had(row: Row) -> bool:
    """Whether what an unavailable row lacks can be had by a command or by hand."""
    return bool(_how(row.note)[0])


def lacks(rows: Iterable[Row]) -> list[Lack]:
    """What the unavailable printed numbers lack: first what a command gets, the most wanted before others."""
    found: dict[tuple[str, bool], list[Row]] = {}
    for row in rows:
        if row.verdict is Verdict.UNAVAILABLE and row.published:
            how, command = _how(row.note)
            found.setdefault((how or row.note, command), []).append(row)
    wanted = [
        Lack(
            how if can_be_had(same[0]) else "",
            command,
            tuple(dict.fromkeys(row.note for row in same)),
            len({row.key[:5] for row in same}),
        )
        for (how, command), same in found.items()
    ]
    return sorted(wanted, key=lambda lack: (not lack.command, not lack.how, -lack.numbers))


def _how(note: str) -> tuple[str, bool]:
    """What gets it, and whether that is a command."""
    if command := _COMMAND.search(note):
        return command["how"], True
    by_hand = _BY_HAND.search(note)
    return ((by_hand["how"] or by_hand["put"]).rstrip("."), False) if by_hand else ("", False)
