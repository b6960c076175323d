"""ENGINES: name -> who else, and in which way, can run a model. Each engine runs in a process of its own."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kmin.errors import EngineError


@dataclass(frozen=True)
class Engine:
    """A runtime and the way it is asked for predictions.

    Attributes:
        module: the adapter, a module of this room (see `session.Adapter`).
        way: what the adapter understands, such as `predict` or `call`.
        title: a few words for tables.
        reference: whether its answers are what others are compared with.
        environment: variables that its process gets on top of the caller's.
    """

    module: str
    way: str
    title: str
    reference: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


ENGINES: dict[str, Engine] = {
    "keras-call": Engine("kmin.engines.keras", "call", "Keras, model(x)", reference=True),
    "keras-predict": Engine("kmin.engines.keras", "predict", "Keras, model.predict(x)", reference=True),
    "kmin-native": Engine("kmin.engines.kmin", "native", "kmin, compiled kernels"),
    "kmin-numpy": Engine("kmin.engines.kmin", "numpy", "kmin, NumPy only", environment={"KMIN_KERNELS": "numpy"}),
}


def choose_engines(names: Sequence[str]) -> list[str]:
    """Engine names for names and families (`keras` means every `keras-...`), each once, in the order asked for.

    Raises:
        EngineError: a name is neither an engine nor a family.
    """
    chosen: dict[str, None] = {}
    for name in names:
        found = [engine for engine in ENGINES if engine == name or engine.startswith(f"{name}-")]
        if not found or not name:
            near = difflib.get_close_matches(name, ENGINES, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise EngineError(f"engines are {', '.join(ENGINES)}, or a family such as kmin; received '{name}'{hint}")
        chosen.update(dict.fromkeys(found))
    return list(chosen)
