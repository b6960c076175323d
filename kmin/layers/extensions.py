"""Layers that the user supplies: NumPy functions for custom classes and Lambdas, by class name or layer name."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmin.errors import KminError
from kmin.formats.entry import bare_class
from kmin.formats.spec import LayerSpec, leaves
from kmin.layers.call import LayerCall, Lowered, Tensor
from kmin.layers.masks import mask_of
from kmin.ops.extension import ExtensionAttrs
from kmin.ops.tensor import Array, Shape, dtype_name

# Sizes that unknown axes take, the batch first, when a function is tried out: what differs between them is unknown.
PROBES = ((2, 16), (3, 17))


@dataclass(frozen=True)
class Extension:
    """What the user registered; see `register_layer`."""

    function: Callable[..., Any]
    output_shape: Callable[..., Any] | None
    passes_mask: bool


@dataclass(frozen=True)
class _Place:
    """Stands for the array with this number in a call's arguments."""

    number: int


REGISTERED: dict[str, Extension] = {}


def register_layer(
    name: str,
    function: Callable[..., Any] | None,
    *,
    output_shape: Callable[..., Any] | None = None,
    passes_mask: bool = False,
) -> None:
    """Supplies what a custom layer, or a Lambda, computes. Nothing in a model file can do so.

    Args:
        name: the class (`Scale`, or `package>Scale` as registered with Keras), or one layer by its name.
        function: takes what the layer's `call` takes, as NumPy arrays that must not be written to, and returns an
            array, or a list or dict of arrays, with the batch along axis 0. When it has parameters called `config`,
            `weights` and `mask`, it is given the layer's config (a dict), its weights (a dict of arrays by the name
            or number in the file) and the mask that arrives (bool, or None). None forgets what was registered.
        output_shape: takes the shapes of the same arguments (None where a size is unknown) and returns that of the
            result, or a list of them. Without it the function is tried out on ones when the model is loaded.
        passes_mask: whether the input's mask goes on with the output (`supports_masking` in Keras).

    Raises:
        KminError: the name is no text, that of a layer that kmin knows, or the function cannot be called.
    """
    from kmin.layers import LAYERS

    if not isinstance(name, str) or not name:
        raise KminError(f"register_layer needs the name of a class or a layer; received {name!r}")
    if name in LAYERS:
        raise KminError(f"register_layer: '{name}' is a Keras layer that kmin runs itself")
    if function is None:
        REGISTERED.pop(name, None)
        return
    if not callable(function) or not (output_shape is None or callable(output_shape)):
        raise KminError(f"register_layer: what is registered for '{name}' must be a function; received {function!r}")
    REGISTERED[name] = Extension(function, output_shape, passes_mask)


def extension_of(layer: LayerSpec) -> Extension | None:
    """What the user registered for the layer: by its name, else by its class."""
    names = (layer.name, layer.registered_name, layer.class_name, bare_class(layer.class_name))
    return next((REGISTERED[name] for name in names if name in REGISTERED), None)


def lower_extension(call: LayerCall, extension: Extension) -> Lowered:
    """One call of a user's function."""
    inputs: list[Tensor] = []
    args = _placed(list(call.args), inputs)
    taken = _parameters(extension.function)
    kwargs = {
        key: _placed(value, inputs)
        for key, value in call.kwargs.items()
        if key not in ("mask", "training") or key in taken
    }
    if "mask" in taken:
        mask = mask_of(call)
        kwargs["mask"] = None if mask is None else _placed(mask, inputs)
    if "training" in taken:
        kwargs["training"] = False
    if not inputs:
        raise call.fail("needs at least one input")
    names = tuple(call.layer.weights)
    weights = [call.weight(name) for name in names]
    more: dict[str, Any] = {"config": dict(call.config)} if "config" in taken else {}
    named = names if "weights" in taken else None
    apply = functools.partial(_apply, extension.function, args, kwargs | more, named, len(inputs))
    label = f"layer '{call.path}' ({call.class_name})"
    if extension.output_shape is not None:
        asked = _filled(args, [x.shape for x in inputs])
        shapes, dtypes, structure = _told(call, extension.output_shape(*asked))
    else:
        arrays = [call.builder.constants[weight.name] for weight in weights]
        shapes, dtypes, structure = _tried(call, apply, inputs, arrays)
    dtype = call.compute_dtype if call.compute_dtype.startswith("float") else "float32"
    attrs = ExtensionAttrs(functools.partial(_flat_result, apply, label), label, shapes, dtypes, dtype)
    results = call.add_all("extension", (*inputs, *weights), attrs)
    carried = call.inputs[0].mask if extension.passes_mask and call.inputs else None
    return _filled(structure, [result.masked(carried) for result in results])


def _parameters(function: Callable[..., Any]) -> set[str]:
    """Names of the arguments that may be given to it by name."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a ufunc or another function without a signature
        return set()
    return {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}


def _placed(structure: Any, inputs: list[Tensor]) -> Any:
    """The structure with its tensors, which are added to `inputs`, replaced by places."""
    if isinstance(structure, Tensor):
        inputs.append(structure)
        return _Place(len(inputs) - 1)
    if isinstance(structure, (list, tuple)):
        return [_placed(item, inputs) for item in structure]
    if isinstance(structure, Mapping):
        return {key: _placed(item, inputs) for key, item in structure.items()}
    return structure


def _filled(structure: Any, values: Sequence[Any]) -> Any:
    if isinstance(structure, _Place):
        return values[structure.number]
    if isinstance(structure, list):
        return [_filled(item, values) for item in structure]
    if isinstance(structure, dict):
        return {key: _filled(item, values) for key, item in structure.items()}
    return structure


def _apply(
    function: Callable[..., Any],
    args: list[Any],
    kwargs: dict[str, Any],
    names: tuple[str, ...] | None,
    count: int,
    *arrays: Array,
) -> Any:
    """The user's function on arrays: the inputs, then the weights."""
    more = {} if names is None else {"weights": dict(zip(names, arrays[count:], strict=True))}
    return function(*_filled(args, arrays), **_filled(kwargs, arrays), **more)


def _flat_result(apply: Callable[..., Any], label: str, *arrays: Array) -> list[Array]:
    """Its results in order, errors of the user's code with the layer's name before them."""
    try:
        with np.errstate(all="ignore"):
            return [np.asarray(array) for array in leaves(apply(*arrays))]
    except KminError:
        raise
    except Exception as error:
        raise KminError(f"{label}: the function registered for it failed: {type(error).__name__}: {error}") from error


def _numbered(structure: Any, counter: list[int]) -> Any:
    if isinstance(structure, (list, tuple)):
        return [_numbered(item, counter) for item in structure]
    if isinstance(structure, Mapping):
        return {key: _numbered(item, counter) for key, item in structure.items()}
    counter[0] += 1
    return _Place(counter[0] - 1)


Promise = tuple[tuple[Shape, ...], tuple[str, ...], Any]


def _told(call: LayerCall, answer: Any) -> Promise:
    """What `output_shape` said: one shape, or a list of them; the results are floats."""
    one = isinstance(answer, tuple) and all(size is None or isinstance(size, int) for size in answer)
    listed = [answer] if one else list(answer) if isinstance(answer, (list, tuple)) else []
    if not listed or not all(isinstance(shape, tuple) and shape for shape in listed):
        raise call.fail(f"its output_shape must return a shape (a tuple) or a list of them; returned {answer!r:.80}")
    shapes = tuple((None, *shape[1:]) for shape in listed)
    structure = [_Place(i) for i in range(len(shapes))]
    return shapes, ("",) * len(shapes), structure[0] if one else structure


def _tried(call: LayerCall, apply: Callable[..., Any], inputs: Sequence[Tensor], weights: Sequence[Array]) -> Promise:
    """Shapes and dtypes seen when the function is called on ones, with two sizes for every unknown axis."""
    seen: list[list[Array]] = []
    structure: Any = None
    for rows, size in PROBES:
        arrays = []
        for x in inputs:
            shape = [size if n is None else n for n in x.shape]
            shape[:1] = [rows] * len(shape[:1])
            arrays.append(np.full(shape, b"a", "S1") if x.dtype == "string" else np.ones(shape, x.dtype))
        try:
            with np.errstate(all="ignore"):
                result = apply(*arrays, *weights)
        except Exception as error:
            shapes = ", ".join(str(array.shape) for array in arrays)
            raise call.fail(
                f"the function registered for it failed on ones of shape {shapes} ({type(error).__name__}: {error}); "
                "an output_shape given to register_layer spares it the trial"
            ) from error
        structure = _numbered(result, [0])
        found = [np.asarray(leaf) for leaf in leaves(result)]
        for array in found:
            if array.dtype.kind not in "fiubS" or not array.ndim or len(array) != rows:
                raise call.fail(
                    f"its function must return numbers with the {rows} rows it was given along axis 0; "
                    f"returned {array.dtype}{array.shape}"
                )
        seen.append(found)
    first, second = seen
    if [array.ndim for array in first] != [array.ndim for array in second]:
        raise call.fail("its function must return as many arrays, of as many axes, whatever the size of the batch")
    pairs = list(zip(first, second, strict=True))
    shapes_seen = tuple(tuple(n if n == m else None for n, m in zip(a.shape, b.shape, strict=True)) for a, b in pairs)
    return shapes_seen, tuple("" if a.dtype.kind == "f" else dtype_name(a) for a, _ in pairs), structure


# Keras classes that only run code from outside the file, and why that is so.
REFUSED: dict[str, str] = {
    "FlaxLayer": "calls a Flax module, which is Python code outside the file",
    "JaxLayer": "calls JAX functions, which are Python code outside the file",
    "Lambda": "holds Python code, which kmin never runs; build the model with Keras layers in its place",
    "SequenceFeatures": "makes sequences of sparse feature columns, which are not supported; use Embedding layers",
    "TFSMLayer": "loads a SavedModel from another place, and kmin opens no file but the model's",
    "TorchModuleWrapper": "holds a pickled PyTorch module, and kmin never unpickles",
}


def refusal(layer: LayerSpec) -> str | None:
    """Why a class of Keras' own is refused, and what the user can do; None for any other."""
    if layer.class_name.startswith("ops."):
        from kmin.layers.operations.reasons import why_operation_is_refused

        why = why_operation_is_refused(layer.class_name)
        return None if why is None else f"this function is not supported: {why}"
    reason = REFUSED.get(layer.class_name)
    return None if reason is None else f"{reason}, or supply its function with kmin.register_layer"
