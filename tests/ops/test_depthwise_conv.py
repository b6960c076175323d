"""depthwise_conv against the loops of a convolution with one group per channel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops import naive

from kmin.errors import InputError
from kmin.ops import depthwise_conv as module
from kmin.ops.depthwise_conv import OP, DepthwiseConvAttrs
from kmin.ops.tensor import TensorSpec

ROWS: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...], Any, int]] = [
    # sizes, window, strides, dilation, padding, multiplier
    ((7,), (3,), (1,), (1,), "valid", 1),
    ((7,), (4,), (3,), (1,), "same", 2),
    ((7,), (3,), (1,), (2,), "causal", 1),
    ((6, 5), (3, 3), (1, 1), (1, 1), "same", 1),
    ((6, 5), (3, 3), (2, 2), (1, 1), "same", 3),
    ((6, 5), (2, 3), (1, 2), (1, 1), "same", 1),
    ((9, 8), (3, 3), (2, 2), (2, 2), "same", 1),
    ((6, 5), (3, 2), (1, 1), (2, 3), "same", 2),
    ((6, 5), (1, 1), (2, 1), (1, 1), "valid", 1),
    ((6, 5), (3, 3), (2, 2), (1, 1), ((0, 1), (0, 1)), 1),
    ((4, 3, 4), (2, 2, 2), (1, 1, 2), (1, 1, 1), "same", 1),
]


@pytest.mark.parametrize("piece", [1, 1 << 19])
@pytest.mark.parametrize(("sizes", "window", "strides", "dilation", "padding", "multiplier"), ROWS)
def test_loops_agree(
    monkeypatch: pytest.MonkeyPatch,
    sizes: tuple[int, ...],
    window: tuple[int, ...],
    strides: tuple[int, ...],
    dilation: tuple[int, ...],
    padding: Any,
    multiplier: int,
    piece: int,
) -> None:
    monkeypatch.setattr(module, "DEPTHWISE_PIECE_BYTES", piece)
    rng = np.random.default_rng(3)
    x, kernel = rng.normal(size=(2, *sizes, 3)), rng.normal(size=(*window, 3, multiplier))
    bias = rng.normal(size=3 * multiplier)
    attrs = DepthwiseConvAttrs(strides, dilation, padding)
    grouped = kernel.reshape(*window, 1, 3 * multiplier)
    wanted = naive.conv(x, grouped, strides, dilation, padding, 3) + bias
    (got,) = OP.run([x, kernel, bias], attrs)
    np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)
    specs = [TensorSpec(a.shape, "float64") for a in (x, kernel, bias)]
    outputs = OP.infer(specs, attrs)
    assert outputs == (TensorSpec(wanted.shape, "float64"),)
    assert OP.macs(specs, outputs, attrs) == np.prod(wanted.shape[1:-1]) * kernel.size
    (empty,) = OP.run([x[:0], kernel, bias], attrs)
    assert empty.shape == (0, *wanted.shape[1:])


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 4e-3), ("float32", 1e-5)])
def test_dtypes_and_strided_inputs(dtype: str, tolerance: float) -> None:
    rng = np.random.default_rng(3)
    x, kernel = rng.normal(size=(2, 3, 6, 5)).astype(dtype), rng.normal(size=(3, 3, 3, 1)).astype(dtype)
    attrs = DepthwiseConvAttrs((1, 1), (1, 1), "same", "relu")
    view = x.transpose(0, 2, 3, 1)
    (got,) = OP.run([view, kernel, None], attrs)
    assert got.dtype == dtype
    wanted = np.maximum(naive.conv(view, kernel.reshape(3, 3, 1, 3), (1, 1), (1, 1), "same", 3), 0)
    np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)


def test_refusals() -> None:
    kernel = TensorSpec((3, 3, 4, 1))
    attrs = DepthwiseConvAttrs((1, 1), (1, 1))
    with pytest.raises(InputError, match="at least 3 cells along spatial axis 0; received 2"):
        OP.infer([TensorSpec((None, 2, 4, 4)), kernel, None], attrs)
    with pytest.raises(InputError, match="4 channels; received"):
        OP.infer([TensorSpec((None, 5, 4, 3)), kernel, None], attrs)
    with pytest.raises(InputError, match="floating"):
        OP.infer([TensorSpec((None, 5, 4, 4), "int32"), kernel, None], attrs)
