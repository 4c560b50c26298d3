"""Small classifiers of texts, and what several tests do to them."""

from typing import Any, Dict, List, Optional, Sequence

import numpy
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry
from thinc.api import Adam, Model, fix_random_seed

from spacy_rnn.models.arrays import to_torch
from spacy_rnn.models.ngrams import learn_ngrams
from spacy_rnn.models.passages import whole
from spacy_rnn.models.resizing import declare

from .helpers import EMBED as WORDS
from .helpers import stir_model, tok2vec_config

TEXTS = [
    "a fine film , warm and funny",
    "a dull film",
    "fine jokes , dull plot",
    "warm , funny and fine",
    "dull , cold and dull again",
    "the plot is cold",
]
CATS = {
    "exclusive": [{"pos": p, "neg": 1.0 - p} for p in (1.0, 0.0, 1.0, 1.0, 0.0, 0.0)],
    "multilabel": [
        {"fine": float("fine" in text), "cold": float("cold" in text)} for text in TEXTS
    ],
    "ordinal": [{stars: 1.0} for stars in "312311"],
    "regression": [{"stars": stars} for stars in (9.0, 2.0, 6.0, 10.0, 1.0, 3.0)],
}
HEADS = list(CATS)
POOLS = ["last", "mean", "max", "attention"]
# What the batch must not matter to: of all lengths, empty, of white space, of unknown words
MANY = [*TEXTS, "", "dull", " ", "unheard words only", " ".join(TEXTS), "\n\n fine  \t"]
BLANK = spacy.blank("en")
VOCAB = BLANK.vocab
EMBED = {**WORDS, "unknown_rate": 0.0}  # training reads what prediction does
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 12}
HASH_CNN = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "width": 12,
    "depth": 1,
    "embed_size": 50,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": True,
    "pretrained_vectors": None,
}


def classifier_config(
    tok2vec: Optional[Dict[str, Any]] = None,
    architecture: str = "SequenceClassifier",
    head: str = "exclusive",
    **settings: Any,
) -> Dict[str, Any]:
    """A small `model`."""
    return {
        "@architectures": f"spacy_rnn.{architecture}.v1",
        "tok2vec": tok2vec or tok2vec_config(EMBED),
        "head": head,
        **settings,
    }


def make_docs(texts: Sequence[str] = TEXTS) -> List[Doc]:
    return [BLANK.make_doc(text) for text in texts]


def make_model(labels: int = 3, X: Optional[List[Doc]] = None, **settings: Any) -> Model:
    """A classifier with random weights that knows the n-grams of the texts.

    X (Optional[List[Doc]]): Other documents to begin with.
    """
    fix_random_seed(0)
    model = registry.resolve({"model": classifier_config(**settings)})["model"]
    declare(model, labels)
    docs = X or make_docs()
    table = learn_ngrams(model, whole(docs))
    model.initialize(X=docs)
    stir_model(model)
    ngrams = model.shims[0].module.ngrams
    if ngrams is not None:
        ngrams.keys.copy_(to_torch(table))
    return model


def make_examples(nlp: Language, data: Sequence[Any]) -> List[Example]:
    """From pairs of a text and its `cats`."""
    return [Example.from_dict(nlp.make_doc(text), {"cats": cats}) for text, cats in data]


def data_of(head: str = "exclusive") -> List[Any]:
    return list(zip(TEXTS, CATS[head]))


def make_nlp(
    head: str = "exclusive",
    data: Optional[Sequence[Any]] = None,
    factory: str = "rnn_sentiment",
    config: Optional[Dict[str, Any]] = None,
    **model: Any,
) -> Language:
    """A pipeline with an initialized component called "texts".

    config (Optional[Dict[str, Any]]): Settings of the component; the others are those of
        `classifier_config`.
    """
    fix_random_seed(0)
    nlp = spacy.blank("en")
    settings = {"model": classifier_config(head=head, **model), **(config or {})}
    nlp.add_pipe(factory, "texts", config=settings)
    examples = make_examples(nlp, data_of(head) if data is None else data)
    nlp.initialize(lambda: examples)
    return nlp


def random_nlp(*args: Any, **kwargs: Any) -> Language:
    """A pipeline with random weights: its answers are wild."""
    nlp = make_nlp(*args, **kwargs)
    stir_model(nlp.get_pipe("texts").model)
    return nlp


def train(nlp: Language, steps: int, data: Sequence[Any], **kwargs: Any) -> float:
    """Take steps on all data at once and give the last loss."""
    optimizer, examples = Adam(0.02), make_examples(nlp, data)
    losses: Dict[str, float] = {}
    for _ in range(steps):
        losses = {}
        nlp.update(examples, sgd=optimizer, losses=losses, **kwargs)
    return losses["texts"]


def cats_of(nlp: Language, texts: Sequence[Any] = TEXTS, **kwargs: Any) -> numpy.ndarray:
    """What a pipeline says of texts. *Shape:* ``(texts, labels)``"""
    labels = nlp.get_pipe("texts").labels
    return numpy.array([[doc.cats[label] for label in labels] for doc in nlp.pipe(texts, **kwargs)])


def firsts(nlp: Language, texts: Sequence[str] = TEXTS) -> List[str]:
    """The most probable label of each text."""
    return [max(doc.cats, key=doc.cats.get) for doc in nlp.pipe(texts)]


def gold_firsts(head: str = "exclusive") -> List[str]:
    return [max(cats, key=cats.get) for cats in CATS[head]]
