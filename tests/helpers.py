"""Small pipelines, and what several tests do to them."""

import subprocess
import sys
from typing import Any, Callable, Dict, List, Sequence

import numpy
import spacy
import torch
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam, Model, fix_random_seed

TRAIN = [
    ("Anna Smith lives in Paris .", {"entities": [(0, 10, "PER"), (20, 25, "LOC")]}),
    ("She met Bob in New York .", {"entities": [(8, 11, "PER"), (15, 23, "LOC")]}),
    ("Nobody was there .", {"entities": []}),
    ("London and Rome are old .", {"entities": [(0, 6, "LOC"), (11, 15, "LOC")]}),
]
TEXTS = [text for text, _ in TRAIN]
EMBED = {
    "@architectures": "spacy_rnn.WordEmbed.v1",
    "rows": 50,
    "word_width": 6,
    "features": ["suffix", "shape"],
    "feature_width": 3,
    "feature_rows": 20,
    "chars": None,
}
ENCODER = {"@architectures": "spacy_rnn.RNNEncoder.v1", "width": 12}


def tok2vec_config(
    embed: Dict[str, Any] = EMBED, encode: Dict[str, Any] = ENCODER
) -> Dict[str, Any]:
    """`spacy.Tok2Vec.v2` over a small embedding and a small encoder."""
    return {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}


def ner_config(
    embed: Dict[str, Any] = EMBED,
    encode: Dict[str, Any] = ENCODER,
    decoding: str = "crf",
    **settings: Any,
) -> Dict[str, Any]:
    """A small `rnn_ner`."""
    model = {
        "@architectures": "spacy_rnn.SequenceLabeler.v1",
        "decoding": decoding,
        "tok2vec": tok2vec_config(embed, encode),
    }
    return {"model": model, **settings}


def make_examples(nlp: Language, data: Sequence[Any] = TRAIN) -> List[Example]:
    return [Example.from_dict(nlp.make_doc(text), dict(gold)) for text, gold in data]


def make_nlp(data: Sequence[Any] = TRAIN, **config: Any) -> Language:
    """A pipeline with an initialized `rnn_ner`."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config(**config))
    nlp.initialize(lambda: make_examples(nlp, data))
    return nlp


def train(nlp: Language, steps: int, data: Sequence[Any] = TRAIN, **kwargs: Any) -> float:
    """Take steps on all data at once and give the last loss."""
    optimizer = Adam(0.02)
    examples = make_examples(nlp, data)
    losses: Dict[str, float] = {}
    for _ in range(steps):
        losses = {}
        nlp.update(examples, sgd=optimizer, losses=losses, **kwargs)
    return sum(losses.values())


def entities(doc: Doc) -> List[Any]:
    return [(ent.text, ent.label_) for ent in doc.ents]


def gold_entities(data: Sequence[Any] = TRAIN) -> List[Any]:
    return [[(text[a:b], label) for a, b, label in gold["entities"]] for text, gold in data]


def modules(model: Model) -> List[torch.nn.Module]:
    """The torch modules of a Thinc model."""
    return [s.module for node in model.walk() for s in node.shims if s.is_built]


def stir(module: torch.nn.Module, scale: float = 0.5) -> torch.nn.Module:
    """Give all weights random values: with zeros, many tests could not fail."""
    with torch.no_grad():
        for weights in module.parameters():
            weights.normal_(0.0, scale)
        for table in module.modules():
            if isinstance(table, torch.nn.Embedding) and table.padding_idx is not None:
                table.weight[table.padding_idx] = 0.0  # as in training
    return module


def stir_model(model: Model, scale: float = 0.5) -> Model:
    for node in model.walk():
        for shim in node.shims:
            stir(shim.module, scale)
            shim.version += 1
    return model


def weights_of(model: Model) -> Dict[str, numpy.ndarray]:
    """A copy of all torch weights."""
    return {
        f"{i}/{name}": tensor.detach().numpy().copy()
        for i, module in enumerate(modules(model))
        for name, tensor in module.state_dict().items()
    }


def slope(function: Callable[[], float], array: numpy.ndarray, eps: float = 1e-5) -> numpy.ndarray:
    """The gradient of a function by an array that it reads, by central differences."""
    out = numpy.zeros(array.shape)
    for i in numpy.ndindex(*array.shape):
        middle = array[i]
        array[i] = middle + eps
        above = function()
        array[i] = middle - eps
        below = function()
        array[i] = middle
        out[i] = (above - below) / (2 * eps)
    return out


def run_python(code: str, timeout: float = 60, **env: str) -> subprocess.CompletedProcess:
    """Run code in an interpreter of its own."""
    import os

    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **env},
    )
