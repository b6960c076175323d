"""Writes goldens/stateful.keras{2,3}.npz: what a real Keras predicts in call after call. Run it under that Keras.

The first case is saved as a model file too: goldens/stateful.h5 by Keras 2, goldens/stateful.keras by Keras 3.
"""

from __future__ import annotations

import zlib

import numpy as np
from make_goldens import DIALECT, HERE, data, flat, keras, randomise, write

from layers.cases import Case
from layers.cases._stateful import CALLS, CASES, RESET, ROWS


def reset(model) -> None:
    """Sets all states to zeros; Keras 3 has no call for a whole model, and none that works on stacked cells."""
    for layer in model._flatten_layers(include_self=False):
        for state in flat_variables(getattr(layer, "states", None) if getattr(layer, "stateful", False) else None):
            state.assign(np.zeros(tuple(state.shape)))


def flat_variables(structure) -> list:
    if isinstance(structure, (list, tuple)):
        return [variable for item in structure for variable in flat_variables(item)]
    return [] if structure is None else [structure]


def golden(case: Case) -> dict[str, np.ndarray]:
    """Config, weights, and the inputs and outputs of every call."""
    keras.backend.clear_session()
    rng = np.random.default_rng(zlib.crc32(case.name.encode()))
    model = case.make(keras)
    randomise(model, rng)
    reset(model)
    parts = {"config": np.frombuffer(model.to_json().encode(), np.uint8)}
    for layer in model.layers:
        for i, weight in enumerate([*layer.trainable_weights, *layer.non_trainable_weights]):
            name = getattr(weight, "path", weight.name).replace("/", "|")
            parts[f"w/{layer.name}/{i}/{name}"] = np.asarray(weight)
    if case is CASES[0]:
        model.save(HERE / "goldens" / f"stateful.{'h5' if DIALECT == 2 else 'keras'}", include_optimizer=False)
    for number, batches in enumerate(CALLS):
        pieces = [data(case, rng) for _ in range(batches)]
        arrays = [np.concatenate(arrays) for arrays in zip(*pieces, strict=True)]
        outputs = model.predict(arrays[0] if len(arrays) == 1 else arrays, batch_size=ROWS, verbose=0)
        if number == RESET:
            reset(model)
        parts.update({f"x{number}/{i}": array for i, array in enumerate(arrays)})
        parts.update({f"y{number}/{i}": array for i, array in enumerate(flat(outputs))})
    return parts


def main() -> None:
    stored: dict[str, np.ndarray] = {}
    for case in CASES:
        if DIALECT in case.dialects:
            stored.update({f"{case.name}/{key}": array for key, array in golden(case).items()})
    stored["keras_version"] = np.frombuffer(keras.__version__.encode(), np.uint8)
    path = HERE / "goldens" / f"stateful.keras{DIALECT}.npz"
    write(path, stored)
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB, Keras {keras.__version__}")


if __name__ == "__main__":
    main()
