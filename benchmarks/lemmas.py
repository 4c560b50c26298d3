"""Lemmas on gold tokens and gold tags: all forms, and those that training never met.

    python -m spacy rnn prepare ud_english_ewt corpus/ewt
    python benchmarks/lemmas.py ewt --features pos
    python benchmarks/lemmas.py ud_turkish_framenet --features pos,morph \
        --systems trainable_lemmatizer,trainable_lemmatizer+tags --epochs 20

`rnn_seq2seq` learns each distinct (form, tags, lemma) of the train part, as often as the logarithm
of its count says, and not each token. Its second line asks only the decoder.
`trainable_lemmatizer` is spaCy's, by edit trees, over the CNN of its quickstart; it learns from
sentences. "+tags" gives its CNN the same gold tags. The epoch that is best on dev is scored on
test, once; finished runs are kept in --output and not repeated.
"""

import math
import random
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Set, Tuple

import spacy
import torch
import typer
from pairs import OUTPUT, finished, keep, table
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Token
from spacy.training import Example, minibatch_by_words
from spacy.util import fix_random_seed, minibatch
from thinc.api import Adam, compounding, warmup_linear

ATTRIBUTES = {"pos": "pos_", "morph": "morph"}
OURS, SPACYS, TAGS = "rnn_seq2seq", "trainable_lemmatizer", "+tags"
WIDTH = 200  # of our states
TYPES = 32  # of a document that is learnt from
WORDS = 100, 1000, 1.001  # of a batch for spaCy: first, last and by how much it grows
ROWS = {"NORM": 5000, "PREFIX": 1000, "SUFFIX": 2500, "SHAPE": 2500}  # of spaCy's hashed tables

Parts = Tuple[List[Example], List[Example], List[Example]]
Scores = Tuple[float, float, float]


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


def form(token: Token, features: List[str]) -> Tuple[str, ...]:
    """What is known of a token."""
    return (token.text, *(str(getattr(token, ATTRIBUTES[f])) for f in features))


def types(nlp: Language, examples: List[Example], features: List[str]) -> List[Example]:
    """Each distinct token of the examples, once and for the logarithm of its count again."""
    tokens = (t for eg in examples for t in eg.reference if t.lemma_)
    counts = Counter((*form(t, features), t.lemma_) for t in tokens)
    rows = [row for row, n in counts.items() for _ in range(1 + int(math.log2(n)))]
    random.shuffle(rows)
    return [eg for some in minibatch(rows, TYPES) for eg in [of_types(nlp, some, features)]]


def of_types(nlp: Language, rows: List[Tuple[str, ...]], features: List[str]) -> Example:
    words, *tags, lemmas = zip(*rows)
    given: Dict[str, Any] = {
        {"pos": "pos", "morph": "morphs"}[name]: list(values)
        for name, values in zip(features, tags)
    }
    gold = Doc(nlp.vocab, words=words, lemmas=list(lemmas), **given)
    return Example(Doc(nlp.vocab, words=words, **given), gold)


def accuracy(
    pipe: Any, examples: List[Example], seen: Set[Tuple[str, ...]], features: List[str]
) -> Scores:
    """Of all forms, of unseen ones (with these tags), and the share that is unseen."""
    right: Dict[bool, List[bool]] = {True: [], False: []}
    for some in minibatch(examples, 256):
        docs = [eg.predicted for eg in some]
        pipe.set_annotations(docs, pipe.predict(docs))
        for token, gold in ((t, g) for eg in some for t, g in zip(eg.predicted, eg.reference)):
            if gold.lemma_:
                new = form(token, features) not in seen
                right[new].append(token.lemma_ == gold.lemma_)
    both = right[True] + right[False]
    new = right[True]
    shares = sum(both) / len(both), sum(new) / max(len(new), 1), len(new) / len(both)
    return tuple(100 * share for share in shares)


def add_ours(nlp: Language, features: List[str]) -> Any:
    config = {
        "features": features,
        "model": {"width": WIDTH, "copy": True},
        "label_smoothing": 0.05,
        "overwrite": True,
        "scorer": None,
    }
    return nlp.add_pipe(OURS, config=config)


def add_spacys(nlp: Language, tags: List[str]) -> Any:
    rows = {**ROWS, **{name.upper(): 1000 for name in tags}}
    embed = {"@architectures": "spacy.MultiHashEmbed.v2", "width": 96, "attrs": list(rows)}
    encode = {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": 96, "window_size": 1}
    tok2vec = {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {**embed, "rows": list(rows.values()), "include_static_vectors": False},
        "encode": {**encode, "maxout_pieces": 3, "depth": 4},
    }
    model = {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}
    return nlp.add_pipe(SPACYS, config={"model": model, "overwrite": True, "scorer": None})


def epochs_of_ours(nlp: Language, examples: List[Example], epochs: int) -> Iterator[int]:
    """Learn from documents of types; after each epoch its number is given."""
    steps = epochs * math.ceil(len(examples) / 4)
    rates = warmup_linear(0.003, 100, steps)
    optimizer = Adam(learn_rate=rates, L2=0.0, grad_clip=0.0, use_averages=False)
    yield from learn(nlp, examples, epochs, partial(minibatch, size=4), optimizer, 0.3)


def epochs_of_spacys(nlp: Language, examples: List[Example], epochs: int) -> Iterator[int]:
    """Learn from sentences, with the rates of spaCy's quickstart."""
    optimizer = Adam(learn_rate=0.001, L2=0.01, grad_clip=1.0, use_averages=True)
    sizes = compounding(*WORDS)
    batches = partial(minibatch_by_words, size=sizes)
    for epoch in learn(nlp, examples, epochs, batches, optimizer, 0.1):
        with nlp.use_params(optimizer.averages):
            yield epoch


def learn(
    nlp: Language,
    examples: List[Example],
    epochs: int,
    batches: Callable[[List[Example]], Iterable[List[Example]]],
    optimizer: Adam,
    drop: float,
) -> Iterator[int]:
    for epoch in range(epochs):
        random.shuffle(examples)
        for batch in batches(examples):
            nlp.update(batch, sgd=optimizer, drop=drop)
            optimizer.step_schedules()
        yield epoch


def run(path: Path, corpus: str, system: str, names: List[str], how: Dict[str, int]) -> Any:
    """Train one system and score it once."""
    fix_random_seed(how["seed"])
    torch.set_num_threads(1)
    nlp = spacy.blank("en")
    tags = names if system.endswith(TAGS) else []
    pipe = add_ours(nlp, names) if system == OURS else add_spacys(nlp, tags)
    folder = Path("corpus") / corpus
    parts = (read(nlp, folder / f"{part}.spacy", names) for part in ("train", "dev", "test"))
    examples, dev, test = parts
    nlp.initialize(lambda: examples)
    seen = {form(t, names) for eg in examples for t in eg.reference if t.lemma_}
    if system == OURS:
        epochs = epochs_of_ours(nlp, types(nlp, examples, names), how["epochs"])
    else:
        epochs = epochs_of_spacys(nlp, examples, how["epochs"])
    start, best, kept = time.process_time(), 0.0, b""
    for epoch in epochs:
        score = accuracy(pipe, dev, seen, names)[0]
        minutes = (time.process_time() - start) / 60  # of one core
        print(f"{system}, epoch {epoch}: dev {score:.2f}, {minutes:.1f} minutes", flush=True)
        if score > best:
            best, kept = score, pipe.model.to_bytes()
    pipe.model.from_bytes(kept)
    result: Dict[str, Any] = {"dev": best, "minutes": minutes}
    for asked in (["dictionary", "decoder"], ["decoder"]) if system == OURS else [["edit trees"]]:
        if system == OURS:
            pipe.strategy = asked
        result[" + ".join(asked)] = accuracy(pipe, test, seen, names)
    return keep(path, nlp, result)


def main(
    corpus: str,
    features: str = "pos",
    epochs: int = 12,
    seed: int = 0,
    systems: str = OURS,
    output: Path = OUTPUT,
) -> None:
    """Train, and print the scores on test."""
    output.mkdir(parents=True, exist_ok=True)
    rows, how = [], {"epochs": epochs, "seed": seed}
    for system in systems.split(","):
        path = output / f"lemmas-{corpus}-{system}-{features}-{epochs}-{seed}.json"
        found = finished(path) or run(path, corpus, system, features.split(","), how)
        last = [found.pop(key) for key in ("dev", "minutes")]
        rows += [[corpus, system, asked, *scores, *last] for asked, scores in found.items()]
    scored = ["all forms", "unseen forms", "share unseen", "dev", "minutes"]
    table(["corpus", "system", "asked", *scored], rows)


if __name__ == "__main__":
    typer.run(main)
