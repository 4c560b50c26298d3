import sys
from functools import cache

import pytest
import sacrebleu
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.scorer import Scorer
from spacy.tokens import Doc, DocBin, Span, Token
from spacy.training import Example
from spacy.util import registry

from spacy_rnn.evaluation.strings import (
    edit_distance,
    score_pairs,
    score_seen,
    score_translations,
)
from spacy_rnn.scorers import score_strings

NLP = spacy.blank("en")
WORDS = ["Six", "mice", "ran"]


@pytest.fixture(autouse=True)
def extensions():
    for owner in (Doc, Span, Token):
        for name in ("out", "out_alternatives"):
            owner.set_extension(name, default=None, force=True)


def brute_force(a, b):
    """As it is defined."""

    @cache
    def distance(i, j):
        if not i or not j:
            return i + j
        ways = distance(i - 1, j) + 1, distance(i, j - 1) + 1
        return min(*ways, distance(i - 1, j - 1) + (a[i - 1] != b[j - 1]))

    return distance(len(a), len(b))


sequences = st.lists(st.sampled_from("abc"), max_size=9)


@given(sequences, sequences)
def test_the_distance_is_what_brute_force_finds(a, b):
    assert edit_distance(a, b) == brute_force(a, b) == edit_distance(b, a)


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_the_distance_is_a_metric(a, b, c):
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


@pytest.mark.parametrize("a, b, n", [("kitten", "sitting", 3), ("", "abc", 3), ("ab", "ba", 2)])
def test_known_distances(a, b, n):
    assert edit_distance(a, b) == n


def test_characters_count_together():
    scores = score_pairs([("abcd", ["abcd"]), ("ax", ["ab"])], "out", "char")
    assert scores == {"out_acc": 0.5, "out_char_acc": pytest.approx(1 - 1 / 6)}


def test_units_are_words():
    scores = score_pairs([("K AE T", ["K AE1 T"]), ("D AO G Z", ["D AO G"])], "out", "word")
    assert scores == {"out_acc": 0.0, "out_unit_acc": pytest.approx(1 - 2 / 6)}


def test_the_nearest_of_several_counts():
    scores = score_pairs([("ab", ["xyz", "ab"]), ("abc", ["xyzxyz", "abcd"])], "out", "char")
    assert scores == {"out_acc": 0.5, "out_char_acc": pytest.approx(1 - 1 / 6)}


def test_no_score_is_below_zero():
    assert score_pairs([("abcdef", ["x"])], "out", "char")["out_char_acc"] == 0.0


def doc(values=None, level="doc", words=WORDS, others=None):
    """A document, or its sentences or tokens, with these targets."""
    made = Doc(NLP.vocab, words=words, sent_starts=[True, *[False] * (len(words) - 1)])
    made.spans["key"] = [made[:1], made[1:]]
    owners = {"doc": [made], "sent": made.sents, "token": made, "span:key": made.spans["key"]}
    for owner, value in zip(owners[level], values or ()):
        owner._.out = value
        owner._.out_alternatives = others
    return made


def score(found, gold, level="doc", **settings):
    examples = [Example(doc(found, level), doc(gold, level))]
    return score_strings(examples, level=level, target="_.out", **settings)


@pytest.mark.parametrize(
    "level, found, gold, right",
    [
        ("doc", ["a"], ["a"], 1.0),
        ("sent", ["a"], ["b"], 0.0),
        ("token", ["a", "b", "c"], ["a", "x", "c"], 2 / 3),
        ("span:key", ["a", "b"], ["a", "x"], 0.5),
    ],
)
def test_each_level_is_scored(level, found, gold, right):
    assert score(found, gold, level)["out_acc"] == pytest.approx(right)


@pytest.mark.parametrize("missing", [None, "", []])
def test_what_is_not_annotated_does_not_count(missing):
    assert score(["a", "b", "c"], ["a", missing, missing], "token")["out_acc"] == 1.0
    assert score(["a"], [missing]) == {"out_acc": None, "out_char_acc": None}


@pytest.mark.parametrize("missing", [None, "", []])
def test_what_was_not_written_is_wrong(missing):
    assert score([missing], ["a"]) == {"out_acc": 0.0, "out_char_acc": 0.0}


def test_lists_are_units():
    assert score([["K", "AE"]], ["K AE"], units="word") == {"out_acc": 1.0, "out_unit_acc": 1.0}


def test_white_space_between_words_does_not_matter():
    """The decoder writes one space, whatever stands in the file."""
    example = Example(doc(["a b"]), doc([" a  b"], others=["c"]))
    scores = score_strings([example], target="_.out", units="word", seen={"Six mice ran "})
    assert scores["out_acc"] == scores["out_unit_acc"] == scores["out_seen_acc"] == 1.0
    assert score_strings([example], target="_.out", units="char")["out_acc"] == 0.0


@pytest.mark.parametrize("wrong", [7, ["a", 7], {"a": 1}], ids=str)
def test_what_is_no_string_is_named(wrong):
    with pytest.raises(ValueError, match=r"'_.out' of 'Six mice ran ' is .*must be a string"):
        score(["a"], [wrong])


def test_a_reference_without_sentences_does_not_count():
    bare = Doc(NLP.vocab, words=WORDS)
    examples = [Example(doc(["a"], "sent"), bare), Example(doc(["a"], "sent"), doc(["a"], "sent"))]
    for n, right in ((1, None), (2, 1.0)):
        scores = score_strings(examples[:n], level="sent", target="_.out", seen={"x"})
        assert scores["out_acc"] == scores["out_unseen_acc"] == right


def test_alternatives_are_right():
    example = Example(doc(["b"]), doc(["a"], others=("b", "c")))
    assert score_strings([example], target="_.out")["out_acc"] == 1.0


def test_alternatives_of_a_file_count_in_a_new_process(tmp_path):
    """Where nobody has made the extension."""
    DocBin(docs=[doc(["a"], others=("b",))], store_user_data=True).to_disk(tmp_path / "a.spacy")
    predicted = doc(["b"])
    Doc.remove_extension("out_alternatives")
    (reference,) = DocBin().from_disk(tmp_path / "a.spacy").get_docs(NLP.vocab)
    scores = score_strings([Example(predicted, reference)], target="_.out")
    assert scores["out_acc"] == 1.0


def test_tokens_that_are_cut_otherwise_are_wrong():
    example = Example(
        doc(["a", "b"], "token", words=["Six", "miceran"]), doc(["a", "b", "c"], "token")
    )
    assert score_strings([example], level="token", target="_.out")["out_acc"] == pytest.approx(
        1 / 3
    )


def test_sentences_that_were_not_found_do_not_count():
    predicted = Doc(NLP.vocab, words=WORDS, sent_starts=[True, True, False])
    example = Example(predicted, doc(["a"], "sent"))
    predicted[1:]._.out = "b"
    assert score_strings([example], level="span:key", target="_.out")["out_acc"] is None
    reference = doc(["a", "b"], "span:key")
    example = Example(predicted, reference)
    scores = score_strings([example], level="span:key", target="_.out")
    assert scores["out_acc"] == 0.5


def attributed(target, values):
    """A document whose tokens have these values."""
    made = Doc(NLP.vocab, words=WORDS)
    for token, value in zip(made, values):
        if target == "morph":
            token.set_morph(value)
        else:
            setattr(token, f"{target}_", value)
    return made


@pytest.mark.parametrize("target", ["lemma", "tag", "morph", "norm", "pos"])
def test_attributes_of_tokens_score_what_spacy_scores(target):
    one, two = {"morph": ("A=B", "C=D"), "pos": ("NOUN", "VERB")}.get(target, "xy")
    example = Example(attributed(target, [one, one]), attributed(target, [one, two]))
    scores = score_strings([example], level="token", target=target)
    getter = {"morph": lambda token, _: str(token.morph)}.get(target, getattr)
    theirs = Scorer.score_token_attr([example], f"{target}_", getter=getter)
    assert scores[f"{target}_acc"] == pytest.approx(theirs[f"{target}__acc"])
    assert scores[f"{target}_acc"] == pytest.approx(2 / 3 if target == "norm" else 1 / 2)


def test_translations_are_scored_as_sacrebleu_does():
    pairs = [
        ("the cat sat on the mat today", ["the cat sat on a mat today", "a cat was on the mat"]),
        ("dogs bark at night in the town", ["dogs bark in the town at night"]),
    ]
    scores = score_translations(pairs, "out")
    found = [text for text, _ in pairs]
    refs = [[pairs[0][1][0], pairs[1][1][0]], [pairs[0][1][1], None]]
    assert scores["out_bleu"] == pytest.approx(sacrebleu.corpus_bleu(found, refs).score / 100)
    assert scores["out_chrf"] == pytest.approx(sacrebleu.corpus_chrf(found, refs).score / 100)
    assert 0 < scores["out_bleu"] < scores["out_chrf"] < 1


def test_right_translations_score_one_and_none_score_none():
    same = [("the cat sat on the mat", ["the cat sat on the mat"])]
    assert score_translations(same, "out") == pytest.approx({"out_bleu": 1.0, "out_chrf": 1.0})
    assert score_translations([], "out") == {"out_bleu": None, "out_chrf": None}


def test_the_registry_has_the_scorer():
    make = registry.scorers.get("spacy_rnn.seq2seq_scorer.v1")
    examples = [Example(doc(["a b c d"]), doc(["a b c d"]))]
    assert set(make()(examples, target="_.out")) == {"out_acc", "out_char_acc"}
    with_mt = make(mt=True)(examples, target="_.out", units="word")
    assert set(with_mt) == {"out_acc", "out_unit_acc", "out_bleu", "out_chrf"}


def test_without_sacrebleu_only_translations_fail(monkeypatch):
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    assert score(["a"], ["a"])["out_acc"] == 1.0
    with pytest.raises(ImportError, match=r"python -m pip install 'spacy-rnn\[mt\]'"):
        score(["a"], ["a"], mt=True)


def test_seen_and_unseen_forms_are_scored_apart():
    gold = Doc(NLP.vocab, ["cats", "dogs", "mice", "x"], lemmas=["cat", "dog", "mouse", ""])
    found = Doc(NLP.vocab, ["cats", "dogs", "mice", "x"], lemmas=["cat", "dogs", "mouse", "x"])
    eg = [Example(found, gold)]
    assert score_seen(eg, "token", "lemma", {"cats", "dogs"}) == {
        "lemma_seen_acc": 0.5,
        "lemma_unseen_acc": 1.0,
    }
    assert score_seen(eg, "token", "lemma", [])["lemma_seen_acc"] is None
    scores = score_strings(eg, level="token", target="lemma", seen={"mice"})
    assert (scores["lemma_acc"], scores["lemma_unseen_acc"]) == (pytest.approx(2 / 3), 0.5)
    assert "lemma_seen_acc" not in score_strings(eg, level="token", target="lemma")
