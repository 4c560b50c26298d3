"""Flair's SequenceTagger on the data of benchmarks/accuracy.py and benchmarks/tagging.py: GloVe and
characters, a BiLSTM, a CRF. Runs in an environment of its own, and needs no network:

    python -m venv .venv-flair
    .venv-flair/bin/python -m pip install -c constraints.txt torch spacy thinc numpy
    .venv-flair/bin/python -m pip install flair gensim && .venv-flair/bin/python -m pip install -e .
    .venv-flair/bin/python benchmarks/flair_tagger.py uner --vectors vectors/glove50
    .venv-flair/bin/python benchmarks/flair_tagger.py ewt --tag pos --vectors vectors/glove50

Flair's own recipe (SGD with 0.1, batches of 32, the rate is halved when dev F1 does not rise), on
one thread, stopped after --minutes of processor time. Of the best model and the last one that which
is better on dev is scored on test, once.
`benchmarks/accuracy.py --systems flair` and `benchmarks/tagging.py --systems flair` call this and
put the row into their tables.
"""

import json
import os
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import numpy
import spacy
import torch
import typer
from flair.data import Corpus, Dictionary, Sentence
from flair.datasets import FlairDatapointDataset
from flair.embeddings import CharacterEmbeddings, StackedEmbeddings, WordEmbeddings
from flair.models import SequenceTagger
from flair.trainers import ModelTrainer
from flair.trainers.plugins import TrainerPlugin, TrainingInterrupt
from gensim.models import KeyedVectors
from spacy.tokens import Doc, DocBin, Span

PARTS = ("train", "dev", "test")
MAIN = {"pos": "pos_acc", "ner": "ents_f"}  # the score that picks the best model
Scores = Dict[str, float]


class Limit(TrainerPlugin):
    """Ends the training after so many minutes of processor time: other programs do not count."""

    def __init__(self, minutes: float) -> None:
        super().__init__()
        self.minutes, self.epochs = minutes, 0

    @TrainerPlugin.hook
    def after_training_batch(self, **kw: Any) -> None:
        if time.process_time() > 60 * self.minutes:
            raise TrainingInterrupt(f"{self.minutes} minutes are over")

    @TrainerPlugin.hook
    def after_evaluation(self, **kw: Any) -> None:
        self.epochs += 1


def read(corpus: str, part: str, tag: str) -> List[Sentence]:
    """The documents of a part that are not empty, for parts of speech its sentences: Flair has no
    empty sentence.
    """
    path = Path("corpus") / corpus / f"{part}.spacy"
    docs = list(DocBin().from_disk(path).get_docs(spacy.blank("en").vocab))
    if tag == "pos":
        return [with_pos(sent) for doc in docs for sent in doc.sents]
    return [with_ents(doc) for doc in docs if len(doc) and doc.text.strip()]


def with_pos(sent: Span) -> Sentence:
    """The same tokens with their coarse parts of speech."""
    made = Sentence([token.text for token in sent])
    for token, copy in zip(sent, made):
        copy.add_label("pos", token.pos_)
    return made


def with_ents(doc: Doc) -> Sentence:
    """The same tokens, without those of white space, and entities as Flair has them."""
    tokens = [token for token in doc if not token.is_space]
    place = {token.i: n for n, token in enumerate(tokens)}
    made = Sentence([token.text for token in tokens])
    for ent in doc.ents:
        made[place[ent.start] : place[ent.end - 1] + 1].add_label("ner", ent.label_)
    return made


def glove(pipeline: str, folder: Path) -> WordEmbeddings:
    """The vectors of a spaCy pipeline in a file that Flair reads."""
    path = folder / "vectors.kv"
    if not path.exists():
        vocab = spacy.load(pipeline).vocab
        rows = {vocab.strings[key]: row for key, row in vocab.vectors.key2row.items()}
        found = KeyedVectors(vocab.vectors.data.shape[1])
        data = numpy.asarray(vocab.vectors.data)[list(rows.values())]
        found.add_vectors(list(rows), data)
        found.save(str(path))
    return WordEmbeddings(str(path))


def characters(sentences: List[Sentence]) -> Dictionary:
    """The characters of the training data."""
    known = Dictionary(add_unk=True)
    for char in sorted({c for each in sentences for token in each for c in token.text}):
        known.add_item(char)
    return known


def train(
    parts: Dict[str, List[Sentence]], tag: str, vectors: Optional[str], minutes: float, folder: Path
) -> Tuple[SequenceTagger, int]:
    """The tagger that is best on dev, and the whole epochs that it had time for."""
    data = {part: FlairDatapointDataset(parts[part]) for part in PARTS[:2]}
    corpus = Corpus(**data, sample_missing_splits=False)
    layers = [CharacterEmbeddings(characters(parts["train"]))]
    if vectors is not None:
        layers.insert(0, glove(vectors, folder))
    tagger = SequenceTagger(
        embeddings=StackedEmbeddings(layers),
        tag_dictionary=corpus.make_label_dictionary(tag, add_unk=False),
        tag_type=tag,
        hidden_size=256,
        use_crf=True,
    )
    limit = Limit(minutes)
    settings = {"learning_rate": 0.1, "mini_batch_size": 32, "patience": 1, "max_epochs": 150}
    trainer = ModelTrainer(tagger, corpus)
    trainer.train(folder, plugins=[limit], **settings)
    saved = [path for name in ("best", "final") if (path := folder / f"{name}-model.pt").exists()]
    taggers = [SequenceTagger.load(path) for path in saved]
    return max(taggers, key=lambda each: score(each, parts["dev"])[MAIN[tag]]), limit.epochs


def score(tagger: SequenceTagger, sentences: List[Sentence]) -> Scores:
    """Scores, 0 to 1, counted here and not by Flair."""
    tagger.predict(sentences, label_name="found", mini_batch_size=64)
    return {"pos": accuracy, "ner": entity_scores}[tagger.tag_type](sentences)


def accuracy(sentences: List[Sentence]) -> Scores:
    """The share of tokens with the right part of speech."""
    tokens = [token for each in sentences for token in each]
    right = sum(t.get_label("pos").value == t.get_label("found").value for t in tokens)
    return {"pos_acc": right / len(tokens)}


def entity_scores(sentences: List[Sentence]) -> Scores:
    """Micro-averaged scores of entities."""
    gold, found = ([spans(each, label) for each in sentences] for label in ("ner", "found"))
    right = sum(len(a & b) for a, b in zip(gold, found))
    p, r = (right / max(sum(map(len, side)), 1) for side in (found, gold))
    return {"ents_p": p, "ents_r": r, "ents_f": 2 * p * r / max(p + r, 1e-9)}


def spans(of: Sentence, label: str) -> set:
    """Start, end and label of each entity."""
    return {(s[0].idx, s[-1].idx, s.get_label(label).value) for s in of.get_spans(label)}


def main(
    corpus: str,
    tag: str = "ner",
    vectors: Optional[str] = None,
    minutes: float = 15.0,
    seed: int = 0,
    output: Path = Path("training/flair"),
    result: Optional[Path] = None,
) -> None:
    """Train, score on test, print a row of the table and write it as JSON."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 1)))
    import flair

    flair.set_seed(seed)
    folder = output / f"{corpus}-{'vectors' if vectors else 'none'}-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    parts = {part: read(corpus, part, tag) for part in PARTS}
    tagger, epochs = train(parts, tag, vectors, minutes, folder)
    spent = time.process_time() / 60
    dev = score(tagger, parts["dev"])[MAIN[tag]]
    scores = {**score(tagger, parts["test"]), "dev_f": dev}
    found = {**scores, "minutes": spent, "epochs": epochs}
    (result or folder / "scores.json").write_text(json.dumps(found))
    cells = [f"{key} {100 * value:.2f}" for key, value in scores.items()]
    row = [corpus, vectors or "none", "Flair", "1", *cells, f"{spent:.0f}"]
    print(f"| {' | '.join(row)} |  {epochs} epochs")


if __name__ == "__main__":
    typer.run(main)
