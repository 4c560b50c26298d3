"""Other components, scores and bad input."""

import copy
import math
import pickle
import warnings

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from spacy_rnn.errors import CorruptModelError

from ..helpers import weights_of
from ..pair_helpers import (
    MANY,
    TEXTS,
    blank,
    copy_of,
    doc_examples,
    lemma_examples,
    lemmas_of,
    make_docs_nlp,
    make_nlp,
    model_config,
    pairs_of,
    random_nlp,
    train,
)

WILD = {"config": {"beam_width": 2}, "copy": True}


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


def test_rehearsal_holds_what_was_known():
    """Learning something else alone makes it forget more."""
    nlp = make_nlp(width=32)
    train(nlp, 45, lemma_examples(nlp))
    known, other = lemma_examples(nlp), lemma_examples(nlp, ["qqs qs"])
    for token in other[0].reference:
        token.lemma_ = "dog"
    kept = []
    for rehearses in (False, True):
        twin = copy_of(nlp)
        optimizer = twin.resume_training()
        optimizer.learn_rate = 0.01
        for _ in range(12):
            twin.update(other, sgd=optimizer)
            if rehearses:
                losses = twin.rehearse(known, sgd=optimizer, losses={})
        kept.append(twin.evaluate(lemma_examples(twin))["lemma_char_acc"])
    assert losses["pairs"] > 0 and kept[1] > kept[0]


def test_at_first_there_is_nothing_to_rehearse():
    nlp = random_nlp(copy=True)
    unannotated = [Example(nlp.make_doc(text), nlp.make_doc(text)) for text in MANY]
    assert pairs_of(nlp).rehearse(unannotated, sgd=Adam(0.1), losses={}) == {"pairs": 0.0}
    nlp.resume_training()
    losses = pairs_of(nlp).rehearse(unannotated, losses={})
    assert losses["pairs"] == pytest.approx(0.0, abs=1e-8)
    assert pairs_of(nlp).rehearse([], losses={}) == {"pairs": 0.0}


# Scheduled sampling


def test_a_schedule_takes_one_step_an_update():
    schedule = {"@schedules": "spacy_rnn.inverse_sigmoid.v1", "k": 3.0}
    nlp = make_nlp({"teacher_forcing": schedule})
    rates = []
    for _ in range(3):
        train(nlp, 1, lemma_examples(nlp))
        rates.append(pairs_of(nlp).model.attrs["teacher_forcing"])
    assert rates == pytest.approx([3 / (3 + math.exp(i / 3)) for i in range(3)])


def test_a_pipeline_with_a_schedule_is_saved_and_copied(tmp_path):
    schedule = {"@schedules": "spacy_rnn.inverse_sigmoid.v1", "k": 3.0}
    nlp = make_nlp({"teacher_forcing": schedule})
    train(nlp, 2, lemma_examples(nlp))
    expected = lemmas_of(nlp)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert loaded.config["components"]["pairs"]["teacher_forcing"] == schedule
    for other in (loaded, copy_of(nlp), copy.deepcopy(nlp), pickle.loads(pickle.dumps(nlp))):
        assert lemmas_of(other) == expected


def test_what_it_would_write_itself_is_another_thing_to_learn_from():
    first, second = (
        pairs_of(nlp).update(lemma_examples(nlp))["pairs"]
        for nlp in (random_nlp(), random_nlp({"teacher_forcing": 0.0}))
    )
    assert first != second


# Scores


def test_forms_that_training_had_are_scored_by_themselves():
    nlp = random_nlp({"strategy": ["dictionary", "decoder"]})
    scores = nlp.evaluate(lemma_examples(nlp, ["cats dogs unheard"]))
    assert scores["lemma_seen_acc"] == 1.0 and scores["lemma_unseen_acc"] == 0.0
    assert scores["lemma_acc"] == pytest.approx(2 / 3)
    assert nlp.evaluate(lemma_examples(nlp, ["cats"]))["lemma_unseen_acc"] is None
    assert "lemma_seen_acc" not in random_nlp().evaluate(lemma_examples(nlp))


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


def test_a_source_that_is_too_long_is_counted_and_nothing_is_lost():
    nlp = random_nlp({"max_source": 10, "strategy": ["dictionary", "decoder"]})
    long = "x" * 11
    with pytest.warns(UserWarning, match=r"'pairs': 2 source\(s\).*'max_source', 10 units"):
        doc = nlp(f"cats {long} unheard {long}y {long}")
    assert [bool(t.lemma_) for t in doc] == [True, False, True, False, False]
    assert {1, 3, 4} <= {*doc.user_data["pairs_truncated"]} and doc[1].text == long
    assert doc.user_data["pairs_scores"][1] == -math.inf
    assert doc[2].lemma_ == nlp("unheard")[0].lemma_
    with pytest.warns(UserWarning, match="1 source"):
        assert pairs_of(nlp).nbest(nlp.make_doc(f"{long} cats"), 2)[0] == []


def test_nothing_is_learnt_from_a_source_that_is_too_long():
    nlp = blank({"max_source": 6})
    examples = lemma_examples(nlp, ["cats muchtoolong"])
    with pytest.warns(UserWarning, match="1 source"):
        nlp.initialize(lambda: examples)
    short, both = lemma_examples(nlp, ["cats"]), examples
    assert pairs_of(nlp).update(both) == pytest.approx(pairs_of(nlp).update(short))
    assert pairs_of(nlp).update(lemma_examples(nlp, ["muchtoolong"])) == {"pairs": 0.0}


def test_the_dictionary_knows_long_sources():
    nlp = blank({"max_source": 6, "strategy": ["dictionary", "decoder"]})
    with pytest.warns(UserWarning, match="1 source"):
        nlp.initialize(lambda: lemma_examples(nlp, ["cats muchtoolong"]))
    assert nlp("muchtoolong")[0].lemma_ == "muchtoolong"


def test_labels_that_lack_a_unit_are_reported_at_the_end_of_initialize():
    nlp = blank()
    labels = pairs_of(make_nlp()).label_data
    with pytest.warns(UserWarning, match="2 unit"):
        pairs_of(nlp).initialize(lambda: lemma_examples(nlp, ["cats ☃Ω"]), labels=labels)
    assert pairs_of(nlp).unknown_units == 2


def test_a_unit_that_stands_twice_in_the_labels_is_refused():
    labels = pairs_of(make_nlp()).label_data
    nlp, twice = blank(), {**labels, "target": [*labels["target"], "a"]}
    with pytest.raises(ValueError, match="'pairs': a unit stands twice in the list 'target'"):
        pairs_of(nlp).initialize(lambda: lemma_examples(nlp), labels=twice)


@pytest.mark.parametrize("setting", ["units", "target_units"])
def test_other_units_than_those_of_the_file_are_refused(setting, tmp_path):
    nlp = make_nlp()
    nlp.to_disk(tmp_path)
    with pytest.raises(CorruptModelError, match=f"{setting} = char.*{setting} = word"):
        spacy.load(tmp_path, config={"components": {"pairs": {"model": {setting: "word"}}}})


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
    with pytest.raises(ValueError, match="'pairs': 'strategy' is.*\"dictionary\", \"edits\""):
        blank({"strategy": strategy})


@pytest.mark.parametrize(
    "setting,value",
    [
        ("target", "dep"),
        ("level", "tokens"),
        ("features", ["shape"]),
        ("beam_width", 0),
        ("max_source", 0),
        ("teacher_forcing", 1.1),
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
