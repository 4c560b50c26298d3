import math

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from spacy_rnn.evaluation.generation import score_bleu, score_generated, slot_errors

NLP = spacy.blank("en")


def examples(texts):
    if not Doc.has_extension("generated"):
        Doc.set_extension("generated", default=None)
    found = [Example(NLP.make_doc(""), NLP.make_doc("gold")) for _ in texts]
    for eg, text in zip(found, texts):
        eg.predicted._.generated = text
    return found


def score(texts, **more):
    given = {"output": "_.generated", "log_p": [], "references": lambda: [[]] * len(texts)}
    given |= {"slots": [[]] * len(texts), "units": "word"}
    return score_generated(examples(texts), **{**given, **more})


@pytest.mark.parametrize(
    "text, values, wrong",
    [
        ("a b", ["a", "b"], 0),
        ("a", ["a", "b"], 1),
        ("a a b", ["a", "b"], 1),  # once too often
        ("a b c", ["a b", "b"], 1),  # part of a longer one
        ("a b c b", ["a b", "b"], 0),
        ("x", ["a", "a"], 2),
        ("a a", ["a", "a"], 0),
        ("ab", ["a"], 1),
    ],
)
def test_values_that_are_missing_or_said_too_often_are_errors(text, values, wrong):
    assert slot_errors([(text, values)], "word") == (len(values), wrong)


@pytest.mark.parametrize("units", ["word", "char"])
def test_an_empty_value_is_not_asked_for(units):
    assert slot_errors([("a  b c", ["", " ", "b"])], units) == (1, 0)


def test_prob_is_a_geometric_mean():
    scores = score(["a", None], log_p=[(math.log(0.5), 1), (2 * math.log(0.25), 2)])
    assert scores["generated_prob"] == pytest.approx((0.5 * 0.25**2) ** (1 / 3))
    assert scores["rnn_generator_prob"] == scores["generated_prob"]


def test_references_are_worked_out_for_bleu_only():
    asked = []

    def references():
        asked.append(True)
        return [["a b c d"]]

    score(["a b c d"], references=references)
    assert not asked
    scores = score(["a b c d"], references=references, bleu=True)
    assert scores["generated_bleu"] == pytest.approx(1.0) and asked == [True]


def test_what_is_not_known_is_none_and_nothing_written_misses_all():
    nothing = dict.fromkeys(("generated_prob", "rnn_generator_prob", "generated_slot_acc"))
    assert score(["a"]) == nothing
    assert score([None], slots=[["a", "b"]])["generated_slot_acc"] == 0.0
    assert score(["a b"], slots=[["a", "c"]])["generated_slot_acc"] == 0.5
    assert score([], bleu=True)["generated_bleu"] is None


def test_bleu_counts_all_references():
    pairs = [("a b c d e", ["a b c d x", "y a b c d e"]), ("f g h i", ["f g h i"])]
    assert score_bleu(pairs) == pytest.approx(1.0)
    assert 0 < score_bleu([("a b c d e", ["a b c d x"])]) < 1


def bleu_by_hand(pairs):
    """Papineni et al. (2002), with the nearest length."""
    hits, totals, ours, theirs = [0] * 4, [0] * 4, 0, 0
    for text, right in pairs:
        words, refs = text.split(), [r.split() for r in right]
        ours += len(words)
        theirs += min((abs(len(r) - len(words)), len(r)) for r in refs)[1]
        for n in range(1, 5):
            grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
            totals[n - 1] += len(grams)
            for gram in set(grams):
                most = max(
                    sum(tuple(r[i : i + n]) == gram for i in range(len(r) - n + 1)) for r in refs
                )
                hits[n - 1] += min(grams.count(gram), most)
    mean = sum(math.log(h / t) for h, t in zip(hits, totals)) / 4
    return min(1.0, math.exp(1 - theirs / ours)) * math.exp(mean)


def test_bleu_is_that_of_the_paper():
    pairs = [
        (
            "the hut is a nice place for thai food",
            ["the hut serves nice thai food", "a nice place for thai food is the hut"],
        ),
        ("it is a nice place", ["it is a very nice place", "this is a nice place ."]),
    ]
    assert score_bleu(pairs) == pytest.approx(bleu_by_hand(pairs))
