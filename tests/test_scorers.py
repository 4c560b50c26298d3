import pytest
import spacy
from spacy.scorer import Scorer, get_ner_prf
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import registry

from spacy_rnn import extensions
from spacy_rnn.levels import register
from spacy_rnn.scorers import score_entities, score_texts, score_unlabelled_entities

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
    assert set(score_unlabelled_entities([example]).values()) == {None}
    assert set(score_entities([example], confidence="sure").values()) == {None}


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


@pytest.mark.parametrize("predicted", [(0, 1), (1, 2), (0, 2), (2, 3), (2, 4), (3, 4)])
@pytest.mark.parametrize(
    "words", [["Anna", "Silva left", "Ro", "me."], ["An", "na", "Silva", "left Rome ."]]
)
def test_agrees_with_spacy_where_tokens_are_others(predicted, words):
    other = Example(make_doc([(*predicted, "X")], words), make_doc([(0, 1, "X"), (3, 4, "X")]))
    ours, spacys = score_unlabelled_entities([other]), get_ner_prf([other])
    for key in ("ents_p", "ents_r", "ents_f"):
        assert ours[key] == pytest.approx(spacys[key])


def test_the_registry_has_it():
    make = registry.scorers.get("spacy_rnn.unlabelled_ner_scorer.v1")
    assert make() is score_unlabelled_entities


# How sure


def sure_example(found, gold=GOLD):
    """An example whose predictions have a confidence, None for those that have none."""
    extensions.register(Span, "sure")
    doc = make_doc([entity for entity, _ in found])
    for ent, (_, sure) in zip(doc.ents, found):
        ent._.sure = sure
    return Example(doc, make_doc(gold) if isinstance(gold, list) else gold)


FOUND = [((0, 2, "PER"), 0.9), ((2, 3, "LOC"), 0.6), ((3, 4, "LOC"), 0.4)]


def test_entities_score_what_spacy_scores():
    examples = [sure_example(FOUND), sure_example(FOUND[1:])]
    ours, theirs = score_entities(examples, confidence="sure"), get_ner_prf(examples)
    assert {key: ours[key] for key in theirs} == theirs
    assert set(ours) - set(theirs) == {"ents_ece", "ents_auroc"}


def test_entities_score_their_confidence():
    scores = score_entities([sure_example(FOUND)], confidence="sure")
    assert scores["ents_ece"] == pytest.approx((0.1 + 0.6 + 0.6) / 3)
    assert scores["ents_auroc"] == 0.5


def test_a_wrong_label_and_a_wrong_boundary_are_wrong():
    found = [((0, 1, "PER"), 1.0), ((3, 4, "PER"), 1.0)]
    assert score_entities([sure_example(found)], confidence="sure")["ents_ece"] == 1.0


def test_entities_without_confidence_do_not_count():
    found = [(entity, sure if sure > 0.5 else None) for entity, sure in FOUND]
    scores = score_entities([sure_example(found)], confidence="sure")
    assert (scores["ents_ece"], scores["ents_auroc"]) == (pytest.approx(0.35), 1.0)
    assert scores["ents_f"] == pytest.approx(4 / 5)


def test_confidence_where_annotation_is_missing_does_not_count():
    gold = make_doc(GOLD[:1], default="missing")
    scores = score_entities([sure_example(FOUND, gold)], confidence="sure")
    assert (scores["ents_ece"], scores["ents_auroc"]) == (pytest.approx(0.1), None)


@pytest.mark.parametrize("confidence", ["sure", None])
def test_without_entities_nothing_tells_how_sure(confidence):
    found = [] if confidence else FOUND
    scores = score_entities([sure_example(found)], confidence=confidence)
    assert (scores["ents_ece"], scores["ents_auroc"]) == (None, None)


def test_the_registry_has_the_scorer_of_entities():
    assert registry.scorers.get("spacy_rnn.ner_scorer.v1")() is score_entities


# Texts

LABELS = ["neg", "pos"]


def text_example(found, gold):
    docs = Doc(NLP.vocab, words=WORDS), Doc(NLP.vocab, words=WORDS)
    docs[0].cats, docs[1].cats = found, gold
    return Example(*docs)


def found(p):
    return {"neg": 1 - p, "pos": p}


def gold(label):
    return {name: float(name == label) for name in LABELS}


TEXTS = [(0.9, "pos"), (0.6, "neg"), (0.2, "neg"), (0.4, "pos")]
EXAMPLES = [text_example(found(p), gold(label)) for p, label in TEXTS]


@pytest.mark.parametrize("head,many", [("exclusive", False), ("multilabel", True)])
@pytest.mark.parametrize("settings", [{}, {"threshold": 0.55}, {"positive_label": "pos"}])
def test_texts_score_what_spacy_scores(head, many, settings):
    ours = score_texts(EXAMPLES, head=head, labels=LABELS, temperature=2.0, **settings)
    theirs = Scorer.score_cats(EXAMPLES, "cats", labels=LABELS, multi_label=many, **settings)
    assert {key: ours[key] for key in theirs} == theirs
    assert set(ours) - set(theirs) == (set() if many else {"cats_acc", "cats_ece"})


def test_texts_score_accuracy_and_calibration():
    scores = score_texts(EXAMPLES, labels=LABELS)
    assert scores["cats_acc"] == 0.5
    assert scores["cats_ece"] == pytest.approx((0.1 + 0.6 + 0.2 + 0.6) / 4)


def test_texts_in_an_order_score_their_kappa():
    scores = score_texts(EXAMPLES, head="ordinal", labels=LABELS)
    assert (scores["cats_qwk"], scores["cats_mae"]) == (0.0, 0.5)
    assert scores["cats_score"] == pytest.approx(0.5)


def test_numbers_score_what_they_explain():
    pairs = [({"stars": 2.0}, {"stars": 1.0}), ({"stars": 3.0}, {"stars": 5.0})]
    examples = [text_example(*pair) for pair in pairs]
    scores = score_texts(examples, head="regression", labels=["stars"])
    assert scores["cats_score"] == scores["cats_r2"] == pytest.approx(1 - 5 / 8)
    assert (scores["cats_mae"], scores["cats_score_desc"]) == (1.5, "R2")


@pytest.mark.parametrize("head", ["exclusive", "multilabel", "ordinal", "regression"])
def test_texts_without_annotation_do_not_count(head):
    known = EXAMPLES if head != "regression" else [text_example({"pos": 1.0}, {"pos": 2.0})] * 2
    unknown = [text_example(found(0.9), {}), text_example({}, {})]
    labels = LABELS if head != "regression" else ["pos"]
    expected = score_texts(known, head=head, labels=labels)
    assert score_texts([*known, *unknown], head=head, labels=labels) == expected
    alone = score_texts(unknown, head=head, labels=labels)
    assert not alone["cats_score"] and not alone.get("cats_acc")


def sentences(label_of):
    """Two sentences with those cats, None for what nobody has written."""
    register("sent", None)
    doc = Doc(NLP.vocab, words=[*WORDS, *WORDS], sent_starts=[True, *[False] * 4] * 2)
    for sent, cats in zip(doc.sents, label_of):
        sent._.cats = cats
    return doc


def test_sentences_score_each_for_itself():
    example = Example(sentences([found(0.9), found(0.3)]), sentences([gold("pos"), gold("pos")]))
    assert score_texts([example], level="sent", labels=LABELS)["cats_acc"] == 0.5


def test_a_sentence_that_was_not_found_does_not_count():
    example = Example(sentences([found(0.9), None]), sentences([gold("pos"), gold("neg")]))
    scores = score_texts([example], level="sent", labels=LABELS)
    assert (scores["cats_acc"], scores["cats_micro_f"]) == (1.0, 1.0)


def test_a_label_that_the_model_does_not_know_is_wrong():
    example = text_example(found(0.1), {"mixed": 1.0})
    scores = score_texts([*EXAMPLES, example], labels=LABELS)
    assert scores["cats_acc"] == pytest.approx(2 / 5)
    assert scores["cats_f_per_type"]["neg"]["p"] < 0.5


def test_the_registry_has_the_scorer_of_texts():
    assert registry.scorers.get("spacy_rnn.text_scorer.v1")() is score_texts
