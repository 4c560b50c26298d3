"""Small `rnn_generator` pipelines, and what several tests do to them."""

from typing import Any, Dict, List, Optional, Sequence, Tuple

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from .helpers import stir_model

NAMES = [("abba", "a"), ("abbba", "a"), ("xyz", "x"), ("xyyz", "x"), ("xyx", "x")]
PLACES, FOODS = ["joe s", "big cafe", "hut"], ["thai", "sea food"]
SENTENCES = [
    (f"{name} serves {food}" if kids == "yes" else f"{food} is at {name} , no kid", slots)
    for name in PLACES
    for food in FOODS
    for kids in ("yes", "no")
    for slots in [[["name", name], ["food", food], ["kids", kids]]]
]
# What the batch must not matter to: all conditions, and texts that only the seed reads
MANY: List[Tuple[str, Dict[str, float]]] = [
    (text, cats)
    for text in ("", "b", "some text", "Ünköwn ☃ 𝔘", "xy " * 20)
    for cats in ({"a": 1.0}, {"x": 1.0}, {"a": 0.5, "x": 0.5})
]


def model_config(width: int = 16, **settings: Any) -> Dict[str, Any]:
    """A small `model`."""
    small = {"@architectures": "spacy_rnn.ConditionalDecoder.v1", "width": width, "embed_width": 8}
    return {**small, **settings}


def blank(config: Optional[Dict[str, Any]] = None, **model: Any) -> Language:
    """A pipeline with a component called "writer" that knows nothing.

    config (Optional[Dict[str, Any]]): Settings of the component; the others are the model's.
    """
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe(
        "rnn_generator", "writer", config={"model": model_config(**model), **(config or {})}
    )
    return nlp


def writer_of(nlp: Language) -> Any:
    """The component of such a pipeline."""
    return nlp.get_pipe("writer")


def doc_of(nlp: Language, text: str, condition: Any, kind: Optional[str]) -> Doc:
    """A document with a condition."""
    doc = nlp.make_doc(text)
    if kind in ("cats", "tensor"):
        setattr(doc, kind, condition)
    elif kind is not None:
        doc._.set(kind.removeprefix("_."), condition)
    return doc


def make_examples(nlp: Language, data: Sequence[Any]) -> List[Example]:
    """From texts with their labels, slots, or vectors."""
    kind = nlp.get_pipe("writer").condition
    made = []
    for text, condition in data:
        value = {condition: 1.0} if kind == "cats" and condition else condition
        made.append(Example(*(doc_of(nlp, text, value, kind) for _ in range(2))))
    return made


def make_nlp(
    config: Optional[Dict[str, Any]] = None, data: Sequence[Any] = NAMES, **model: Any
) -> Language:
    """The same initialized with texts."""
    nlp = blank(config, **model)
    nlp.initialize(lambda: make_examples(nlp, data))
    return nlp


def make_slots_nlp(config: Optional[Dict[str, Any]] = None, **model: Any) -> Language:
    """One for slots, that searches."""
    settings = {"condition": "_.slots", "temperature": 0.0, "beam_width": 3, "candidates": 3}
    return make_nlp({**settings, **(config or {})}, SENTENCES, **{"units": "word", **model})


def random_nlp(config: Optional[Dict[str, Any]] = None, **model: Any) -> Language:
    """With random weights: what it writes is wild."""
    nlp = make_nlp(config, **model)
    stir_model(nlp.get_pipe("writer").model)
    return nlp


def train(nlp: Language, steps: int, data: Sequence[Any] = NAMES, **kwargs: Any) -> float:
    """Take steps on all data at once and give the last loss."""
    optimizer, losses = Adam(0.02), {}
    examples = make_examples(nlp, data)
    for _ in range(steps):
        losses = nlp.update(examples, sgd=optimizer, losses={}, **kwargs)
    return losses["writer"]


def knowing_names() -> Language:
    """A pipeline that knows its training data, `NAMES`."""
    nlp = make_nlp(width=32)
    train(nlp, 60)
    return nlp


def knowing_sentences() -> Language:
    """One that knows sentences with slots, `SENTENCES`."""
    nlp = make_slots_nlp(width=32)
    train(nlp, 60, SENTENCES)
    return nlp


def many_docs(nlp: Language) -> List[Doc]:
    return [doc_of(nlp, text, dict(cats), "cats") for text, cats in MANY]


def texts_of(nlp: Language, docs: Optional[Sequence[Doc]] = None, **kwargs: Any) -> List[Any]:
    """What a pipeline writes for documents, of which it gets copies."""
    docs = many_docs(nlp) if docs is None else docs
    return [doc._.generated for doc in nlp.pipe([doc.copy() for doc in docs], **kwargs)]


def copy_of(nlp: Language) -> Language:
    return spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())
