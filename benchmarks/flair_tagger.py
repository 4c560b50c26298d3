"""Flair's SequenceTagger on the data of benchmarks/accuracy.py: GloVe and characters, a BiLSTM, a
CRF. Runs in an environment of its own, and needs no network:

    python -m venv .venv-flair
    .venv-flair/bin/python -m pip install -c constraints.txt torch spacy thinc numpy
    .venv-flair/bin/python -m pip install flair gensim && .venv-flair/bin/python -m pip install -e .
    .venv-flair/bin/python benchmarks/flair_tagger.py uner --vectors vectors/glove50

Flair's own recipe (SGD with 0.1, batches of 32, the rate is halved when dev F1 does not rise), on
one thread, stopped after --minutes of processor time. Of the best model and the last one that which
is better on dev is scored on test, once.
`benchmarks/accuracy.py --systems flair` calls this and puts the row into its table.
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
from spacy.tokens import Doc, DocBin

PARTS = ("train", "dev", "test")
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


def read(corpus: str, part: str) -> List[Doc]:
    """The documents of a part that are not empty: Flair has no empty sentence."""
    path = Path("corpus") / corpus / f"{part}.spacy"
    docs = DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    return [doc for doc in docs if len(doc) and doc.text.strip()]


def sentence(doc: Doc) -> Sentence:
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
    parts: Dict[str, List[Sentence]], vectors: Optional[str], minutes: float, folder: Path
) -> Tuple[SequenceTagger, int]:
    """The tagger that is best on dev, and the whole epochs that it had time for."""
    data = {part: FlairDatapointDataset(parts[part]) for part in PARTS[:2]}
    corpus = Corpus(**data, sample_missing_splits=False)
    layers = [CharacterEmbeddings(characters(parts["train"]))]
    if vectors is not None:
        layers.insert(0, glove(vectors, folder))
    tagger = SequenceTagger(
        embeddings=StackedEmbeddings(layers),
        tag_dictionary=corpus.make_label_dictionary("ner", add_unk=False),
        tag_type="ner",
        hidden_size=256,
        use_crf=True,
    )
    limit = Limit(minutes)
    settings = {"learning_rate": 0.1, "mini_batch_size": 32, "patience": 1, "max_epochs": 150}
    trainer = ModelTrainer(tagger, corpus)
    trainer.train(folder, plugins=[limit], **settings)
    saved = [path for name in ("best", "final") if (path := folder / f"{name}-model.pt").exists()]
    taggers = [SequenceTagger.load(path) for path in saved]
    return max(taggers, key=lambda each: score(each, parts["dev"])["ents_f"]), limit.epochs


def score(tagger: SequenceTagger, sentences: List[Sentence]) -> Scores:
    """Micro-averaged scores of entities, 0 to 1, counted here and not by Flair."""
    gold = [spans(each) for each in sentences]
    tagger.predict(sentences, label_name="found", mini_batch_size=64)
    found = [spans(each, "found") for each in sentences]
    right = sum(len(a & b) for a, b in zip(gold, found))
    p, r = (right / max(sum(map(len, side)), 1) for side in (found, gold))
    return {"ents_p": p, "ents_r": r, "ents_f": 2 * p * r / max(p + r, 1e-9)}


def spans(of: Sentence, label: str = "ner") -> set:
    return {(s[0].idx, s[-1].idx, s.get_label(label).value) for s in of.get_spans(label)}


def main(
    corpus: str,
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
    parts = {part: [sentence(doc) for doc in read(corpus, part)] for part in PARTS}
    tagger, epochs = train(parts, vectors, minutes, folder)
    spent = time.process_time() / 60
    dev = score(tagger, parts["dev"])["ents_f"]
    found = {**score(tagger, parts["test"]), "dev_f": dev, "minutes": spent, "epochs": epochs}
    (result or folder / "scores.json").write_text(json.dumps(found))
    cells = [f"{100 * found[key]:.1f}" for key in ("ents_f", "ents_p", "ents_r", "dev_f")]
    row = [corpus, vectors or "none", "Flair", "1", *cells, f"{spent:.0f}"]
    print(f"| {' | '.join(row)} |  {epochs} epochs")


if __name__ == "__main__":
    typer.run(main)
