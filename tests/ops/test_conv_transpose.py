"""conv_transpose against loops that spread one input cell at a time."""

from __future__ import annotations

import numpy as np
import pytest
from ops import naive

from kmin.errors import InputError
from kmin.ops import conv_transpose as module
from kmin.ops.conv_transpose import OP, ConvTransposeAttrs
from kmin.ops.tensor import TensorSpec

Sizes = tuple[int, ...]
ROWS: list[tuple[Sizes, Sizes, Sizes, Sizes, str, Sizes | None, Sizes]] = [
    # sizes, window, strides, dilation, padding, output_padding, output sizes
    ((5,), (3,), (1,), (1,), "valid", None, (7,)),
    ((5,), (2,), (3,), (1,), "valid", None, (15,)),
    ((5,), (3,), (2,), (1,), "same", None, (10,)),
    ((5,), (4,), (3,), (1,), "same", (2,), (14,)),
    ((5,), (3,), (1,), (2,), "same", None, (5,)),
    ((4, 3), (3, 2), (2, 1), (1, 1), "valid", (1, 0), (10, 4)),
    ((4, 3), (3, 3), (2, 2), (1, 1), "same", (1, 0), (8, 5)),
    ((4, 3), (1, 1), (2, 2), (1, 1), "same", None, (8, 6)),
    ((1, 1), (4, 4), (2, 2), (1, 1), "same", None, (2, 2)),
    ((2, 3, 2), (2, 2, 3), (2, 1, 3), (1, 1, 1), "valid", None, (4, 4, 6)),
]


@pytest.mark.parametrize("piece", [1, 4 << 20])
@pytest.mark.parametrize(("sizes", "window", "strides", "dilation", "padding", "extra", "wanted"), ROWS)
def test_loops_agree(
    monkeypatch: pytest.MonkeyPatch,
    sizes: Sizes,
    window: Sizes,
    strides: Sizes,
    dilation: Sizes,
    padding: str,
    extra: Sizes | None,
    wanted: Sizes,
    piece: int,
) -> None:
    monkeypatch.setattr(module, "CONV_TRANSPOSE_BUFFER_BYTES", piece)
    rng = np.random.default_rng(5)
    x, kernel, bias = rng.normal(size=(3, *sizes, 4)), rng.normal(size=(*window, 5, 4)), rng.normal(size=5)
    attrs = ConvTransposeAttrs(strides, dilation, padding, extra)
    spread = naive.conv_transpose(x, kernel, strides, dilation)
    expected = np.zeros((3, *wanted, 5))
    whole = spread.shape[1:-1]
    starts = [max(n - size, 0) // 2 if padding == "same" else 0 for n, size in zip(whole, wanted, strict=True)]
    for out in np.ndindex(*wanted):
        cell = tuple(o + start for o, start in zip(out, starts, strict=True))
        if all(c < n for c, n in zip(cell, whole, strict=True)):
            expected[(slice(None), *out)] = spread[(slice(None), *cell)]
    (got,) = OP.run([x, kernel, bias], attrs)
    np.testing.assert_allclose(got, expected + bias, rtol=1e-12, atol=1e-12)
    specs = [TensorSpec(a.shape, "float64") for a in (x, kernel, bias)]
    outputs = OP.infer(specs, attrs)
    assert outputs == (TensorSpec((3, *wanted, 5), "float64"),)
    assert OP.macs(specs, outputs, attrs) == np.prod(sizes) * kernel.size
    unknown = TensorSpec((None, *(None for _ in sizes), 4), "float64")
    assert OP.infer([unknown, *specs[1:]], attrs)[0].shape == (None, *(None for _ in sizes), 5)
    (bare,) = OP.run([x[:1], kernel, None], attrs)
    np.testing.assert_allclose(bare, expected[:1], rtol=1e-12, atol=1e-12)
    (empty,) = OP.run([x[:0], kernel, bias], attrs)
    assert empty.shape == (0, *wanted, 5)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 4e-3), ("float32", 1e-5)])
def test_dtypes_and_strided_inputs(dtype: str, tolerance: float) -> None:
    rng = np.random.default_rng(5)
    x, kernel = rng.normal(size=(2, 4, 3, 5)).astype(dtype), rng.normal(size=(2, 2, 3, 4)).astype(dtype)
    view = x.transpose(0, 2, 3, 1)
    (got,) = OP.run([view, kernel, None], ConvTransposeAttrs((2, 2), (1, 1), "valid", None, "relu"))
    assert got.dtype == dtype
    wanted = np.maximum(naive.conv_transpose(view, kernel, (2, 2), (1, 1)), 0)
    np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)


def test_refusals() -> None:
    kernel = TensorSpec((3, 3, 8, 4))
    attrs = ConvTransposeAttrs((1, 1), (1, 1))
    with pytest.raises(InputError, match="4 channels; received"):
        OP.infer([TensorSpec((None, 5, 4, 3)), kernel, None], attrs)
    with pytest.raises(InputError, match="at least one cell"):
        OP.infer([TensorSpec((None, 0, 4, 4)), kernel, None], attrs)
    with pytest.raises(InputError, match="at least one cell"):
        OP.run([np.zeros((1, 0, 4, 4)), np.zeros((3, 3, 8, 4)), None], attrs)
    with pytest.raises(InputError, match="floating"):
        OP.infer([TensorSpec((None, 5, 4, 4), "int32"), kernel, None], attrs)
