"""lower: ModelSpec to Graph, walking calls in an order that respects their inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kmin.errors import KminError, UnsupportedError
from kmin.formats.policy import policy_of
from kmin.formats.spec import LayerSpec, ModelSpec, TensorRef, leaves
from kmin.graph.builder import Asked, GraphBuilder
from kmin.graph.ir import Graph
from kmin.layers import LAYERS, NO_AUTOCAST, PASSES_MASK, QUANTIZED, TAKES_STRINGS, TENSORFLOW_LAYERS
from kmin.layers.call import COMPUTE_DTYPES, Complex, LayerCall, Lowered, Tensor, dtype_of, round_tensor, tensors
from kmin.layers.call_order import call_order
from kmin.layers.extensions import extension_of, lower_extension, refusal
from kmin.layers.masks import JOINS_MASKS, carried_mask, refuse_unread_mask
from kmin.layers.merging import with_constants
from kmin.layers.nearest import nearest
from kmin.layers.structures import indices, numbered, rebuild, resolve
from kmin.layers.training import inherited, is_training, refuse_training
from kmin.ops.cast import CastAttrs
from kmin.ops.complex_of import ComplexOfAttrs
from kmin.ops.complex_parts import PART_DTYPES, ComplexPartsAttrs

# A model that applies a shared model twice, which does the same, and so on, doubles with every line of its config.
MAX_CALLS = 30_000
MAX_HINTS = 20


class _TooLargeError(Exception):
    """More calls than any model makes."""


@dataclass(frozen=True)
class Lowering:
    """A graph, and why it may not run.

    Attributes:
        graph: complete when `problems` is empty; otherwise it holds `unsupported` nodes.
        problems: one sentence per layer that cannot run.
    """

    graph: Graph
    problems: tuple[str, ...]


def lower(spec: ModelSpec) -> Graph:
    """The model as a Graph.

    Raises:
        UnsupportedError: listing every layer that cannot run.
    """
    lowering = lower_all(spec)
    if lowering.problems:
        raise UnsupportedError(lowering.problems)
    return lowering.graph


def lower_all(spec: ModelSpec, asked: Asked | None = None) -> Lowering:
    """The model as a Graph with every problem collected instead of raised.

    Args:
        spec: what to lower.
        asked: when given, is filled with the shapes of weights that layers ask for, and stand-ins take the place of
            weights that are missing or have other shapes; the graph is of no use then.
    """
    return _Walk(asked).model(spec)


# What Python raises where a config holds something of another kind or size than Keras writes.
BAD_CONFIG = (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError)
MODELS = ("Functional", "Model", "Sequential")


def _refuse_subclass(class_name: str, place: str) -> None:
    """A subclass of Keras' models may compute anything, whatever layers its config lists."""
    if class_name not in MODELS:
        raise UnsupportedError(f"{place} ({class_name}): models of a class of their own are not supported")


class _Walk:
    """One lowering run: the builder plus the problems met so far."""

    def __init__(self, asked: Asked | None) -> None:
        self.problems: dict[str, None] = {}
        self.calls = 0
        self.asked = asked
        self.joined: dict[tuple[str, str], str] = {}  # real and imaginary parts -> the complex numbers made of them

    def model(self, spec: ModelSpec) -> Lowering:
        builder = GraphBuilder(spec.name, spec.dialect)
        builder.asked = self.asked
        builder.batch_sizes.update(_batch_sizes(spec))
        feeds: dict[TensorRef, Tensor] = {}
        input_names = []
        layers = {layer.name: layer for layer in spec.layers}
        for ref in leaves(spec.inputs):
            layer = layers[ref.layer]
            tensor = self._input(builder, layer)
            feeds[ref] = tensor
            input_names.append(layer.name)
        try:
            _refuse_subclass(spec.class_name, f"model '{spec.name}'")
            result = self.body(builder, spec, "", feeds)
        except _TooLargeError:
            raise UnsupportedError(f"model '{spec.name}': it makes more than {MAX_CALLS} layer calls") from None
        except KminError as error:  # calls that do not fit together: nothing is left to lower
            self._note(str(error))
            result = self._unsupported(builder, list(feeds.values()), str(error), "")
            return Lowering(builder.graph([result.name], input_names, [spec.name], 0), tuple(self.problems))
        flat = [self._joined(builder, tensor, "") for tensor in tensors(result)]
        for tensor in flat:
            if tensor.ragged is not None:
                self._note(f"model '{spec.name}': gives rows of unequal length (a ragged tensor {tensor.spec})")
        owners = [ref.layer for ref in leaves(spec.outputs)]
        names = _output_names(owners * len(flat) if len(owners) == 1 else owners)
        graph = builder.graph([t.name for t in flat], input_names, names, indices(result, [0]))
        return Lowering(graph, tuple(self.problems))

    def _input(self, builder: GraphBuilder, layer: LayerSpec) -> Tensor:
        shape = layer.config.get("batch_shape", layer.config.get("batch_input_shape"))
        if not isinstance(shape, (list, tuple)):
            self._note(f"layer '{layer.name}' ({layer.class_name}): the input shape is not in the file")
            shape = (None,)
        elif not all(size is None or (type(size) is int and size >= 0) for size in shape[1:]):
            where = f"layer '{layer.name}' ({layer.class_name})"
            self._note(f"{where}: the input shape must be sizes or null; received {shape!r:.80}")
            shape = (None,)
        named = dtype_of(layer.config.get("dtype"))
        dtype = "float32" if named == "bfloat16" else named
        if dtype not in COMPUTE_DTYPES and dtype != "string" and dtype not in PART_DTYPES:
            self._note(f"layer '{layer.name}' ({layer.class_name}): inputs of '{dtype}' are not supported")
            dtype = "float32"
        name = builder.input(layer.name, (None, *shape[1:]), dtype)
        if named == "bfloat16":
            name = round_tensor(builder, name, layer.name)
        builder.layers[layer.name] = (name,)
        if dtype in PART_DTYPES:
            parts = builder.add("complex_parts", [name], ComplexPartsAttrs(), layer.name)
            real, imaginary = (Tensor(part, builder.specs[part]) for part in parts)
            self.joined[parts[0], parts[1]] = name
            return Complex(real.name, real.spec, imaginary=imaginary)
        return Tensor(name, builder.specs[name])

    def body(
        self,
        builder: GraphBuilder,
        spec: ModelSpec,
        prefix: str,
        feeds: Mapping[TensorRef, Tensor],
        training: bool = False,
    ) -> Lowered:
        """Lowers the calls of one model level; `feeds` gives the tensors of its input layers."""
        known: dict[TensorRef, Tensor] = dict(feeds)
        layers = {layer.name: layer for layer in spec.layers}
        chain = spec.class_name == "Sequential"
        wanted: dict[tuple[str, int], list[TensorRef]] = {}
        for layer_name, node in call_order(spec):
            layer = layers[layer_name]
            call = layer.calls[node]
            args = resolve(call.args, known)
            kwargs = inherited(layer, resolve(call.kwargs, known), training)
            path = f"{prefix}{layer_name}"
            result = self.layer(builder, layer, path, args, kwargs, spec.dialect)
            flat = numbered(result)
            builder.layers[path] = tuple(self._joined(builder, tensor, path).name for tensor in flat)
            for i, tensor in enumerate(flat):
                known[TensorRef(layer_name, node, i)] = tensor
            if chain and len(flat) > 1:  # Keras 3 hands everything that a layer returns to the next
                if [ref.layer for ref in leaves(spec.outputs)] == [layer_name]:
                    return result
                raise UnsupportedError(
                    f"layer '{path}' ({layer.class_name}): returns {len(flat)} tensors inside a chain"
                )
            first = flat[0] if flat else None
            if first is not None and first.dtype == "unknown":
                wanted = wanted if wanted else _wanted(spec)
                for ref in wanted.get((layer_name, node), ()):
                    known.setdefault(ref, first)
        missing = [ref for ref in leaves(spec.outputs) if ref not in known]
        if missing:
            raise UnsupportedError(f"model '{spec.name}': output {missing[0]} is not computed by any layer")
        return resolve(spec.outputs, known)

    def layer(
        self,
        builder: GraphBuilder,
        layer: LayerSpec,
        path: str,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        dialect: int,
    ) -> Lowered:
        """Lowers one call of one layer; a problem becomes an `unsupported` node."""
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise _TooLargeError
        received = tensors(args)
        if any(tensor.dtype == "unknown" for tensor in [*received, *tensors(kwargs)]):
            if layer.model is None and layer.class_name not in LAYERS and extension_of(layer) is None:
                self._note(self._unknown(layer, path))
            return self._unsupported(builder, received, "follows an unsupported layer", path)
        try:
            refuse_training(layer, path, kwargs, dialect)
            if layer.model is not None:
                _refuse_subclass(layer.class_name, f"layer '{path}'")
                return self._nested(builder, layer.model, path, args, is_training(kwargs, dialect))
            rule = LAYERS.get(layer.class_name)
            extension = extension_of(layer) if rule is None else None
            if rule is None and extension is None:
                raise UnsupportedError(self._unknown(layer, path))
            if layer.missing is not None and builder.asked is None:
                raise UnsupportedError(
                    f"its weights were skipped ({layer.missing}), and Keras starts it with random ones"
                )
            call = LayerCall(builder, layer, path, args, kwargs, dialect, self.layer)
            takes_strings = layer.class_name in TAKES_STRINGS or _judges_texts(layer)
            strings = [x for x in [*received, *tensors(kwargs)] if x.dtype == "string"]
            if strings and not takes_strings and extension is None:
                raise call.fail(f"takes numbers; received {strings[0].spec}")
            if any(isinstance(x, Complex) for x in [*received, *tensors(kwargs)]):
                from kmin.layers.operations import reads_complex

                if not reads_complex(layer):
                    raise call.fail("takes real numbers; received complex ones")
            taken = takes_strings and call.compute_dtype == "string"
            taken = taken or (call.is_operation and call.compute_dtype.startswith("complex"))
            if call.compute_dtype not in COMPUTE_DTYPES and not taken:
                raise call.fail(f"computes in '{call.compute_dtype}', which is not supported")
            if policy_of(layer.config).mode is not None and layer.class_name not in QUANTIZED:
                raise call.fail("a layer of this class cannot be quantised")
            if not call.is_operation:
                received = [x.masked(None) if x.name in builder.attended else x for x in received]
                received = [self._cast(builder, tensor, layer, path) for tensor in received]
                call = replace(call, args=rebuild(args, iter(received)))
            if any(x.ragged is not None for x in [*received, *tensors(kwargs)]):
                if rule is None:
                    raise call.fail("rows of unequal length arrive (a ragged tensor), which is not supported here")
                from kmin.layers.ragged import lower_ragged

                return lower_ragged(call, rule)
            if extension is not None:
                return lower_extension(call, extension)
            assert rule is not None
            refuse_unread_mask(call)
            if layer.class_name in JOINS_MASKS:
                call = with_constants(call)
            result = rule(call)
            if isinstance(result, Tensor) and (result.mask is None or result in call.inputs):
                result = result.masked(carried_mask(call, PASSES_MASK))
        except (KminError, *BAD_CONFIG) as error:
            text = str(error) if isinstance(error, KminError) else f"the config does not make sense ({error!r})"
            self._note(
                text if text.startswith(("layer ", "model ")) else f"layer '{path}' ({layer.class_name}): {text}"
            )
            return self._unsupported(builder, received, text, path)
        return result

    def _note(self, problem: str) -> None:
        self.problems[problem] = None

    def _unknown(self, layer: LayerSpec, path: str) -> str:
        where = f"layer '{path}' ({layer.class_name}): "
        reason = refusal(layer)
        if reason is not None:
            return f"{where}{reason}"
        plain = len(self.problems) < MAX_HINTS and len(layer.class_name) < MAX_HINTS * 2
        hint = nearest(layer.class_name, LAYERS, 0.8) if plain else ""
        custom = f" (registered as '{layer.registered_name}')" if layer.registered_name else ""
        return f"{where}this class is not supported{custom}{hint}; kmin.register_layer takes a function for it"

    def _unsupported(self, builder: GraphBuilder, received: list[Tensor], reason: str, path: str) -> Tensor:
        (name,) = builder.add_unsupported([tensor.name for tensor in received], reason, path, 1)
        return Tensor(name, builder.specs[name])

    def _nested(
        self, builder: GraphBuilder, model: ModelSpec, path: str, args: tuple[Any, ...], training: bool
    ) -> Lowered:
        refs = leaves(model.inputs)
        feeds = dict(_fed(model.inputs, args[0]))
        if len(feeds) != len(refs):
            count = len(tensors(args[0]))
            raise UnsupportedError(f"model '{path}': takes {len(refs)} inputs; received {count}, or by other names")
        return self.body(builder, model, f"{path}/", feeds, training)

    def _joined(self, builder: GraphBuilder, tensor: Tensor, path: str) -> Tensor:
        """Complex numbers as one tensor; any other tensor as it is."""
        if not isinstance(tensor, Complex) or tensor.imaginary is None:
            return tensor
        parts = (tensor.name, tensor.imaginary.name)
        if parts not in self.joined:
            (self.joined[parts],) = builder.add("complex_of", parts, ComplexOfAttrs(), path)
        return Tensor(self.joined[parts], builder.specs[self.joined[parts]])

    def _cast(self, builder: GraphBuilder, tensor: Tensor, layer: LayerSpec, path: str) -> Tensor:
        """Keras' autocast: floating inputs take the layer's compute dtype, in Keras 3 one of integers, too."""
        named = policy_of(layer.config).compute
        wanted = "float32" if named == "bfloat16" else named
        known = wanted in COMPUTE_DTYPES if builder.dialect >= 3 else wanted.startswith("float")
        floating = tensor.dtype.startswith("float") and known
        if not floating or layer.config.get("autocast") is False:
            return tensor
        if layer.class_name in NO_AUTOCAST[3 if builder.dialect >= 3 else 2]:
            return tensor
        name, rounded = tensor.name, tensor.name in builder.rounded
        if tensor.dtype != wanted or (rounded and named == "float32"):  # what comes after is not rounded any more
            (name,) = builder.add("cast", [name], CastAttrs(wanted), path)
        if named == "bfloat16":
            name = round_tensor(builder, name, path)
        return replace(tensor, name=name, spec=builder.specs[name])


def _judges_texts(layer: LayerSpec) -> bool:
    """See `operations.judges_texts`, whose tables are large and only read for functions."""
    if layer.class_name not in TENSORFLOW_LAYERS:
        return False
    from kmin.layers.operations import judges_texts

    return judges_texts(layer)


def _fed(wanted: Any, given: Any) -> list[tuple[TensorRef, Tensor]]:
    """The inputs of a model with the tensors it is called on: by key where those are a dict, else in order.

    Source: `_flatten_to_reference_inputs` in Keras 2.15, `_standardize_inputs` in 3.15.
    """
    if isinstance(given, Mapping):
        inputs = wanted if isinstance(wanted, Mapping) else {ref.layer: ref for ref in leaves(wanted)}
        if set(inputs) <= set(given):
            return [pair for key, item in inputs.items() for pair in _fed(item, given[key])]
    if isinstance(wanted, (list, tuple)) and isinstance(given, (list, tuple)) and len(wanted) == len(given):
        return [pair for item, value in zip(wanted, given, strict=True) for pair in _fed(item, value)]
    refs, received = leaves(wanted), tensors(given)
    return list(zip(refs, received, strict=True)) if len(refs) == len(received) else []


def _batch_sizes(spec: ModelSpec) -> set[int]:
    """The batch sizes that input layers of the model, and of the models in it, insist on. Only states need them."""
    sizes: set[int] = set()
    for layer in spec.layers:
        if layer.model is not None:
            sizes |= _batch_sizes(layer.model)
        shape = layer.config.get("batch_shape", layer.config.get("batch_input_shape"))
        fixed = shape[0] if layer.class_name == "InputLayer" and isinstance(shape, (list, tuple)) and shape else None
        if isinstance(fixed, int) and fixed > 0:
            sizes.add(fixed)
    return sizes


def _wanted(spec: ModelSpec) -> dict[tuple[str, int], list[TensorRef]]:
    """Every TensorRef that somebody reads, by call (to fill in unknown outputs)."""
    everything = [spec.outputs, *[[call.args, call.kwargs] for item in spec.layers for call in item.calls]]
    found: dict[tuple[str, int], list[TensorRef]] = {}
    for ref in leaves(everything):
        if isinstance(ref, TensorRef):
            found.setdefault((ref.layer, ref.node), []).append(ref)
    return found


def _output_names(layers: list[str]) -> list[str]:
    """Layer names made unique the way Keras names outputs: `dense`, `dense_1`, ..."""
    names: dict[str, None] = {}
    counts: dict[str, int] = {}
    for layer in layers:
        name = layer
        while name in names:
            counts[layer] = counts.get(layer, 0) + 1
            name = f"{layer}_{counts[layer]}"
        names[name] = None
    return list(names)
