"""All figures of a paper that are made of images."""

from collections.abc import Callable, Iterator

from sr.figures import artifact_maps, brightness, error_maps, evolution, features, panels, swiss_roll
from sr.figures.index import Draw, draw_figures
from sr.figures.material import Material, Missing
from sr.papers.tables import load_layouts

DrawImages = Callable[[Material, str], None]


def draw_image_figures(
    material: Material, report: Callable[[str], None] = lambda _text: None
) -> dict[str, str | None]:
    """Draw what can be drawn below results/figures/{paper}, and write images.json there.

    Returns name -> None where the figure was made, or the reason why it is missing.
    """
    folder = material.output("images").parent
    for old in folder.glob("panels_*.*"):
        old.unlink()  # of a benchmark that is perhaps no longer shown
    figures = {name: _bound(draw, material, name) for name, draw in wanted(material)}
    return draw_figures(figures, folder / "images.json", report)


def wanted(material: Material) -> Iterator[tuple[str, DrawImages]]:
    """Names of a paper's figures of images with what draws each: panels, then those of its own."""
    for benchmark in material.benchmarks:
        yield f"panels_{benchmark}", _benchmark_panels(benchmark)
    for item, table in load_layouts(material.paper).tables.items():
        if any(dataset and dataset.image for dataset in table.datasets.values()):
            yield f"panels_{item}", _table_panels(item)
    yield from _OWN.get(material.paper, {}).items()


def _benchmark_panels(benchmark: str) -> DrawImages:
    return lambda material, name: panels.draw_benchmark(material, benchmark, name)


def _table_panels(item: str) -> DrawImages:
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
_OWN: dict[str, dict[str, DrawImages]] = {
    "srgan": {"evolution": evolution.draw},
    "esrgan": {"ladder": _ladder, "active_features": features.draw, "brightness": brightness.draw},
    "beby": {"swiss_roll": _swiss_roll, "error_maps": error_maps.draw},
    "ldl": {"toy_regions": _no_toy, "artifact_maps": artifact_maps.draw},
}


def _bound(draw: DrawImages, material: Material, name: str) -> Draw:
    return lambda _image: draw(material, name)
