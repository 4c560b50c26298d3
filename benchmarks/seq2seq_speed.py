"""Words per second of a lemmatizer and of letters to phonemes, on one thread.

    SPACY_RNN_DATA=folder python benchmarks/seq2seq_speed.py --g2p G2P
    python benchmarks/seq2seq_speed.py --lemmatizer LEMMATIZER --spacys SPACYS --corpus ewt

LEMMATIZER, SPACYS and G2P are pipelines that lemmas.py and g2p.py keep in training/seq2seq: of
`rnn_seq2seq`, of `trainable_lemmatizer`, and of phonemes.

The component alone, from gold tokens and tags to what is written on them, in batches of 256
documents; all in turn in one process, median (least to most). Seconds are those of the processor,
so that other programs do not count. "warm" is running text whose forms
were met before. "cold" is each form of it once, with its tags, nothing remembered and the
dictionary not asked. spaCy's remembers nothing, and reads the sentences in both cases.
"""

import statistics
import time
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import spacy
import torch
import typer
from g2p import read as read_words
from lemmas import form, of_types, read
from pairs import Row, as_doc, table
from spacy.tokens import Doc
from spacy.util import minibatch

BATCH = 256
TYPES = 64  # of a document that holds distinct forms
WORDS = 3000  # of the test part of CMUdict
GOALS = {"lemmas, warm": 20000, "lemmas, cold": 2000, "phonemes, cold": 1000}


def speed(pipe: Any, docs: List[Doc]) -> float:
    """Words per second."""
    copies = [doc.copy() for doc in docs]
    start = time.process_time()
    for some in minibatch(copies, BATCH):
        pipe.set_annotations(some, pipe.predict(some))
    return sum(map(len, docs)) / (time.process_time() - start)


def cold(pipe: Any, docs: List[Doc], beam_width: int = 1) -> float:
    """Words per second of the decoder. What is remembered belongs to the settings of the
    search, and is forgotten with them.
    """
    before = pipe.strategy, pipe.beam_width
    pipe.strategy, pipe.beam_width, pipe.alpha = ["decoder"], beam_width, pipe.alpha + 1e-9
    found = speed(pipe, docs)
    pipe.strategy, pipe.beam_width = before
    return found


def warm(pipe: Any, docs: List[Doc]) -> float:
    """Words per second when all of them were met."""
    speed(pipe, docs)
    return speed(pipe, docs)


def distinct(nlp: Any, docs: List[Doc], features: List[str]) -> List[Doc]:
    """Each form of some documents once, with its tags."""
    forms = sorted({form(token, features) for doc in docs for token in doc})
    batches = ([(*f, "") for f in some] for some in minibatch(forms, TYPES))
    return [of_types(nlp, rows, features).predicted for rows in batches]


def in_turn(measures: Dict[str, Callable[[], float]], rounds: int) -> None:
    """Measure everything, again and again, and print a table."""
    speeds: Dict[str, List[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            speeds[name].append(measure())
    found = {
        name: f"{statistics.median(of):,.0f} ({min(of):,.0f} to {max(of):,.0f})"
        for name, of in speeds.items()
    }
    table(["", "words/s", "target"], [[n, f, GOALS.get(n, "")] for n, f in found.items()])


def of_lemmas(
    corpus: str, features: str, lemmatizer: Path, spacys: Path
) -> Dict[str, Callable[[], float]]:
    """What is measured of lemmas."""
    names, part = features.split(","), Path("corpus") / corpus / "dev.spacy"
    ours, theirs = (spacy.load(path) for path in (lemmatizer, spacys))
    pipe, other = (nlp.get_pipe(nlp.pipe_names[0]) for nlp in (ours, theirs))
    texts, same = ([eg.predicted for eg in read(nlp, part, names)] for nlp in (ours, theirs))
    return {
        "lemmas, warm": partial(warm, pipe, texts),
        "spaCy's trainable_lemmatizer": partial(speed, other, same),
        "lemmas, cold": partial(cold, pipe, distinct(ours, texts, names)),
    }


def of_phonemes(g2p: Path) -> Dict[str, Callable[[], float]]:
    """What is measured of phonemes."""
    nlp = spacy.load(g2p)
    pipe = nlp.get_pipe(nlp.pipe_names[0])
    words = sorted({row.source for row in read_words("ref")})[:: 12000 // WORDS]
    said = [as_doc(nlp, [Row(word, "") for word in some]) for some in minibatch(words, TYPES)]
    return {
        "phonemes, cold": partial(cold, pipe, said),
        "phonemes, cold, beam of 4": partial(cold, pipe, said, beam_width=4),
    }


def main(
    corpus: str = "ewt",
    features: str = "pos",
    lemmatizer: Optional[Path] = None,
    spacys: Optional[Path] = None,
    g2p: Optional[Path] = None,
    rounds: int = 5,
) -> None:
    """Measure what there are pipelines for, and print."""
    torch.set_num_threads(1)
    lemmas = of_lemmas(corpus, features, lemmatizer, spacys) if lemmatizer and spacys else {}
    in_turn({**lemmas, **(of_phonemes(g2p) if g2p else {})}, rounds)


if __name__ == "__main__":
    typer.run(main)
