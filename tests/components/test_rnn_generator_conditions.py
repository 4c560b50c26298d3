"""Conditions that other components set, or that are odd."""

import math

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from ..generator_helpers import (
    blank,
    doc_of,
    make_nlp,
    model_config,
    random_nlp,
    texts_of,
    writer_of,
)

TEXTS = ["abba x", "xyz yz", "a b"]


# Numbers that differ in the last bit, as those of a component before do by the batch


def test_the_last_bit_of_a_weight_does_not_draw_another_text():
    nlp, low = random_nlp(), numpy.float32(0.1473)
    for text in TEXTS:
        pair = [{"a": float(p), "x": 0.85} for p in (low, numpy.nextafter(low, numpy.float32(1)))]
        assert writer_of(nlp).conditions.encode(pair[0]).vector[0] != pair[1]["a"]
        first, second = texts_of(nlp, [doc_of(nlp, text, cats, "cats") for cats in pair])
        assert first == second


def test_other_labels_draw_another_text():
    nlp = random_nlp()
    seeds = {writer_of(nlp)._prompt(of, "").seed for of in ("a", "x", ["a", "x"], {"a": 0.2})}
    assert len(seeds) == 3


def test_nor_does_the_last_bit_of_a_vector():
    vector = numpy.array([0.3, -0.2], dtype="f")
    nlp = random_nlp({"condition": "tensor"}, data=[("abc", vector), ("xyz", -vector)])
    pair = [vector, numpy.nextafter(vector, numpy.float32(1))]
    for text in TEXTS:
        first, second = texts_of(nlp, [doc_of(nlp, text, of, "tensor") for of in pair])
        assert first == second


# Vectors of a component before


def tok2vec_nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec")
    config = {"condition": "tensor", "model": model_config()}
    nlp.add_pipe("rnn_generator", "writer", config=config)
    return nlp, [Example(nlp.make_doc(text), nlp.make_doc(text)) for text in TEXTS]


def test_vectors_of_a_component_before_are_learnt_from_and_scored():
    nlp, examples = tok2vec_nlp()
    nlp.initialize(lambda: examples)
    assert len(writer_of(nlp).cfg["conditions"]) == 96
    assert not any(numpy.size(eg.predicted.tensor) for eg in examples)
    optimizer = Adam(0.02)
    losses = [nlp.update(examples, sgd=optimizer, annotates=["tok2vec"])["writer"] for _ in "123"]
    assert losses[0] > losses[2] > 0
    assert 0 < nlp.evaluate(examples)["generated_prob"] < 1


def test_vectors_that_are_not_passed_on_are_told_once():
    nlp, examples = tok2vec_nlp()
    nlp.initialize(lambda: examples)
    with pytest.warns(UserWarning, match="'writer': none of 3 .*annotating_components"):
        assert nlp.update(examples, sgd=Adam(0.02))["writer"] == 0.0
    assert nlp.update(examples, sgd=Adam(0.02))["writer"] == 0.0


def test_examples_without_vectors_are_refused():
    nlp = blank({"condition": "tensor"})
    with pytest.raises(ValueError, match="doc.tensor.*A .spacy file does not keep.*tok2vec"):
        nlp.initialize(lambda: [Example(nlp.make_doc("a"), nlp.make_doc("a"))])


# Odd numbers


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300])
def test_a_weight_that_is_not_finite_is_refused(value):
    nlp = make_nlp()
    with pytest.raises(ValueError, match="'writer': the condition 'a' is .*finite"):
        nlp(doc_of(nlp, "", {"a": value}, "cats"))


def test_a_label_of_weight_0_need_not_be_known():
    """As of a classifier with a label more."""
    nlp = make_nlp()
    writer = writer_of(nlp)
    assert writer.generate({"a": 1.0, "new": 0.0}, 3) == writer.generate("a", 3)
    doc = doc_of(nlp, "abba", {"a": 1.0, "new": 0.0}, "cats")
    assert nlp.evaluate([Example(doc.copy(), doc)])["generated_prob"] > 0
    with pytest.raises(ValueError, match="no training data had the condition 'new'"):
        writer.generate({"a": 1.0, "new": 0.1})


# Where it is written


@pytest.mark.parametrize("how", [{"getter": len}, {"method": len}], ids=["getter", "method"])
def test_an_output_that_would_swallow_what_is_written_is_refused(how):
    Doc.set_extension("swallows", force=True, **how)
    with pytest.raises(ValueError, match="'writer': 'output' is '_.swallows'.*Doc.*no setter"):
        blank({"output": "_.swallows"})
    Doc.remove_extension("swallows")


def test_an_output_may_have_a_setter():
    kept = {}
    how = {
        "getter": lambda doc: kept.get(doc.text),
        "setter": lambda d, v: kept.update({d.text: v}),
    }
    Doc.set_extension("kept", **how)
    nlp = make_nlp({"output": "_.kept"})
    doc = nlp(doc_of(nlp, "here", {"a": 1.0}, "cats"))
    assert doc._.kept and doc._.kept == kept["here"]
    Doc.remove_extension("kept")
