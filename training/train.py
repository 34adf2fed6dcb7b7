"""Trains the detector's classifier and writes it into the package: `python -m training.train`.

The same corpus and the same pins give the same bytes. Needs requirements/train.txt.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression

from rasa_handoff.core import classifier, ngrams
from training import corpus
from training.augment import augmented
from training.corpus import Row

SEED = 7
STRENGTH = 10.0  # the inverse of the regularisation
POSITIVE = 2.0  # what a positive row counts beside a negative one
VARIANT = 0.5  # what an augmented row counts beside a written one
OUT = Path(classifier.__file__).parents[1] / "data"


def main() -> None:
    started = time.monotonic()
    written = corpus.rows()
    made = list(augmented(written, SEED))
    rows = [*written, *made]
    weights = np.array([1.0] * len(written) + [VARIANT] * len(made))
    matrix = vectors([row.text for row in rows])
    print(f"{len(written)} rows, {len(made)} variants, {matrix.nnz // len(rows)} features each", file=sys.stderr)
    heads = [_head(name, rows, matrix, weights) for name in classifier.HEADS]
    write(np.array([head.coef_[0] for head in heads]), [float(head.intercept_[0]) for head in heads], len(written))
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)


def vectors(texts: list[str]) -> sparse.csr_matrix:
    """One row a text: how often each bucket occurs, over the square root of how many features there are."""
    indices, data, ends = list[int](), list[float](), [0]
    for text in texts:
        found = [bucket for sentence in ngrams.sentences(text) for bucket in ngrams.of_sentence(sentence)]
        buckets, counts = np.unique(found, return_counts=True)
        indices += buckets.astype(int).tolist()
        data += (counts / np.sqrt(max(1, len(found)))).tolist()
        ends.append(len(indices))
    parts = (np.array(data), np.array(indices, np.int32), np.array(ends, np.int32))
    return sparse.csr_matrix(parts, shape=(len(texts), ngrams.BUCKETS))


def _head(name: str, rows: list[Row], matrix: sparse.csr_matrix, weights: np.ndarray) -> LogisticRegression:
    """A group is told from its kind's other groups; whether it is of the kind at all, the kind's own head says."""
    kinds = {"policy": classifier.POLICY, "sensitive": classifier.SENSITIVE}
    kind = next((kind for kind, groups in kinds.items() if name in groups), None)
    among = np.array([at for at, row in enumerate(rows) if kind is None or kind in row.labels])
    return _fit(matrix[among], [name in rows[at].labels for at in among], weights[among], name)


def _fit(matrix: sparse.csr_matrix, truth: list[bool], weights: np.ndarray, name: str) -> LogisticRegression:
    started = time.monotonic()
    model = LogisticRegression(C=STRENGTH, solver="liblinear", tol=1e-2, random_state=SEED)
    rare = np.where(truth, POSITIVE, 1.0)
    fitted = model.fit(matrix, truth, sample_weight=weights * rare)
    print(f"{name}: {sum(truth)} positive, {time.monotonic() - started:.1f} s", file=sys.stderr)
    return fitted


def write(weights: np.ndarray, biases: list[float], rows: int) -> None:
    """The weights as bytes, bucket by bucket (a byte a head, 128 is nothing), and the manifest beside them."""
    scales = np.abs(weights).max(axis=1) / 127
    scales = np.where(scales > 0, scales, 1.0)
    levels = np.rint(weights / scales[:, None]).astype(int) + 128
    (OUT / "detector.bin").write_bytes(levels.T.astype(np.uint8).tobytes())
    manifest = {
        "command": "python -m training.train",
        "corpus": corpus.fingerprint(),
        "rows": rows,
        "seed": SEED,
        "buckets": ngrams.BUCKETS,
        "heads": {
            name: {"scale": round(float(scale), 9), "bias": round(bias, 6)}
            for name, scale, bias in zip(classifier.HEADS, scales, biases, strict=True)
        },
    }
    (OUT / "detector.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
