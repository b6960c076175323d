"""What only Keras 1 had, against its formulas (keras 1.2.2) in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kmin
from kmin.errors import FormatError, KminError
from kmin.formats import build
from kmin.layers.lower import lower

RNG = np.random.default_rng(1)


def draw(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype("f4")


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def layer(class_name: str, name: str = "only", **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": name, **config}}


def sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": list(layers)}


def model(data: dict[str, Any], **weights: list[tuple[str, np.ndarray]]) -> kmin.Model:
    named = {name: [(f"{name}_{part}:0", array) for part, array in arrays] for name, arrays in weights.items()}
    return kmin.Model(lower(build(data, 1, named)))


def test_maxout_dense() -> None:
    w, b, x = draw(3, 4, 5), draw(3, 5), draw(2, 4)
    data = sequential(
        layer("MaxoutDense", output_dim=5, nb_feature=3, bias=True, input_dim=4, batch_input_shape=[None, 4])
    )
    wanted = (np.einsum("bi,fio->bfo", x, w) + b).max(axis=1)
    np.testing.assert_allclose(model(data, only=[("W", w), ("b", b)]).predict(x), wanted, rtol=1e-5)


def test_highway() -> None:
    w, carry, b, b_carry, x = draw(4, 4), draw(4, 4), draw(4), draw(4), draw(3, 4)
    data = sequential(layer("Highway", activation="tanh", bias=True, batch_input_shape=[None, 4]))
    gate = sigmoid(x @ carry + b_carry)
    wanted = np.tanh(x @ w + b) * gate + (1 - gate) * x
    arrays = [("W", w), ("W_carry", carry), ("b", b), ("b_carry", b_carry)]
    np.testing.assert_allclose(model(data, only=arrays).predict(x), wanted, rtol=1e-5, atol=1e-6)


def test_srelu() -> None:
    t_left, a_left, t_right, a_right, x = draw(4), draw(4), draw(4), draw(4), 3 * draw(5, 4)
    right = t_left + np.abs(t_right)
    middle = t_left + np.clip(x - t_left, 0, right - t_left) - a_left * np.maximum(t_left - x, 0)
    wanted = middle + np.maximum(x - right, 0) * a_right
    arrays = [("t_left", t_left), ("a_left", a_left), ("t_right", t_right), ("a_right", a_right)]
    got = model(sequential(layer("SReLU", batch_input_shape=[None, 4])), only=arrays).predict(x)
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


def test_parametric_softplus() -> None:
    alphas, betas, x = draw(4), draw(4), draw(3, 4)
    got = model(
        sequential(layer("ParametricSoftplus", batch_input_shape=[None, 4])), only=[("a", alphas), ("b", betas)]
    )
    np.testing.assert_allclose(got.predict(x), np.log1p(np.exp(betas * x)) * alphas, rtol=1e-5)


@pytest.mark.parametrize("name", ["PReLU", "ThresholdedReLU", "ActivityRegularization"])
def test_activations_that_kept_their_meaning(name: str) -> None:
    x, slopes = draw(3, 4), draw(4)
    arrays = {"only": [("alphas", slopes)]} if name == "PReLU" else {}
    got = model(sequential(layer(name, theta=0.5, batch_input_shape=[None, 4])), **arrays).predict(x)
    below = {"PReLU": slopes * x, "ThresholdedReLU": 0 * x, "ActivityRegularization": x}[name]
    np.testing.assert_allclose(got, np.where(x > (0.5 if name == "ThresholdedReLU" else 0), x, below), rtol=1e-5)


def deconvolved(x: np.ndarray, w: np.ndarray, strides: int, size: tuple[int, int], before: int) -> np.ndarray:
    """Every input cell spreads its kernel (rows, columns, in, out) over the output."""
    rows, columns = w.shape[:2]
    wide = np.zeros((len(x), size[0] + 2 * rows, size[1] + 2 * columns, w.shape[3]))
    for i, j in np.ndindex(*x.shape[1:3]):
        patch = np.einsum("bc,hwco->bhwo", x[:, i, j], w)
        top, left = i * strides + rows - before, j * strides + columns - before
        wide[:, top : top + rows, left : left + columns] += patch
    return wide[:, rows : rows + size[0], columns : columns + size[1]]


@pytest.mark.parametrize(("mode", "size", "before"), [("valid", (7, 9), 0), ("valid", (8, 10), 0), ("same", (6, 8), 0)])
@pytest.mark.parametrize("ordering", ["tf", "th"])
def test_deconvolution(mode: str, size: tuple[int, int], before: int, ordering: str) -> None:
    x, w, b = draw(2, 3, 4, 2), draw(3, 3, 2, 5), draw(5)
    shape = [None, *size, 5] if ordering == "tf" else [None, 5, *size]
    data = sequential(
        layer(
            "Deconvolution2D",
            nb_filter=5,
            nb_row=3,
            nb_col=3,
            output_shape=shape,
            border_mode=mode,
            subsample=[2, 2],
            dim_ordering=ordering,
            batch_input_shape=[None, 3, 4, 2] if ordering == "tf" else [None, 2, 3, 4],
        )
    )
    stored = w if ordering == "tf" else w.transpose(3, 2, 0, 1)
    given = x if ordering == "tf" else x.transpose(0, 3, 1, 2)
    got = model(data, only=[("W", stored), ("b", b)]).predict(given)
    got = got if ordering == "tf" else got.transpose(0, 2, 3, 1)
    np.testing.assert_allclose(got, deconvolved(x, w, 2, size, before) + b, rtol=1e-4, atol=1e-5)


def test_a_deconvolution_that_cannot_be() -> None:
    data = sequential(
        layer(
            "Deconvolution2D", nb_filter=1, nb_row=3, nb_col=3, output_shape=[None, 20, 9, 1], subsample=[2, 2],
            batch_input_shape=[None, 3, 4, 2], border_mode="valid", dim_ordering="tf",
        )
    )  # fmt: skip
    with pytest.raises(KminError, match="output_shape must fit"):
        model(data, only=[("W", draw(3, 3, 2, 1)), ("b", draw(1))])


def branches(mode: str, **config: Any) -> dict[str, Any]:
    left = sequential(layer("Dense", "left", output_dim=3, batch_input_shape=[None, 4]))
    right = sequential(layer("Dense", "right", output_dim=3, batch_input_shape=[None, 2]))
    merge = layer("Merge", "merge", layers=[left, right], mode=mode, **config)
    return sequential(merge, layer("Activation", "end", activation="linear"))


@pytest.mark.parametrize("mode", ["sum", "mul", "ave", "max", "concat", "dot", "cos"])
def test_branches(mode: str) -> None:
    """A Sequential that begins with a Merge of others: Keras 1's way to several inputs."""
    parts = {name: [("W", draw(n, 3)), ("b", draw(3))] for name, n in (("left", 4), ("right", 2))}
    merged = model(branches(mode, dot_axes=[[1], [1]] if mode == "dot" else -1), **parts)
    x = [draw(5, 4), draw(5, 2)]
    a, b = (v @ parts[name][0][1] + parts[name][1][1] for v, name in zip(x, ("left", "right"), strict=True))
    dot = (a * b).sum(axis=1, keepdims=True)
    wanted = {
        "sum": a + b,
        "mul": a * b,
        "ave": (a + b) / 2,
        "max": np.maximum(a, b),
        "concat": np.concatenate([a, b], axis=1),
        "dot": dot,
        "cos": (dot / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))[:, None])[:, None],
    }[mode]
    assert [info.name for info in merged.inputs] == ["left_input", "right_input"]
    np.testing.assert_allclose(merged.predict(x), wanted, rtol=1e-4, atol=1e-5)


def test_branches_in_branches() -> None:
    deep = sequential(layer("Merge", "top", layers=[branches("sum"), sequential(layer("Dense", "third", output_dim=3,
                      batch_input_shape=[None, 1]))], mode="concat"))  # fmt: skip
    parts = {name: [("W", np.ones((n, 3), "f4")), ("b", np.zeros(3, "f4"))] for name, n in
             (("left", 4), ("right", 2), ("third", 1))}  # fmt: skip
    x = [draw(2, 4), draw(2, 2), draw(2, 1)]
    a, b, c = (v.sum(axis=1, keepdims=True) * np.ones(3) for v in x)
    np.testing.assert_allclose(model(deep, **parts).predict(x), np.concatenate([a + b, c], axis=1), rtol=1e-5)


def test_branches_that_are_refused() -> None:
    twice = branches("sum")
    twice["config"][0]["config"]["layers"][1] = twice["config"][0]["config"]["layers"][0]
    with pytest.raises(FormatError, match="in two branches"):
        model(twice)
    with pytest.raises(KminError, match="a function, which kmin never runs"):
        model(branches("def", mode_type="lambda"), left=[("W", draw(4, 3)), ("b", draw(3))],
              right=[("W", draw(2, 3)), ("b", draw(3))])  # fmt: skip
