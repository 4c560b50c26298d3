"""Byte pairs, by themselves and as units of `rnn_seq2seq`."""

import copy
import json
import pickle
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_rnn import bpe
from spacy_rnn.errors import CorruptModelError
from spacy_rnn.units import Units

from .pair_helpers import blank, copy_of, doc_examples, make_docs_nlp, random_nlp, train

LEARNT = bpe.learn(["the cat saw the cats", "the dog saw the dogs"] * 3, 280)
DATA = [("the cat sat", "die katze sass"), ("the cat ran", "die katze lief"), ("a dog", "ein hund")]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_comes_back_whole(text):
    assert bpe.join(LEARNT, bpe.split(LEARNT, text)) == text


def test_what_stands_together_often_is_one_unit():
    assert bpe.split(LEARNT, "the cats")[0] == "the" and len(bpe.split(LEARNT, "zq")) == 2


def test_learning_the_same_gives_the_same():
    texts = ["ab ba", "abba baab", "ab"]
    assert bpe.learn(texts, 265) == bpe.learn(iter(texts), 265)
    assert len(json.loads(bpe.learn(texts, 258))["model"]["vocab"]) == 258


def test_bytes_that_make_no_character_do_no_harm():
    assert bpe.join(LEARNT, bpe.split(LEARNT, "☃")[:2]) == "\ufffd"


@pytest.mark.parametrize("of_source,of_target", [("bpe", "char"), ("word", "bpe"), ("bpe", "bpe")])
def test_each_side_has_its_own_units(of_source, of_target):
    units = Units(of_source, of_target, pairs=LEARNT)
    wanted = {"bpe": bpe.split(LEARNT, "the cats"), "char": tuple("the cats")}
    wanted["word"] = ("the", "cats")
    assert units.split_source("the cats") == wanted[of_source]
    assert units.split_target("the cats") == wanted[of_target]
    assert units.join_source(wanted[of_source]) == units.join_target(wanted[of_target])


def test_without_the_library_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(ImportError, match=r"needs the library tokenizers.*spacy-rnn\[bpe\]"):
        make_docs_nlp(DATA, units="bpe")


@pytest.fixture(scope="module")
def trained():
    nlp = make_docs_nlp(DATA, width=32, units="bpe", bpe_size=270)
    train(nlp, 60, doc_examples(nlp, DATA))
    return nlp


def test_byte_pairs_are_learnt_from_both_sides_and_written(trained):
    pipe = trained.get_pipe("pairs")
    assert [trained(text)._.written for text, _ in DATA] == [text for _, text in DATA]
    assert any(len(unit) > 2 for unit in pipe.labels)
    assert len(json.loads(pipe.cfg["byte_pairs"])["model"]["vocab"]) <= 270


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp)), copy_of]
)
def test_a_copy_writes_the_same(trained, duplicate):
    other = duplicate(trained)
    assert [other(text)._.written for text, _ in DATA] == [text for _, text in DATA]


def test_strings_do_not_depend_on_the_batch():
    nlp = random_nlp({"beam_width": 2}, units="bpe", copy=True)
    texts = ["cats", "the cat ☃", "", "unheard of"]
    alone = [[t.lemma_ for t in nlp(text)] for text in texts]
    for size in (1, 4):
        with nlp.get_pipe("pairs").model.use_params({}):
            docs = list(nlp.pipe(texts, batch_size=size))
        assert [[t.lemma_ for t in doc] for doc in docs] == alone


def test_byte_pairs_that_do_not_fit_the_weights_are_refused(trained):
    other = make_docs_nlp(DATA[:2], width=32, units="bpe", bpe_size=260)
    parts = other.get_pipe("pairs")
    expected = parts.cfg["byte_pairs"]
    wrong = make_docs_nlp(DATA, width=32, units="char")
    with pytest.raises(CorruptModelError, match="units = "):
        parts.from_bytes(wrong.get_pipe("pairs").to_bytes())
    assert parts.cfg["byte_pairs"] == expected


def test_before_initialize_spacy_says_what_to_do():
    with pytest.raises(ValueError, match="E109"):
        blank(units="bpe")("a text")


def test_labels_carry_the_byte_pairs(trained):
    labels = trained.get_pipe("pairs").label_data
    other = blank({"level": "doc", "target": "_.written"}, units="bpe", bpe_size=999)
    pipe = other.get_pipe("pairs")
    pipe.initialize(lambda: doc_examples(other, DATA[:1]), labels=labels)
    assert pipe.label_data == labels and pipe.units == trained.get_pipe("pairs").units
