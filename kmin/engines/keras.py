"""Keras as an engine: Keras 3 for files in its dialect, tf-keras for the older ones."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from kmin.engines.keras_files import load_model
from kmin.engines.session import Opening, by_place
from kmin.engines.theano import mirror_kernels
from kmin.engines.worker import first_sentence
from kmin.errors import DependencyError, EngineError


def start(opening: Opening) -> str:
    """Imports TensorFlow, silenced, and the Keras that gives the file its own meaning."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    package = package_of(opening.dialect)
    try:
        tensorflow = importlib.import_module("tensorflow")
        keras = importlib.import_module(package)
    except ImportError as error:
        distribution = "TensorFlow" if (error.name or "").startswith("tensorflow") else package.replace("_", "-")
        raise DependencyError(
            f"the reference for a Keras {opening.dialect} file is {package.replace('_', '-')} on TensorFlow, and "
            f"{distribution} cannot be imported ({str(error).splitlines()[0]}); "
            "install both with: pip install 'kmin[tensorflow]'"
        ) from None
    tensorflow.get_logger().setLevel("ERROR")
    if opening.threads is not None:
        tensorflow.config.threading.set_intra_op_parallelism_threads(opening.threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(opening.threads)
    note = ", Theano's kernels mirrored" if opening.backend == "theano" else ""
    return f"{package.replace('_', '-')} {keras.__version__}, tensorflow {tensorflow.__version__}{note}"


def package_of(dialect: int) -> str:
    """The Python package whose Keras means by a name what the file means."""
    return "keras" if dialect == 3 else "tf_keras"


def open_session(opening: Opening) -> KerasSession:
    """Loads the model with safe mode on and without its training configuration."""
    package = package_of(opening.dialect)
    keras = importlib.import_module(package)
    try:
        model = load_model(keras, opening)
    except EngineError:
        raise
    except Exception as error:
        name = f"{package.replace('_', '-')} {keras.__version__}"
        raise EngineError(
            f"{name} itself cannot open this file, so there is no reference: {first_sentence(error)}"
        ) from None
    if opening.backend == "theano":
        mirror_kernels(model)
    return KerasSession(keras, model, opening)


class KerasSession:
    """See `Session`."""

    def __init__(self, keras: Any, model: Any, opening: Opening) -> None:
        self.keras = keras
        self.model = model
        self.opening = opening
        self.kernels = "tensorflow"
        self.single = self._predict if opening.way == "predict" else self._call
        self.batch = self._predict if opening.way == "predict" else self._call_in_pieces

    def prepare(self, arrays: Sequence[Any]) -> Any:
        if self.opening.way == "predict":  # which takes texts as tensors alone
            constant = importlib.import_module("tensorflow").constant
            arrays = [constant(array) if array.dtype.kind == "S" else array for array in arrays]
        if len(self.model.inputs) == 1 and not isinstance(_structure(self.model), dict):
            return arrays[0]
        given = dict(zip(self.opening.inputs, arrays, strict=True))
        names = _input_names(self.model)
        if set(names) != set(given):
            raise EngineError(f"Keras names the inputs {', '.join(names)}, kmin {', '.join(given)}")
        structure = _structure(self.model)
        by_tensor = {id(tensor): given[name] for tensor, name in zip(self.model.inputs, names, strict=True)}
        return _filled(structure, by_tensor)

    def flatten(self, result: Any) -> dict[str, Any]:
        return by_place(result)

    def _predict(self, x: Any) -> Any:
        return _to_numpy(self.model.predict(x, batch_size=self.opening.batch_size, verbose=0))

    def _call(self, x: Any) -> Any:
        return _to_numpy(self.model(x, training=False))

    def _call_in_pieces(self, x: Any) -> Any:
        import numpy as np

        leaves = by_place(x)
        rows = len(next(iter(leaves.values())))
        step = self.opening.batch_size if self.opening.batch_size is not None else self.opening.rows
        if rows <= step:
            return self._call(x)
        parts = [by_place(self._call(_cut(x, at, at + step))) for at in range(0, rows, step)]
        whole = {place: np.concatenate([part[place] for part in parts]) for place in parts[0]}
        return whole[""] if set(whole) == {""} else whole

    def reset(self) -> None:
        import numpy as np

        # Keras 3.15 has no reset for a whole model, and that of a layer fails on stacked cells.
        for layer in self.model._flatten_layers(include_self=False):
            states = getattr(layer, "states", None) if getattr(layer, "stateful", False) else None
            for state in by_place(states).values():
                if state is not None:
                    state.assign(np.zeros(tuple(state.shape)))

    def layers(self, x: Any) -> dict[str, list[Any]]:
        paths: dict[int, str] = {}
        _note_paths(self.model, "", paths)
        found: dict[str, list[Any]] = {}
        base = self.keras.layers.Layer
        plain_call = base.__call__

        def noted_call(layer: Any, *args: Any, **kwargs: Any) -> Any:
            result = plain_call(layer, *args, **kwargs)
            if id(layer) in paths:
                leaves = list(by_place(result).values())
                if all(hasattr(leaf, "numpy") for leaf in leaves):
                    found[paths[id(layer)]] = [_to_numpy(leaf) for leaf in leaves]
            return result

        base.__call__ = noted_call
        try:
            self.model(x, training=False)
        finally:
            base.__call__ = plain_call
        return found


def _note_paths(model: Any, prefix: str, paths: dict[int, str]) -> None:
    for layer in model.layers:
        paths[id(layer)] = f"{prefix}{layer.name}"
        if hasattr(layer, "layers"):
            _note_paths(layer, f"{prefix}{layer.name}/", paths)


def _structure(model: Any) -> Any:
    """The model's inputs in the structure in which it takes them."""
    for attribute in ("_inputs_struct", "_nested_inputs"):  # Keras 3, tf-keras
        structure = getattr(model, attribute, None)
        if structure is not None:
            return structure
    return list(model.inputs)


def _input_names(model: Any) -> list[str]:
    names = getattr(model, "input_names", None)
    return list(names) if names else [tensor.name for tensor in model.inputs]


def _filled(structure: Any, arrays: Mapping[int, Any]) -> Any:
    if isinstance(structure, Mapping):
        return {key: _filled(item, arrays) for key, item in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [_filled(item, arrays) for item in structure]
    return arrays[id(structure)]


def _cut(x: Any, start: int, stop: int) -> Any:
    if isinstance(x, Mapping):
        return {key: _cut(item, start, stop) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        return [_cut(item, start, stop) for item in x]
    return x[start:stop]


def _to_numpy(result: Any) -> Any:
    """Tensors as arrays: sparse ones made dense, texts as bytes, and bfloat16, which .npy cannot hold, as float32."""
    if isinstance(result, Mapping):
        return {key: _to_numpy(item) for key, item in result.items()}
    if isinstance(result, (list, tuple)):
        return [_to_numpy(item) for item in result]
    import numpy as np

    if hasattr(result, "dense_shape"):
        sparse = importlib.import_module("tensorflow").sparse
        result = sparse.to_dense(sparse.reorder(result))
    array = np.asarray(result)
    array = array.astype("S") if array.dtype.hasobject else array
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array
