import pytest
import spacy

from spacy_rnn.evaluation.categories import (
    count_empty,
    count_incomplete,
    count_unlabelled,
    describe,
    find_opposed,
    find_same_texts,
    spread,
)

NLP = spacy.blank("en")


def make_doc(text, **cats):
    doc = NLP.make_doc(text)
    doc.cats = cats
    return doc


@pytest.mark.parametrize(
    "cats, said",
    [
        ({"pos": 1.0, "neg": 0.0}, "pos"),
        ({"b": 1.0, "a": 1.0, "c": 0.0}, "a + b"),
        ({"a": 0.0}, "none"),
        ({"value": -2.5}, "value -2.5"),
        ({"b": 0.5, "a": 0.0}, "a 0 + b 0.5"),
    ],
)
def test_labels_in_words(cats, said):
    assert describe(cats) == said


def test_opposed_texts_come_by_how_many_go_against_the_usual():
    even = [make_doc("so so", pos=value) for value in (1.0, 0.0, 0.0, 1.0)]
    odd = [make_doc("fine  film", pos=1.0)] * 8 + [make_doc("fine film", pos=0.0)]
    clear = [make_doc("bad", pos=0.0)] * 3 + [make_doc("bad")]
    assert find_opposed([*odd, *clear, *even]) == [
        ("so so", {"pos": 2, "none": 2}),
        ("fine film", {"pos": 8, "none": 1}),
    ]


def test_labels_that_are_left_out_oppose_nothing():
    assert find_opposed([make_doc("a", pos=1.0), make_doc("a", pos=1.0, neg=0.0)]) == []


def test_same_texts_are_counted_in_dev():
    train = [make_doc("a b"), make_doc("c"), make_doc("")]
    dev = [make_doc("c"), make_doc("d"), make_doc("a  b"), make_doc("c"), make_doc(" ")]
    assert find_same_texts(train, dev) == ["a b", "c", "c"]


def test_empty_texts_have_nothing_but_white_space():
    assert count_empty([make_doc(""), make_doc(" \n"), make_doc(".")]) == 2


def test_documents_without_all_labels_are_counted():
    docs = [make_doc("a"), make_doc("b", x=1.0), make_doc("c", x=0.0, y=1.0)]
    assert count_unlabelled(docs) == 1
    assert count_incomplete(docs) == 1


def test_spread_is_by_label():
    docs = [make_doc("a", x=1.0, y=5.0), make_doc("b", x=-2.0), make_doc("c")]
    assert spread(docs) == {"x": (-2.0, -0.5, 1.0), "y": (5.0, 5.0, 5.0)}
