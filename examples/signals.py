"""Classify sequences of measurements with the components that read texts.

    python examples/signals.py [FOLDER]

writes train.npz, dev.npz and test.npz to the folder (corpus/signals if none is named), trains a
recurrent net and its control without recurrence, and prints the accuracy of both on test; about
half a minute on one core. The same with spaCy's own command:

    python -m spacy train examples/signals.cfg --paths.train corpus/signals/train.npz \\
      --paths.dev corpus/signals/dev.npz --output training/signals

The recordings are made here: a valve and a pump, three sensors, noise. The valve opens and then
the pump runs ("normal"), or the pump runs and then the valve opens ("fault"), or neither
("idle"). The two events look the same in both orders, so that the mean of a recording tells idle
from the rest, but of normal and fault it says nothing: without the order two in three are right.
"""

import sys
from pathlib import Path
from typing import Any, Dict, List

import numpy
import spacy
from spacy.language import Language
from spacy.training import Example
from spacy.util import minibatch
from thinc.api import Adam, fix_random_seed

from spacy_rnn.readers import create_tensor_corpus

LABELS = ("fault", "idle", "normal")
SIZES = {"train": 600, "dev": 150, "test": 600}
EVENT = 12  # rows that an event takes


def recording(rng: numpy.random.Generator, label: str) -> numpy.ndarray:
    """One recording; from generators in the same state, normal and fault have the same mean.

    RETURNS (numpy.ndarray): Opening of the valve, vibration of the pump, temperature in degrees.
        *Shape:* ``(40 to 80, 3)``
    """
    n = int(rng.integers(40, 81))
    rows = rng.normal(0, 0.3, size=(n, 3))
    rows[:, 2] += 20 + rng.normal(0, 0.5, size=n).cumsum()
    first = int(rng.integers(0, n - 2 * EVENT + 1))
    second = int(rng.integers(first + EVENT, n - EVENT + 1))
    valve, pump = (first, second) if label == "normal" else (second, first)
    if label != "idle":
        rows[valve : valve + EVENT, 0] += 1
        rows[pump : pump + EVENT, 1] += 1 + numpy.sin(numpy.arange(EVENT))
    return rows


def write_recordings(path: Path, n: int, seed: int) -> None:
    """Write so many recordings as `spacy_rnn.TensorCorpus.v1` reads them."""
    rng = numpy.random.default_rng(seed)
    labels = [LABELS[i % len(LABELS)] for i in range(n)]
    rows = [recording(rng, label) for label in labels]
    numpy.savez(
        path,
        vectors=numpy.concatenate(rows).astype("float32"),
        lengths=numpy.array([len(r) for r in rows]),
        labels=numpy.array(labels, dtype=str),
    )


EMBED = {"@architectures": "spacy_rnn.TensorEmbed.v1", "normalize": True}
RECURRENT = {
    "@architectures": "spacy_rnn.SequenceClassifier.v1",
    "pooling": ["last"],
    "ngrams": 0,  # there are no words
    "tok2vec": {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": EMBED,
        "encode": {"@architectures": "spacy_rnn.RNNEncoder.v1", "width": 32, "cell": "gru"},
    },
}
CONTROL = {"@architectures": "spacy_rnn.MLPClassifier.v1", "tok2vec": EMBED}


def train(model: Dict[str, Any], examples: List[Example], epochs: int) -> Language:
    """A pipeline that has seen the examples so many times."""
    fix_random_seed(0)
    nlp = spacy.blank("xx")
    nlp.add_pipe("rnn_sentiment", config={"model": model})
    nlp.initialize(lambda: examples)
    optimizer, rng = Adam(0.005), numpy.random.default_rng(0)
    for _ in range(epochs):
        order = (examples[i] for i in rng.permutation(len(examples)))
        for batch in minibatch(order, 32):
            nlp.update(batch, sgd=optimizer)
    return nlp


def accuracy(nlp: Language, examples: List[Example]) -> float:
    """The share of recordings whose most probable label is the right one."""
    docs = nlp.pipe(eg.predicted.copy() for eg in examples)
    pairs = [(doc.cats, eg.reference.cats) for doc, eg in zip(docs, examples)]
    return sum(max(cats, key=cats.get) == max(gold, key=gold.get) for cats, gold in pairs) / len(
        pairs
    )


def main(folder: Path, sizes: Dict[str, int] = SIZES, epochs: int = 15) -> Dict[str, float]:
    """Write the recordings, train both, print and return what they get right on test."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (part, n) in enumerate(sizes.items()):
        write_recordings(folder / f"{part}.npz", n, seed)
    read = {
        part: list(create_tensor_corpus(folder / f"{part}.npz")(spacy.blank("xx")))
        for part in sizes
    }
    scores = {}
    for name, model in (("recurrent", RECURRENT), ("control", CONTROL)):
        nlp = train(model, read["train"], epochs)
        scores[name] = accuracy(nlp, read["test"])
        print(f"{name:10} {100 * scores[name]:5.1f} % of {len(read['test'])} recordings right")
    return scores


if __name__ == "__main__":
    main(Path(*sys.argv[1:2] or ["corpus/signals"]))
