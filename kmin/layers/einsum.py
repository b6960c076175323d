"""EinsumDense: any einsum with one kernel."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from kmin.formats.policy import policy_of
from kmin.formats.spec import Array
from kmin.layers.activation import lower_activation_of
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.core import cast_to_compute
from kmin.layers.lora import with_factors
from kmin.layers.moments import of_samples
from kmin.layers.projection import Projection, project
from kmin.layers.quantized import lower_quantized


def lower_einsum_dense(call: LayerCall) -> Tensor:
    """EinsumDense: any equation that Keras takes, with or without an ellipsis, wherever it leaves the batch."""
    x = cast_to_compute(call, call.input)
    config = call.config
    terms = _terms(call, config.get("equation"), x.rank)
    batch = terms[0][0]
    if not terms[2].startswith(batch) or batch in terms[1] or batch in str(config.get("bias_axes")):
        call.mix_samples(x, (0,))
    sizes = _sizes(call, terms, x, config.get("output_shape"))
    if policy_of(config).mode is not None:
        shape = [sizes[c] for c in terms[1]]
        known = [size for size in shape if size is not None]
        if len(known) < len(shape):
            raise call.fail(f"a quantised kernel needs known sizes; received {x.spec}")
        y = lower_quantized(call, x, terms, known, _bias(call, terms[2], sizes))
        return lower_activation_of(call, y, config.get("activation"))
    kernel = _stored(call, "kernel", [sizes[c] for c in terms[1]])
    lora = with_factors(call, "kernel", kernel)
    bias = _bias(call, terms[2], sizes)
    if batch in terms[1]:
        x = of_samples(call, x, kernel.shape[terms[1].index(batch)])
    y = project(call, x, Projection(terms, lora if lora is not None else kernel, bias))
    return lower_activation_of(call, y, config.get("activation"))


def _terms(call: LayerCall, equation: Any, rank: int) -> tuple[str, str, str]:
    """Letters of input, kernel and result, the ellipsis replaced by letters that are free."""
    text = equation.replace(" ", "").replace("...", "0") if isinstance(equation, str) else ""
    operands, arrow, result = text.partition("->")
    given, comma, weights = operands.partition(",")
    terms = (given, weights, result)
    left = given.startswith("0") and result.startswith("0")
    right = given.endswith("0") and result.endswith("0")
    bare = [term.strip("0") for term in terms]
    dots = [term.count("0") for term in terms]
    known = arrow and comma and all(b.isalpha() and len(set(b)) == len(b) for b in bare)
    if not known or dots not in ([0, 0, 0], [1, 0, 1]) or (dots[0] and left == right):
        raise call.fail(
            f"equation {equation!r} is not supported: it must be of the form 'ab,bc->ac' or '...b,bc->...c'"
        )
    elided = rank - len(bare[0])
    if elided < 0 or (elided > 0 and not dots[0]):
        raise call.fail(f"equation {equation!r} does not fit an input of {rank} axes")
    spare = "".join(c for c in string.ascii_letters if c not in text)[:elided]
    if left:
        return spare + bare[0], bare[1], spare + bare[2]
    return bare[0] + spare, bare[1], bare[2] + spare


def _sizes(call: LayerCall, terms: tuple[str, str, str], x: Tensor, output_shape: Any) -> dict[str, int | None]:
    """Size of every letter: from the input, else from output_shape, which speaks of the result after the batch."""
    given = [output_shape] if isinstance(output_shape, int) else output_shape
    if not isinstance(given, (list, tuple)):
        raise call.fail(f"output_shape must be an integer or a list; received {output_shape!r}")
    sizes: dict[str, int | None] = dict.fromkeys(terms[2])
    elided_right = str(call.config.get("equation")).endswith("...")
    letters = terms[2][1:] if elided_right else terms[2][max(len(terms[2]) - len(given), 0) :]
    sizes.update(zip(letters, given, strict=False))
    sizes.update(zip(terms[0], x.shape, strict=True))
    return sizes


def _stored(call: LayerCall, name: str, wanted: Sequence[int | None]) -> Array:
    array = call.layer.weights.get(name)
    if array is None:
        raise call.fail(f"needs the weight '{name}'")
    if array.ndim != len(wanted) or any(w not in (None, s) for w, s in zip(wanted, array.shape, strict=True)):
        raise call.fail(f"weight '{name}' must have shape {tuple(wanted)}; received {array.shape}")
    return array


def _bias(call: LayerCall, result: str, sizes: dict[str, int | None]) -> Array | None:
    """The bias, whose shape spans the result's letters from the first one that it has."""
    axes = call.config.get("bias_axes")
    if axes is None:
        return None
    if not isinstance(axes, str) or not axes or not set(axes) <= set(result):
        raise call.fail(f"bias_axes must be letters of '{result}'; received {axes!r}")
    span = result[min(result.index(c) for c in axes) :]
    return _stored(call, "bias", [sizes[c] if c in axes else 1 for c in span])
