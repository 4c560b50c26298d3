"""What is classified of documents, and which annotation belongs to it."""

import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_rnn.levels import aligned, cats_of, cats_pairs, check_level, register, spans_of

NLP = spacy.blank("en")
WORDS = ["Fine", "film", ".", "Dull", "plot", "."]


@pytest.fixture(autouse=True)
def extensions():
    register("sent", None)


def make_doc(words=WORDS, starts=(0, 3), spans=(), **kwargs):
    doc = Doc(NLP.vocab, words=words, **kwargs)
    for i, token in enumerate(doc):
        token.is_sent_start = i in starts
    doc.spans["parts"] = [Span(doc, *span) for span in spans]
    return doc


def texts(spans):
    return [span.text for span in spans]


@pytest.mark.parametrize("level", ["doc", "sent", "span:sc", "span:a b", "span:span:x"])
def test_levels(level):
    check_level("texts", level)


@pytest.mark.parametrize("level", ["", "docs", "span", "span:", "SENT", "sents", " span:x"])
def test_what_is_no_level_is_refused(level):
    with pytest.raises(ValueError, match="'texts'.*'level'.*\"span:KEY\""):
        check_level("texts", level)


def test_sentences():
    assert texts(spans_of(make_doc(), "sent")) == ["Fine film .", "Dull plot ."]
    assert spans_of(Doc(NLP.vocab), "sent") == []
    assert texts(spans_of(Doc(NLP.vocab, words=["one"]), "sent")) == ["one"]


def test_without_sentences_the_mend_is_said():
    with pytest.raises(ValueError, match="'Fine film .*'.*no sentences.*'sentencizer'"):
        spans_of(Doc(NLP.vocab, words=WORDS), "sent")


def test_spans_of_a_group():
    doc = make_doc(spans=[(3, 5), (0, 2), (1, 4), (0, 2)])
    assert texts(spans_of(doc, "span:parts")) == [
        "Dull plot",
        "Fine film",
        "film . Dull",
        "Fine film",
    ]
    assert spans_of(doc, "span:gone") == []
    assert spans_of(Doc(NLP.vocab), "span:parts") == []


def test_a_span_without_cats_has_those_of_its_label():
    doc = make_doc()
    assert cats_of(Span(doc, 0, 2, "pos")) == {"pos": 1.0}
    assert cats_of(Span(doc, 0, 2)) == {}
    span = Span(doc, 3, 5, "pos")
    span._.cats = {"neg": 1.0, "pos": 0.0}
    assert cats_of(span) == {"neg": 1.0, "pos": 0.0}
    span._.cats = {}
    assert cats_of(span) == {"pos": 1.0}


def test_spans_of_the_reference_are_found_again_where_tokens_differ():
    """But not those that begin or end inside of a token."""
    spaces = [True, False, True, True, True, True]
    reference = make_doc(spans=[(0, 2), (1, 2), (3, 5), (2, 4)], spaces=spaces)
    predicted = Doc(
        NLP.vocab, words=["Fi", "ne", "film.", "Dull", "plot", "."], spaces=[False] + [True] * 5
    )
    assert predicted.text == reference.text
    found = aligned(Example(predicted, reference), list(reference.spans["parts"]))
    assert [(ours.text, gold.text) for ours, gold in found] == [("Dull plot", "Dull plot")]
    assert all(ours.doc is predicted and gold.doc is reference for ours, gold in found)


def test_pairs_of_documents():
    first, second = make_doc(), make_doc()
    first.cats, second.cats = {"pos": 0.7}, {"pos": 1.0}
    ((found, gold),) = cats_pairs([Example(first, second)], "doc")
    assert (found, gold) == ({"pos": 0.7}, {"pos": 1.0})
    assert found is not first.cats


def test_pairs_of_sentences():
    """One that the pipeline has cut elsewhere has no cats."""
    predicted, reference = make_doc(), make_doc()
    for doc, value in ((predicted, 0.7), (reference, 1.0)):
        for sent in doc.sents:
            sent._.cats = {"pos": value}
    example = Example(predicted, reference)
    assert list(cats_pairs([example], "sent")) == [({"pos": 0.7}, {"pos": 1.0})] * 2
    joined = Example(make_doc(starts=(0,)), reference)
    assert [found for found, _ in cats_pairs([joined], "sent")] == [{}, {}]


def test_pairs_of_spans():
    predicted, reference = make_doc(), make_doc(spans=[(0, 2, "pos"), (1, 4, "neg"), (4, 5)])
    predicted[0:2]._.cats = {"pos": 0.2}
    found = list(cats_pairs([Example(predicted, reference)], "span:parts"))
    assert found == [({"pos": 0.2}, {"pos": 1.0}), ({}, {"neg": 1.0}), ({}, {})]


def test_extensions_are_made_once_and_those_of_others_stay():
    Span.set_extension("of_somebody", default=7)
    register("span:x", "of_somebody")
    register("doc", "of_a_document")
    assert Span.get_extension("of_somebody")[0] == 7
    assert Doc.has_extension("of_a_document") and not Span.has_extension("of_a_document")
    assert make_doc()._.of_a_document is None
    Span.remove_extension("of_somebody")
    Doc.remove_extension("of_a_document")
