import itertools

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.vocab import Vocab

from spacy_rnn.tags import IO_LABEL, SCHEMES, Entity, TagSet, count_dropped, same_tokens
from spacy_rnn.token_tags import TokenTags

LABELS = ["PER", "LOC", "A-B"]
VOCAB = Vocab()
LENGTH = st.integers(0, 9)
every_scheme = pytest.mark.parametrize("scheme", list(SCHEMES))


def tag_set(scheme):
    return TagSet([IO_LABEL] if scheme == "IO" else LABELS, scheme)


@st.composite
def spans(draw, labels, apart=0, length=LENGTH):
    """A document's length and spans in it, with so many free tokens between them."""
    n, out, start = draw(length), [], 0
    while start < n:
        start += draw(st.integers(0, 3))
        end = start + draw(st.integers(1, 4))
        if end <= n:
            out.append(Entity(draw(st.sampled_from(labels)), start, end))
        start = end + apart
    return n, out


def write(tags, n, entities):
    ids = numpy.zeros(n, dtype="i8")
    for label, start, end in entities:
        ids[start:end] = tags.span_tags(label, end - start)
    return ids


def entities_of(tags, ids, lengths):
    return tags.entities(ids, lengths, tags.edges(ids, lengths))


@every_scheme
@given(st.data())
def test_spans_come_back_from_their_tags(scheme, data):
    tags = tag_set(scheme)
    documents = st.lists(spans(tags.labels, apart=int(scheme == "IO")), min_size=1, max_size=5)
    documents = data.draw(documents)
    ids = numpy.concatenate([write(tags, n, entities) for n, entities in documents])
    found = entities_of(tags, ids, [n for n, _ in documents])
    assert found == [entities for _, entities in documents]


@every_scheme
@given(st.data())
def test_tags_of_spans_are_legal(scheme, data):
    tags = tag_set(scheme)
    n, entities = data.draw(spans(tags.labels, length=st.integers(1, 9)))
    ids = write(tags, n, entities)
    assert tags.start[ids[0]] and tags.end[ids[-1]]
    assert tags.transitions[ids[:-1], ids[1:]].all()


def all_spans(labels, n, start=0, apart=0):
    """Every way to lay spans over a document."""
    yield []
    for a, b in itertools.combinations(range(start, n + 1), 2):
        for label, rest in itertools.product(labels, list(all_spans(labels, n, b + apart, apart))):
            yield [Entity(label, a, b), *rest]


@pytest.mark.parametrize("scheme,length", [("IO", 6), ("BIO", 5), ("BILUO", 4)])
def test_legal_tags_are_exactly_those_of_spans(scheme, length):
    tags = TagSet([IO_LABEL] if scheme == "IO" else ["A", "B"], scheme)
    paths = numpy.array(list(itertools.product(range(len(tags)), repeat=length)))
    legal = tags.start[paths[:, 0]] & tags.end[paths[:, -1]]
    legal &= tags.transitions[paths[:, :-1], paths[:, 1:]].all(1)
    of_spans = all_spans(tags.labels, length, apart=int(scheme == "IO"))
    written = [tuple(write(tags, length, spans)) for spans in of_spans]
    assert sorted(written) == sorted(map(tuple, paths[legal]))


@every_scheme
def test_empty_documents_anywhere_have_no_spans(scheme):
    tags = tag_set(scheme)
    ids = numpy.array([*tags.span_tags(tags.labels[0], 2), 0])
    found = entities_of(tags, ids, [0, 2, 0, 0, 1, 0])
    assert [len(spans) for spans in found] == [0, 1, 0, 0, 0, 0]


@every_scheme
def test_spans_never_cross_documents(scheme):
    tags = tag_set(scheme)
    ids = numpy.array(tags.span_tags(tags.labels[0], 4))
    found = entities_of(tags, ids, [2, 2])
    assert [span.end <= 2 for spans in found for span in spans] == [True] * 2


def test_o_has_number_0():
    assert all(tag_set(scheme).names[0] == "O" for scheme in SCHEMES)


def test_a_new_label_leaves_the_old_numbers_alone():
    for scheme in ("BIO", "BILUO"):
        old, new = TagSet(LABELS, scheme).names, TagSet([*LABELS, "NEW"], scheme).names
        assert new[: len(old)] == old


def test_names_of_tags():
    assert TagSet(["A"], "BILUO").names == ["O", "B-A", "I-A", "L-A", "U-A"]
    assert TagSet(["A"], "BIO").names == ["O", "B-A", "I-A"]
    assert TagSet([IO_LABEL], "IO").names == ["O", "I-ENTITY"]


@pytest.mark.parametrize("tag,expected", [(None, -1), ("-", -1), ("O", 0), ("B-NONE", -1)])
@every_scheme
def test_tags_without_a_number(scheme, tag, expected):
    if scheme == "IO" and tag == "B-NONE":
        expected = 1  # all labels are one
    assert tag_set(scheme).tag_id(tag) == expected


def test_labels_may_contain_a_dash():
    tags = TagSet(LABELS, "BIO")
    assert tags.names[tags.tag_id("L-A-B")] == "I-A-B"


# From annotation to tags


def make_doc(words):
    return Doc(VOCAB, words=words)


@st.composite
def references(draw):
    """A document with entities, blocked and missing tokens."""
    n, entities = draw(spans(LABELS))
    doc = make_doc([f"w{i}" for i in range(n)])
    default = draw(st.sampled_from(["outside", "missing"]))
    taken = {i for e in entities for i in range(e.start, e.end)}
    free = [doc[i : i + 1] for i in range(n) if i not in taken]
    blocked = [span for span in free if draw(st.integers(0, 5)) == 0]
    ents = [Span(doc, e.start, e.end, label=e.label) for e in entities]
    if n:
        doc.set_ents(ents, blocked=blocked, default=default)
    return doc


@every_scheme
@given(references())
def test_fast_path_equals_the_alignment(scheme, doc):
    example = Example(make_doc([t.text for t in doc]), doc)
    tags = tag_set(scheme)
    assert same_tokens(example)
    expected = [tags.tag_id(tag) for tag in example.get_aligned_ner()]
    assert tags.gold(example).tolist() == expected


@every_scheme
@given(references())
def test_gold_tags_of_entities_come_back_as_entities(scheme, doc):
    tags = tag_set(scheme)
    ids = numpy.maximum(tags.gold(Example(make_doc([t.text for t in doc]), doc)), 0)
    found = {(e.start, e.end) for e in entities_of(tags, ids, [len(doc)])[0]}
    if scheme != "IO":  # which cannot tell spans that touch
        assert found == {(ent.start, ent.end) for ent in doc.ents}
    else:
        assert {i for a, b in found for i in range(a, b)} == {t.i for ent in doc.ents for t in ent}


def with_person(words, spaces, start, end):
    doc = Doc(VOCAB, words=words, spaces=spaces)
    doc.set_ents([Span(doc, start, end, label="PER")])
    return doc


def test_other_tokens_are_aligned():
    predicted = Doc(VOCAB, words=["Mc", "Gregor", "slept"], spaces=[False, True, False])
    example = Example(predicted, with_person(["McGregor", "slept"], [True, False], 0, 1))
    assert TagSet(["PER"], "BILUO").gold(example).tolist() == [1, 3, 0]


def test_a_token_that_is_partly_an_entity_is_missing():
    predicted = Doc(VOCAB, words=["Mr.Smith", "slept"], spaces=[True, False])
    reference = with_person(["Mr.", "Smith", "slept"], [False, True, False], 1, 2)
    example = Example(predicted, reference)
    assert TagSet(["PER"], "BIO").gold(example).tolist() == [-1, 0]
    assert count_dropped(example) == 1


def test_nothing_is_dropped_where_tokens_are_equal():
    reference = with_person(["a", "b"], [True, False], 0, 1)
    assert count_dropped(Example(make_doc(["a", "b"]), reference)) == 0


def test_no_annotation_is_missing_everywhere():
    example = Example(make_doc(["a", "b"]), make_doc(["a", "b"]))
    assert TagSet(["PER"], "BIO").gold(example).tolist() == [-1, -1]


def test_the_empty_document_has_no_tags():
    example = Example(make_doc([]), make_doc([]))
    assert TagSet(["PER"], "BIO").gold(example).tolist() == []


def test_one_hot_allows_one_tag_or_all():
    allowed = TagSet(["PER"], "BIO").one_hot(numpy.array([2, -1]))
    assert allowed.tolist() == [[False, False, True], [True, True, True]]


# Tags of single tokens


def test_token_tags_are_their_labels():
    tags = TokenTags(["NN", "VB"])
    assert (len(tags), tags.labels, tags.names) == (2, ("NN", "VB"), ["NN", "VB"])


def test_any_token_tag_may_stand_anywhere():
    tags = TokenTags(["NN", "VB", "."])
    assert tags.transitions.shape == (3, 3) and tags.start.shape == tags.end.shape == (3,)
    assert tags.transitions.all() and tags.start.all() and tags.end.all()


def test_a_new_token_tag_leaves_the_old_numbers_alone():
    assert TokenTags(["B", "A", "NEW"]).names[:2] == TokenTags(["B", "A"]).names


@pytest.mark.parametrize(
    "value,allowed",
    [
        ("NN", [True, False, False]),
        (".", [False, False, True]),
        ("!NN", [False, True, True]),
        ("!.", [True, True, False]),
        ("", [True, True, True]),
        ("NEW", [True, True, True]),
        ("!NEW", [True, True, True]),
    ],
)
def test_what_a_token_may_be(value, allowed):
    tags = TokenTags(["NN", "VB", "."])
    assert tags.one_hot(numpy.array([tags.tag_id(value)])).tolist() == [allowed]


def test_one_hot_of_no_token():
    assert TokenTags(["NN"]).one_hot(numpy.zeros(0, dtype="i8")).shape == (0, 1)


def test_a_span_is_right_if_its_edges_and_label_are():
    tags = TagSet(["PER", "LOC"], "BIO")
    per, on, loc = (tags.ids[tag] for tag in (("B", "PER"), ("I", "PER"), ("B", "LOC")))
    ids = numpy.array([per, on, 0, per, 0, loc, per, per])
    gold = numpy.array([per, on, 0, per, on, per, -1, per])
    (starts, ends), right = tags.judge(ids, gold, [5, 3], tags.edges(ids, [5, 3]))
    assert list(zip(starts, ends)) == [(0, 2), (3, 4), (5, 6), (7, 8)]
    assert right.tolist() == [True, False, False, True]
