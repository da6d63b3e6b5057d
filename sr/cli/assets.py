"""`sr assets`: what there is, where it comes from, and fetching it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sr.cli.data import MirrorOption

if TYPE_CHECKING:
    from sr.data.assets import Assets
    from sr.data.fetch import Reach

# Without a network: this for all web servers at once, and as much again for a package index.
_SECONDS_TO_ANSWER = 4.0

app = typer.Typer(help="Data sets, weights and metric parameters.", no_args_is_help=True)


@app.command("list")
def list_assets(mirror: MirrorOption = None) -> None:
    """Show every asset of the catalogue: where it is, or where it would come from, and its terms."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from sr.data.assets import Assets, origins
    from sr.data.catalogue import catalogue

    assets = Assets.from_environment(mirror)
    table = Table(title="Assets", show_lines=True)
    for column in ("name", "kind", "what", "present", "sources", "licence"):
        table.add_column(column, overflow="fold")
    for name, asset in catalogue().assets.items():
        path = assets.find(name)
        terms = asset.licence.text + (" (non-commercial)" if asset.licence.non_commercial else "")
        told = (name, asset.kind, asset.title, str(path or "missing"), origins(asset), terms)
        table.add_row(*map(escape, told))
    Console().print(table)


@app.command()
def fetch(
    names: Annotated[list[str], typer.Argument(help="Names in the catalogue; `sr assets list` shows them.")],
    mirror: MirrorOption = None,
    attempt: Annotated[
        bool, typer.Option("--try", help="What can not be had is noted, and is no error.")
    ] = False,
    quick: Annotated[
        bool, typer.Option(help="Try only sources that answer within seconds: none, without a network.")
    ] = False,
    receipt: Annotated[
        Path | None, typer.Option(help="JSON file for what was found: hash and size, or the reason.")
    ] = None,
) -> None:
    """Fetch assets into data/assets, each from the first of its sources that gives the right bytes.

    What is there already, in the mirror or from an earlier fetch, is not fetched again.
    """
    from sr.data.assets import Assets
    from sr.data.catalogue import catalogue
    from sr.errors import InputError
    from sr.files import write_json

    assets = Assets.from_environment(mirror)
    for name in names:
        catalogue().get(name)
    records: dict[str, dict[str, Any]] = {}
    reach = assets.reach(names, _SECONDS_TO_ANSWER) if quick else None
    for name in names:
        records[name] = _fetch(assets, name, reach)
    missing = {name: record["missing"] for name, record in records.items() if "missing" in record}
    if missing and not attempt:
        raise InputError("\n".join(missing.values()))
    if quick and missing:
        typer.echo(
            f"Not fetched: {', '.join(missing)}. Results go without them; with a network, the same command"
            f" tries again, and `sr assets fetch {next(iter(missing))}` says what is wrong.",
            err=True,
        )
    else:
        for reason in missing.values():
            typer.echo(reason, err=True)
    if receipt:
        write_json(receipt, records)


@app.command()
def add(
    name: Annotated[
        str,
        typer.Argument(
            help="Name in the catalogue (`sr assets list`), or a new one for weights of your own."
        ),
    ],
    file: Annotated[Path, typer.Argument(help="What you downloaded or trained.")],
) -> None:
    """Take in a file that only a person can download, for instance from Google Drive.

    It is checked by the hash that was published for it, and released weights also by loading them; where
    no hash was published, the receipt in data/fetched says so. The file itself stays where it is.

    Weights under a new name are entered into my/catalogue.yaml, and are a source as any other: one line in
    my/comparison.yaml puts them into the table across methods.
    """
    from sr.data import adding
    from sr.data.assets import Assets
    from sr.data.catalogue import catalogue
    from sr.weights.released import check_file, read_file

    if name not in catalogue().assets and file.suffix in (".pth", ".pt", ".safetensors"):
        adding.add_to_own_catalogue(name, file, read_file(file)[0].model_dump(mode="json"))
    path = adding.add(Assets.from_environment(), name, file, lambda copy: check_file(name, copy))
    record = adding.receipt(name, path)
    typer.echo(f"{name}: {path} (sha256 {record['sha256']}; {record.get('verified', 'as published')})")


def _fetch(assets: "Assets", name: str, reach: "Reach | None") -> dict[str, Any]:
    """Fetch one asset, tell the user, and return its line of the receipt."""
    from sr.data.adding import receipt
    from sr.data.catalogue import catalogue
    from sr.errors import InputError

    asset = catalogue().get(name)
    if asset.licence.non_commercial and (reach is None or any(map(reach.answers, asset.fetchable))):
        typer.echo(f"{name}: non-commercial use only ({asset.licence.text}).", err=True)
    try:
        path = assets.fetch(name, reach)
        if asset.kind == "images":
            record: dict[str, Any] = {"images": len(assets.chosen(name).files)}
        else:
            record = receipt(name, path)
    except InputError as error:
        return {"missing": str(error)}
    typer.echo(f"{name}: {path}")
    return record
