"""Small `rnn_seq2seq` pipelines, and what several tests do to them."""

from typing import Any, Dict, List, Optional, Sequence, Tuple

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from .helpers import stir_model

TEXTS = ["cats and dogs", "the cat saw birds", "hats or pots", "a dog"]
SINGULAR = {"cats": "cat", "dogs": "dog", "birds": "bird", "hats": "hat", "pots": "pot"}
# What the batch must not matter to: of all lengths, empty, of white space, of unknown symbols
MANY = [*TEXTS, "", "x", "unheard words", "Ünköwn ☃ 𝔘", " ", "\n\n cats  \t", "cats " * 30]
LEVELS = ["token", "sent", "doc", "span:parts"]


def model_config(width: int = 16, **settings: Any) -> Dict[str, Any]:
    """A small `model`."""
    small = {"@architectures": "spacy_rnn.EncoderDecoder.v1", "width": width, "embed_width": 8}
    return {**small, **settings}


def lemma_examples(nlp: Language, texts: Sequence[str] = TEXTS) -> List[Example]:
    """Examples whose tokens become singular."""
    examples = []
    for text in texts:
        reference = nlp.make_doc(text)
        for token in reference:
            token.lemma_ = SINGULAR.get(token.text, token.text)
        examples.append(Example(nlp.make_doc(text), reference))
    return examples


def doc_examples(nlp: Language, data: Sequence[Any], target: str = "written") -> List[Example]:
    """From pairs of a text and what it becomes, or None."""
    examples = []
    for text, value in data:
        reference = nlp.make_doc(text)
        reference._.set(target, value)
        examples.append(Example(nlp.make_doc(text), reference))
    return examples


def blank(config: Optional[Dict[str, Any]] = None, **model: Any) -> Language:
    """A pipeline with a component called "pairs" that knows nothing; it asks the decoder only.

    config (Optional[Dict[str, Any]]): Settings of the component; the others are the model's.
    """
    fix_random_seed(0)
    nlp = spacy.blank("en")
    settings = {"model": model_config(**model), "strategy": ["decoder"], **(config or {})}
    nlp.add_pipe("rnn_seq2seq", "pairs", config=settings)
    return nlp


def pairs_of(nlp: Language) -> Any:
    """The component of such a pipeline."""
    return nlp.get_pipe("pairs")


def make_nlp(config: Optional[Dict[str, Any]] = None, **model: Any) -> Language:
    """The same initialized with lemmas."""
    nlp = blank(config, **model)
    nlp.initialize(lambda: lemma_examples(nlp))
    return nlp


def make_docs_nlp(
    data: Sequence[Any], config: Optional[Dict[str, Any]] = None, **model: Any
) -> Language:
    """One that writes `doc._.written`, initialized with pairs."""
    nlp = blank({"level": "doc", "target": "_.written", **(config or {})}, **model)
    nlp.initialize(lambda: doc_examples(nlp, data))
    return nlp


def random_nlp(config: Optional[Dict[str, Any]] = None, **model: Any) -> Language:
    """With random weights: its answers are wild."""
    nlp = make_nlp(config, **model)
    stir_model(nlp.get_pipe("pairs").model)
    return nlp


def train(nlp: Language, steps: int, examples: List[Example], **kwargs: Any) -> float:
    """Take steps on all examples at once and give the last loss."""
    optimizer, losses = Adam(0.02), {}
    for _ in range(steps):
        losses = nlp.update(examples, sgd=optimizer, losses={}, **kwargs)
    return losses["pairs"]


def copy_of(nlp: Language) -> Language:
    return spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())


def lemmas(docs: Sequence[Doc]) -> List[List[str]]:
    return [[token.lemma_ for token in doc] for doc in docs]


def lemmas_of(nlp: Language, texts: Sequence[str] = TEXTS, **kwargs: Any) -> List[List[str]]:
    """What a pipeline writes for the tokens of texts."""
    return lemmas(list(nlp.pipe(texts, **kwargs)))


def gold_lemmas(texts: Sequence[str] = TEXTS) -> List[List[str]]:
    return [[SINGULAR.get(word, word) for word in text.split()] for text in texts]


def part_example(nlp: Language) -> Tuple[Example, List[str]]:
    """An example whose parts become their last character."""
    doc = nlp.make_doc("ab cd . ef gh .")
    for token in doc:
        token.is_sent_start = token.i in (0, 3)
    doc.spans["parts"] = [doc[:2], doc[2:5]]
    predicted, parts = doc.copy(), nlp.get_pipe("pairs").place.parts(doc)
    for part in parts:
        part._.written = part.text[-1]
    return Example(predicted, doc), [part.text[-1] for part in parts]
