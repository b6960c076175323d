"""Losses of label sequences as functions of a model (keras.ops, and TensorFlow's in Keras 2)."""

from __future__ import annotations

from ._function import function, tf_function


def _numbers(o, y, least, most):
    """Whole numbers from `least` to `most` out of floats."""
    return o.cast(o.abs(y) * 5, "int32") % (most - least + 1) + least


def _loss(labels=(1, 4), counts=(1, 3), steps=(5, 7), **options):
    """Labels, how many count, and the steps that count, made of the second input."""

    def loss(o, x, y):
        given = [_numbers(o, y, *labels), _numbers(o, y[:, 0], *counts), _numbers(o, y[:, 1], *steps)]
        if hasattr(o, "ctc_loss"):
            return o.ctc_loss(given[0], x, *given[1:], **options)
        return o.nn.ctc_loss(given[0], x, *given[1:], **({"logits_time_major": False} | options))

    return loss


class _Old:
    """TensorFlow with the name that the loss has in its first version."""

    def __init__(self, t):
        self.cast, self.abs = t.cast, t.abs
        self.nn = type("nn", (), {"ctc_loss": staticmethod(t.compat.v1.nn.ctc_loss_v2)})


SHAPES = (4, 7, 5), (4, 3)
CASES = [
    function("loss", _loss(), *SHAPES),
    function("loss_open", _loss(), *SHAPES, free=(1,)),
    function("loss_one_row", _loss(), (1, 7, 5), (1, 3)),
    function("loss_blank_last", _loss((0, 3), mask_index=-1), *SHAPES, scale=3.0),
    function("loss_blank_inside", _loss((0, 4), mask_index=2), *SHAPES),
    function("loss_of_no_labels", _loss(counts=(0, 1)), *SHAPES),
    function("loss_too_few_steps", _loss(steps=(0, 1)), *SHAPES),
    function("loss_scaled", _loss(), *SHAPES, scale=20.0),
    tf_function("tf_loss", _loss(blank_index=0), *SHAPES),
    tf_function("tf_loss_last", _loss((0, 3), blank_index=-1), *SHAPES),
    tf_function("tf_loss_too_few_steps", _loss(steps=(0, 1)), *SHAPES),
    tf_function("tf_loss_v2", lambda t, x, y: _loss(logits_time_major=False)(_Old(t), x, y), *SHAPES),
    tf_function(
        "tf_loss_time_first",
        lambda t, x, y: _loss(logits_time_major=True)(t, t.transpose(x, [1, 0, 2]), y),
        *SHAPES,
    ),
]
