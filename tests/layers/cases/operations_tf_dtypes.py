"""TensorFlow's functions whose dtype, bins or form follow from the dtypes of their arguments (Keras 2)."""

import numpy as np

from ._function import IDS, INTEGERS, tf_function
from ._node import node

X = (3, 4, 5)
_SORTED = np.array([0, 0, 2, 2], "int32")
_LONG = {"out_type": "int64"}

CASES = [
    tf_function(
        "one_hot_values",
        lambda t, x: (
            t.one_hot(x, 4, on_value=2, off_value=1),
            t.one_hot(x, 4, off_value=-1),
            t.one_hot(x, 4, on_value=True, off_value=False),
            t.one_hot(x, 4, on_value=3, dtype="float32"),
            t.one_hot(x, t.reduce_max(x) + 1, on_value=2, off_value=1),
        ),
        (3, 4),
        **IDS,
    ),
    tf_function("sequence_mask_of_floats", lambda t, x: t.sequence_mask(x * 3, 4), (3, 6)),
    tf_function("sequence_mask_of_bytes", lambda t, x: t.sequence_mask(t.cast(x, "int8"), 130), (3, 2), **IDS),
    tf_function(
        "range_long",
        lambda t, x: (
            t.tile(t.range(t.shape(x, **_LONG)[1])[None], [t.shape(x)[0], 1]),
            t.tile(t.range(1, t.shape(x, **_LONG)[2], 2)[None], [t.shape(x)[0], 1]),
        ),
        X,
        free=(1,),
    ),
    tf_function(
        "histogram_between_steps",
        lambda t, x: (
            t.histogram_fixed_width(t.round(x * 50) / 100, [0.1, 0.9], nbins=10) + t.cast(x[:, :1] * 0, "int32")
        ),
        (40, 10),
    ),
    tf_function(
        "segment_mean_of_integers",
        lambda t, x: (
            t.transpose(t.math.segment_mean(t.transpose(x), _SORTED)),
            t.transpose(t.math.unsorted_segment_mean(t.transpose(x), _SORTED, 4)),
        ),
        (3, 4),
        **INTEGERS,
    ),
    tf_function(
        "division_of_integers",
        lambda t, x, y: (t.compat.v1.div(x, y * 2 + 1), t.truncatediv(x, y * 2 + 1)),
        X,
        X,
        **INTEGERS,
    ),
    node(
        "division_of_integers_cut",
        lambda t, x, y: [t.raw_ops.Div(x=t.cast(x * 9, "int32"), y=t.cast(t.abs(y) * 2, "int32") * 2 - 1)],
        X,
        X,
    ),
    tf_function(
        "strings_as_string_filled",
        lambda t, x: (
            t.strings.as_string(x, fill="+"),
            t.strings.as_string(x, fill=" ", precision=1),
            t.strings.as_string(x, fill="#", precision=0),
            t.strings.as_string(t.cast(x * 100, "int32"), fill="+"),
            t.strings.as_string(x / 0.0, fill="+"),
        ),
        (3, 4),
    ),
    tf_function(
        "row_lengths_of_their_axis",
        lambda t, x: t.strings.split(x).row_lengths(axis=1),
        (3,),
        dtype="string",
        texts=("a b", "", "x y z"),
    ),
    tf_function(
        "strings_substr_to_the_end",
        lambda t, x: (t.strings.substr(x, 1, -1), t.strings.substr(x, 1, -1, unit="UTF8_CHAR")),
        (3,),
        dtype="string",
        texts=("ab", "grün", "xyz"),
    ),
]
