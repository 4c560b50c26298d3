from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from spacy_rnn.evaluation.entities import (
    Kind,
    Mention,
    Pair,
    confusion,
    pair_up,
    score,
    score_seen,
    score_types,
)

LABELS = ("PER", "LOC", "ORG")
LENGTH = 12


@st.composite
def spans(draw):
    """Entities of a sentence of `LENGTH` tokens, none overlapping another."""
    found, at = [], 0
    for gap, length, label in draw(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from(LABELS)), max_size=6
        )
    ):
        start, end = at + gap, at + gap + length
        if end > LENGTH:
            break
        found.append(mention(start, end, label))
        at = end
    return found


SENTENCES = st.lists(st.tuples(spans(), spans()), min_size=1, max_size=5)


def mention(start, end, label="PER", text=None, confidence=None):
    return Mention(start, end, label, text or f"{start}-{end}", confidence)


def tags(mentions):
    out = ["O"] * LENGTH
    for m in mentions:
        out[m.start : m.end] = [f"B-{m.label}"] + [f"I-{m.label}"] * (m.end - m.start - 1)
    return out


def all_pairs(sentences):
    return [pair for gold, predicted in sentences for pair in pair_up(gold, predicted)]


def overlap(a, b):
    return min(a.end, b.end) - max(a.start, b.start)


def seqeval(sentences):
    gold, predicted = ([tags(sentence[i]) for sentence in sentences] for i in (0, 1))
    return classification_report(
        gold, predicted, mode="strict", scheme=IOB2, output_dict=True, zero_division=0
    )


def assert_same(ours, theirs):
    assert ours.precision == pytest.approx(theirs["precision"], abs=1e-9)
    assert ours.recall == pytest.approx(theirs["recall"], abs=1e-9)
    assert ours.f1 == pytest.approx(theirs["f1-score"], abs=1e-9)
    assert ours.gold == theirs["support"]


SOME = SENTENCES.filter(lambda sentences: any(g or p for g, p in sentences))


@given(SOME)
def test_scores_agree_with_seqeval(sentences):
    assert_same(score(all_pairs(sentences)), seqeval(sentences)["micro avg"])


@given(SOME)
def test_scores_of_types_agree_with_seqeval(sentences):
    theirs = {k: v for k, v in seqeval(sentences).items() if not k.endswith(" avg")}
    ours = score_types(all_pairs(sentences))
    assert ours.keys() == theirs.keys()
    for label in ours:
        assert_same(ours[label], theirs[label])


@given(spans(), spans())
def test_each_entity_is_in_one_pair(gold, predicted):
    pairs = pair_up(gold, predicted)
    assert sorted(p.gold for p in pairs if p.gold) == gold
    assert sorted(p.predicted for p in pairs if p.predicted) == predicted


@given(spans(), spans())
def test_partners_overlap(gold, predicted):
    for pair in pair_up(gold, predicted):
        if pair.gold and pair.predicted:
            assert overlap(*pair) > 0


@given(spans(), spans())
def test_what_is_missed_overlaps_nothing_spurious(gold, predicted):
    pairs = pair_up(gold, predicted)
    missed = [p.gold for p in pairs if p.kind is Kind.MISSED]
    spurious = [p.predicted for p in pairs if p.kind is Kind.SPURIOUS]
    assert all(overlap(a, b) <= 0 for a, b in product(missed, spurious))


@given(spans(), spans())
def test_what_is_in_both_is_right(gold, predicted):
    right = [p.gold for p in pair_up(gold, predicted) if p.kind is Kind.RIGHT]
    assert set(right) == set(gold) & set(predicted)


@given(SENTENCES)
def test_kinds_add_up_to_the_scores(sentences):
    pairs = all_pairs(sentences)
    of = score(pairs)
    wrong = [p for p in pairs if p.kind not in (Kind.RIGHT, Kind.MISSED, Kind.SPURIOUS)]
    missed = sum(p.kind is Kind.MISSED for p in pairs)
    spurious = sum(p.kind is Kind.SPURIOUS for p in pairs)
    assert of.gold - of.right == len(wrong) + missed
    assert of.predicted - of.right == len(wrong) + spurious


@pytest.mark.parametrize(
    "predicted, kind",
    [
        ((2, 4, "PER"), Kind.RIGHT),
        ((2, 4, "LOC"), Kind.TYPE),
        ((2, 3, "PER"), Kind.BOUNDARY),
        ((3, 6, "PER"), Kind.BOUNDARY),
        ((1, 5, "LOC"), Kind.BOTH),
    ],
)
def test_kind_of_a_pair(predicted, kind):
    (pair,) = pair_up([mention(2, 4)], [mention(*predicted)])
    assert pair.kind is kind


@pytest.mark.parametrize("start, end", [(0, 2), (4, 6)])
def test_neighbours_are_no_partners(start, end):
    pairs = pair_up([mention(2, 4)], [mention(start, end)])
    assert {pair.kind for pair in pairs} == {Kind.MISSED, Kind.SPURIOUS}


def test_pairs_are_in_order_of_the_text():
    pairs = pair_up([mention(2, 4), mention(8, 9)], [mention(0, 1), mention(6, 7)])
    assert [m.start for pair in pairs for m in pair if m] == [0, 2, 6, 8]


def test_the_same_type_is_a_better_partner_than_a_larger_overlap():
    gold = mention(0, 4, "LOC")
    pairs = pair_up([gold], [mention(0, 3, "PER"), mention(3, 4, "LOC")])
    assert Pair(gold, mention(3, 4, "LOC")) in pairs


def test_a_larger_overlap_is_a_better_partner():
    pairs = pair_up([mention(0, 4)], [mention(0, 1), mention(1, 4)])
    assert Pair(mention(0, 4), mention(1, 4)) in pairs


def test_what_is_right_is_the_best_partner():
    """Predictions may meet in a token of gold; then two can cover the same entity."""
    pairs = pair_up([mention(2, 4)], [mention(1, 4), mention(2, 4)])
    assert Pair(mention(2, 4), mention(2, 4)) in pairs


def test_a_second_answer_is_spurious():
    pairs = pair_up([mention(2, 4)], [mention(2, 4), mention(2, 4)])
    assert [pair.kind for pair in pairs] == [Kind.RIGHT, Kind.SPURIOUS]


def test_precision_and_recall_are_not_swapped():
    of = score(pair_up([mention(0, 1), mention(2, 3)], [mention(0, 1)]))
    assert (of.precision, of.recall, of.f1) == pytest.approx((1.0, 0.5, 2 / 3))


def test_scores_of_nothing_are_zero():
    of = score([])
    assert (of.precision, of.recall, of.f1) == (0.0, 0.0, 0.0)


def test_confusion_counts_types_whatever_the_boundaries():
    gold = [mention(0, 2, "PER"), mention(3, 4, "LOC"), mention(5, 6, "LOC")]
    predicted = [mention(0, 1, "PER"), mention(3, 4, "ORG"), mention(8, 9, "ORG")]
    assert confusion(pair_up(gold, predicted)) == {
        ("PER", "PER"): 1,
        ("LOC", "ORG"): 1,
        ("LOC", None): 1,
        (None, "ORG"): 1,
    }


@pytest.mark.parametrize(
    "known, is_seen",
    [(("rome", "LOC"), True), (("rome", "PER"), False), (("paris", "LOC"), False)],
)
def test_seen_is_text_in_whatever_case_with_its_label(known, is_seen):
    rome = mention(0, 4, "LOC", "ROME")
    seen, unseen = score_seen(pair_up([rome], [rome]), {known})
    assert (seen.right, unseen.right) == (int(is_seen), int(not is_seen))


@given(SENTENCES)
def test_seen_and_unseen_make_all(sentences):
    pairs = all_pairs(sentences)
    known = {m.form for pair in pairs[::2] for m in pair if m}
    parts = score_seen(pairs, known)
    assert tuple(map(sum, zip(*parts))) == score(pairs)
