"""The order in which a model calls its layers: each after those it reads, and Keras' own where that shows."""

from __future__ import annotations

from kmin.errors import UnsupportedError
from kmin.formats.spec import ModelSpec, TensorRef, leaves

# A call: the layer's name and the number of the call.
Key = tuple[str, int]


def call_order(spec: ModelSpec) -> list[Key]:
    """Calls sorted so that each comes after the calls it reads; input layers are left out.

    Where a layer that keeps states is called more than once, the order is the one of Keras: each call begins with what
    the one before left.

    Raises:
        UnsupportedError: a call reads a tensor that no layer makes, or calls form a cycle.
    """
    order, reads = _sorted(spec)
    shared = [layer for layer in spec.layers if len(layer.calls) > 1]
    if any(inner.config.get("stateful") for layer in shared for inner in layer.walk()):
        return _by_depth(spec, reads)
    return order


def _by_depth(spec: ModelSpec, reads: dict[Key, list[Key]]) -> list[Key]:
    """The calls that outputs need, the farthest from them first.

    Source: `map_graph` in Keras 3.15, `_map_graph_network` in 2.15.
    """
    found: list[Key] = []
    done: set[Key] = set()
    for ref in leaves(spec.outputs):
        waiting = [(ref.layer, ref.node)]
        while waiting:
            key = waiting[-1]
            left = [] if key in done else [source for source in reads.get(key, []) if source not in done]
            if left:
                waiting.append(left[0])
                continue
            waiting.pop()
            if key in reads and key not in done:
                done.add(key)
                found.append(key)
    depths: dict[Key, int] = {}
    deepest: dict[str, int] = {}
    for key in reversed(found):
        depth = max(depths.setdefault(key, 0), deepest.get(key[0], 0))
        deepest[key[0]] = depths[key] = depth
        for source in reads[key]:
            depths[source] = max(depth + 1, depths.get(source, 0))
    return sorted((key for key in depths if key in done), key=lambda key: -depths[key])


def _sorted(spec: ModelSpec) -> tuple[list[Key], dict[Key, list[Key]]]:
    """The calls in an order that serves, and what each reads."""
    inputs = {ref.layer for ref in leaves(spec.inputs)}
    waits: dict[Key, set[Key]] = {}
    reads: dict[Key, list[Key]] = {}
    for layer in spec.layers:
        if layer.name in inputs:
            continue
        for node, call in enumerate(layer.calls):
            refs = [ref for ref in leaves([call.args, call.kwargs]) if isinstance(ref, TensorRef)]
            reads[layer.name, node] = [(r.layer, r.node) for r in refs if r.layer not in inputs]
            waits[layer.name, node] = set(reads[layer.name, node])
    order: list[Key] = []
    readers: dict[Key, list[Key]] = {}
    for key, needed in waits.items():
        for source in needed:
            if source not in waits:
                raise UnsupportedError(
                    f"layer '{key[0]}': reads output of '{source[0]}' (call {source[1]}), which does not exist"
                )
            readers.setdefault(source, []).append(key)
    left = {key: len(needed) for key, needed in waits.items()}
    ready = [key for key, count in left.items() if count == 0]
    ready.reverse()
    while ready:
        key = ready.pop()
        order.append(key)
        for reader in reversed(readers.get(key, [])):
            left[reader] -= 1
            if left[reader] == 0:
                ready.append(reader)
    if len(order) < len(waits):
        stuck = next(key for key, count in left.items() if count)
        raise UnsupportedError(f"model '{spec.name}': the calls form a cycle through layer '{stuck[0]}'")
    return order, reads
