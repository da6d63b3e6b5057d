"""The pages that people rate on: one file for each rater, in which nothing tells the versions apart."""

import base64
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

from sr.errors import InputError
from sr.files import atomic_folder, is_one_of, refuse_other_files, write_json, write_text
from sr.images import Pixels, write_png
from sr.opinions.design import ANSWERS, KEY, TOKENS, Key, Trial, deal
from sr.opinions.material import Material
from sr.progress import Reporter

PAGES = "pages"


def prepare(material: Material, output: Path, embed: bool, report: Reporter) -> Key:
    """Write a study: key.json for whoever runs it, and pages/ to give away, replacing what was there.

    embed: put the pictures into each page, so that one file is enough; else they lie in pages/images.
    Nothing is written unless everything can be. Raises InputError when a page would name a version.
    """
    study = material.study
    dealt = deal(study, material.shown, material.calibration, material.raters, material.seed)
    key = Key(
        paper=material.paper,
        study=study,
        seed=material.seed,
        sources=material.facts,
        deviations=material.deviations,
        stimuli=dealt.stimuli,
        raters=dealt.raters,
    )
    refuse_names(render(key, next(iter(key.raters)), (1, 1), None), key)
    _refuse_to_replace(output)
    if (output / ANSWERS).is_dir():
        raise InputError(f"{output}: people have answered this study; choose another folder.")
    with atomic_folder(output) as folder:
        largest, pictures = (1, 1), {}
        for done, (name, stimulus) in enumerate(key.stimuli.items(), start=1):
            pixels = material.pixels(stimulus)
            largest = max(largest[0], pixels.shape[1]), max(largest[1], pixels.shape[0])
            if embed:
                pictures[name] = data_uri(pixels)
            else:
                write_png(folder / PAGES / "images" / f"{name}.png", pixels)
            report(done)
        for rater in key.raters:
            write_text(
                folder / PAGES / page_name(rater), render(key, rater, largest, pictures if embed else None)
            )
        write_json(folder / KEY, key.model_dump(mode="json"))
    return key


def _refuse_to_replace(output: Path) -> None:
    """Raise InputError where other files than a study's would be lost. A page shows that it is one, too, for
    Snakemake removes the key before it has a study made anew.
    """
    pages = f"{PAGES}/{page_name('*')}"
    known = (output / KEY).is_file() or any(output.glob(pages))
    ours = (KEY, TOKENS, f"{ANSWERS}/*", pages, f"{PAGES}/images/*.png")
    refuse_other_files(output, lambda name: known and is_one_of(name, ours))


def page_name(rater: str) -> str:
    """The file of a rater's page."""
    return f"rater-{rater}.html"


def render(key: Key, rater: str, largest: tuple[int, int], pictures: Mapping[str, str] | None) -> str:
    """A rater's page. largest: width and height that hold every picture. pictures: as data URIs, or None."""
    study, plan = key.study, key.raters[rater]
    shown = {name for trial in (*plan.calibration, *plan.trials) for name in trial.shown}
    data: dict[str, Any] = {
        "study": key.hash,
        "rater": rater,
        "seal": plan.seal,
        "kind": study.scale.kind,
        "labels": study.scale.labels,
        "question": study.question,
        "instructions": study.instructions,
        "consent": study.consent,
        "seconds": study.seconds,
        "pause_after": study.pause_after,
        "zoom": study.crop.zoom if study.crop else 1,
        "largest": largest,
        "calibration": [
            _question(t) | {"expected": key.stimuli[t.shown[0]].expected} for t in plan.calibration
        ],
        "trials": [_question(trial) for trial in plan.trials],
        "pictures": None if pictures is None else {name: pictures[name] for name in sorted(shown)},
    }
    templates = Environment(
        loader=PackageLoader("sr.opinions"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return templates.get_template("page.html.j2").render(data=data)


def _question(trial: Trial) -> dict[str, Any]:
    return {"id": trial.id, "images": trial.shown}


def data_uri(pixels: Pixels) -> str:
    """A picture as a lossless data URI."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"


def telling_names(key: Key) -> set[str]:
    """Every word by which someone could tell what made a picture."""
    names = {key.paper, *key.study.versions}
    names |= {place.partition("/")[2] for version in key.study.versions.values() for place in version.methods}
    for source in key.sources.values():
        kind, *parts = source["source"].split("/")
        names |= set(parts[1:4] if kind == "trained" else parts)
    return names - {""}


def refuse_names(text: str, key: Key) -> None:
    """Raise InputError when a page's text holds the name of a version, a method, a source or the paper."""
    if found := sorted(named_in(text, telling_names(key))):
        raise InputError(
            f"{key.study.title}: the page would say '{found[0]}'; take it out of the study's question,"
            " instructions and consent, or call the version something else."
        )


def named_in(text: str, names: Iterable[str]) -> set[str]:
    """Those names that occur in a text as words of their own, in small or large letters."""
    return {
        name
        for name in names
        if re.search(rf"(?<![a-z0-9]){re.escape(name.lower())}(?![a-z0-9])", text.lower())
    }
