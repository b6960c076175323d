"""masked_mean against a mean over the kept steps of each row."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops import masked_mean
from kmin.ops.masked_mean import MaskedMeanAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("keepdims", [False, True])
def test_masked_mean(keepdims: bool) -> None:
    rng = np.random.default_rng(4)
    x, mask = rng.normal(size=(4, 6, 3)).astype(np.float32), rng.random((4, 6)) < 0.5
    mask[0], mask[1] = True, [True, *[False] * 5]
    x[~mask] = np.nan  # what is masked must not be looked at
    (got,) = masked_mean.OP.run([x, mask], MaskedMeanAttrs(keepdims))
    wanted = np.stack([x[i][mask[i]].astype("f8").mean(axis=0, keepdims=keepdims) for i in range(4)])
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-7)
    spec = masked_mean.OP.infer([TensorSpec(x.shape), TensorSpec(mask.shape, "bool")], MaskedMeanAttrs(keepdims))[0]
    assert spec == TensorSpec(wanted.shape)
    (none,) = masked_mean.OP.run([x, np.zeros_like(mask)], MaskedMeanAttrs(keepdims))
    assert np.isnan(none).all()
    with pytest.raises(InputError, match="mask"):
        masked_mean.OP.infer([TensorSpec((None, 3)), TensorSpec((None, 3), "bool")], MaskedMeanAttrs())
