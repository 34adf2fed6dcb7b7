"""Trains the detector's classifier and writes it into the package: `python -m training.train`.

The same corpus and the same pins give the same weights. Needs requirements/train.txt; takes about a minute.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sparse

from rasa_handoff.core import classifier, ngrams, weights
from training import corpus
from training.augment import augmented
from training.contrast import contrasts
from training.everyday import everyday
from training.features import features
from training.frames import framed
from training.network import Network, learned

SEED = 23
VARIANT = 0.5  # what an augmented row counts beside a written one
OUT = Path(classifier.__file__).parents[1] / "data"


def main() -> None:
    started = time.monotonic()
    written = [*corpus.rows(), *everyday()]
    made = [*augmented(written, SEED), *contrasts(), *framed(SEED)]
    rows = [*written, *made]
    counts = np.array([1.0] * len(written) + [VARIANT] * len(made), np.float32)
    matrix = vectors([row.text for row in rows])
    print(f"{len(written)} rows, {len(made)} variants, {matrix.nnz // len(rows)} features each", file=sys.stderr)
    truth = np.array([[name in row.labels for name in classifier.HEADS] for row in rows], np.float32)
    write(learned(matrix, truth, counts, SEED), len(written))
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)


def vectors(texts: list[str]) -> sparse.csr_matrix:
    """One row a text: what counts of each bucket, over the length."""
    indices, data, ends = list[int](), list[float](), [0]
    for text in texts:
        found = features(ngrams.sentences(text))
        indices += found.keys()
        long = weights.length(found.total())
        data += [count / long for count in found.values()]
        ends.append(len(indices))
    parts = (np.array(data, np.float32), np.array(indices, np.int32), np.array(ends, np.int32))
    return sparse.csr_matrix(parts, shape=(len(texts), ngrams.BUCKETS))


def write(network: Network, rows: int) -> None:
    """The first layer as bytes, bucket by bucket (a byte a hidden unit, 128 is nothing); the rest in the manifest."""
    scales = np.abs(network.W).max(axis=0) / 127
    levels = np.rint(network.W / scales).astype(int) + 128
    (OUT / "detector.bin").write_bytes(levels.astype(np.uint8).tobytes())
    manifest = {
        "command": "python -m training.train",
        "corpus": corpus.fingerprint(),
        "rows": rows,
        "seed": SEED,
        "buckets": ngrams.BUCKETS,
        "scales": _rounded(scales, 9),
        "biases": _rounded(network.b),
        "heads": {
            name: {"weights": _rounded(network.V[:, at]), "bias": round(float(network.c[at]), 5)}
            for at, name in enumerate(classifier.HEADS)
        },
    }
    (OUT / "detector.json").write_text(json.dumps(manifest) + "\n")


def _rounded(numbers: np.ndarray, digits: int = 5) -> list[float]:
    return [round(float(number), digits) for number in numbers]


if __name__ == "__main__":
    main()
