"""kmin runs trained Keras models without Keras: `kmin.load(path).predict(x)`."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from kmin.errors import KminError

if TYPE_CHECKING:
    from kmin.layers.extensions import register_layer
    from kmin.model import Model

__all__ = ["KminError", "Model", "__version__", "load", "register_layer"]
__version__ = "0.1.0"


def load(
    path: str | os.PathLike[str],
    *,
    weights: str | os.PathLike[str] | None = None,
    by_name: bool = False,
    skip_mismatch: bool = False,
    dtype: str | None = None,
    threads: int | None = None,
) -> Model:
    """Reads a Keras file or a kmin bundle and returns a Model that is ready to predict; see `Model.load`."""
    from kmin.model import Model

    return Model.load(path, weights=weights, by_name=by_name, skip_mismatch=skip_mismatch, dtype=dtype, threads=threads)


def __getattr__(name: str) -> Any:
    module = {"Model": "kmin.model", "register_layer": "kmin.layers.extensions"}.get(name)
    if module is None:
        raise AttributeError(f"module 'kmin' has no attribute '{name}'")
    return getattr(importlib.import_module(module), name)  # loaded on first use, so that `import kmin` stays light
