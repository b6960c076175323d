"""Which Keras generation a file speaks: by its version, else by the shape of its config."""

from __future__ import annotations

from typing import Any

_KERAS3_MARKS = frozenset({"DTypePolicy", "__keras_tensor__"})
KERAS1_CLASSES = frozenset(
    {
        "AtrousConvolution1D",
        "AtrousConvolution2D",
        "Convolution1D",
        "Convolution2D",
        "Convolution3D",
        "Deconvolution2D",
        "Highway",
        "MaxoutDense",
        "Merge",
        "SeparableConvolution2D",
        "TimeDistributedDense",
    }
)


def dialect_of(version: str | None, config: Any) -> int:
    """1, 2 or 3.

    Args:
        version: the file's `keras_version`, if any.
        config: the model's JSON config.
    """
    major = version.split(".")[0] if version is not None else ""
    if major in ("1", "2", "3"):
        return int(major)
    marks: set[str] = set()
    _collect(config, marks)
    if marks & _KERAS3_MARKS or "batch_shape" in marks:
        return 3
    if marks & KERAS1_CLASSES or "border_mode" in marks or "output_dim+init" in marks:
        return 1
    if version is None and "kernel_initializer" not in marks and "output_dim" in marks and "init" in marks:
        return 1
    return 2


def _collect(value: Any, marks: set[str]) -> None:
    """Every class name and every key that tells generations apart."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            name = item.get("class_name")
            if isinstance(name, str):
                marks.add(name)
            marks.update(
                key for key in ("batch_shape", "border_mode", "init", "kernel_initializer", "output_dim") if key in item
            )
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
