"""Rows for functions of keras.ops: a model whose body is the function."""

from . import Case, case

INTEGERS = {"vocab": 7, "low": -6, "dtype": "int32"}
IDS = {"vocab": 5, "low": 0, "dtype": "int32"}
TRUTH = {"vocab": 2, "low": 0, "dtype": "bool"}


def function(name: str, body, *shapes: tuple[int, ...], free: tuple[int, ...] = (), **options) -> Case:
    """A Keras 3 case: `body(keras.ops, *inputs)`; the axes in `free` are None in the model."""
    return case(name, _maker(body, shapes, free, options), *shapes, dialects=(3,), **options)


def tf_function(name: str, body, *shapes: tuple[int, ...], free: tuple[int, ...] = (), **options) -> Case:
    """A Keras 2 case: `body(tensorflow, *inputs)`."""
    return case(name, _maker(body, shapes, free, options, True), *shapes, dialects=(2,), **options)


def _maker(body, shapes, free, options, tensorflow=False):
    def make(k):
        if tensorflow:
            import tensorflow as functions
        else:
            functions = k.ops
        kind = options.get("dtype", "float32")
        inputs = [
            k.Input(tuple(None if at in free else n for at, n in enumerate(shape) if at), dtype=kind)
            for shape in shapes
        ]
        outputs = body(functions, *inputs)
        return k.Model(
            inputs if len(inputs) > 1 else inputs[0], list(outputs) if isinstance(outputs, tuple) else outputs
        )

    return make
