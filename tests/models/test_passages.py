"""Passages and reads against plain lists."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from spacy_rnn.models import passages as module
from spacy_rnn.models.passages import (
    kept,
    layout,
    ranges,
    reads,
    rows_of_passages,
    shortened,
    whole,
)
from spacy_rnn.models.windows import together
from spacy_rnn.types import Passages

from ..text_helpers import VOCAB

few = settings(deadline=None, max_examples=50)
lengths_of_docs = st.lists(st.integers(0, 12), min_size=1, max_size=5)


def make_doc(length, start=0):
    """Each word is its place."""
    return Doc(VOCAB, words=[str(i) for i in range(start, start + length)])


def make_docs(lengths):
    """The words count on from document to document: each is the number of its row."""
    return [make_doc(n, sum(lengths[:i])) for i, n in enumerate(lengths)]


def make_passages(lengths, parts):
    """From triples of document, start and end."""
    columns = numpy.array(parts, dtype="i8").reshape(-1, 3).T
    return Passages(make_docs(lengths), *columns)


@st.composite
def some_passages(draw):
    """Passages of documents, in their order, which may overlap or be empty."""
    lengths = draw(lengths_of_docs)
    parts = []
    for i, length in enumerate(lengths):
        for _ in range(draw(st.integers(0, 3))):
            start = draw(st.integers(0, length))
            parts.append((i, start, draw(st.integers(start, length))))
    return make_passages(lengths, parts)


def words_of(passages):
    """The words of each passage."""
    return [
        [token.text for token in passages.docs[i][start:end]]
        for i, start, end in zip(*(column.tolist() for column in passages[1:]))
    ]


def words_read(found):
    """The words that the rows of a layout stand for, by passage: a list for each segment."""
    rows, lengths, owners = layout(found)
    words = [token.text for read in found for token in read.doc]
    out = {}
    for segment, owner in zip(numpy.split(rows, numpy.cumsum(lengths)[:-1]), owners.tolist()):
        out.setdefault(owner, []).append([words[row] for row in segment])
    return out


def test_whole_documents_are_passages():
    docs = make_docs([2, 0, 3])
    passages = whole(docs)
    assert words_of(passages) == [["0", "1"], [], ["2", "3", "4"]]
    assert whole(passages) is passages


@few
@given(some_passages())
def test_rows_of_passages_are_those_of_their_words(passages):
    rows, lengths = rows_of_passages(passages)
    expected = words_of(passages)
    assert lengths.tolist() == [len(words) for words in expected]
    assert rows.tolist() == [int(word) for words in expected for word in words]


@few
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 5)), max_size=6))
def test_ranges(pairs):
    starts, lengths = (numpy.array([p[i] for p in pairs], dtype="i8") for i in (0, 1))
    expected = [start + i for start, length in pairs for i in range(length)]
    assert ranges(starts, lengths).tolist() == expected


# Reads


@few
@given(some_passages(), st.booleans())
def test_each_passage_is_read_as_it_is(passages, windows):
    found = reads(passages, 0, True, windows)
    assert [read.doc for read in found] == passages.docs
    expected = {i: [words] for i, words in enumerate(words_of(passages))}
    assert words_read(found) == expected


@pytest.fixture
def small_windows(monkeypatch):
    """Windows of 8 tokens, 2 of them context on either side."""
    monkeypatch.setattr(module, "WINDOW", 8)
    for name, value in (("WINDOW", 8), ("CONTEXT", 2), ("AT_A_TIME", 20)):
        monkeypatch.setattr(f"spacy_rnn.models.windows.{name}", value)


LONG = [9, 3, 0, 30, 8]


def test_windows_read_each_token_once_and_in_order(small_windows):
    passages = whole(make_docs(LONG))
    found = words_read(reads(passages, 0, True, True))
    read = [[word for part in found[i] for word in part] for i in range(len(LONG))]
    assert read == words_of(passages)
    assert [len(found[i]) for i in range(len(LONG))] == [3, 1, 1, 8, 1]


def test_windows_have_context_on_either_side(small_windows):
    for read in reads(whole([make_doc(30)]), 0, True, True):
        (start, end, _), words = read.segments[0], [int(token.text) for token in read.doc]
        assert len(words) <= 8
        assert start == 2 or words[0] == 0
        assert len(words) - end == 2 or words[-1] == 29


def test_a_long_document_that_passages_stand_in_is_no_window(small_windows):
    """Nor is any document in training."""
    parts = make_passages([30], [(0, 0, 4), (0, 4, 30)])
    assert [len(read.doc) for read in reads(parts, 0, True, True)] == [30]
    assert [len(read.doc) for read in reads(whole([make_doc(30)]), 0, True, False)] == [30]


@few
@given(st.integers(0, 20), st.integers(0, 20), st.booleans())
def test_what_is_kept_of_a_long_document(length, most, both_ends):
    everything = list(range(length))
    expected = everything
    if 0 < most < length:
        tail = most // 2 if both_ends else 0
        expected = everything[: most - tail] + everything[length - tail :]
    assert kept(length, most, both_ends).tolist() == expected


@pytest.mark.parametrize("windows", [False, True])
def test_documents_are_cut_but_not_passages_inside_of_them(windows):
    lengths = [10, 4, 10]
    parts = [(0, 0, 10), (1, 0, 4), (2, 0, 9), (2, 9, 10)]
    found = words_read(reads(make_passages(lengths, parts), 5, True, windows))
    assert found[0] == [["0", "1", "2", "8", "9"]]
    assert found[1] == [["10", "11", "12", "13"]]
    assert [len(found[i][0]) for i in (2, 3)] == [9, 1]


def test_a_cut_document_may_still_be_long(small_windows):
    found = words_read(reads(whole([make_doc(40)]), 20, False, True))
    assert [word for part in found[0] for word in part] == [str(i) for i in range(20)]


def test_a_part_keeps_what_embeddings_read(small_windows):
    doc = Doc(VOCAB, words=["A", "B", "C", "D"], spaces=[True, False, True, False])
    for token in doc:
        token.norm_, token.tag_, token.pos_ = f"n{token.i}", f"t{token.i}", "NOUN"
        token.lemma_ = f"l{token.i}"
        token.set_morph(f"Case={token.i}")
    doc.tensor = numpy.arange(8.0, dtype="f").reshape(4, 2)
    short = shortened(doc, 2, True)
    assert [t.text_with_ws for t in short] == ["A ", "D"]
    assert [(t.norm_, t.tag_, t.lemma_, str(t.morph)) for t in short] == [
        ("n0", "t0", "l0", "Case=0"),
        ("n3", "t3", "l3", "Case=3"),
    ]
    assert short.tensor.tolist() == [[0.0, 1.0], [6.0, 7.0]]
    assert doc.tensor.shape == (4, 2)


def test_only_so_much_is_read_at_a_time(small_windows):
    found = reads(whole(make_docs([7, 7, 7, 7, 0, 30])), 0, True, True)
    parts = list(together(found, lambda read: len(read.doc)))
    assert [read for part in parts for read in part] == found
    assert max(sum(len(read.doc) for read in part) for part in parts) < 20 + 8
    assert list(together([], len)) == []
