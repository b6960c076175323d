"""Every golden case, replayed: raw and simplified graph, single rows, shapes, and float64 as the judge."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kmin import Model
from kmin.formats import build
from kmin.graph.passes import simplify
from kmin.graph.precision import with_precision
from kmin.layers.lower import lower
from kmin.ops.tensor import dtype_name
from kmin.plan.compile import compile_plan
from layers.cases import Case, cases_of, families

GOLDENS = Path(__file__).parent / "goldens"
ROWS = [(family, row, d) for family in families() for row in cases_of(family) for d in row.dialects]
IDS = [f"{family}-{row.name}-keras{dialect}" for family, row, dialect in ROWS]


@functools.lru_cache(maxsize=4)
def stored(family: str, dialect: int) -> dict[str, dict[str, np.ndarray]]:
    """The golden file of a family, by case."""
    cases: dict[str, dict[str, np.ndarray]] = {}
    with np.load(GOLDENS / f"{family}.keras{dialect}.npz", allow_pickle=False) as archive:
        for key in archive.files:
            name, _, rest = key.partition("/")
            cases.setdefault(name, {})[rest] = archive[key]
    return cases


def numbered(parts: dict[str, np.ndarray], kind: str) -> list[np.ndarray]:
    return [parts[f"{kind}/{i}"] for i in range(sum(key.startswith(f"{kind}/") for key in parts))]


def graph_of(parts: dict[str, np.ndarray], dialect: int) -> Any:
    weights: dict[str, list[tuple[str, np.ndarray]]] = {}
    for key, array in parts.items():
        if key.startswith("w/"):
            layer, _, name = key[2:].rsplit("/", 2)
            weights.setdefault(layer, []).append((name.replace("|", "/"), array))
    return lower(build(json.loads(parts["config"].tobytes()), dialect, weights))


def flat(structure: Any) -> list[np.ndarray]:
    if isinstance(structure, list):
        return [array for item in structure for array in flat(item)]
    if isinstance(structure, dict):
        return [array for key in sorted(structure) for array in flat(structure[key])]
    return [structure]


def worst(got: list[np.ndarray], wanted: list[np.ndarray]) -> float:
    """Largest error over all outputs, each relative to its largest magnitude."""
    assert len(got) == len(wanted)
    errors = [0.0]
    for mine, theirs in zip(got, wanted, strict=True):
        assert mine.shape == theirs.shape
        if theirs.dtype.kind == "S":
            np.testing.assert_array_equal(mine, theirs)
            continue
        np.testing.assert_array_equal(np.isfinite(mine), np.isfinite(theirs))
        finite = np.isfinite(theirs)
        if finite.any():
            wide = "c16" if theirs.dtype.kind == "c" else "f8"
            difference = np.abs(mine[finite].astype(wide) - theirs[finite].astype(wide)).max()
            scale = np.abs(theirs[finite].astype(wide)).max()
            errors.append(float(difference / scale) if scale > 0 else float(difference))
    return max(errors)


@pytest.mark.parametrize(("family", "row", "dialect"), ROWS, ids=IDS)
def test_golden(family: str, row: Case, dialect: int) -> None:
    parts = stored(family, dialect)[row.name]
    inputs, wanted = numbered(parts, "x"), numbered(parts, "y")
    graph = graph_of(parts, dialect)
    model = Model(simplify(graph))
    bound = model.bind(inputs if len(inputs) > 1 else inputs[0])

    raw = compile_plan(graph, "numpy" if graph.mixes_samples else None).run(bound)
    assert worst(flat(Model(graph)(bound if len(bound) > 1 else bound[0])), wanted) <= row.tolerance
    simplified = flat(model(bound if len(bound) > 1 else bound[0]))
    assert worst(simplified, wanted) <= row.tolerance
    assert [dtype_name(array) for array in simplified] == [dtype_name(array) for array in wanted]

    for tensor, array in zip(graph.outputs, raw, strict=True):
        shape = graph.specs[tensor].shape
        assert len(shape) == array.ndim
        assert all(s is None or s == n for s, n in zip(shape, array.shape, strict=True)), (shape, array.shape)
        assert graph.specs[tensor].dtype == dtype_name(array)

    again = simplify(simplify(graph))
    assert [node.op for node in again.nodes] == [node.op for node in model.graph.nodes]

    if not graph.mixes_samples:
        rows_alone(model, bound, row.tolerance)

    if all(array.dtype == np.float32 for array in wanted):
        exact = flat(Model(with_precision(graph, "float64"))(bound if len(bound) > 1 else bound[0]))
        mine, theirs = worst(simplified, exact), worst(wanted, exact)
        assert mine <= row.float64_factor * theirs + 5e-7, "kmin is further from float64 than Keras"


def rows_alone(model: Model, bound: list[np.ndarray], tolerance: float) -> None:
    """Asserts that every row gets alone what it gets beside others."""
    rows = [model.plan.run([array[i : i + 1] for array in bound]) for i in range(len(bound[0]))]
    single = [np.concatenate(pieces) for pieces in zip(*rows, strict=True)]
    assert worst(single, [np.asarray(array) for array in model.plan.run(bound)]) <= tolerance
