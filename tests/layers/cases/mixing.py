"""What mixes the samples of a batch: functions over axis 0 or over all values, and time on axis 0 (Keras 2)."""

import numpy as np

from . import case
from ._function import IDS, INTEGERS, TRUTH, function, tf_function

# Within what Keras 3.15 can reach in every mode.
PLACES = np.random.default_rng(0).uniform(-0.9, 2.9, (2, 3, 4)).astype("float32")
FILTERS = np.random.default_rng(1).normal(size=(3, 3, 3, 2)).astype("float32")
SQUARE = np.arange(6, dtype="float32").reshape(3, 2) / 3 - 0.5


def time_major(kind, masked=False, **options):
    """A recurrent layer over (time, batch, features)."""

    def make(k):
        x = y = k.Input((3, 5))
        if masked:
            y = k.layers.Masking()(y)
        return k.Model(x, getattr(k.layers, kind)(4, time_major=True, **options)(y))

    return make


def stacked(k):
    x = k.Input((None, 5))
    cells = [k.layers.LSTMCell(4), k.layers.GRUCell(3)]
    return k.Model(x, k.layers.RNN(cells, time_major=True, return_sequences=True, return_state=True)(x))


def two_ways(kind, **options):
    """A Bidirectional over (time, batch, features)."""

    def make(k):
        x = k.Input((None, 5))
        merge = options.get("merge_mode", "concat")
        inner = {key: value for key, value in options.items() if key != "merge_mode"}
        layer = getattr(k.layers, kind)(4, time_major=True, **inner)
        return k.Model(x, k.layers.Bidirectional(layer, merge_mode=merge)(x))

    return make


def turned(k):
    """Time first only inside: nothing is mixed."""
    import tensorflow as tf

    x = k.Input((7, 5))
    y = k.layers.LSTM(4, time_major=True, return_sequences=True)(tf.transpose(x, [1, 0, 2]))
    return k.Model(x, k.layers.Dense(3)(tf.transpose(y, [1, 0, 2])))


def given_state(k):
    """Seven steps of three samples, whose states are given."""
    x, state = k.Input((7, 5)), k.Input((4,))
    import tensorflow as tf

    y = k.layers.GRU(4, time_major=True, return_sequences=True)(tf.transpose(x, [1, 0, 2]), initial_state=state)
    return k.Model([x, state], tf.reduce_sum(y, axis=0))


def constant_inputs(k):
    """Stacked cells are handed constants and drop them."""
    x, other = k.Input((6, 5)), k.Input((2,))
    return k.Model([x, other], k.layers.RNN([k.layers.LSTMCell(4), k.layers.GRUCell(3)])(x, constants=other))


def batch_normalized(axis=-1, **options):
    """BatchNormalization that a file calls with training=True."""

    def make(k):
        x = k.Input((4, 5, 3))
        y = k.layers.BatchNormalization(axis=axis, **options)(x, training=True)
        return k.Model(x, k.layers.Conv2D(2, 3)(y))

    return make


def batch_normalized_rows(k):
    x = k.Input((6,))
    return k.Model(x, k.layers.Dense(3)(k.layers.BatchNormalization(scale=False)(x, training=True)))


def einsum(equation, output_shape, *shape, **options):
    """An EinsumDense over a batch of a known or of any size."""

    def make(k):
        x = k.Input(batch_shape=shape)
        return k.Model(x, k.layers.EinsumDense(equation, output_shape, **options)(x))

    return make


def joined(k):
    """Rows of two inputs under each other, with their masks."""
    inputs = [k.Input((5,), dtype="int32") for _ in range(2)]
    table = k.layers.Embedding(4, 3, mask_zero=True)
    return k.Model(inputs, k.layers.LSTM(2)(k.layers.Concatenate(axis=0)([table(x) for x in inputs])))


def along_batch(kind, *shape, training=False, **options):
    """A layer that normalises along the batch."""

    def make(k):
        x = k.Input(batch_shape=shape)
        layer = getattr(k.layers, kind)(**options)
        return k.Model(x, layer(x, training=True) if training else layer(x))

    return make


def both(name, **options):
    """A function of keras.ops over axis 0, and over all values."""
    return [
        function(f"{name}_batch", lambda o, x: getattr(o, name)(x, axis=0, **options), (3, 4, 2)),
        function(f"{name}_all", lambda o, x: getattr(o, name)(x, axis=None, **options), (3, 4, 2)),
    ]


FLAGS = {
    "plain": {},
    "sequences": {"return_sequences": True},
    "all": {"return_sequences": True, "return_state": True, "go_backwards": True},
    "unroll": {"unroll": False, "return_state": True},
}

CASES = [
    *[
        case(f"time_major_{kind.lower()}_{name}", time_major(kind, **flags), (7, 3, 5), dialects=(2,))
        for kind in ("LSTM", "GRU", "SimpleRNN")
        for name, flags in FLAGS.items()
    ],
    *[
        case(f"time_major_{kind.lower()}_masked", time_major(kind, True, **flags), (7, 3, 5), dialects=(2,), pad=0.6)
        for kind, flags in (
            ("LSTM", {"return_sequences": True, "zero_output_for_mask": True}),
            ("GRU", {"return_state": True}),
            ("SimpleRNN", {"return_sequences": True}),
        )
    ],
    case("time_major_stacked", stacked, (7, 3, 5), dialects=(2,)),
    case("time_major_turned", turned, (3, 7, 5), dialects=(2,)),
    case("time_major_given_state", given_state, (3, 7, 5), (3, 4), dialects=(2,)),
    case("time_major_bidirectional", two_ways("GRU", return_sequences=True), (7, 3, 5), dialects=(2,)),
    case("time_major_bidirectional_last", two_ways("LSTM", return_state=True), (7, 3, 5), dialects=(2,)),
    case(
        "time_major_bidirectional_sum",
        two_ways("SimpleRNN", return_sequences=True, merge_mode="sum"),
        (7, 3, 5),
        dialects=(2,),
    ),
    case("batch_norm_training", batch_normalized(), (3, 4, 5, 3), dialects=(2,)),
    case("batch_norm_training_axis", batch_normalized(1, epsilon=1e-7), (3, 4, 5, 3), dialects=(2,)),
    case("batch_norm_training_axes", batch_normalized([1, 3], center=False), (3, 4, 5, 3), dialects=(2,)),
    case(
        "batch_norm_training_half",
        batch_normalized(dtype="mixed_float16"),
        (3, 4, 5, 3),
        dialects=(2,),
        tolerance=5e-3,
        reason="half precision",
    ),
    case("batch_norm_training_rows", batch_normalized_rows, (5, 6), dialects=(2,)),
    case("stacked_cells_constants", constant_inputs, (3, 6, 5), (3, 2), dialects=(2,)),
    case("einsum_second", einsum("abc,cd->bad", (None, 5), None, 3, 4, bias_axes="d"), (2, 3, 4)),
    case("einsum_last", einsum("abc,cd->bda", (5, None), None, 3, 4, bias_axes="d"), (2, 3, 4)),
    case("einsum_second_dots", einsum("ab...,bc->ca...", (None,), 3, 3, 4, activation="tanh"), (3, 3, 4)),
    case("einsum_over_batch", einsum("abc,ad->bdc", (5, 4), 3, 3, 4, bias_axes="b"), (3, 3, 4)),
    case("einsum_batch_gone", einsum("abc,cd->bd", 5, None, 3, 4, bias_axes="d", activation="relu"), (2, 3, 4)),
    case("einsum_per_sample", einsum("ab,abc->ac", 5, 3, 4, bias_axes="ac"), (3, 4)),
    case("joined_batch", lambda k: k.layers.Concatenate(axis=0), (3, 4), (3, 4)),
    case("joined_batch_masked", joined, (3, 5), (3, 5), vocab=4, dtype="int32"),
    *[
        case(
            f"categories_of_batch_{mode}",
            lambda k, m=mode: k.layers.CategoryEncoding(6, output_mode=m),
            (5,),
            vocab=6,
            dtype="int32",
        )
        for mode in ("multi_hot", "count")
    ],
    *[
        case(f"{name}_of_batch", along_batch(kind, *shape, **options), tuple(size or 6 for size in shape), **more)
        for name, kind, shape, options, more in (
            ("batch_norm", "BatchNormalization", (3, 4), {"axis": 0}, {}),
            ("batch_norm_images", "BatchNormalization", (3, 4, 2, 3), {"axis": 0, "center": False}, {}),
            ("batch_norm_axes", "BatchNormalization", (3, 4, 2), {"axis": [0, 2]}, {"dialects": (2,)}),
            ("batch_norm_training", "BatchNormalization", (3, 7), {"axis": 0, "training": True}, {"dialects": (2,)}),
            ("layer_norm", "LayerNormalization", (None, 4), {"axis": 0, "scale": False, "center": False}, {}),
            ("layer_norm_weights", "LayerNormalization", (5, 4, 3), {"axis": 0}, {}),
            ("layer_norm_axes", "LayerNormalization", (5, 4, 3), {"axis": [0, 2], "epsilon": 1e-7}, {}),
            ("layer_norm_all", "LayerNormalization", (None, 4), {"axis": [0, 1], "scale": False, "center": False}, {}),
            ("layer_norm_rms", "LayerNormalization", (5, 4), {"axis": 0, "rms_scaling": True}, {"dialects": (3,)}),
            ("rms_norm", "RMSNormalization", (4, 3, 4), {"axis": 0}, {"dialects": (3,)}),
            ("rms_norm_axes", "RMSNormalization", (3, 3, 3), {"axis": [0, 1]}, {"dialects": (3,)}),
            ("group_norm", "GroupNormalization", (4, 3), {"axis": 0, "groups": 2}, {}),
            ("group_norm_each", "GroupNormalization", (4, 3, 5), {"axis": 0, "groups": -1, "center": False}, {}),
            ("unit_norm", "UnitNormalization", (None, 4), {"axis": 0}, {}),
            ("unit_norm_axes", "UnitNormalization", (None, 4, 3), {"axis": [0, 2]}, {}),
        )
    ],
    *[row for name in ("sum", "mean", "max", "min", "prod", "var", "std", "argmax", "argmin") for row in both(name)],
    *[row for name in ("cumsum", "cumprod", "median", "logsumexp", "average") for row in both(name)],
    function("argmax_all_kept", lambda o, x: o.argmax(x, keepdims=True), (3, 4)),
    function("any_all", lambda o, x: o.any(x), (3, 4), **TRUTH),
    function("count_nonzero_batch", lambda o, x: o.count_nonzero(x, axis=0), (3, 4), **IDS),
    function("sum_all_kept", lambda o, x: x / o.sum(x, keepdims=True), (3, 4)),
    function("centred", lambda o, x: (x - o.mean(x, axis=0)) / o.std(x, axis=0), (5, 4)),
    function("softmax_batch", lambda o, x: o.softmax(x, axis=0), (3, 4)),
    function("log_softmax_batch", lambda o, x: o.log_softmax(x, axis=0), (3, 4)),
    function("normalize_batch", lambda o, x: o.normalize(x, axis=0), (3, 4)),
    function("sort_batch", lambda o, x: o.sort(x, axis=0), (5, 4)),
    function("argsort_batch", lambda o, x: o.argsort(x, axis=0), (5, 4)),
    function("flip_batch", lambda o, x: o.flip(x, axis=0), (3, 4)),
    function("flip_all", lambda o, x: o.flip(x), (3, 4)),
    function("flipud", lambda o, x: o.flipud(x), (3, 4)),
    function("roll_batch", lambda o, x: o.roll(x, 1, axis=0), (3, 4)),
    function("roll_all", lambda o, x: o.roll(x, 5), (3, 4)),
    function("repeat_batch", lambda o, x: o.repeat(x, 2, axis=0), (3, 4)),
    function("repeat_all", lambda o, x: o.repeat(x, 2), (3, 4)),
    function("tile_batch", lambda o, x: o.tile(x, (2, 1)), (3, 4)),
    function("pad_batch", lambda o, x: o.pad(x, ((1, 2), (0, 1))), (3, 4)),
    function("ravel", lambda o, x: o.ravel(x), (3, 4)),
    function("transpose", lambda o, x: o.transpose(x), (3, 4)),
    function("first_sample", lambda _, x: x[0], (3, 4)),
    function("take_batch", lambda o, x: o.take(x, [2, 0, 2], axis=0), (3, 4)),
    function("take_all", lambda o, x: o.take(x, [7, 1]), (3, 4)),
    function("take_along_batch", lambda o, x: o.take_along_axis(x, o.argsort(x, axis=0), axis=0), (5, 4)),
    function("concatenate_batch", lambda o, x, y: o.concatenate([x, y], axis=0), (3, 4), (3, 4)),
    function("vstack", lambda o, x, y: o.vstack([x, y]), (3, 4), (3, 4)),
    function("vsplit", lambda o, x: tuple(o.vsplit(x, [1, 3])), (5, 4)),
    function("append_all", lambda o, x, y: o.append(x, y), (3, 4), (3, 4)),
    function("isin_batch", lambda o, x, y: o.isin(x, y), (3, 4), (3, 2), **INTEGERS),
    function("gram", lambda o, x: o.matmul(x, o.transpose(x)), (3, 4)),
    function("covariance", lambda o, x: o.einsum("na,nb->ab", x, x), (3, 4)),
    function("similarity", lambda o, x, y: o.einsum("nd,md->nm", x, y), (3, 4), (3, 4)),
    function("tensordot_batch", lambda o, x, y: o.tensordot(x, y, axes=[[0], [0]]), (3, 4), (3, 2)),
    function("cdist", lambda o, x, y: o.cdist(x, y) if hasattr(o, "cdist") else o.nn.cdist(x, y), (3, 4), (3, 4)),
    function("allclose", lambda o, x, y: o.allclose(x, x + 1e-9 * y), (3, 4), (3, 4)),
    function("allclose_not", lambda o, x, y: o.allclose(x, y, rtol=0.1, atol=0.01), (3, 4), (3, 4)),
    function("corrcoef", lambda o, x: o.corrcoef(x), (3, 8)),
    function("diag_vector", lambda o, x: o.diag(x), (4,)),
    function("diag_above", lambda o, x: o.diag(x, k=1), (4,)),
    function("diag_matrix", lambda o, x: o.diag(x, k=-1), (4, 3)),
    function("diagflat", lambda o, x: o.diagflat(x), (2, 3)),
    function("kron", lambda o, x, y: o.kron(x, y), (3, 4), (3, 2)),
    function("kron_constant", lambda o, x: o.kron(x, SQUARE), (3, 4)),
    function("lstsq", lambda o, x, y: o.linalg.lstsq(x, y), (7, 3), (7, 2)),
    *[
        function(
            f"map_coordinates_{mode}_{order}",
            lambda o, x, m=mode, n=order: o.image.map_coordinates(x, PLACES, n, fill_mode=m, fill_value=0.5),
            (4, 5),
        )
        for mode in ("constant", "nearest", "wrap", "mirror", "reflect")
        for order in (0, 1)
    ],
    function("meshgrid", lambda o, x, y: tuple(o.meshgrid(x, y)), (3,), (3,)),
    function("meshgrid_ij", lambda o, x: tuple(o.meshgrid(x, np.arange(4.0, dtype="float32"), indexing="ij")), (3,)),
    function("outer", lambda o, x, y: o.outer(x, y), (3, 2), (3, 4)),
    function("quantiles", lambda o, x: o.quantile(x, [0.25, 0.5, 0.9], axis=1), (3, 5, 2)),
    function("percentiles_all", lambda o, x: o.percentile(x, np.array([10.0, 60.0], "float32")), (3, 5)),
    function("psnr", lambda o, x, y: o.nn.psnr(x, y, 2.0), (3, 4), (3, 4)),
    function("scatter", lambda o, x: o.scatter(np.array([[1], [4], [1]]), x, (6, 4)), (3, 4)),
    function("scatter_update", lambda o, x: o.scatter_update(x, [[0, 1], [2, 0]], [7.0, -3.0]), (3, 4)),
    *[
        function(
            f"scatter_update_{kind}",
            lambda o, x, k=kind: o.scatter_update(x, [[0, 1], [2, 0], [0, 1]], [0.5, -3.0, 0.25], reduction=k),
            (3, 4),
        )
        for kind in ("add", "max", "min", "mul")
    ],
    function("slice_update", lambda o, x: o.slice_update(x, [1, 1], SQUARE[:2]), (3, 4)),
    *[
        function(
            f"segment_{kind}",
            lambda o, x, k=kind: getattr(o, f"segment_{k}")(x, np.array([0, 2, 0, 3, 2], "int32"), num_segments=5),
            (5, 4),
        )
        for kind in ("max", "min", "prod", "sum")
    ],
    function("size", lambda o, x: x / o.cast(o.size(x), "float32"), (3, 4)),
    function("vander", lambda o, x: o.vander(x, 4), (3,)),
    function("vdot", lambda o, x, y: o.vdot(x, y), (3, 4), (3, 4)),
    tf_function("tf_reduce_mean_batch", lambda tf, x: x - tf.reduce_mean(x, axis=0), (5, 4)),
    tf_function("tf_reduce_sum_all", lambda tf, x: x / tf.reduce_sum(tf.abs(x)), (3, 4)),
    tf_function("tf_gram", lambda tf, x: tf.matmul(x, x, transpose_b=True), (3, 4)),
    tf_function("tf_reverse_batch", lambda tf, x: tf.reverse(x, axis=[0]), (3, 4)),
    tf_function("tf_concat_batch", lambda tf, x, y: tf.concat([x, y], axis=0), (3, 4), (3, 4)),
    tf_function("tf_neighbours", lambda _, x: x[1:] - x[:-1], (5, 4)),
    tf_function("tf_slice_batch", lambda tf, x: tf.slice(x, [1, 0], [2, 3]), (5, 4)),
    tf_function("tf_softmax_batch", lambda tf, x: tf.nn.softmax(x, axis=0), (3, 4)),
    tf_function("tf_gather_batch", lambda tf, x: tf.gather(x, [2, 0]), (3, 4)),
    tf_function("tf_moments_batch", lambda tf, x: tuple(tf.nn.moments(x, axes=[0])), (5, 4)),
    tf_function("tf_space_to_batch", lambda tf, x: tf.space_to_batch(x, [2, 3], [[1, 0], [0, 1]]), (2, 5, 8, 3)),
    tf_function("tf_batch_to_space", lambda tf, x: tf.batch_to_space(x, [2, 2], [[0, 1], [1, 0]]), (8, 3, 4, 2)),
    tf_function("tf_atrous", lambda tf, x: tf.nn.atrous_conv2d(x, FILTERS, 2, "SAME"), (2, 7, 8, 3)),
    tf_function(
        "tf_convolution_dilated",
        lambda tf, x: tf.nn.convolution(x, FILTERS, padding="VALID", dilations=[2, 1]),
        (2, 7, 8, 3),
    ),
    tf_function("tf_broadcast_rows", lambda tf, x: tf.broadcast_to(x, [3, 2, 4]), (3, 1, 4)),
    tf_function("tf_linspace_first", lambda tf, x, y: tf.linspace(x, y, 4), (3, 4), (3, 4)),
    tf_function("tf_pad_batch", lambda tf, x: tf.pad(x, [[1, 0], [0, 2]]), (3, 4)),
]
