"""Figures drawn as far as they can be, and the list of what was made and what is missing, with the reason."""

from collections.abc import Callable, Mapping
from pathlib import Path

from sr.figures.material import Missing
from sr.files import write_json

Draw = Callable[[Path], None]


def draw_figures(
    figures: Mapping[str, Draw], output: Path, report: Callable[[str], None] = lambda _text: None
) -> dict[str, str | None]:
    """Draw what can be drawn beside `output`, a JSON that lists what was made and what not.

    Returns name -> None where the figure was made, or the reason why it is missing.
    """
    outcome: dict[str, str | None] = {}
    for name, draw in figures.items():
        image = output.with_name(f"{name}.png")
        try:
            draw(image)
            outcome[name] = None
        except Missing as reason:
            outcome[name] = str(reason)
            for suffix in (".png", ".svg", ".csv", ".json"):
                image.with_suffix(suffix).unlink(missing_ok=True)
        report(f"{name}: {outcome[name] or 'made'}")
    made = [name for name, reason in outcome.items() if reason is None]
    missing = {name: reason for name, reason in outcome.items() if reason is not None}
    write_json(output, {"made": made, "missing": missing})
    return outcome
