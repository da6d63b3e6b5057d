"""`sr export`: a generator as a file that other programs read."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def export(
    source: Annotated[
        str, typer.Argument(help="A run's folder, a weight file, or a name of released weights.")
    ],
    to: Annotated[Literal["safetensors", "pth", "onnx"], typer.Option(help="Form of the file.")],
    output: Annotated[Path, typer.Option(help="File to write.")],
    names: Annotated[
        str, typer.Option(help="Names of the weights in a .pth: basicsr, esrgan, oldest, mmsr or mmagic.")
    ] = "basicsr",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a generator for other programs.

    safetensors keeps our names and tells the network's settings. pth is what programs for public weights
    read. onnx is a graph for images of any size, checked against the generator before it is kept; writing
    it takes a minute or more for networks of full size.
    """
    from sr.errors import InputError
    from sr.weights.choice import load
    from sr.weights.export import write_onnx, write_pth, write_safetensors

    if output.suffix != f".{to}":
        raise InputError(f"--output {output}: must end in .{to}.")
    if output.exists() and not force:
        raise InputError(f"--output {output}: exists already; --force replaces it.")
    model = load(source)
    match to:
        case "safetensors":
            write_safetensors(model, output)
        case "pth":
            write_pth(model, output, names)
        case "onnx":
            write_onnx(model, output)
    typer.echo(f"{output}: {model.settings.network}, {output.stat().st_size / 1e6:.1f} MB")
