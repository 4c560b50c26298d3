"""Documents of every length and shape: what `rnn_ner` does with them is defined."""

import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.api import Adam

from ..helpers import EMBED, TEXTS, entities, make_nlp, train

LONG = 5_000  # tokens: beyond 2,000 a document is read in windows
WINDOW = {"@architectures": "spacy_rnn.WindowEncoder.v1", "width": 8, "window": 1}
NLP = spacy.blank("en")
OPTIMIZER = Adam(0.02)
# White space inside of an entity, and an entity from one sentence into the next
WORDS = ["He", "saw", "New", "\n ", "York", "Inc.", "Bank", "fell"]
SPANS = [(2, 5, "LOC"), (5, 7, "ORG")]
STARTS = [True, False, False, False, False, False, True, False]


def make_doc(words=WORDS, sent_starts=None):
    return Doc(NLP.vocab, words=words, sent_starts=sent_starts)


def make_example(words, spans, sent_starts=None):
    gold = make_doc(words, sent_starts)
    gold.set_ents([Span(gold, *span) for span in spans], default="outside")
    return Example(make_doc(words, sent_starts), gold)


@pytest.fixture(scope="module")
def trained():
    """A pipeline that knows those entities. Not to be changed."""
    examples = [make_example(WORDS, SPANS, STARTS), make_example(["Rome"], [(0, 1, "LOC")])]
    nlp = make_nlp()
    ner = nlp.get_pipe("rnn_ner")
    ner.add_label("ORG")
    for _ in range(60):
        nlp.update(examples, sgd=OPTIMIZER)
    return nlp


def spans_of(doc):
    return [(ent.start, ent.end, ent.label_) for ent in doc.ents]


def test_an_entity_may_cross_a_sentence_and_hold_white_space(trained):
    doc = trained(make_doc(sent_starts=STARTS))
    assert spans_of(doc) == SPANS
    assert [ent.text for ent in doc.ents][0] == "New \n  York"


def test_the_ends_of_sentences_are_not_read(trained):
    with_ends, without = trained(make_doc(sent_starts=STARTS)), trained(make_doc())
    assert spans_of(with_ends) == spans_of(without)
    sure = [[ent._.confidence for ent in doc.ents] for doc in (with_ends, without)]
    assert sure[0] == sure[1]


def test_a_document_of_one_token(trained):
    ner = trained.get_pipe("rnn_ner")
    doc = trained(make_doc(["Rome"]))
    (best, *_) = ner.kbest(make_doc(["Rome"]), 2)
    assert spans_of(doc) == [(0, 1, "LOC")]
    assert doc.ents[0]._.confidence == pytest.approx(best.probability)


def test_a_long_document():
    nlp = make_nlp(encode=WINDOW, embed={**EMBED, "features": []})
    train(nlp, 40)
    words = [word for text in TEXTS for word in text.split()]
    times = LONG // len(words) + 1
    doc = nlp(make_doc(words * times))
    found = entities(doc)
    n = len(entities(nlp(make_doc(words))))
    assert len(doc) >= LONG and n > 2
    # A net with a window of one token reads all copies alike, but for the first and the last
    assert found == [*found[:n], *found[n : 2 * n] * (times - 2), *found[-n:]]
    assert all(0 < ent._.confidence <= 1 for ent in doc.ents)
