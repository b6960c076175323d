"""einsum: the product of two tensors by named axes, as one matrix product."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.promote import promote_dtypes
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class EinsumAttrs:
    """equation: one letter per axis, such as `btnh,bsnh->bnts`; no letter twice in a term, the result spelled out."""

    equation: str


def einsum_terms(equation: str) -> tuple[str, str, str]:
    """The letters of the left operand, the right operand and the result.

    Raises:
        InputError: the equation is not of the one form that is known here.
    """
    operands, arrow, result = equation.partition("->")
    left, comma, right = operands.partition(",")
    terms = (left, right, result)
    if (
        not arrow
        or not comma
        or any(len(set(term)) != len(term) or (term and not term.isalpha()) for term in terms)
        or not set(result) <= set(left) | set(right)
    ):
        raise InputError(f"einsum needs two terms of distinct letters and a result; received '{equation}'")
    return terms


def infer_einsum(specs: Specs, attrs: EinsumAttrs) -> tuple[TensorSpec, ...]:
    left, right, result = einsum_terms(attrs.equation)
    sizes: dict[str, int | None] = {}
    for spec, term in zip(specs, (left, right), strict=True):
        if spec.rank != len(term):
            raise InputError(f"einsum '{attrs.equation}' needs {len(term)} axes for '{term}'; received {spec}")
        for letter, size in zip(term, spec.shape, strict=True):
            if None not in (size, sizes.get(letter)) and sizes[letter] != size:
                raise InputError(f"einsum '{attrs.equation}': axis '{letter}' is {sizes[letter]} and {size}")
            sizes[letter] = size if size is not None else sizes.get(letter)
    dtype = promote_dtypes([spec.dtype for spec in specs])
    return (TensorSpec(tuple(sizes[letter] for letter in result), dtype),)


def run_einsum(arrays: Arrays, attrs: EinsumAttrs) -> tuple[Array, ...]:
    """left, right -> the sum over the letters that the result does not have; half precision is summed in float32."""
    terms = einsum_terms(attrs.equation)
    dtype = np.dtype(promote_dtypes([array.dtype.name for array in arrays]))
    work = np.dtype(np.float32) if dtype == np.float16 else dtype
    x, left = einsum_operand(arrays[0].astype(work, copy=False), terms[0], terms[1] + terms[2])
    y, right = einsum_operand(arrays[1].astype(work, copy=False), terms[1], terms[0] + terms[2])
    shared = [c for c in left if c in right and c in terms[2]]
    summed = [c for c in left if c in right and c not in terms[2]]
    rows, columns = [c for c in left if c not in right], [c for c in right if c not in left]
    sizes = dict(zip(left, x.shape, strict=True)) | dict(zip(right, y.shape, strict=True))
    inner = math.prod(sizes[c] for c in summed)
    lead = [sizes[c] for c in shared]
    a = x.transpose([left.index(c) for c in (*shared, *rows, *summed)])
    b = y.transpose([right.index(c) for c in (*shared, *summed, *columns)])
    a = a.reshape(*lead, math.prod(sizes[c] for c in rows), inner)
    b = b.reshape(*lead, inner, math.prod(sizes[c] for c in columns))
    order = [*shared, *rows, *columns]
    product = np.matmul(a, b).reshape([sizes[c] for c in order])
    product = product.transpose([order.index(c) for c in terms[2]])
    return (np.ascontiguousarray(product).astype(dtype, copy=False),)


def einsum_operand(x: Array, term: str, others: str) -> tuple[Array, str]:
    """The operand summed over the letters that nobody else has."""
    alone = tuple(axis for axis, letter in enumerate(term) if letter not in others)
    return (np.sum(x, axis=alone) if alone else x), "".join(letter for letter in term if letter in others)


def macs_einsum(specs: Specs, outputs: Specs, attrs: EinsumAttrs) -> int | None:
    left, right, _ = einsum_terms(attrs.equation)
    pairs = [*zip(left, specs[0].shape, strict=True), *zip(right, specs[1].shape, strict=True)]
    sizes: dict[str, int | None] = {}
    for letter, size in pairs:
        if sizes.get(letter) is None:
            sizes[letter] = size
    sizes.pop(left[0], None)  # the batch
    total = 1
    for size in sizes.values():
        if size is None:
            return None
        total *= size
    return total


OP = Op(EinsumAttrs, infer_einsum, run_einsum, macs_einsum)
