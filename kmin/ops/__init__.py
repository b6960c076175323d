"""OPS: op name -> (attrs, infer, run, macs). One op, one file, plain NumPy: the truth for every kernel.

An op module imports NumPy, `kmin.errors` and other op modules only, and every top-level name is unique across the
room: the standalone export concatenates the sources of the ops a model uses.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from kmin.ops.tensor import Op


class OpTable(Mapping[str, Op]):
    """Ops by the name of their module, which is imported when its op is first asked for."""

    def __init__(self, *names: str) -> None:
        self._ops: dict[str, Op | None] = dict.fromkeys(names)

    def __getitem__(self, name: str) -> Op:
        op = self._ops[name]
        if op is None:
            op = self._ops[name] = importlib.import_module(f"kmin.ops.{name}").OP
            assert isinstance(op, Op)
        return op

    def __contains__(self, name: object) -> bool:
        return name in self._ops

    def __iter__(self) -> Iterator[str]:
        return iter(self._ops)

    def __len__(self) -> int:
        return len(self._ops)


OPS = OpTable(
    "abs_max_quantize",
    "activation",
    "adaptive_pool",
    "any_true",
    "arg_extreme",
    "arg_max_pool",
    "attention_band",
    "avg_pool",
    "batch_dot",
    "batch_norm",
    "beam_search",
    "best_boxes",
    "binary",
    "bitwise",
    "broadcast",
    "bucketize",
    "cast",
    "change_text",
    "check_finite",
    "complex_of",
    "complex_parts",
    "concat",
    "conv",
    "conv_lstm",
    "conv_transpose",
    "count_ids",
    "count_up",
    "crop",
    "crop_boxes",
    "ctc_loss",
    "cumulate",
    "cut_glimpses",
    "cut_text",
    "dense",
    "depthwise_conv",
    "diagonal",
    "dilate",
    "draw_boxes",
    "eigen",
    "einsum",
    "encode_categories",
    "equalize_tiles",
    "extension",
    "factorize",
    "fill_like",
    "fill_steps",
    "fourier",
    "gamma_family",
    "gather",
    "glu",
    "group_norm",
    "gru",
    "hash_bucket",
    "hash_cross",
    "join_segments",
    "join_text",
    "kept_boxes",
    "l2_normalize",
    "layer_norm",
    "local_conv",
    "lookup",
    "lstm",
    "mask_steps",
    "masked_mean",
    "matmul",
    "matrix",
    "max_pool",
    "monotonous",
    "nonzero",
    "one_hot",
    "pad",
    "parse_number",
    "pick_boxes",
    "prelu",
    "put_block",
    "quantile",
    "reduce",
    "repeat",
    "repeat_each",
    "reshape",
    "resize",
    "resize_image",
    "reverse",
    "rewrite_text",
    "rms_norm",
    "roll",
    "round_on_grid",
    "round_to",
    "sample_places",
    "scatter",
    "segment",
    "shape_by",
    "shape_of",
    "simple_rnn",
    "slice",
    "slice_at",
    "softmax",
    "sort",
    "split_by",
    "split_pieces",
    "split_text",
    "stft",
    "take",
    "take_along",
    "tile",
    "top_k",
    "transpose",
    "triangle",
    "unary",
    "unique",
    "upsample",
    "view",
    "warp_image",
    "where",
    "write_number",
)
