"""What a normaliser before `rnn_ner` is worth on misspelt tweets.

    python -m spacy rnn prepare wnut17 corpus/wnut17
    python benchmarks/normaliser.py

`rnn_seq2seq` learns to write each word of the train part as it is, and the same words mistyped
by `spacy_rnn.typos.v1` as they should be. `rnn_ner` reads forms and not norms; so the normal
forms are put into a second document, entities are found there and belong to the tokens at the
same places. Entities are scored on gold tokens of dev, as it is and with --rate of its words
mistyped. "known words stay" changes only words that the train part does not have, and only to
words that it has. Finished models are kept in --output and not repeated.
"""

import math
import random
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence

import spacy
import torch
import typer
from accuracy import CORPUS, spacy_command
from pairs import OUTPUT, Row, Run, finished, keep, learn, make_pipe, table, written
from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.training import Example
from speed import docs_of

from spacy_rnn.augmenters import create_typos_augmenter, mistyped

MODEL = {"width": 160, "embed_width": 48, "copy": True}
SLIPS = 3  # mistyped copies of a word beside each true one

Change = Callable[[List[str]], List[str]]


def pairs_of(words: Sequence[str]) -> List[Row]:
    """What the normaliser learns: frequent words more often, but not by as much."""
    rows = []
    for word, n in Counter(words).items():
        for _ in range(1 + int(math.log2(n))):
            slips = [mistyped(word) for _ in range(SLIPS)]
            rows += [Row(slip, word) for slip in [word, *slips]]
    return rows


def normaliser(path: Path, words: Sequence[str], steps: int, seed: int) -> Any:
    """Train one, or load it."""
    nlp, pipe = make_pipe(MODEL, seed, strategy=["dictionary", "decoder"])
    if not path.exists():
        rows = pairs_of(words)
        dev = [Row(mistyped(word), word) for word in random.sample(sorted(set(words)), 500)]
        keep(path, nlp, learn(nlp, pipe, rows, dev, Run(steps, drop=0.1, seed=seed)))
    return spacy.load(path.with_suffix(""))


def recogniser(path: Path, corpus: str, steps: int, seed: int) -> Any:
    """Train `rnn_ner`, or load it."""
    if not path.exists():
        paths = [f"--paths.{p}={CORPUS / corpus / p}.spacy" for p in ("train", "dev")]
        settings = [f"--training.max_steps={steps}", f"--system.seed={seed}"]
        settings += ["--components.rnn_ner.missed_cost=3.0", f"--output={path}"]
        log = path.with_suffix(".log")
        spacy_command("train", "configs/rnn_ner.cfg", *paths, *settings, log=log)
    return spacy.load(path / "model-best")


def misspelt(nlp: Any, docs: Sequence[Doc], rate: float) -> List[Doc]:
    """Each document with so many of its words mistyped, entities and all."""
    augment = create_typos_augmenter(1.0, rate)
    return [list(augment(nlp, Example(doc, doc)))[1].reference for doc in docs]


def with_entities(nlp: Any, words: List[str], doc: Doc) -> Doc:
    """Words, and the entities of a document with as many."""
    tags = [f"{token.ent_iob_}-{token.ent_type_}".removesuffix("-") for token in doc]
    return Doc(nlp.vocab, words=words, ents=tags)


def entity_f(nlp: Any, docs: Sequence[Doc], change: Change) -> Dict[str, float]:
    """F1, and the share of words that are changed."""
    examples, changed = [], []
    for gold in docs:
        words = [token.text for token in gold]
        new = change(words)
        changed += [a != b for a, b in zip(words, new)]
        found = nlp(Doc(nlp.vocab, words=[word or " " for word in new]))
        pair = [with_entities(nlp, words, doc) for doc in (found, gold)]
        examples.append(Example(*pair))
    scores = Scorer.score_spans(examples, "ents", allow_overlap=False)
    return {"f": 100 * scores["ents_f"], "changed": 100 * sum(changed) / len(changed)}


def main(
    corpus: str = "wnut17",
    rate: float = 0.3,
    steps: int = 2000,
    ner_steps: int = 1600,
    seed: int = 0,
    output: Path = OUTPUT,
) -> None:
    """Train both, and print F1 with and without the normaliser."""
    output.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    words = [t.text for doc in docs_of(corpus, "train") for t in doc]
    path = output / f"normaliser-{corpus}-{steps}-{seed}.json"
    nlp = normaliser(path, words, steps, seed)
    pipe, known = nlp.get_pipe("rnn_seq2seq"), set(words)
    ner = recogniser(
        output / f"normaliser-{corpus}-ner-{ner_steps}-{seed}", corpus, ner_steps, seed
    )

    def all_words(source: List[str]) -> List[str]:
        return written(nlp, pipe, [Row(word, "") for word in source])

    def unknown_words(source: List[str]) -> List[str]:
        pairs = zip(source, all_words(source))
        return [new if word not in known and new in known else word for word, new in pairs]

    clean = docs_of(corpus, "dev", ner.vocab)
    random.seed(seed)
    texts = {"dev": clean, f"dev, {rate:.0%} mistyped": misspelt(ner, clean, rate)}
    changes: Dict[str, Change] = {
        "nothing": list,
        "normaliser": all_words,
        "normaliser, known words stay": unknown_words,
    }
    rows = []
    for name, docs in texts.items():
        for how, change in changes.items():
            found = entity_f(ner, docs, change)
            rows.append([name, how, found["f"], found["changed"]])
    print(f"normaliser: {finished(path)['minutes']:.1f} minutes")
    table(["text", "before rnn_ner", "F1", "words changed, %"], rows)


if __name__ == "__main__":
    typer.run(main)
