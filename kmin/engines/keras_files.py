"""Opening a model file, and its weights file, with real Keras."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kmin.engines.session import Opening
from kmin.errors import EngineError

SUFFIX = {"folder": "", "h5": ".h5", "keras": ".keras", "weights.h5": ".weights.h5", "weights.json": ".weights.json"}


def load_model(keras: Any, opening: Opening) -> Any:
    """The model in Keras, with safe mode on and without its training configuration.

    Raises:
        EngineError: Keras has no way to open files of this kind.
        Exception: whatever Keras says of the file.
    """
    if opening.container == "json":
        model = keras.models.model_from_json(_json_text(opening.path))
    else:
        with rightly_named(opening.path, SUFFIX[opening.container]) as path:
            model = keras.models.load_model(path, compile=False, safe_mode=True)
    if opening.weights is not None and opening.layout is not None:
        if Path(opening.weights).is_dir():
            raise EngineError("Keras loads no weights from an unpacked archive, so there is no reference")
        how: dict[str, Any] = {"skip_mismatch": opening.skip_mismatch}
        if opening.by_name:
            how["by_name"] = True
        with rightly_named(opening.weights, SUFFIX[opening.layout]) as path:
            model.load_weights(path, **how)
    return model


def _json_text(path: str) -> str:
    text = Path(path).read_text(encoding="utf-8-sig")
    content = json.loads(text)
    return content if isinstance(content, str) else text


@contextmanager
def rightly_named(path: str, suffix: str) -> Iterator[str]:
    """The file under a name with the extension that Keras goes by."""
    legacy = suffix == ".h5" and path.endswith("weights.h5")  # Keras takes any such name for the newer layout
    if path.endswith(suffix) and not legacy:
        yield path
        return
    if suffix == ".weights.json":
        raise EngineError(
            "Keras opens the map of a sharded weights file by its name only, which must end .weights.json"
        )
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / f"model{suffix}"
        link.symlink_to(Path(path).resolve())
        yield str(link)
