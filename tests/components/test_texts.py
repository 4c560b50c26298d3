"""From documents to passages and back."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_rnn.components.texts import (
    annotated_passages,
    gold_arrays,
    keep_attention,
    passages_of,
    write_cats,
)
from spacy_rnn.levels import register, spans_of

NLP = spacy.blank("en")
WORDS = ["Fine", "film", ".", "Dull", "plot", "."]


@pytest.fixture(autouse=True)
def extensions():
    register("doc", "shares")
    register("sent", "shares")


def make_doc(words=WORDS, starts=(0, 3), spans=()):
    doc = Doc(NLP.vocab, words=words)
    for i, token in enumerate(doc):
        token.is_sent_start = i in starts
    doc.spans["parts"] = [Span(doc, *span) for span in spans]
    return doc


def triples(passages):
    return list(zip(*(column.tolist() for column in passages[1:])))


DOCS = [make_doc(spans=[(1, 4), (0, 2)]), Doc(NLP.vocab), make_doc(WORDS[:2], spans=[(1, 2)])]


@pytest.mark.parametrize(
    "level,expected",
    [
        ("doc", [(0, 0, 6), (1, 0, 0), (2, 0, 2)]),
        ("sent", [(0, 0, 3), (0, 3, 6), (2, 0, 2)]),
        ("span:parts", [(0, 1, 4), (0, 0, 2), (2, 1, 2)]),
        ("span:gone", []),
    ],
)
def test_what_is_classified(level, expected):
    passages = passages_of(DOCS, level)
    assert passages.docs == DOCS and triples(passages) == expected
    assert all(column.dtype == numpy.int64 for column in passages[1:])


@pytest.mark.parametrize("level", ["doc", "sent", "span:parts"])
def test_nothing_at_all_is_classified(level):
    assert triples(passages_of([], level)) == []
    assert annotated_passages([], level)[1] == []


def test_annotation_of_documents_is_a_copy():
    reference = make_doc()
    reference.cats = {"pos": 1.0}
    passages, (cats,) = annotated_passages([Example(make_doc(), reference)], "doc")
    cats["neg"] = 0.0
    assert reference.cats == {"pos": 1.0} and triples(passages) == [(0, 0, 6)]


def test_annotation_of_sentences_lies_on_the_predicted_tokens():
    """Those of the reference are read, whether the pipeline finds sentences or not."""
    predicted = Doc(NLP.vocab, words=["Fi", "ne", *WORDS[1:]], spaces=[False] + [True] * 6)
    reference = make_doc()
    next(iter(reference.sents))._.cats = {"pos": 1.0}
    passages, cats = annotated_passages([Example(predicted, reference)], "sent")
    assert triples(passages) == [(0, 0, 4), (0, 4, 7)]
    assert cats == [{"pos": 1.0}, {}] and passages.docs == [predicted]


def test_annotation_of_spans_is_left_out_where_tokens_contradict_it():
    predicted = Doc(NLP.vocab, words=["Fine", "film .", "Dull", "plot", "."])
    reference = make_doc(spans=[(0, 2, "pos"), (3, 5, "neg"), (0, 3, "pos")])
    passages, cats = annotated_passages([Example(predicted, reference)], "span:parts")
    assert triples(passages) == [(0, 2, 4), (0, 0, 2)]
    assert cats == [{"neg": 1.0}, {"pos": 1.0}]


# Writing


def test_cats_of_documents_join_those_of_others():
    docs = [make_doc(), make_doc()]
    docs[0].cats = {"pos": 0.1, "theirs": 1.0}
    write_cats(docs, "doc", [{"pos": 0.7}, {"pos": 0.2}], [0.4, None])
    assert docs[0].cats == {"pos": 0.7, "theirs": 1.0} and docs[1].cats == {"pos": 0.2}
    assert [doc._.sentiment for doc in docs] == [0.4, None]


@pytest.mark.parametrize("level", ["sent", "span:parts"])
def test_cats_of_parts_are_written_on_each(level):
    docs = [make_doc(spans=[(1, 4), (0, 2)]), Doc(NLP.vocab), make_doc(WORDS[:2], spans=[(1, 2)])]
    write_cats(docs, level, [{"pos": p} for p in (0.1, 0.2, 0.3)], [-1.0, 0.0, 1.0])
    keep_attention(docs, level, "shares", [numpy.array([i / 2]) for i in range(3)])
    spans = [span for doc in docs for span in spans_of(doc, level)]
    assert [span._.cats for span in spans] == [{"pos": p} for p in (0.1, 0.2, 0.3)]
    assert [span._.sentiment for span in spans] == [-1.0, 0.0, 1.0]
    assert [span._.shares for span in spans] == [[0.0], [0.5], [1.0]]
    assert not any(doc.cats for doc in docs)


def test_attention_of_documents():
    docs = [make_doc(WORDS[:2]), Doc(NLP.vocab)]
    keep_attention(docs, "doc", "shares", [numpy.array([0.25, 0.75], "f"), numpy.zeros(0, "f")])
    assert [doc._.shares for doc in docs] == [[0.25, 0.75], []]


# Annotation as numbers

CATS = [{"a": 1.0, "b": 0.0, "c": 0.0}, {"b": 1.0}, {}, {"other": 1.0}, {"a": 0.0}]


@pytest.mark.parametrize(
    "missing_is_zero,expected",
    [
        (False, [[1, 1, 1], [0, 1, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]]),
        (True, [[1, 1, 1], [1, 1, 1], [0, 0, 0], [1, 1, 1], [1, 1, 1]]),
    ],
)
def test_what_is_known_of_labels(missing_is_zero, expected):
    gold, known = gold_arrays(CATS, ["a", "b", "c"], missing_is_zero)
    assert gold.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert known.tolist() == expected
    assert gold.dtype == known.dtype == numpy.float32


@pytest.mark.parametrize("cats,labels", [([], ["a"]), ([{}], []), ([], [])])
def test_numbers_of_nothing_have_a_shape(cats, labels):
    assert [array.shape for array in gold_arrays(cats, labels, True)] == [
        (len(cats), len(labels))
    ] * 2
