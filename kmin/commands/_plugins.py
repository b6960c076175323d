"""Plugins: the user's own functions for custom layers, named on the command line, never by a file."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

import click


def load_plugin(name: str) -> None:
    """Imports `module:attr`, from the current folder or from what is installed, and registers what it holds.

    Args:
        name: `attr` is a dict of functions by class or layer name, or a function without arguments that calls
            `kmin.register_layer` itself.

    Raises:
        click.UsageError: there is no such thing, or it is neither.
    """
    import kmin

    module, colon, attribute = name.partition(":")
    if not module or not colon or not attribute:
        raise click.UsageError(f"--plugin must be MODULE:ATTR; received {name!r}.")
    sys.path.insert(0, str(Path.cwd()))
    try:
        plugin = getattr(importlib.import_module(module), attribute, None)
    except ImportError as error:
        raise click.UsageError(f"--plugin {name}: cannot import '{module}' ({error}).") from None
    finally:
        sys.path.pop(0)
    if isinstance(plugin, Mapping):
        for layer, function in plugin.items():
            kmin.register_layer(layer, function)
    elif callable(plugin):
        plugin()
    else:
        raise click.UsageError(f"--plugin {name}: '{attribute}' must be a dict of functions or a function.")
