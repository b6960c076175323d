"""Products with a kernel over any axes: what EinsumDense and the attention layers are made of."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.ops.binary import BinaryAttrs
from kmin.ops.dense import DenseAttrs
from kmin.ops.einsum import EinsumAttrs
from kmin.ops.reshape import ReshapeAttrs


class Projection(NamedTuple):
    """An einsum with weights: letters of input, kernel and result; the kernel; the bias, which broadcasts; a name."""

    terms: tuple[str, str, str]
    kernel: Array
    bias: Array | None
    prefix: str = ""


def project(call: LayerCall, x: Tensor, by: Projection) -> Tensor:
    """`x` through the projection: a dense node between reshapes where the letters allow, an einsum elsewhere."""
    given, weights, result = by.terms
    dtype = np.dtype(call.compute_dtype)
    kernel, bias = by.kernel.astype(dtype), None if by.bias is None else by.bias.astype(dtype)
    bound = "".join(c for c in weights if c in given)
    free, made = given[: len(given) - len(bound)], weights[len(bound) :]
    plain = bool(free) and given == free + bound and weights == bound + made and result == free + made
    if not plain or not bound:
        y = call.add(
            "einsum", (x, call.made(f"{by.prefix}kernel", kernel)), EinsumAttrs(f"{given},{weights}->{result}")
        )
        if bias is None:
            return y
        return call.add("binary", (y, call.made(f"{by.prefix}bias", bias)), BinaryAttrs("add"))
    sizes = kernel.shape
    inner, outer = math.prod(sizes[: len(bound)]), math.prod(sizes[len(bound) :])
    lead = tuple(("x", axis) for axis in range(len(free)))
    if len(bound) > 1:
        x = call.add("reshape", (x,), ReshapeAttrs((*lead, inner)))
    whole = bias is not None and tuple(bias.shape) == sizes[len(bound) :]
    vector = call.made(f"{by.prefix}bias", bias.reshape(outer)) if bias is not None and whole else None
    y = call.add("dense", (x, call.made(f"{by.prefix}kernel", kernel.reshape(inner, outer)), vector), DenseAttrs())
    if len(made) != 1:
        y = call.add("reshape", (y,), ReshapeAttrs((*lead, *sizes[len(bound) :])))
    if bias is not None and not whole:
        y = call.add("binary", (y, call.made(f"{by.prefix}bias", bias)), BinaryAttrs("add"))
    return y
