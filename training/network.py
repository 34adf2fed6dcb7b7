"""The classifier's network and how it learns: a hidden layer over the features' sums, then a logit for each head.

    hidden = tanh(features @ W + b),  logits = hidden @ V + c

Learned by AdaGrad on small batches; only the rows of W whose features occur in a batch are touched.
"""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

Floats = NDArray[np.float32]

HIDDEN = 24
EPOCHS = 12
BATCH = 256
RATE = 0.15
LEFT_OUT = 0.4  # the share of features left out of a row each time, so that none is relied on
POSITIVE = 2.0  # what a positive label counts beside a negative one


@dataclass
class Network:
    """The parameters, and beside each the sum of its squared gradients."""

    W: Floats
    b: Floats
    V: Floats
    c: Floats
    seen: dict[str, Floats] = field(default_factory=dict)

    @classmethod
    def fresh(cls, buckets: int, heads: int, chance: np.random.Generator) -> "Network":
        first = (chance.standard_normal((buckets, HIDDEN)) * 0.05).astype(np.float32)
        second = (chance.standard_normal((HIDDEN, heads)) * 0.3).astype(np.float32)
        made = cls(first, np.zeros(HIDDEN, np.float32), second, np.full(heads, -2, np.float32))
        made.seen = {name: np.full_like(getattr(made, name), 1e-3) for name in "bVc"}
        made.seen["W"] = np.full((buckets, 1), 1e-3, np.float32)
        return made


def learned(matrix: sparse.csr_matrix, truth: Floats, weights: Floats, seed: int) -> Network:
    """The network after all epochs over `matrix` (rows of features) and `truth` (rows of 0 or 1 a head)."""
    chance = np.random.default_rng(seed)
    network = Network.fresh(matrix.shape[1], truth.shape[1], chance)
    for epoch in range(EPOCHS):
        rate = RATE * (1 - epoch / EPOCHS) + RATE * 0.05
        order = chance.permutation(len(truth))
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            _step(network, _thinned(matrix[some], chance), truth[some], weights[some], rate)
    occurs = np.zeros(matrix.shape[1], bool)
    occurs[matrix.indices] = True
    network.W[~occurs] = 0
    return network


def _thinned(rows: sparse.csr_matrix, chance: np.random.Generator) -> sparse.csr_matrix:
    kept = chance.random(len(rows.data)) > LEFT_OUT
    rows.data = (rows.data * kept / (1 - LEFT_OUT)).astype(np.float32)
    return rows


def _step(network: Network, rows: sparse.csr_matrix, truth: Floats, weights: Floats, rate: float) -> None:
    columns, places = np.unique(rows.indices, return_inverse=True)
    parts = (rows.data, places.astype(np.int32), rows.indptr)
    narrow = sparse.csr_matrix(parts, shape=(rows.shape[0], len(columns)))
    hidden = np.tanh(narrow @ network.W[columns] + network.b)
    said = 1 / (1 + np.exp(-np.clip(hidden @ network.V + network.c, -30, 30)))
    error = (said - truth) * (weights / BATCH)[:, None] * np.where(truth > 0, POSITIVE, 1)
    back = (error @ network.V.T) * (1 - hidden * hidden)
    gradients = {"V": hidden.T @ error + 1e-5 * network.V, "c": error.sum(0), "b": back.sum(0)}
    for name, gradient in gradients.items():
        network.seen[name] += gradient * gradient
        setattr(network, name, getattr(network, name) - rate * gradient / np.sqrt(network.seen[name]))
    first = narrow.T @ back
    network.seen["W"][columns] += (first * first).mean(1, keepdims=True)
    network.W[columns] -= rate * first / np.sqrt(network.seen["W"][columns])
