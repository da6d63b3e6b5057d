"""The page itself: what was gathered, set by the templates beside this file."""

import shutil
from pathlib import Path
from typing import Any

from jinja2 import PackageLoader

from sr.claims.verdicts import ClaimVerdict
from sr.files import atomic_folder, refuse_other_files, write_text
from sr.pages.claims import SIGNS as CLAIM_SIGNS
from sr.pages.grid import MEANINGS, SIGNS
from sr.pages.templating import environment as environment_of_pages
from sr.papers.names import place_of
from sr.provenance import code_hash, environment
from sr.report.figures import COPIED
from sr.report.gather import ACROSS, Material
from sr.report.unavailable import can_be_had
from sr.report.viewer import ORIGINAL
from sr.verdicts.rows import VERDICTS


def write_page(material: Material, output: Path) -> None:
    """Write the page, and beside it figures/{paper}/ with the figures' other forms, which it links to.

    The page loads nothing: styles, script and images are inside.
    Raises InputError where figures/ holds what is not a page's.
    """
    figures = output.parent / "figures"
    copies = {
        f"{one.source.parent.name}/{one.source.with_suffix(suffix).name}"
        for one in material.figures
        for suffix in COPIED
    }
    if not output.is_file():
        refuse_other_files(figures, copies.__contains__)
    text = render(material)
    with atomic_folder(figures) as folder:
        for figure in material.figures:
            place = folder / figure.source.parent.name
            place.mkdir(exist_ok=True)
            for suffix in COPIED:
                source = figure.source.with_suffix(suffix)
                shutil.copyfile(source, place / source.name)
    write_text(output, text)


def render(material: Material) -> str:
    """The page as HTML."""
    templates = environment_of_pages("html").overlay(loader=PackageLoader("sr.report"))
    templates.filters |= {"duration": duration, "size": size, "number": number, "sentence": sentence}
    return templates.get_template("index.html.j2").render(
        page=material,
        verdicts=VERDICTS,
        signs={verdict: signs[0] for verdict, signs in SIGNS.items()},
        meanings=MEANINGS,
        claim_words=_claim_words(material),
        claim_sign=lambda word: CLAIM_SIGNS[ClaimVerdict.of(word)],
        made_with={**environment(), "code": code_hash(("report",))},
        can_be_had=can_be_had,
        place_of=place_of,
        across_folder=ACROSS,
        original=ORIGINAL,
    )


def duration(seconds: float) -> str:
    """Seconds in words of two parts at most."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count: float | None) -> str:
    """Bytes as MiB or GiB; a dash for what was not measured."""
    if not count:
        return "–"
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"


def number(value: Any, form: str = "%.4f") -> str:
    """A number, given as such or as text; a dash for what is missing."""
    return "–" if value is None or value == "" else form % float(value)


def sentence(text: str) -> str:
    """A text with a large first letter and a full stop; nothing for no text."""
    if not text:
        return ""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", ";")) else ".")


def _claim_words(material: Material) -> list[str]:
    """The verdicts of claims that occur, in the order of their first words."""
    found = {word for paper in material.papers for counts in paper.claim_counts.values() for word in counts}
    order = list(CLAIM_SIGNS)
    return sorted(found, key=lambda word: (order.index(ClaimVerdict.of(word)), word))
