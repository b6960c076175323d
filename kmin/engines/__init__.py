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
        reference: whether its answers are what others are compared with.
        environment: variables that its process gets on top of the caller's.
    """

    module: str
    way: str
    reference: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


ENGINES: dict[str, Engine] = {
    "keras-call": Engine("kmin.engines.keras", "call", reference=True),
    "keras-predict": Engine("kmin.engines.keras", "predict", reference=True),
    "kmin-native": Engine("kmin.engines.kmin", "native"),
    "kmin-numpy": Engine("kmin.engines.kmin", "numpy", environment={"KMIN_KERNELS": "numpy"}),
}


def choose_engines(names: Sequence[str]) -> list[str]:
    """Engine names for names and families (`keras` means every `keras-...`), each once, in the order asked for.

    Raises:
        EngineError: a name is neither an engine nor a family.
    """
    chosen: dict[str, None] = {}
    for name in names:
        found = [engine for engine in ENGINES if name in (engine, engine.partition("-")[0])]
        if not found:
            near = difflib.get_close_matches(name, ENGINES, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise EngineError(f"engines are {', '.join(ENGINES)}, or a family such as kmin; received '{name}'{hint}")
        chosen.update(dict.fromkeys(found))
    return list(chosen)
