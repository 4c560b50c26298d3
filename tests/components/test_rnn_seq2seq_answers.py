"""What is written, and what is remembered."""

import numpy
import pytest
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from spacy_rnn.components import writing
from spacy_rnn.components.writing import REMEMBERED
from spacy_rnn.components.written import Transduced
from spacy_rnn.units import Source

from ..pair_helpers import (
    LEVELS,
    MANY,
    TEXTS,
    blank,
    doc_examples,
    gold_lemmas,
    lemma_examples,
    lemmas_of,
    make_docs_nlp,
    make_nlp,
    pairs_of,
    part_example,
    random_nlp,
    train,
)


def scores_of(doc):
    return doc.user_data["pairs_scores"]


@pytest.fixture(scope="module")
def trained():
    """A pipeline that knows its training data. Not to be changed."""
    nlp = make_nlp(width=32)
    train(nlp, 45, lemma_examples(nlp))
    return nlp


# What was written


def test_predict_leaves_the_document_alone(trained):
    docs = [trained.make_doc(text) for text in TEXTS]
    found = pairs_of(trained).predict(docs)
    assert [[t.text for t in of_doc] for of_doc in found] == gold_lemmas()
    assert not any(doc.has_annotation("LEMMA") or doc.user_data for doc in docs)


def test_sources_can_be_written_without_a_document(trained):
    source = Source((), tuple("cats"))
    assert pairs_of(trained).transduce([source])[source].text == "cat"


@pytest.mark.parametrize("texts", [[], [""], ["", " ", ""], ["\n"]])
def test_empty_documents_are_nothing_to_write(texts):
    docs = list(random_nlp().pipe(texts))
    assert [len(scores_of(doc)) for doc in docs] == [len(doc) for doc in docs]


@pytest.mark.parametrize("level", LEVELS[1:])
def test_an_empty_source_becomes_the_empty_string(level):
    nlp = blank({"level": level, "target": "_.written"})
    nlp.initialize(lambda: [part_example(nlp)[0]])
    doc = nlp("")
    assert scores_of(doc) == ([0.0] if level == "doc" else [])
    assert level != "doc" or doc._.written == ""


@pytest.mark.parametrize("beam_width", [1, 3])
def test_the_guard_ends_what_would_go_on(beam_width):
    nlp = make_nlp({"beam_width": beam_width})
    decoder = pairs_of(nlp).model.shims[0].module.decoder
    decoder.output.bias.data[:4] = -1000.0  # the end never comes
    doc = nlp("a" + " catsdogs" * 2)
    assert doc.user_data["pairs_truncated"] == [0, 1, 2]
    assert all(0 < len(token.lemma_) <= 12 for token in doc)


def test_a_target_as_long_as_all_of_the_data_has_room_for_its_end():
    data = [("abcdefgh", "hgfedcba"), ("abcdefg", "gfedcba")]
    nlp = make_docs_nlp(data, width=32)
    assert pairs_of(nlp).cfg["guard"] == [1.0, 0.0, 8.0]
    train(nlp, 60, doc_examples(nlp, data))
    for text, written in data:
        doc = nlp(text)
        assert doc._.written == written and doc.user_data["pairs_truncated"] == []


def test_the_guard_is_learnt_from_the_data():
    data = [("ab", "abab"), ("abc", "abcabc"), ("abcd", "abcd")]
    guard = pairs_of(make_docs_nlp(data)).cfg["guard"]
    assert guard == pytest.approx([5 / 3, numpy.std([2, 2, 1]), 6.0])


def test_one_odd_pair_does_not_let_long_sources_go_on():
    data = [("abcd", "abcd")] * 50 + [("a", "a" * 30)]
    assert pairs_of(make_docs_nlp(data)).limit(1000) < 20_000


def test_the_longest_target_of_the_data_has_room():
    data = [(letter * 4, letter) for letter in "abcdefghijklmnopqrs"] + [("tttt", "t" * 40)]
    assert pairs_of(make_docs_nlp(data)).limit(4) > 40


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_there_stays_unless_it_is_overwritten(overwrite):
    nlp = make_nlp({"overwrite": overwrite, "strategy": ["dictionary"]})
    doc = nlp(Doc(nlp.vocab, ["cats", "dogs"], lemmas=["there", ""]))
    assert [token.lemma_ for token in doc] == ["cat" if overwrite else "there", "dog"]


@pytest.mark.parametrize("target,wrong", [("pos", "NOUM"), ("morph", "Case")])
def test_what_spacy_would_not_take_is_left_out(target, wrong, monkeypatch):
    nlp = blank({"target": target})
    gold = Doc(nlp.vocab, ["a"], pos=["NOUN"], morphs=["A=b"])
    nlp.initialize(lambda: [Example(nlp.make_doc("a"), gold)])
    written = Transduced(wrong, -1.0, False)
    monkeypatch.setattr(pairs_of(nlp), "_decode", lambda s: dict.fromkeys(s, written))
    doc = nlp("a")
    assert not doc.has_annotation(target.upper()) and scores_of(doc) == [-1.0]


def test_scores_are_those_of_the_parts(trained):
    doc = trained("cats ☃ cats")
    scores = scores_of(doc)
    assert all(type(score) is float and score <= 0 for score in scores)
    assert scores[0] == scores[2] > scores[1]


def test_a_wider_search_finds_what_is_at_least_as_probable():
    def best(width):
        nlp = random_nlp({"beam_width": width, "alpha": 0.0})
        return numpy.array([score for text in TEXTS for score in scores_of(nlp(text))])

    assert (best(8) >= best(1) - 1e-5).all()


# What is remembered


def count_decoded(nlp, monkeypatch):
    """What the decoder is asked from now on."""
    asked, decode = [], pairs_of(nlp)._decode
    monkeypatch.setattr(
        pairs_of(nlp), "_decode", lambda s: asked.extend("".join(x.units) for x in s) or decode(s)
    )
    return asked


def test_equal_tokens_are_decoded_once(monkeypatch):
    nlp = random_nlp()
    asked = count_decoded(nlp, monkeypatch)
    first = lemmas_of(nlp, ["cats cats dogs", "cats"])
    assert sorted(asked) == ["cats", "dogs"]
    assert lemmas_of(nlp, ["cats cats dogs", "cats"]) == first and len(asked) == 2


def test_features_make_another_source(monkeypatch):
    nlp = make_nlp({"features": ["pos"]})
    asked = count_decoded(nlp, monkeypatch)
    list(nlp.pipe([Doc(nlp.vocab, ["cats"] * 3, pos=["NOUN", "", "NOUN"])]))
    assert asked == ["cats", "cats"]


def test_training_makes_it_forget():
    nlp = make_nlp(width=32)
    before = lemmas_of(nlp)
    train(nlp, 45, lemma_examples(nlp))
    assert lemmas_of(nlp) == gold_lemmas() != before


def test_loading_makes_it_forget(trained):
    nlp = make_nlp(width=32)
    before = lemmas_of(nlp)
    pairs_of(nlp).from_bytes(pairs_of(trained).to_bytes())
    assert lemmas_of(nlp) == gold_lemmas() != before


def test_averages_make_it_forget_and_remember():
    nlp, optimizer = random_nlp(), Adam(0.5, use_averages=True)
    for _ in range(3):
        nlp.update(lemma_examples(nlp), sgd=optimizer)
    own = [scores_of(doc) for doc in nlp.pipe(TEXTS)]
    with nlp.use_params(optimizer.averages):
        assert [scores_of(doc) for doc in nlp.pipe(TEXTS)] != own
    assert [scores_of(doc) for doc in nlp.pipe(TEXTS)] == own


@pytest.mark.parametrize(
    "setting,value", [("beam_width", 4), ("alpha", 0.0), ("strategy", ["dictionary"])]
)
def test_another_search_makes_it_forget(setting, value):
    nlp = random_nlp()
    before = [scores_of(doc) for doc in nlp.pipe(TEXTS)]
    setattr(pairs_of(nlp), setting, value)
    assert [scores_of(doc) for doc in nlp.pipe(TEXTS)] != before


def test_the_memory_is_bounded(monkeypatch):
    assert REMEMBERED >= 10_000
    monkeypatch.setattr(writing, "REMEMBERED", 5)
    nlp = random_nlp()
    expected = lemmas_of(random_nlp(), MANY)
    for size in (1, 3, 100):
        assert lemmas_of(nlp, MANY, batch_size=size) == expected
        assert len(pairs_of(nlp)._memory) <= 5
