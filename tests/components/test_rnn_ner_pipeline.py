"""`rnn_ner` among others: copied, saved, sourced, frozen, listening; and its settings."""

import copy
import pickle
import warnings

import pytest
import spacy
from spacy.language import Language
from spacy.training import Example
from thinc.api import Adam, ConfigValidationError

from ..helpers import (
    TEXTS,
    entities,
    gold_entities,
    make_examples,
    make_nlp,
    ner_config,
    tok2vec_config,
    train,
    weights_of,
)
from ..ner_helpers import NEW, copy_of, predictions, trained_nlp


@pytest.fixture
def trained():
    return trained_nlp()


@pytest.fixture
def nlp():
    return copy_of(trained_nlp())


# The pipeline


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp)), copy_of],
    ids=["deepcopy", "pickle", "bytes"],
)
def test_a_copy_of_the_pipeline_says_the_same(trained, duplicate):
    assert predictions(duplicate(trained)) == gold_entities()


def test_a_pickled_component_says_the_same(nlp):
    ner = pickle.loads(pickle.dumps(nlp.get_pipe("rnn_ner")))
    assert [entities(ner(nlp.make_doc(text))) for text in TEXTS] == gold_entities()


def test_a_copy_learns_alone(trained):
    twin = copy.deepcopy(trained)
    before = weights_of(trained.get_pipe("rnn_ner").model)
    train(twin, 2, NEW)
    after = weights_of(trained.get_pipe("rnn_ner").model)
    assert all((after[name] == weights).all() for name, weights in before.items())


def test_disk_keeps_everything(nlp, tmp_path):
    nlp.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == gold_entities()
    assert spacy.load(tmp_path).to_bytes() == nlp.to_bytes()


def test_an_untrained_pipeline_can_be_saved(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config())
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path).pipe_names == ["rnn_ner"]


def test_a_disabled_component_stays_silent(nlp):
    with nlp.select_pipes(disable="rnn_ner"):
        assert predictions(nlp) == [[], [], [], []]
    assert predictions(nlp) == gold_entities()


def test_it_can_be_sourced_under_another_name(trained):
    nlp = spacy.blank("en")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nlp.add_pipe("rnn_ner", source=trained, name="other")
    assert predictions(nlp) == gold_entities()


def test_two_of_them_keep_apart():
    nlp = spacy.blank("en")
    for name in ("first", "second"):
        nlp.add_pipe("rnn_ner", name=name, config=ner_config())
    nlp.initialize(lambda: make_examples(nlp))
    losses = nlp.update(make_examples(nlp), sgd=Adam(0.01), losses={})
    assert set(losses) == {"first", "second"}
    first, second = (weights_of(nlp.get_pipe(name).model) for name in ("first", "second"))
    assert any((first[name] != second[name]).any() for name in first)


def make_shared(**config):
    """A `tok2vec` that `rnn_ner` listens to."""
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": tok2vec_config()})
    model = ner_config()["model"]
    model["tok2vec"] = {"@architectures": "spacy.Tok2VecListener.v1", "width": 12}
    nlp.add_pipe("rnn_ner", config={"model": model, **config})
    nlp.initialize(lambda: make_examples(nlp))
    return nlp


def test_it_learns_through_a_listener(tmp_path):
    nlp = make_shared()
    train(nlp, 120)
    assert predictions(nlp) == gold_entities()
    nlp.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == gold_entities()


def test_listeners_can_be_replaced(tmp_path):
    nlp = make_shared()
    train(nlp, 120)
    nlp.replace_listeners("tok2vec", "rnn_ner", ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    assert predictions(nlp) == gold_entities()
    train(nlp, 1)
    nlp.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == predictions(nlp)


def test_a_replaced_listener_can_be_sourced():
    nlp = make_shared()
    train(nlp, 120)
    nlp.replace_listeners("tok2vec", "rnn_ner", ["model.tok2vec"])
    other = spacy.blank("en")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.add_pipe("rnn_ner", source=nlp)
    assert predictions(other) == gold_entities()


def test_empty_documents_through_a_listener():
    nlp = make_shared()
    examples = [Example.from_dict(nlp.make_doc(""), {"entities": []}), *make_examples(nlp)]
    losses = nlp.update(examples, sgd=Adam(0.01), losses={})
    assert losses["rnn_ner"] > 0
    assert predictions(nlp, ["", TEXTS[0], ""])[0] == []


def test_frozen_it_does_not_learn(nlp):
    before = nlp.get_pipe("rnn_ner").to_bytes(exclude=["vocab"])
    train(nlp, 2, NEW, exclude=["rnn_ner"])
    assert nlp.get_pipe("rnn_ner").to_bytes(exclude=["vocab"]) == before


COUNTS = []


@Language.component("count_entities")
def count_entities(doc):
    COUNTS.append(len(doc.ents))
    return doc


def test_others_can_build_on_it_in_training(nlp):
    nlp.add_pipe("count_entities")
    COUNTS.clear()
    nlp.update(make_examples(nlp), sgd=Adam(0.0), annotates=["rnn_ner", "count_entities"])
    assert COUNTS == [len(gold) for gold in gold_entities()]


def failing_predict(ner):
    predict = ner.predict

    def fail(docs):
        docs = list(docs)
        if any("fails" in doc.text for doc in docs):
            raise RuntimeError("cannot")
        return predict(docs)

    return fail


def test_an_error_reaches_the_caller(nlp, monkeypatch):
    ner = nlp.get_pipe("rnn_ner")
    monkeypatch.setattr(ner, "predict", failing_predict(ner))
    with pytest.raises(RuntimeError, match="cannot"):
        list(nlp.pipe(["fails"]))


def test_an_error_handler_is_called_and_the_rest_goes_on(nlp, monkeypatch):
    ner, met = nlp.get_pipe("rnn_ner"), []
    monkeypatch.setattr(ner, "predict", failing_predict(ner))
    nlp.set_error_handler(lambda name, proc, docs, e: met.append((name, docs[0].text)))
    found = [doc.text for doc in nlp.pipe([TEXTS[0], "fails", TEXTS[1]], batch_size=1)]
    assert found == [TEXTS[0], TEXTS[1]]
    assert met == [("rnn_ner", "fails")]


def test_it_says_what_it_assigns(nlp):
    summary = nlp.analyze_pipes()["summary"]["rnn_ner"]
    assert set(summary["assigns"]) == {"doc.ents", "token.ent_iob", "token.ent_type"}


# Settings


def test_the_factory_works_without_a_config():
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner")
    nlp.initialize(lambda: make_examples(nlp))
    assert nlp.update(make_examples(nlp), sgd=Adam(0.001), losses={})["rnn_ner"] > 0


def test_without_a_scorer_there_are_no_scores():
    nlp = make_nlp(scorer=None)
    assert "ents_f" not in nlp.evaluate(make_examples(nlp))


@pytest.mark.parametrize("scheme", ["IOB", "bio", ""])
def test_a_wrong_scheme_is_named_with_the_right_ones(scheme):
    with pytest.raises(ValueError, match="'scheme'.*must be one of.*BIO"):
        make_nlp(scheme=scheme)


def test_another_scheme_than_the_saved_one_is_named_with_the_mend(trained, tmp_path):
    trained.to_disk(tmp_path)
    wanted = "'rnn_ner': 'scheme' is 'BILUO', but .*learnt 'BIO'.*scheme 'BIO' in .*rnn_ner"
    with pytest.raises(ValueError, match=wanted):
        spacy.load(tmp_path, config={"components.rnn_ner.scheme": "BILUO"})
    with pytest.raises(ValueError, match=wanted):
        make_nlp(scheme="BILUO").get_pipe("rnn_ner").from_disk(tmp_path / "rnn_ner")


@pytest.mark.parametrize("scheme", ["BIO", "BILUO"])
def test_a_sigmoid_needs_the_scheme_io(scheme):
    with pytest.raises(ValueError, match="sigmoid.*IO"):
        make_nlp(decoding="sigmoid", scheme=scheme)


def test_an_unknown_setting_is_refused():
    with pytest.raises(ConfigValidationError, match="grad_clpi"):
        make_nlp(grad_clpi=1.0)


@pytest.fixture(scope="module")
def classroom():
    """One sigmoid a token: inside or outside."""
    nlp = make_nlp(decoding="sigmoid", scheme="IO")
    train(nlp, 60)
    return nlp


def test_the_scheme_io_has_one_label(classroom):
    ner = classroom.get_pipe("rnn_ner")
    assert ner.labels == ("ENTITY",)
    with pytest.raises(ValueError, match="ENTITY"):
        ner.add_label("PER")


def test_the_scheme_io_finds_spans_of_any_label(classroom):
    expected = [[(text, "ENTITY") for text, _ in gold] for gold in gold_entities()]
    assert predictions(classroom) == expected


def test_the_scheme_io_is_scored_by_boundaries(classroom):
    assert classroom.evaluate(make_examples(classroom))["ents_f"] == 1.0


def test_the_scheme_io_comes_back_from_disk(classroom, tmp_path):
    classroom.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == predictions(classroom)
