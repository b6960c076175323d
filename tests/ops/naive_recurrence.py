"""Recurrent cells written per sample and per step in float64, straight from the formulas: the tests' reference."""

from __future__ import annotations

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(x, 0)


FUNCTIONS = {"linear": lambda x: x, "relu": relu, "sigmoid": sigmoid, "tanh": np.tanh}


def cell_step(kind, x, states, weights, attrs):
    """New states of one sample; the first is the output."""
    kernel, recurrent, bias = weights
    act, rec = FUNCTIONS[attrs.activation], FUNCTIONS[attrs.recurrent_activation]
    u = len(states[0])
    h = states[0]
    if kind == "simple_rnn":
        return [act(x @ kernel + h @ recurrent + (0 if bias is None else bias))]
    if kind == "lstm":
        z = x @ kernel + h @ recurrent + (0 if bias is None else bias)
        i, f, c, o = (z[k * u : (k + 1) * u] for k in range(4))
        carry = rec(f) * states[1] + rec(i) * act(c)
        return [rec(o) * act(carry), carry]
    inner = outer = np.zeros(3 * u)
    if bias is not None:
        outer, inner = (bias[0], bias[1]) if attrs.reset_after else (bias, inner)
    a, b = x @ kernel + outer, h @ recurrent + inner
    z, r = rec(a[:u] + b[:u]), rec(a[u : 2 * u] + b[u : 2 * u])
    candidate = a[2 * u :] + (r * b[2 * u :] if attrs.reset_after else (r * h) @ recurrent[:, 2 * u :])
    return [z * h + (1 - z) * act(candidate)]


def recurrence(kind, arrays, attrs):
    """(y, final states...) for inputs (x, kernel, recurrent_kernel, bias, mask, states...)."""
    x, kernel, recurrent, bias, mask, *given = [None if a is None else np.asarray(a, "f8") for a in arrays]
    units, batch, steps = len(recurrent), len(x), x.shape[1]
    ys, finals = [], []
    for b in range(batch):
        states = [np.zeros(units) if s is None else s[b] for s in given]
        output, outputs = np.zeros(units), []
        for t in reversed(range(steps)) if attrs.go_backwards else range(steps):
            if mask is None or mask[b, t]:
                states = cell_step(kind, x[b, t], states, (kernel, recurrent, bias), attrs)
                output = states[0]
            elif attrs.zero_output_for_mask:
                output = np.zeros(units)
            outputs.append(output)
        ys.append(np.array(outputs).reshape(steps, units) if attrs.return_sequences else output)
        finals.append(states)
    y = np.array(ys).reshape((batch, steps, units) if attrs.return_sequences else (batch, units))
    return [y, *(np.array([f[k] for f in finals]).reshape(batch, units) for k in range(len(given)))]
