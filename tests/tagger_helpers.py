"""Small taggers, and what several tests ask of one."""

from functools import lru_cache

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from .helpers import EMBED, ENCODER, stir_model, tok2vec_config

WORDS = ["Anna sees old Rome .", "She met Bob there .", "Nobody sings .", "Old Rome sings ."]
TAGS = ["NNP VBZ JJ NNP .", "PRP VBD NNP RB .", "NN VBZ .", "JJ NNP VBZ ."]
POS = ["PROPN VERB ADJ PROPN PUNCT", "PRON VERB PROPN ADV PUNCT", "NOUN VERB PUNCT"]
POS.append("ADJ PROPN VERB PUNCT")
NAMES = "Case=Nom|Number=Sing"
MORPHS = [[NAMES if tag == "NNP" else "_" for tag in tags.split()] for tags in TAGS]
GOLD = {
    "tag": [tags.split() for tags in TAGS],
    "pos": [pos.split() for pos in POS],
    "morph": MORPHS,
    "_.kind": [[f"kind {tag}" for tag in tags.split()] for tags in TAGS],
}
each_attribute = pytest.mark.parametrize("attribute", list(GOLD))
each_decoding = pytest.mark.parametrize("decoding", ["softmax", "crf"])


def tagger_config(decoding="softmax", tok2vec=None, **settings):
    model = {
        "@architectures": "spacy_rnn.SequenceLabeler.v1",
        "decoding": decoding,
        "tok2vec": tok2vec or tok2vec_config(EMBED, ENCODER),
    }
    return {"model": model, **settings}


def value_of(token, attribute):
    """What a token carries, as a string."""
    if attribute.startswith("_."):
        return token._.get(attribute[2:]) or ""
    if attribute == "morph":
        return token.doc.vocab.strings[token.morph.key]
    return getattr(token, f"{attribute}_")


def values(docs, attribute="tag"):
    return [[value_of(token, attribute) for token in doc] for doc in docs]


def predictions(nlp, texts=WORDS, attribute="tag"):
    return values(nlp.pipe(texts), attribute)


def reference(nlp, words, gold, attribute="tag"):
    """A document whose tokens carry the attribute."""
    doc = Doc(nlp.vocab, words=words)
    for token, value in zip(doc, gold):
        if not value:
            continue  # set_morph takes "" for a word that has no features
        if attribute.startswith("_."):
            token._.set(attribute[2:], value)
        elif attribute == "morph":
            token.set_morph(value)
        else:
            setattr(token, f"{attribute}_", value)
    return doc


def make_example(nlp, words, gold, attribute="tag"):
    return Example(nlp.make_doc(" ".join(words)), reference(nlp, words, gold, attribute))


def make_examples(nlp, attribute="tag"):
    return [make_example(nlp, w.split(), g, attribute) for w, g in zip(WORDS, GOLD[attribute])]


def make_nlp(**config):
    """A pipeline with an initialized `rnn_tagger`."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_tagger", config=tagger_config(**config))
    nlp.initialize(lambda: make_examples(nlp, config.get("attribute", "tag")))
    return nlp


def train(nlp, steps, examples=None, **kwargs):
    """Take steps on all examples at once and give the last loss."""
    examples = examples or make_examples(nlp, nlp.get_pipe("rnn_tagger").attribute)
    optimizer, losses = Adam(0.03), {}
    for _ in range(steps):
        losses = nlp.update(examples, sgd=optimizer, losses={}, **kwargs)
    return losses["rnn_tagger"]


@lru_cache(maxsize=None)
def trained_nlp(**config):
    """A pipeline that knows its training data. Not to be changed."""
    nlp = make_nlp(**config)
    train(nlp, 40)
    return nlp


def random_nlp(**config):
    """A pipeline with random weights: its answers are wild."""
    nlp = make_nlp(**config)
    stir_model(nlp.get_pipe("rnn_tagger").model, 1.0)
    return nlp


def copy_of(nlp):
    return spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())
