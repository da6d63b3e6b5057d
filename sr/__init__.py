"""Replication of five super-resolution GAN papers: degradation, training, protocols, verdicts.

`upscale`, `score` and `degrade` (see `sr.api`) are what most programs need: `from sr import upscale`.

.. include:: ../docs/tutorial.md
"""

from typing import TYPE_CHECKING, Any

__docformat__ = "restructuredtext"  # of this page alone, so that the tutorial is taken in

if TYPE_CHECKING:
    from sr.api import degrade as degrade
    from sr.api import score as score
    from sr.api import upscale as upscale

__version__ = "0.1.0"
_FUNCTIONS = ("degrade", "score", "upscale")


def __getattr__(name: str) -> Any:
    """The three functions load PyTorch and SciPy, which a command that only lists assets can do without."""
    if name in _FUNCTIONS:
        from sr import api

        return getattr(api, name)
    raise AttributeError(f"module 'sr' has no attribute '{name}'")
