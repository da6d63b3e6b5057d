"""Where each value of a paper's YAML file comes from: the comment on its line."""

import re
from pathlib import Path

_LINE = re.compile(
    r"(?P<indent>\s*)(?P<key>-|\w+:)(?:\s+(?P<value>[^#\s][^#]*?))?\s*(?:#\s*(?P<comment>.*\S))?\s*"
)


def line_comments(path: Path) -> dict[str, str]:
    """Dotted key -> the comment on its line, of every line with a value.

    Items of a list are keyed `list.item`. A value without a comment is mapped to an empty text.
    """
    found: dict[str, str] = {}
    parents: list[tuple[int, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        match = _LINE.fullmatch(line)
        if not match:
            continue
        indent, key, value = len(match["indent"]), match["key"].rstrip(":"), match["value"]
        parents = [parent for parent in parents if parent[0] < indent]
        name = value if key == "-" else key
        if value is None:
            parents.append((indent, key))
        else:
            found[".".join([*(parent for _, parent in parents), name])] = match["comment"] or ""
            if value.startswith("&"):  # an anchor: what it names lies below
                parents.append((indent, key))
    return found
