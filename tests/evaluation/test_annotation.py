import pytest
import spacy
from spacy.tokens import Doc, Span, SpanGroup

from spacy_rnn.evaluation.annotation import (
    count_labels,
    count_overlapping,
    count_unannotated,
    find_ambiguous,
    find_misaligned,
    find_punctuated,
    find_repeated,
    find_spaced,
    find_unmarked,
    sentences,
)

NLP = spacy.blank("en")


def make_doc(text, *entities):
    doc = Doc(NLP.vocab, words=text.split(" "))
    doc.set_ents([Span(doc, *entity) for entity in entities])
    return doc


def test_labels_are_counted_over_documents():
    docs = [make_doc("a b c", (0, 1, "PER"), (2, 3, "LOC")), make_doc("a b", (0, 2, "PER"))]
    assert list(count_labels(docs).items()) == [("LOC", 1), ("PER", 2)]


@pytest.mark.parametrize(
    "words, entity, is_found",
    [
        (["Rome", "-", "Paris"], (0, 1, "LOC"), False),
        (["can", "not"], (0, 1, "X"), False),  # spaCy cuts "cannot" so, too
        (["Rome", "bound"], (0, 1, "LOC"), True),
        (["Rome", "bound"], (0, 2, "LOC"), False),
    ],
)
def test_misaligned_is_what_does_not_meet_tokens(words, entity, is_found):
    doc = Doc(NLP.vocab, words=words, spaces=[False] * len(words))
    doc.set_ents([Span(doc, *entity)])
    assert find_misaligned([doc], NLP) == [doc.ents[0]] * is_found


def test_tokens_without_a_text_are_never_misaligned():
    """spaCy trains on them as they are."""
    doc = Doc(NLP.vocab, words=["Rome", "bound"], spaces=[False, False])
    doc.has_unknown_spaces = True
    doc.set_ents([Span(doc, 0, 1, "LOC")])
    assert find_misaligned([doc], NLP) == []


@pytest.mark.parametrize(
    "words, spaced, punctuated",
    [
        (["Rome"], False, False),
        (["U.S."], False, False),
        (["Yahoo", "!"], False, True),
        (["(", "Rome"], False, True),
        ([" ", "Rome"], True, False),
        (["Rome", "\n"], True, False),
        ([" ", "Rome", "!"], True, True),
        (["New", "-", "York"], False, False),
        ([","], False, True),
    ],
)
def test_space_and_punctuation_at_the_edges(words, spaced, punctuated):
    doc = Doc(NLP.vocab, words=words)
    doc.set_ents([Span(doc, 0, len(words), "LOC")])
    assert find_spaced([doc]) == [doc.ents[0]] * spaced
    assert find_punctuated([doc]) == [doc.ents[0]] * punctuated


def test_an_entity_with_two_bad_edges_counts_once():
    assert len(find_punctuated([make_doc("( Rome )", (0, 3, "LOC"))])) == 1


def test_overlapping_are_the_spans_that_entities_cannot_hold():
    doc = make_doc("a b c d")
    spans = [Span(doc, 0, 2, "X"), Span(doc, 1, 3, "X"), Span(doc, 1, 2, "X"), Span(doc, 3, 4, "X")]
    doc.spans["sc"] = SpanGroup(doc, spans=spans)
    doc.spans["fine"] = SpanGroup(doc, spans=spans[:1])
    assert count_overlapping([doc, doc]) == {"sc": 4}


def test_unannotated_is_not_empty():
    assert count_unannotated([make_doc("a b"), Doc(NLP.vocab, words=["a"])]) == 1


def test_repeated_sentences_are_counted_in_dev():
    train = [make_doc("a b"), make_doc("c")]
    dev = [make_doc("c"), make_doc("d"), make_doc("a b"), make_doc("c")]
    assert find_repeated(train, dev) == ["a b", "c", "c"]


def test_white_space_makes_no_other_sentence():
    spaced = Doc(NLP.vocab, words=["a", " ", "b", "\n"])
    assert find_repeated([spaced], [make_doc("a b")]) == ["a b"]


def test_documents_are_cut_at_sentence_boundaries():
    doc = Doc(NLP.vocab, words=["a", "b", "c"], sent_starts=[True, False, True])
    assert list(sentences([doc, make_doc("d e")])) == ["a b", "c", "d e"]


def test_ambiguous_texts_come_by_how_many_go_against_the_usual():
    often = [make_doc("US", (0, 1, "LOC"))] * 9 + [make_doc("US", (0, 1, "ORG"))]
    even = [make_doc("UN", (0, 1, label)) for label in ("ORG", "ORG", "LOC", "LOC")]
    clear = [make_doc("Rome", (0, 1, "LOC"))] * 5
    found = find_ambiguous([*often, *clear, *even])
    assert found == [("UN", {"ORG": 2, "LOC": 2}), ("US", {"LOC": 9, "ORG": 1})]


def test_unmarked_texts_are_those_that_mostly_are_entities():
    marked = [make_doc("in New York", (1, 3, "LOC"))] * 3 + [make_doc("May", (0, 1, "PER"))]
    plain = [make_doc("New York and New York"), make_doc("May or May")]
    assert find_unmarked([*marked, *plain]) == [("New York", 3, 2)]


def test_a_part_of_an_entity_is_not_unmarked():
    docs = [make_doc("York", (0, 1, "LOC")), make_doc("New York", (0, 2, "LOC"))]
    assert find_unmarked(docs) == []


def test_the_longest_unmarked_text_counts():
    marked = [make_doc("New York", (0, 2, "LOC")), make_doc("York", (0, 1, "LOC"))]
    assert find_unmarked([*marked, make_doc("old New York")]) == [("New York", 1, 1)]


def test_missing_annotation_is_not_unmarked():
    bare = Doc(NLP.vocab, words=["Rome"])
    assert find_unmarked([make_doc("Rome", (0, 1, "LOC")), bare]) == []
