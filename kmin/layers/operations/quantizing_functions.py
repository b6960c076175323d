"""QUANTIZING_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS that bring values to a grid."""

from __future__ import annotations

from kmin.layers.operations import fake_quantizing, grids
from kmin.layers.operations.arguments import Row

_BACK: Row = (
    'input input_min input_max signed_input=True num_bits=8 range_given=False round_mode="HALF_TO_EVEN" name=None '
    "narrow_range=False axis=None",
    grids.quantized_and_back,
)

QUANTIZING_FUNCTIONS: dict[str, Row] = {
    "quantization.fake_quant_with_min_max_args": (
        "inputs min=-6.0 max=6.0 num_bits=8 narrow_range=False",
        fake_quantizing.fake_quantized(False),
    ),
    "quantization.fake_quant_with_min_max_vars": (
        "inputs min max num_bits=8 narrow_range=False",
        fake_quantizing.fake_quantized(False),
    ),
    "quantization.fake_quant_with_min_max_vars_per_channel": (
        "inputs min max num_bits=8 narrow_range=False",
        fake_quantizing.fake_quantized(True),
    ),
    "quantization.quantize_and_dequantize": _BACK,
    "quantization.quantize_and_dequantize_v2": _BACK,
}
