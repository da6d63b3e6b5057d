"""All figures of a paper that are made of images, and a list of what was made and what is missing."""

from collections.abc import Callable, Iterator

from sr.figures import artifact_maps, brightness, error_maps, evolution, features, panels, swiss_roll
from sr.figures.material import Material, Missing
from sr.files import write_json
from sr.replication.layout import load_layouts

Draw = Callable[[Material, str], None]


def draw_image_figures(
    material: Material, report: Callable[[str], None] = lambda _text: None
) -> dict[str, str | None]:
    """Draw what can be drawn below results/figures/{paper}, and write images.json there.

    Returns name -> None where the figure was made, or the reason why it is missing.
    """
    folder = material.output("images").parent
    for old in folder.glob("panels_*.*"):
        old.unlink()  # of a benchmark that is perhaps no longer shown
    outcome: dict[str, str | None] = {}
    for name, draw in wanted(material):
        try:
            draw(material, name)
        except Missing as reason:
            outcome[name] = str(reason)
            _remove(material, name)
            report(f"{name}: missing, {reason}")
        else:
            outcome[name] = None
            report(f"{name}: made")
    index = {
        "made": [name for name, reason in outcome.items() if reason is None],
        "missing": {name: reason for name, reason in outcome.items() if reason is not None},
    }
    write_json(folder / "images.json", index)
    return outcome


def wanted(material: Material) -> Iterator[tuple[str, Draw]]:
    """Names of a paper's figures of images with what draws each: panels, then those of its own."""
    for benchmark in material.benchmarks:
        yield f"panels_{benchmark}", _benchmark_panels(benchmark)
    for item, table in load_layouts(material.paper).tables.items():
        if any(dataset and dataset.image for dataset in table.datasets.values()):
            yield f"panels_{item}", _table_panels(item)
    yield from _OWN.get(material.paper, {}).items()


def _benchmark_panels(benchmark: str) -> Draw:
    return lambda material, name: panels.draw_benchmark(material, benchmark, name)


def _table_panels(item: str) -> Draw:
    return lambda material, name: panels.draw_table(material, item, name)


def _ladder(material: Material, name: str) -> None:
    panels.draw_study(material, "fig8_ladder", name)


def _swiss_roll(material: Material, name: str) -> None:
    swiss_roll.draw(material.output(name))


def _no_toy(_material: Material, _name: str) -> None:
    raise Missing(
        "Fig. 3: the text gives the 2x2 average pooling, but neither the pixels of the three patches nor"
        " the model and training behind the outputs shown"
    )


# Figures that one paper has alone.
_OWN: dict[str, dict[str, Draw]] = {
    "srgan": {"evolution": evolution.draw},
    "esrgan": {"ladder": _ladder, "active_features": features.draw, "brightness": brightness.draw},
    "beby": {"swiss_roll": _swiss_roll, "error_maps": error_maps.draw},
    "ldl": {"toy_regions": _no_toy, "artifact_maps": artifact_maps.draw},
}


def _remove(material: Material, name: str) -> None:
    """Take away an earlier figure of this name, which no longer shows what the sources are."""
    for suffix in (".png", ".svg", ".csv", ".json"):
        material.output(name).with_suffix(suffix).unlink(missing_ok=True)
