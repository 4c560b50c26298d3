import pytest
import spacy
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import registry

from spacy_rnn.scorers import score_unlabelled_entities

NLP = spacy.blank("en")
WORDS = ["Anna", "Silva", "left", "Rome", "."]


def make_doc(entities, words=WORDS, **settings):
    doc = Doc(NLP.vocab, words=words)
    doc.set_ents([Span(doc, start, end, label) for start, end, label in entities], **settings)
    return doc


def score(predicted, gold, **settings):
    examples = [Example(make_doc(predicted), make_doc(gold, **settings))]
    return score_unlabelled_entities(examples)


GOLD = [(0, 2, "PER"), (3, 4, "LOC")]


def test_labels_do_not_count():
    assert score([(0, 2, "ENTITY"), (3, 4, "ENTITY")], GOLD)["ents_f"] == 1.0


def test_boundaries_count():
    scores = score([(0, 1, "PER"), (3, 4, "LOC")], GOLD)
    assert (scores["ents_p"], scores["ents_r"]) == pytest.approx((0.5, 0.5))


def test_precision_and_recall_are_not_swapped():
    scores = score([(3, 4, "LOC")], GOLD)
    assert (scores["ents_p"], scores["ents_r"]) == pytest.approx((1.0, 0.5))
    assert scores["ents_f"] == pytest.approx(2 / 3)


def test_all_examples_count_together():
    right = Example(make_doc(GOLD), make_doc(GOLD))
    empty = Example(make_doc([]), make_doc(GOLD))
    scores = score_unlabelled_entities([right, right, empty])
    assert (scores["ents_p"], scores["ents_r"]) == pytest.approx((1.0, 2 / 3))


def test_tokens_may_differ():
    other = make_doc([(0, 1, "X"), (2, 3, "X")], ["Anna Silva", "left", "Rome", "."])
    assert score_unlabelled_entities([Example(other, make_doc(GOLD))])["ents_f"] == 1.0


def test_without_annotation_there_is_no_score():
    example = Example(make_doc(GOLD), Doc(NLP.vocab, words=WORDS))
    scores = score_unlabelled_entities([example])
    assert scores == {"ents_p": None, "ents_r": None, "ents_f": None, "ents_per_type": None}


def test_no_entities_are_annotation():
    assert score(GOLD, [])["ents_f"] == 0.0


def test_a_prediction_where_annotation_is_missing_does_not_count():
    example = Example(make_doc(GOLD), make_doc(GOLD[:1], default="missing"))
    assert score_unlabelled_entities([example])["ents_p"] == 1.0


@pytest.mark.parametrize("gold", [GOLD, GOLD[:1], []])
@pytest.mark.parametrize("predicted", [GOLD, GOLD[1:], [(0, 1, "PER")]])
@pytest.mark.parametrize("default", ["outside", "missing"])
def test_agrees_with_spacy_where_there_is_one_label(predicted, gold, default):
    one = [[(start, end, "X") for start, end, _ in spans] for spans in (predicted, gold)]
    examples = [Example(make_doc(one[0]), make_doc(one[1], default=default))]
    ours, spacys = score_unlabelled_entities(examples), get_ner_prf(examples)
    for key in ("ents_p", "ents_r", "ents_f"):
        assert (ours[key] or 0) == pytest.approx(spacys[key] or 0)


def test_the_registry_has_it():
    make = registry.scorers.get("spacy_rnn.unlabelled_ner_scorer.v1")
    assert make() is score_unlabelled_entities
