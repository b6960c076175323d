"""Subject: one model file, read once, for everyone who is going to run it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kmin.engines import ENGINES
from kmin.engines.session import Opening
from kmin.errors import EngineError
from kmin.formats.audit import refuse_findings
from kmin.formats.source import Source, source_of
from kmin.formats.spec import ModelSpec
from kmin.graph.ir import Graph
from kmin.model import Model

PIECE_BYTES = 256 << 20
# Rows of a batch in Keras' predict unless it is told otherwise: where samples mix, both sides must cut alike.
MIXED_ROWS = 32


@dataclass(frozen=True)
class Subject:
    """A model to compare or to time.

    Attributes:
        path: the file.
        source: the file and the weights that go with it.
        spec: what it says; None for a bundle.
        graph: the model as lowered, before any simplification; the simplified one for a bundle.
        model: the model ready to run.
    """

    path: Path
    source: Source
    spec: ModelSpec | None
    graph: Graph
    model: Model

    @property
    def unit_rows(self) -> int:
        """Rows that must stay together: the batch of a stateful model or of one that mixes samples, else 1."""
        if self.model.batch_size is not None:
            return self.model.batch_size
        return MIXED_ROWS if self.model.mixes_samples else 1

    def opening(self, rows: int, threads: int | None = None) -> Opening:
        """What an engine is told in order to open the file; `rows` at a time it will be given or may compute."""
        facts = self.spec.file if self.spec is not None else None
        return Opening(
            path=str(self.path),
            way="",
            dialect=self.graph.dialect,
            container=facts.container if facts is not None else "bundle",
            inputs=tuple(info.name for info in self.model.inputs),
            rows=rows,
            threads=threads,
            batch_size=rows if self.model.mixes_samples and self.model.batch_size is None else self.model.batch_size,
            backend=facts.backend if facts is not None else None,
            weights=None if self.source.weights is None else os.fspath(self.source.weights),
            layout=facts.weights if facts is not None else None,
            by_name=self.source.by_name,
            skip_mismatch=self.source.skip_mismatch,
        )

    def allow(self, engine: str, trust: bool = False) -> None:
        """Raises KminError when the file cannot or, unless its user trusts it, must not be handed to this engine."""
        if not ENGINES[engine].reference:
            return
        if self.spec is None:
            raise EngineError(
                f"{self.path}: Keras cannot open a bundle; give the .h5 or .keras file that it was made from, "
                "or time the bundle alone with kmin bench --engines kmin"
            )
        if self.spec.dialect == 1:
            raise EngineError(
                f"{self.path}: written by Keras 1, which no Keras of today opens, so there is no reference; "
                "kmin can be timed alone with kmin bench --engines kmin"
            )
        for path in (self.path, self.source.weights):
            if path is not None and not trust:
                refuse_findings(path)


def whole_rows(rows: int, unit: int) -> int:
    """`rows` cut to whole pieces of `unit` rows, of which there is at least one."""
    return max(unit, rows // unit * unit)


def read_subject(path: str | os.PathLike[str]) -> Subject:
    """The model at `path`.

    Raises:
        KminError: it cannot be read or run.
    """
    from kmin.export.bundle_mark import is_bundle

    if is_bundle(path):
        model = Model.load(path)
        return Subject(Path(path), source_of(path), None, model.graph, model)
    from kmin.graph.passes import simplify
    from kmin.layers.fitting import read_spec
    from kmin.layers.lower import lower

    spec = read_spec(path)
    graph = lower(spec)
    return Subject(Path(path), source_of(path), spec, graph, Model(simplify(graph)))
