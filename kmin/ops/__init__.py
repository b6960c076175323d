"""OPS: op name -> (attrs, infer, run, macs). One op, one file, plain NumPy: the truth for every kernel.

An op module imports NumPy, `kmin.errors` and other op modules only, and every top-level name is unique across the
room: the standalone export concatenates the sources of the ops a model uses.
"""

from __future__ import annotations

from kmin.ops import (
    activation,
    any_true,
    batch_dot,
    batch_norm,
    binary,
    cast,
    concat,
    dense,
    fill_like,
    gather,
    glu,
    gru,
    l2_normalize,
    layer_norm,
    lstm,
    mask_steps,
    prelu,
    repeat,
    reshape,
    reverse,
    simple_rnn,
    softmax,
    transpose,
    where,
)
from kmin.ops.tensor import Op

OPS: dict[str, Op] = {
    "activation": activation.OP,
    "any_true": any_true.OP,
    "batch_dot": batch_dot.OP,
    "batch_norm": batch_norm.OP,
    "binary": binary.OP,
    "cast": cast.OP,
    "concat": concat.OP,
    "dense": dense.OP,
    "fill_like": fill_like.OP,
    "gather": gather.OP,
    "glu": glu.OP,
    "gru": gru.OP,
    "l2_normalize": l2_normalize.OP,
    "layer_norm": layer_norm.OP,
    "lstm": lstm.OP,
    "mask_steps": mask_steps.OP,
    "prelu": prelu.OP,
    "repeat": repeat.OP,
    "reshape": reshape.OP,
    "reverse": reverse.OP,
    "simple_rnn": simple_rnn.OP,
    "softmax": softmax.OP,
    "transpose": transpose.OP,
    "where": where.OP,
}
