"""LOSS_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for losses that Keras writes as one node."""

from __future__ import annotations

from kmin.layers.operations import backend, label_losses, tensorflow_numbers, weighted_losses
from kmin.layers.operations.arguments import Row

_REST = 'scope=None loss_collection=None reduction="weighted_sum_by_nonzero_weights"'


_CTC: Row = (
    "labels logits label_length logit_length logits_time_major=True unique=None blank_index=None",
    label_losses.tensorflow_ctc_loss,
)

LOSS_FUNCTIONS: dict[str, Row] = {
    "compat.v1.losses.compute_weighted_loss": (f"losses weights=1.0 {_REST}", weighted_losses.weighted),
    "compat.v1.losses.mean_pairwise_squared_error": (
        "labels predictions weights=1.0 scope=None loss_collection=None",
        weighted_losses.pairwise_squared,
    ),
    "compat.v1.losses.sigmoid_cross_entropy": (
        f"multi_class_labels logits weights=1.0 label_smoothing=0 {_REST}",
        weighted_losses.sigmoid_loss,
    ),
    "compat.v1.losses.softmax_cross_entropy": (
        f"onehot_labels logits weights=1.0 label_smoothing=0 {_REST}",
        weighted_losses.softmax_loss,
    ),
    "compat.v1.losses.sparse_softmax_cross_entropy": (
        f"labels logits weights=1.0 {_REST}",
        weighted_losses.sparse_softmax_loss,
    ),
    "compat.v1.nn.ctc_loss": (
        "labels inputs=None sequence_length=None preprocess_collapse_repeated=False ctc_merge_repeated=True "
        "ignore_longer_outputs_than_inputs=False time_major=True logits=None",
        label_losses.first_ctc_loss,
    ),
    "compat.v1.nn.ctc_loss_v2": _CTC,
    "keras.backend.binary_crossentropy": ("target output from_logits=False", backend.backend_binary_crossentropy),
    "keras.backend.categorical_crossentropy": (
        "target output from_logits=False axis=-1",
        backend.backend_categorical_crossentropy,
    ),
    "keras.backend.categorical_focal_crossentropy": (
        "target output alpha=0.25 gamma=2.0 from_logits=False axis=-1",
        backend.focal_crossentropy,
    ),
    "keras.backend.ctc_label_dense_to_sparse": ("labels label_lengths", label_losses.sparse_labels),
    "keras.metrics.hinge": ("y_true y_pred", backend.hinge(False)),
    "keras.metrics.squared_hinge": ("y_true y_pred", backend.hinge(True)),
    "nn.ctc_loss": _CTC,
    "nn.log_poisson_loss": ("targets log_input compute_full_loss=False", tensorflow_numbers.log_poisson_loss),
    "nn.weighted_cross_entropy_with_logits": (
        "labels logits pos_weight",
        tensorflow_numbers.weighted_cross_entropy,
    ),
}
