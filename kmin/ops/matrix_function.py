"""Functions of whole matrices in double precision: exponential, square root, triangular factors."""

from __future__ import annotations

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array

# Terms of the exponential's series, which is summed for matrices of a norm of at most 1/2: the next one is rounding.
EXPONENTIAL_TERMS = 18
ROOT_STEPS = 60


def matrix_exponential(a: Array) -> Array:
    """exp(a) of a [..., R, R]: the series of a / 2^k, squared k times; NaN where a is not finite."""
    finite = np.isfinite(a).all(axis=(-1, -2), keepdims=True)
    a = np.where(finite, a, 0.0)
    norm = np.abs(a).sum(axis=-2, keepdims=True).max(axis=-1, keepdims=True, initial=0)
    halvings = np.maximum(np.ceil(np.log2(np.maximum(norm, 1e-300))) + 1, 0)
    halvings = np.minimum(halvings, 1024)
    small = a * np.exp2(-halvings)
    eye = np.eye(a.shape[-1])
    total = eye + small / EXPONENTIAL_TERMS
    for n in range(EXPONENTIAL_TERMS - 1, 0, -1):
        total = eye + small @ total / n
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(int(halvings.max(initial=0))):
            total = np.where(step < halvings, total @ total, total)
    return np.where(finite, total, np.nan)


def matrix_root(a: Array) -> Array:
    """The principal square root of a [..., R, R]: symmetric matrices by their eigenvalues, others step by step.

    Raises:
        InputError: a matrix has eigenvalues that are negative, or 0 and is not symmetric.
    """
    flat = a.reshape(-1, *a.shape[-2:])
    even = (flat == np.swapaxes(flat, 1, 2)).all(axis=(1, 2))
    result = np.empty_like(flat)
    values, vectors = np.linalg.eigh(flat[even])
    limit = values.max(axis=-1, keepdims=True, initial=0) * np.finfo(np.float64).eps * a.shape[-1]
    known = bool((values >= -limit).all())
    roots = np.sqrt(np.maximum(values, 0))
    result[even] = (vectors * roots[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    if not even.all():
        result[~even], found = _stepwise_root(flat[~even])
        known = known and found
    if not known:
        raise InputError("sqrtm needs matrices without negative eigenvalues")
    return result.reshape(a.shape)


def _stepwise_root(a: Array) -> tuple[Array, bool]:
    """Denman and Beavers' steps, scaled by determinants (Higham 2008, 6.3), and whether they ended."""
    y, product, size = a.copy(), a.copy(), a.shape[-1]
    eye = np.eye(size)
    try:
        for step in range(ROOT_STEPS):
            scale = np.exp(-np.linalg.slogdet(product)[1] / (2 * size))[:, None, None] if step < 8 else 1.0
            inverse = np.linalg.inv(product)
            y = scale / 2 * (y + y @ inverse / scale**2)
            product = (eye + (scale**2 * product + inverse / scale**2) / 2) / 2
            if not np.isfinite(product).all():
                return y, False
            if np.abs(product - eye).max(initial=0) < 1e-13:
                break
    except np.linalg.LinAlgError:
        return y, False
    length = np.abs(a).max(axis=(1, 2), initial=0)
    return y, bool((np.abs(y @ y - a).max(axis=(1, 2), initial=0) <= 1e-8 * length).all())


def triangular_factors(a: Array) -> tuple[Array, Array]:
    """l below and u on and above the diagonal [..., R, R], and the order of a's rows [..., R] with a[order] = l u.

    Of a column the largest entry comes first, as in TensorFlow's kernel.

    Raises:
        InputError: a matrix has no inverse.
    """
    flat = a.reshape(-1, *a.shape[-2:]).copy()
    count, size = flat.shape[:2]
    each = np.arange(count)
    order = np.broadcast_to(np.arange(size), (count, size)).copy()
    for k in range(size):
        longest = k + np.abs(flat[:, k:, k]).argmax(axis=1)
        for swapped in (flat, order):
            first = swapped[:, k].copy()
            swapped[:, k] = swapped[each, longest]
            swapped[each, longest] = first
        if not np.all(flat[:, k, k]):
            raise InputError("lu needs matrices that have an inverse")
        flat[:, k + 1 :, k] /= flat[:, k : k + 1, k]
        flat[:, k + 1 :, k + 1 :] -= flat[:, k + 1 :, k, None] * flat[:, None, k, k + 1 :]
    return flat.reshape(a.shape), order.reshape(a.shape[:-1])
