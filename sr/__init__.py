"""Replication of five super-resolution GAN papers: degradation, training, protocols, verdicts.

`upscale`, `score` and `degrade` are what most programs need; everything else is in the modules.

.. include:: ../docs/tutorial.md
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sr.api import degrade, score, upscale

__version__ = "0.1.0"
__all__ = ["degrade", "score", "upscale"]


def __getattr__(name: str) -> Any:
    """The three functions load PyTorch and SciPy, which a command that only lists assets can do without."""
    if name in __all__:
        from sr import api

        return getattr(api, name)
    raise AttributeError(f"module 'sr' has no attribute '{name}'")
