"""Lemmas on gold tokens and gold tags: all forms, and those that training never met.

    python -m spacy rnn prepare ud_english_ewt corpus/ewt
    python benchmarks/lemmas.py ewt --features pos
    python benchmarks/lemmas.py ud_turkish_framenet --features pos,morph

`rnn_seq2seq` learns each distinct (form, tags, lemma) of the train part, as often as the logarithm
of its count says, and not each token. The epoch that is best on dev is scored on test, once. The
second line asks only the decoder.
"""

import math
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import spacy
import torch
import typer
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch
from thinc.api import Adam, warmup_linear

from spacy_rnn.components.knowledge import entry

ATTRIBUTES = {"pos": "pos_", "morph": "morph"}
TYPES = 32  # of a document that is learnt from


def read(nlp: Language, path: Path, features: List[str]) -> List[Example]:
    """Documents with nothing but their words and those tags, beside the gold ones."""
    names = [name.upper() for name in features]
    examples = []
    for gold in DocBin().from_disk(path).get_docs(nlp.vocab):
        words, spaces = [t.text for t in gold], [bool(t.whitespace_) for t in gold]
        bare = Doc(nlp.vocab, words=words, spaces=spaces)
        bare.from_array(names, gold.to_array(names))
        examples.append(Example(bare, gold))
    return examples


def types(nlp: Language, examples: List[Example], features: List[str]) -> List[Example]:
    """Each distinct token of the examples, once and for the logarithm of its count again."""
    counts = Counter(
        (t.text, t.lemma_, *(str(getattr(t, ATTRIBUTES[f])) for f in features))
        for eg in examples
        for t in eg.reference
        if t.lemma_
    )
    rows = [row for row, n in counts.items() for _ in range(1 + int(math.log2(n)))]
    random.shuffle(rows)
    return [eg for some in minibatch(rows, TYPES) for eg in [of_types(nlp, some, features)]]


def of_types(nlp: Language, rows: List[Tuple[str, ...]], features: List[str]) -> Example:
    words, lemmas, *tags = zip(*rows)
    given: Dict[str, Any] = {
        {"pos": "pos", "morph": "morphs"}[name]: list(values)
        for name, values in zip(features, tags)
    }
    gold = Doc(nlp.vocab, words=words, lemmas=list(lemmas), **given)
    return Example(Doc(nlp.vocab, words=words, **given), gold)


def accuracy(pipe: Any, examples: List[Example]) -> Tuple[float, float, float]:
    """Of all forms, of unseen ones (with these tags), and the share that is unseen."""
    right, unseen, units = [], [], pipe.units
    for eg, found in zip(examples, pipe.predict([eg.predicted for eg in examples])):
        sources = pipe.place.sources(eg.predicted, units)
        for token, written, source in zip(eg.reference, found, sources):
            if token.lemma_:
                right.append(written.text == token.lemma_)
                unseen.append(entry(source, units) not in pipe.cfg["dictionary"])
    new = [r for r, u in zip(right, unseen) if u]
    return (
        100 * sum(right) / len(right),
        100 * sum(new) / max(len(new), 1),
        100 * len(new) / len(right),
    )


def train(
    nlp: Language, pipe: Any, examples: List[Example], dev: List[Example], epochs: int
) -> Iterator[Tuple[int, float]]:
    """Learn, and give the accuracy on dev after each epoch."""
    steps = epochs * math.ceil(len(examples) / 4)
    optimizer = Adam(learn_rate=warmup_linear(0.003, 100, steps), L2=0.0, grad_clip=0.0)
    for epoch in range(epochs):
        random.shuffle(examples)
        for batch in minibatch(examples, 4):
            nlp.update(batch, sgd=optimizer, drop=0.3)
            optimizer.step_schedules()
        yield epoch, accuracy(pipe, dev)[0]


def main(
    corpus: str, features: str = "pos", epochs: int = 12, seed: int = 0, width: int = 200
) -> None:
    """Train, and print the scores on test."""
    fix_random_seed(seed)
    torch.set_num_threads(1)
    nlp, names = spacy.blank("en"), features.split(",")
    model = {"width": width, "copy": True}
    config = {"features": names, "model": model, "label_smoothing": 0.05, "scorer": None}
    pipe: Any = nlp.add_pipe("rnn_seq2seq", config=config)
    folder = Path("corpus") / corpus
    parts = (read(nlp, folder / f"{part}.spacy", names) for part in ("train", "dev", "test"))
    examples, dev, test = parts
    nlp.initialize(lambda: examples)
    start, best, kept = time.perf_counter(), 0.0, b""
    for epoch, score in train(nlp, pipe, types(nlp, examples, names), dev, epochs):
        print(f"epoch {epoch}: dev {score:.2f}, {time.perf_counter() - start:.0f} s", flush=True)
        if score > best:
            best, kept = score, pipe.model.to_bytes()
    pipe.model.from_bytes(kept)
    minutes = (time.perf_counter() - start) / 60
    print("| corpus | tags | asked | all forms | unseen forms | share unseen | dev | minutes |")
    print("|---|---|---|---|---|---|---|---|")
    for strategy in (["dictionary", "decoder"], ["decoder"]):
        pipe.strategy = strategy
        scores = " | ".join(f"{value:.2f}" for value in accuracy(pipe, test))
        asked = " + ".join(strategy)
        print(f"| {corpus} | {features} | {asked} | {scores} | {best:.2f} | {minutes:.0f} |")


if __name__ == "__main__":
    typer.run(main)
