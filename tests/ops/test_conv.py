"""conv against loops over cells: geometry, groups, dtypes, pieces, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops import naive

from kmin.errors import InputError
from kmin.ops import conv as module
from kmin.ops.conv import OP, ConvAttrs
from kmin.ops.tensor import TensorSpec

ROWS: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...], Any, int]] = [
    # sizes, window, strides, dilation, padding, groups
    ((7,), (3,), (1,), (1,), "valid", 1),
    ((7,), (4,), (3,), (1,), "same", 1),
    ((7,), (2,), (1,), (3,), "same", 1),
    ((6,), (3,), (2,), (1,), "causal", 1),
    ((3,), (5,), (1,), (2,), "causal", 1),
    ((5,), (3,), (1,), (1,), ((2, 0),), 1),
    ((6, 5), (3, 3), (1, 1), (1, 1), "same", 1),
    ((6, 5), (3, 2), (2, 3), (1, 1), "same", 1),
    ((6, 5), (1, 1), (1, 1), (1, 1), "valid", 1),
    ((6, 5), (1, 1), (2, 2), (1, 1), "valid", 1),
    ((6, 5), (2, 2), (3, 3), (1, 1), "same", 1),
    ((6, 5), (3, 2), (1, 1), (2, 3), "same", 2),
    ((6, 5), (3, 3), (2, 2), (1, 1), ((0, 1), (2, 0)), 1),
    ((6, 5), (6, 5), (1, 1), (1, 1), "valid", 4),
    ((2, 1), (5, 4), (1, 1), (1, 1), "same", 1),
    ((4, 3, 5), (2, 3, 2), (1, 2, 2), (1, 1, 1), "same", 2),
    ((4, 3, 5), (2, 1, 3), (1, 1, 1), (2, 1, 2), "valid", 1),
]


def arrays(sizes: tuple[int, ...], window: tuple[int, ...], groups: int, rows: int = 2) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(7)
    x = rng.normal(size=(rows, *sizes, 4))
    return x, rng.normal(size=(*window, 4 // groups, 8)), rng.normal(size=8)


@pytest.mark.parametrize("piece", [1, 900, 1 << 19])
@pytest.mark.parametrize(("sizes", "window", "strides", "dilation", "padding", "groups"), ROWS)
def test_loops_agree(
    monkeypatch: pytest.MonkeyPatch,
    sizes: tuple[int, ...],
    window: tuple[int, ...],
    strides: tuple[int, ...],
    dilation: tuple[int, ...],
    padding: Any,
    groups: int,
    piece: int,
) -> None:
    monkeypatch.setattr(module, "CONV_BUFFER_BYTES", piece)
    x, kernel, bias = arrays(sizes, window, groups)
    attrs = ConvAttrs(strides, dilation, padding, groups)
    wanted = naive.conv(x, kernel, strides, dilation, padding, groups) + bias
    (got,) = OP.run([x, kernel, bias], attrs)
    np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)
    specs = [TensorSpec(a.shape, "float64") for a in (x, kernel, bias)]
    assert OP.infer(specs, attrs) == (TensorSpec(wanted.shape, "float64"),)
    unknown = TensorSpec((None, *(None for _ in sizes), 4), "float64")
    assert OP.infer([unknown, specs[1], None], attrs)[0].shape == (None, *(None for _ in sizes), 8)
    assert OP.macs(specs, OP.infer(specs, attrs), attrs) == np.prod(wanted.shape[1:-1]) * kernel.size
    assert OP.macs([unknown, *specs[1:]], OP.infer([unknown, *specs[1:]], attrs), attrs) is None


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_any_number_of_rows(rows: int) -> None:
    x, kernel, bias = arrays((5, 4), (3, 2), 1, rows)
    (got,) = OP.run([x, kernel, bias], ConvAttrs((1, 1), (1, 1), "same"))
    assert got.shape == (rows, 5, 4, 8)
    np.testing.assert_allclose(got, naive.conv(x, kernel, (1, 1), (1, 1), "same", 1) + bias)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 4e-3), ("float32", 1e-5), ("float64", 1e-12)])
def test_dtypes(dtype: str, tolerance: float) -> None:
    x, kernel, bias = (array.astype(dtype) for array in arrays((5, 4), (3, 2), 1))
    (got,) = OP.run([x, kernel, bias], ConvAttrs((1, 1), (1, 1), "same", activation="relu"))
    assert got.dtype == dtype
    wanted = np.maximum(naive.conv(x, kernel, (1, 1), (1, 1), "same", 1) + bias.astype("f8"), 0)
    np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)


def test_inputs_of_any_layout_are_left_as_they_are() -> None:
    x, kernel, bias = arrays((6, 5), (3, 3), 1)
    attrs = ConvAttrs((2, 1), (1, 1), "valid")
    (wanted,) = OP.run([x, kernel, bias], attrs)
    backwards = np.flip(np.flip(x, 1).copy(), 1)
    strange = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, -1, 1)), 1, -1)
    for view in (backwards, strange, np.repeat(x, 2, axis=2)[:, :, ::2]):
        assert not view.flags.c_contiguous
        before = view.copy()
        (got,) = OP.run([view, np.asfortranarray(kernel), bias], attrs)
        np.testing.assert_allclose(got, wanted)
        np.testing.assert_array_equal(view, before)


def test_more_batch_axes() -> None:
    x, kernel, bias = arrays((6, 5), (3, 3), 1, 6)
    attrs = ConvAttrs((1, 1), (1, 1), "same")
    (flat,) = OP.run([x, kernel, bias], attrs)
    (got,) = OP.run([x.reshape(2, 3, 6, 5, 4), kernel, bias], attrs)
    np.testing.assert_array_equal(got, flat.reshape(2, 3, 6, 5, 8))
    specs = [TensorSpec((None, 3, 6, 5, 4)), TensorSpec(kernel.shape), None]
    assert OP.infer(specs, attrs)[0].shape == (None, 3, 6, 5, 8)


def test_refusals() -> None:
    kernel = TensorSpec((3, 3, 4, 8))
    attrs = ConvAttrs((1, 1), (2, 2))
    with pytest.raises(InputError, match="at least 5 cells along spatial axis 1; received 4"):
        OP.infer([TensorSpec((None, 5, 4, 4)), kernel, None], attrs)
    with pytest.raises(InputError, match="at least 5 cells"):
        OP.run([np.zeros((1, 4, 5, 4)), np.zeros((3, 3, 4, 8)), None], attrs)
    with pytest.raises(InputError, match="4 channels; received float32"):
        OP.infer([TensorSpec((None, 5, 5, 3)), kernel, None], attrs)
    with pytest.raises(InputError, match="2 spatial axes"):
        OP.infer([TensorSpec((None, 5, 4)), kernel, None], attrs)
    with pytest.raises(InputError, match="floating"):
        OP.infer([TensorSpec((None, 5, 5, 4), "int32"), kernel, None], attrs)
    with pytest.raises(InputError, match="divisible by 3 groups"):
        OP.infer([TensorSpec((None, 5, 5, 12)), kernel, None], ConvAttrs((1, 1), (1, 1), groups=3))
    with pytest.raises(InputError, match="at least 1 cells"):
        OP.run([np.zeros((1, 0, 5, 4)), np.zeros((3, 3, 4, 8)), None], ConvAttrs((1, 1), (1, 1), "same"))
