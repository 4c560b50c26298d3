"""What is odd or wrong about settings, conditions and data."""

import math
import warnings

import numpy
import pytest
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from spacy_rnn.units import SPECIAL

from ..generator_helpers import (
    MANY,
    NAMES,
    blank,
    copy_of,
    doc_of,
    knowing_names,
    make_examples,
    make_nlp,
    make_slots_nlp,
    many_docs,
    train,
    writer_of,
)


@pytest.fixture(scope="module")
def trained():
    """A pipeline that knows its training data. Not to be changed."""
    return knowing_names()


@pytest.fixture(scope="module")
def waiter():
    """One that has met sentences with slots. Not to be changed."""
    return make_slots_nlp()


def test_before_initialize_spacy_says_what_to_do():
    nlp = blank()
    for call in (
        lambda: nlp(doc_of(nlp, "", {"a": 1.0}, "cats")),
        lambda: writer_of(nlp).generate("a"),
        lambda: writer_of(nlp).log_p([]),
    ):
        with pytest.raises(ValueError, match="E109"):
            call()


def test_a_document_without_a_condition_is_told_once_and_left(trained):
    nlp = copy_of(trained)
    docs = [nlp.make_doc("a"), doc_of(nlp, "", {"a": 1.0}, "cats"), nlp.make_doc("b")]
    with pytest.warns(UserWarning, match="'writer': 2 document.*'cats'.*PairCorpus"):
        found = [doc._.generated for doc in nlp.pipe(docs)]
    assert found[0] is None is found[2] and found[1]
    assert nlp("c")._.generated is None


@pytest.mark.parametrize("unknown", ["q", {"a": 1.0, "q": 0.5}, ["x", "q"]], ids=str)
def test_a_label_never_met_is_refused(trained, unknown):
    with pytest.raises(ValueError, match="'writer'.*'q'.*a, x"):
        writer_of(trained).generate(unknown)


@pytest.mark.parametrize("labels", [(), None, 7, [], {}, [1], {"a": "much"}, {"a": None}], ids=str)
def test_labels_of_another_form_are_refused(trained, labels):
    with pytest.raises(ValueError, match="'writer': the condition is .* must be a label"):
        writer_of(trained).generate(labels)


@pytest.mark.parametrize("slots", [{"kids": "perhaps"}, {"colour": "red"}, {"name": ["a", "b"]}])
def test_a_slot_never_met_is_refused(waiter, slots):
    with pytest.raises(ValueError, match="no training data had the condition.*train anew with it"):
        writer_of(waiter).generate(slots)


@pytest.mark.parametrize("slots", [7, "name", [["name"]], {"name": 7}, [["name", None]]], ids=str)
def test_slots_of_another_form_are_refused(waiter, slots):
    with pytest.raises(ValueError, match="'writer': slots in '_.slots'"):
        writer_of(waiter).generate(slots)


@pytest.mark.parametrize("vector", [[1.0], [1.0, math.nan], numpy.zeros((2, 3))], ids=str)
def test_a_vector_of_another_width_is_refused(vector):
    nlp = make_nlp({"condition": "tensor"}, [("a", numpy.ones(2, "f"))])
    with pytest.raises(ValueError, match="'writer': a doc.tensor"):
        writer_of(nlp).generate(vector)


def test_empty_slots_are_a_condition():
    data = [("thanks", []), ("hut", [["name", "hut"]])]
    nlp = make_nlp({"condition": "_.slots", "temperature": 0.0}, data)
    train(nlp, 30, data)
    assert writer_of(nlp).generate([])[0].text == "thanks"


def test_examples_without_texts_or_conditions_are_refused():
    nlp = blank()
    with pytest.raises(ValueError, match="'writer': none of the examples.*'cats'.*'text'"):
        nlp.initialize(lambda: make_examples(nlp, [("", "a"), ("text", "")]))


@pytest.mark.parametrize(
    "config, message",
    [
        ({"condition": "text"}, "'condition' is 'text'"),
        ({"condition": "_.no name"}, "'condition' is '_.no name'"),
        ({"target": "lemma"}, "'target' is 'lemma'"),
        ({"output": "text"}, "'output' is 'text'"),
        ({"temperature": -1.0}, "'temperature' is -1.0"),
        ({"top_p": 0.0}, "'top_p' is 0.0"),
        ({"top_k": -1}, "'top_k' is -1"),
        ({"candidates": 0}, "'candidates' is 0"),
        ({"alpha": -0.1}, "'alpha' is -0.1"),
        ({"piece": 0}, "'piece' is 0"),
        ({"max_length": 0}, "'max_length' is 0"),
        ({"beam_width": 0}, "'beam_width' is 0"),
        ({"label_smoothing": 1.0}, "'label_smoothing' is 1.0"),
    ],
    ids=str,
)
def test_wrong_settings_are_refused(config, message):
    with pytest.raises(ValueError, match=message):
        blank(config)


@pytest.mark.parametrize("model", [{"cell": "cnn"}, {"units": "bytes"}], ids=str)
def test_wrong_settings_of_the_model_are_refused(model):
    with pytest.raises(ValueError, match=next(iter(model))):
        blank(**model)


def test_a_target_that_is_no_string_is_refused():
    nlp = blank({"target": "_.wanted"})
    examples = make_examples(nlp, [("", "a")])
    examples[0].reference._.wanted = 7
    with pytest.raises(ValueError, match="'_.wanted'"):
        nlp.initialize(lambda: examples)


def test_the_target_may_be_an_extension_and_the_output_have_another_name():
    nlp = blank({"target": "_.wanted", "output": "_.written"})
    examples = make_examples(nlp, [("", "a"), ("", "x")])
    for eg, text in zip(examples, ("one", "two")):
        eg.reference._.wanted = text
    nlp.initialize(lambda: examples)
    for _ in range(60):
        nlp.update(examples, sgd=Adam(0.02))
    assert nlp(doc_of(nlp, "", {"x": 1.0}, "cats"))._.written == "two"
    assert "written_prob" in nlp.evaluate(examples)


@pytest.mark.parametrize("how", [{"temperature": -1.0}, {"top_p": 2.0}], ids=str)
def test_wrong_settings_of_a_call_are_refused(trained, how):
    with pytest.raises(ValueError, match=f"'writer': '{next(iter(how))}'"):
        writer_of(trained).generate("a", **how)


def test_an_extension_of_somebody_else_stays():
    if not Doc.has_extension("taken"):
        Doc.set_extension("taken", default="theirs")
    blank({"output": "_.taken"})
    assert Doc.get_extension("taken")[0] == "theirs"


def test_vocabularies_are_told():
    nlp = make_nlp()
    writer = writer_of(nlp)
    assert set(writer.labels) == set("abxyz") and writer.cfg["labels"][:4] == list(SPECIAL)
    assert writer.label_data["conditions"] == ["a", "x"]
    with pytest.raises(NotImplementedError):
        writer.add_label("q")


def test_no_document_is_no_trouble(trained):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(trained.pipe([])) == [] and writer_of(trained).predict([]) == []
    assert len(many_docs(trained)) == len(MANY)
    assert writer_of(trained).generate("a", 0) == []


def test_examples_are_validated(trained):
    with pytest.raises(TypeError):
        writer_of(trained).update([trained.make_doc("a")])
    assert isinstance(make_examples(trained, NAMES)[0], Example)
