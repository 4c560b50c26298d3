import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example

from spacy_rnn.errors import DataError
from spacy_rnn.evaluation.docs import adopt_label, mentions, pairs_of, read_docs
from spacy_rnn.evaluation.entities import Kind, score, score_types

from ..helpers import make_nlp

VOCAB = spacy.blank("en").vocab
CHARS = 12


def make_doc(lengths, entities, default="outside"):
    """Tokens without spaces between them, so that cuts may fall anywhere."""
    words = ["x" * n for n in lengths]
    doc = Doc(VOCAB, words=words, spaces=[False] * len(words))
    doc.set_ents([Span(doc, *entity) for entity in entities], default=default)
    return doc


@st.composite
def docs(draw, defaults=("outside",)):
    """The same text cut and annotated in many ways."""
    cuts = sorted({*draw(st.sets(st.integers(1, CHARS - 1))), CHARS})
    lengths = [b - a for a, b in zip([0, *cuts], cuts)]
    edges = sorted(draw(st.sets(st.integers(0, len(lengths)), max_size=8)))
    labels = st.sampled_from(["PER", "LOC", ""])
    entities = [(a, b, draw(labels)) for a, b in zip(edges, edges[1:])]
    chosen = [entity for entity in entities if entity[2]]
    return make_doc(lengths, chosen, draw(st.sampled_from(defaults)))


EXAMPLES = st.lists(
    st.builds(Example, docs(), docs(("outside", "missing"))), min_size=1, max_size=4
)


@given(EXAMPLES)
def test_scores_agree_with_spacy_however_tokens_are_cut(examples):
    of, theirs = score([p for eg in examples for p in pairs_of(eg)]), get_ner_prf(examples)
    for ours, key in [(of.precision, "ents_p"), (of.recall, "ents_r"), (of.f1, "ents_f")]:
        assert ours == pytest.approx(theirs[key] or 0.0, abs=1e-9)


@given(EXAMPLES)
def test_scores_of_types_agree_with_spacy(examples):
    ours = score_types([p for eg in examples for p in pairs_of(eg)])
    theirs = get_ner_prf(examples)["ents_per_type"] or {}
    for label, of in ours.items():
        assert of.f1 == pytest.approx(theirs[label]["f"], abs=1e-9)


def test_mentions_are_places_in_the_text():
    doc = Doc(VOCAB, words=["Anna", "Silva", "left"])
    doc.set_ents([Span(doc, 1, 2, "PER")])
    assert mentions(doc) == [(5, 10, "PER", "Silva", None)]


def test_a_prediction_where_annotation_is_missing_does_not_count():
    predicted = make_doc([4, 4, 4], [(0, 1, "PER"), (1, 2, "PER")])
    gold = make_doc([4, 4, 4], [(0, 1, "PER")], default="missing")
    assert [pair.kind for pair in pairs_of(Example(predicted, gold))] == [Kind.RIGHT]


def test_confidence_is_read_from_its_extension():
    Span.set_extension("how_sure", default=None, force=True)
    predicted = make_doc([4, 4], [(0, 1, "PER")])
    predicted.ents[0]._.how_sure = 0.25
    (pair,) = pairs_of(Example(predicted, make_doc([4, 4], [(0, 1, "PER")])), "how_sure")
    Span.remove_extension("how_sure")
    assert pair.predicted.confidence == 0.25


def test_read_docs(tmp_path):
    DocBin(docs=[make_doc([1, 2], [(0, 1, "PER")])]).to_disk(tmp_path / "a.spacy")
    (doc,) = read_docs(tmp_path / "a.spacy", VOCAB)
    assert [ent.label_ for ent in doc.ents] == ["PER"]


@pytest.mark.parametrize("content", [b"", b"Anna B-PER\n", b"\x00" * 40])
def test_another_file_is_named(tmp_path, content):
    path = tmp_path / "a.spacy"
    path.write_bytes(content)
    with pytest.raises(DataError, match="a.spacy: cannot be read.*spacy rnn convert"):
        read_docs(path, VOCAB)


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "a.spacy"
    DocBin(docs=[make_doc([1, 2], [(0, 1, "PER")])]).to_disk(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="a.spacy: cannot be read"):
        read_docs(path, VOCAB)


def test_a_corpus_without_entities_is_named(tmp_path):
    DocBin(docs=[make_doc([1, 2], []), make_doc([3], [])]).to_disk(tmp_path / "a.spacy")
    with pytest.raises(DataError, match=r"a.spacy: no entity in 2 document.*--tag-column"):
        read_docs(tmp_path / "a.spacy", VOCAB)


@pytest.mark.parametrize("default", ["outside", "missing"])
@pytest.mark.parametrize("scheme,labels", [("IO", ["ENTITY"] * 2), ("BIO", ["PER", "LOC"])])
def test_entities_have_labels_that_can_be_told_apart(scheme, labels, default):
    nlp = make_nlp(scheme=scheme)
    doc = make_doc([1, 1, 1, 1], [(0, 2, "PER"), (2, 3, "LOC")], default)
    before = [token.ent_iob_ for token in doc]
    adopt_label([doc], nlp)
    assert [ent.label_ for ent in doc.ents] == labels
    assert [token.ent_iob_ for token in doc] == before
