import math

import numpy
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import DocBin
from spacy.util import registry

from spacy_rnn.callbacks import calibrate_pipeline, create_calibrate_callback
from spacy_rnn.models.posterior import fit_temperature, minimize

from .helpers import TEXTS, TRAIN, entities, make_examples, make_nlp, stir_model, train
from .text_helpers import classifier_config

# Half of what training says is wrong here
DEV = [*TRAIN, *((text, {"entities": []}) for text, _ in TRAIN)]


@pytest.fixture
def dev(tmp_path):
    nlp = spacy.blank("en")
    docs = [eg.reference for eg in make_examples(nlp, DEV * 10)]
    DocBin(docs=docs).to_disk(tmp_path / "dev.spacy")
    return tmp_path / "dev.spacy"


def mean_confidence(nlp):
    return numpy.mean([e._.confidence for doc in nlp.pipe(TEXTS) for e in doc.ents])


def test_confidence_comes_to_be_the_share_that_is_right(dev):
    nlp = make_nlp()
    train(nlp, 60)
    before, found = mean_confidence(nlp), [entities(doc) for doc in nlp.pipe(TEXTS)]
    assert registry.callbacks.get("spacy_rnn.calibrate.v1")(dev)(nlp) is nlp
    assert nlp.get_pipe("rnn_ner").temperature > 2
    assert before > 0.9 and mean_confidence(nlp) < 0.65
    assert [entities(doc) for doc in nlp.pipe(TEXTS)] == found


def test_a_frozen_component_stays_as_it_is(dev):
    nlp = make_nlp()
    train(nlp, 10)
    nlp.config["training"]["frozen_components"] = ["rnn_ner"]
    create_calibrate_callback(dev)(nlp)
    assert nlp.get_pipe("rnn_ner").temperature == 1.0


@Language.component("all_are_one_sentence")
def all_are_one_sentence(doc):
    for token in doc:
        token.is_sent_start = token.i == 0
    return doc


def test_functions_among_the_components_are_called_too():
    nlp = make_nlp()
    train(nlp, 10)
    nlp.add_pipe("all_are_one_sentence", first=True)
    examples = make_examples(nlp)
    calibrate_pipeline(nlp, examples)
    assert all(eg.predicted.has_annotation("SENT_START") for eg in examples)


def test_without_a_file_nothing_happens():
    nlp = make_nlp()
    create_calibrate_callback(None)(nlp)
    assert nlp.get_pipe("rnn_ner").temperature == 1.0


def save(data, nlp, path):
    DocBin(docs=[eg.reference for eg in make_examples(nlp, data)]).to_disk(path)
    return path


@pytest.mark.parametrize("annotation", [{"entities": []}, {}])
def test_a_file_without_an_entity_is_warned_of(annotation, tmp_path):
    nlp = make_nlp()
    path = save([(text, annotation) for text in TEXTS], nlp, tmp_path / "dev.spacy")
    wanted = rf"'rnn_ner': no entity in {len(TEXTS)} document.*dev.spacy.*\[paths.dev\]"
    with pytest.warns(UserWarning, match=wanted):
        create_calibrate_callback(path)(nlp)


@pytest.mark.parametrize("level", ["doc", "span:parts"])
def test_a_file_without_a_label_is_warned_of(level, tmp_path):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("rnn_sentiment", config={"model": classifier_config(), "level": level})
    data = [("a text", {})]
    pipe.initialize(lambda: make_examples(nlp, data), labels=["a", "b"])
    path = save(data, nlp, tmp_path / "dev.spacy")
    with pytest.warns(UserWarning, match="'rnn_sentiment': no label in 1 document"):
        create_calibrate_callback(path)(nlp)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match="gone.spacy.*before_to_disk"):
        create_calibrate_callback(tmp_path / "gone.spacy")


@pytest.mark.parametrize("data", [[], [("", {"entities": []})], [("Nobody was", {})]])
def test_nothing_to_judge_by_leaves_the_temperature(data):
    nlp = make_nlp()
    train(nlp, 30)
    calibrate_pipeline(nlp, make_examples(nlp, data))
    assert nlp.get_pipe("rnn_ner").temperature == 1.0


def test_missing_annotation_is_no_error():
    """An entity that nobody has judged says nothing about confidence."""
    nlp = make_nlp()
    stir_model(nlp.get_pipe("rnn_ner").model, 1.0)
    assert any(doc.ents for doc in nlp.pipe(TEXTS))
    calibrate_pipeline(nlp, make_examples(nlp, [(text, {}) for text in TEXTS]))
    assert nlp.get_pipe("rnn_ner").temperature == 1.0


@settings(max_examples=30, deadline=None)
@given(st.floats(0.3, 3.0))
def test_the_temperature_of_a_known_distortion_is_found(true):
    """Predictions that are right as often as sigmoid(z / true) says."""
    z = numpy.linspace(-4, 4, 400)
    chance = 1 / (1 + numpy.exp(-z / true))
    copies = numpy.round(chance * 200).astype(int)
    right = numpy.concatenate([numpy.arange(200) < n for n in copies])

    def confidences_at(t):
        return numpy.repeat(1 / (1 + numpy.exp(-z / t)), 200)

    assert fit_temperature(confidences_at, right) == pytest.approx(true, rel=0.02)


def temperature_of(n, right):
    """Fitted on n predictions, all of them 0.95 sure."""
    z = numpy.full(n, math.log(0.95 / 0.05))
    return fit_temperature(lambda t: 1 / (1 + numpy.exp(-z / t)), right)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_handful_of_predictions_says_little(n):
    all_right = temperature_of(n, numpy.ones(n, dtype=bool))
    assert temperature_of(n + 1, numpy.ones(n + 1, dtype=bool)) < all_right < 1
    assert all_right > 0.7
    assert 1 < temperature_of(n, numpy.arange(n) > 0) < 2


def test_hundreds_of_predictions_decide():
    """Eight of ten are right, and the fit finds it."""
    t = temperature_of(500, numpy.arange(500) % 5 > 0)
    assert 1 / (1 + math.exp(-math.log(19) / t)) == pytest.approx(0.8, abs=0.005)


@given(st.floats(-1.9, 1.9))
def test_the_minimum_of_a_parabola(place):
    assert minimize(lambda x: (x - place) ** 2, -2, 2) == pytest.approx(place, abs=2e-3)
    assert math.isfinite(minimize(lambda x: 0.0, -2, 2))
