"""Other components, scores and bad input."""

import copy
import warnings

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from ..helpers import weights_of
from ..pair_helpers import (
    MANY,
    TEXTS,
    blank,
    doc_examples,
    lemma_examples,
    lemmas_of,
    make_docs_nlp,
    make_nlp,
    model_config,
    random_nlp,
    train,
)

WILD = {"config": {"beam_width": 2}, "copy": True}


def pairs_of(nlp):
    return nlp.get_pipe("pairs")


@pytest.fixture
def nlp():
    """A pipeline with random weights that may copy."""
    return random_nlp(**WILD)


# Other components


def test_it_can_be_sourced_under_another_name(nlp):
    expected = lemmas_of(nlp, MANY)
    other = spacy.blank("en")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.add_pipe("pairs", source=nlp, name="other")
    assert lemmas_of(other, MANY) == expected


def test_frozen_it_does_not_learn(nlp):
    before = pairs_of(nlp).to_bytes(exclude=["vocab"])
    nlp.update(lemma_examples(nlp), sgd=Adam(0.1), exclude=["pairs"])
    assert pairs_of(nlp).to_bytes(exclude=["vocab"]) == before


def test_a_copy_learns_alone(nlp):
    twin = copy.deepcopy(nlp)
    before = weights_of(pairs_of(nlp).model)
    train(twin, 2, lemma_examples(twin))
    after = weights_of(pairs_of(nlp).model)
    assert all((after[name] == array).all() for name, array in before.items())


def test_resumed_training_goes_on():
    nlp = make_nlp()
    first = train(nlp, 10, lemma_examples(nlp))
    optimizer = nlp.resume_training()
    optimizer.learn_rate = 0.02
    for _ in range(20):
        losses = nlp.update(lemma_examples(nlp), sgd=optimizer, losses={})
    assert losses["pairs"] < first


@Language.component("tag_by_place")
def tag_by_place(doc):
    """The first token is a verb."""
    for token in doc:
        token.pos_ = "NOUN" if token.i else "VERB"
    return doc


def test_features_come_from_a_component_before_it():
    """Only they tell what to write for the word."""
    nlp = spacy.blank("en")
    nlp.add_pipe("tag_by_place")
    config = {"model": model_config(), "features": ["pos"], "strategy": ["decoder"]}
    nlp.add_pipe("rnn_seq2seq", "pairs", config=config)
    pos, gold = ["VERB", "NOUN", "NOUN"], ["see", "sw", "sw"]
    reference = Doc(nlp.vocab, ["saws"] * 3, pos=pos, lemmas=gold)
    example = Example(nlp.make_doc("saws saws saws"), reference)
    nlp.initialize(lambda: [example])
    assert {"pos=VERB", "pos=NOUN"} < set(pairs_of(nlp).cfg["source_units"])
    train(nlp, 50, [example], annotates=["tag_by_place"])
    assert lemmas_of(nlp, ["saws saws saws"]) == [gold]


SEEN = []


@Language.component("note_lemmas")
def note_lemmas(doc):
    SEEN.append([token.lemma_ for token in doc])
    return doc


def test_others_can_build_on_it_in_training(nlp):
    expected = lemmas_of(nlp, MANY)
    nlp.add_pipe("note_lemmas")
    SEEN.clear()
    examples = lemma_examples(nlp, MANY)
    nlp.update(examples, sgd=Adam(0.0), annotates=["pairs", "note_lemmas"])
    assert SEEN == expected


def test_an_error_handler_is_called_and_the_rest_goes_on(nlp, monkeypatch):
    met, predict = [], pairs_of(nlp).predict

    def fail(docs):
        docs = list(docs)
        if any("fails" in doc.text for doc in docs):
            raise RuntimeError("cannot")
        return predict(docs)

    monkeypatch.setattr(pairs_of(nlp), "predict", fail)
    with pytest.raises(RuntimeError, match="cannot"):
        list(nlp.pipe(["fails"]))
    nlp.set_error_handler(lambda name, proc, docs, e: met.append((name, docs[0].text)))
    found = [doc.text for doc in nlp.pipe([TEXTS[0], "fails", TEXTS[1]], batch_size=1)]
    assert found == TEXTS[:2] and met == [("pairs", "fails")]


def test_two_of_them_keep_apart():
    nlp = random_nlp()
    config = {"model": model_config(), "level": "doc", "target": "_.written"}
    nlp.add_pipe("rnn_seq2seq", "other", config=config)
    with nlp.select_pipes(enable="other"):
        nlp.initialize(lambda: doc_examples(nlp, [(TEXTS[0], "written")]))
    doc = nlp(TEXTS[0])
    assert doc._.written == "written"
    assert len(doc.user_data["pairs_scores"]) == 3 and doc.user_data["other_scores"] == [0.0]


# Scores


def test_the_scores_have_the_name_of_the_target():
    nlp = make_nlp({"strategy": ["dictionary"]})
    examples = lemma_examples(nlp)
    assert nlp.evaluate(examples)["lemma_acc"] == 1.0
    examples[0].reference[0].lemma_ = "other"
    scores = nlp.evaluate(examples)
    assert scores["lemma_acc"] == pytest.approx(11 / 12)
    assert 0.8 < scores["lemma_char_acc"] < 1.0
    pairs_of(nlp).scorer = None
    assert "lemma_acc" not in nlp.evaluate(examples)


def test_words_are_scored_by_units():
    data = [("one two", ["a", "b"]), ("three", "c d")]
    nlp = make_docs_nlp(data, {"strategy": ["dictionary"]}, units="word")
    scores = nlp.evaluate(doc_examples(nlp, [data[0], ("three", "c x")]))
    assert (scores["written_acc"], scores["written_unit_acc"]) == (0.5, 0.75)


# Bad input


def test_before_initialize_spacy_says_what_to_do():
    with pytest.raises(ValueError, match="E109"):
        blank()("a text")


def test_examples_without_any_target_are_refused():
    nlp = blank({"level": "doc", "target": "_.written"})
    examples = doc_examples(nlp, [("a", None), ("b", "")])
    with pytest.raises(ValueError, match="'pairs': none of the examples.*'_.written'.*user data"):
        nlp.initialize(lambda: examples)


@pytest.mark.parametrize("strategy", [[], ["decoder", "rules"], ["Decoder"]], ids=str)
def test_a_wrong_strategy_is_named_with_the_right_ones(strategy):
    with pytest.raises(ValueError, match="'pairs': 'strategy' is.*\"dictionary\" and \"decoder\""):
        blank({"strategy": strategy})


@pytest.mark.parametrize(
    "setting,value",
    [
        ("target", "dep"),
        ("level", "tokens"),
        ("features", ["shape"]),
        ("beam_width", 0),
        ("label_smoothing", 1.0),
        ("label_smoothing", -0.1),
    ],
)
def test_other_wrong_settings_are_named(setting, value):
    with pytest.raises(ValueError, match=f"'pairs': '{setting}'"):
        blank({setting: value})


def test_a_level_without_a_target_of_its_own_is_refused():
    with pytest.raises(ValueError, match="'target' is 'lemma'.*at other levels"):
        blank({"level": "sent"})
