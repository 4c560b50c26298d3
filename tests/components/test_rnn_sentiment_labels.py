"""Labels and settings: what is taken, and what is refused with the mend."""

import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.training import Example
from thinc.api import Adam, ConfigValidationError

from spacy_rnn.components.classifying import sort_labels

from ..helpers import stir_model
from ..text_helpers import (
    CATS,
    HEADS,
    TEXTS,
    cats_of,
    classifier_config,
    data_of,
    firsts,
    make_examples,
    make_nlp,
    random_nlp,
    train,
)

every_head = pytest.mark.parametrize("head", HEADS)
FACTORIES = ["rnn_sentiment", "rnn_sentiment_multilabel"]


def texts_of(nlp):
    return nlp.get_pipe("texts")


def test_labels_are_found_in_the_data():
    assert texts_of(make_nlp()).labels == ("neg", "pos")
    assert texts_of(make_nlp("ordinal")).labels == ("1", "2", "3")


@pytest.mark.parametrize(
    "labels,expected",
    [
        (["10", "9", "-1", "0.5"], ["-1", "0.5", "9", "10"]),
        (["b", "3", "a", "20"], ["3", "20", "a", "b"]),
        (["²", "--5", "nan", "inf", "1"], ["1", "--5", "inf", "nan", "²"]),
    ],
)
def test_numbers_are_sorted_by_their_value(labels, expected):
    assert sort_labels([dict.fromkeys(labels, 1.0)]) == expected


@every_head
def test_initialize_takes_labels_in_their_order(head):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("rnn_sentiment", config={"model": classifier_config(head=head)})
    labels = [*reversed(sort_labels(CATS[head])), "more"]
    pipe.initialize(lambda: make_examples(nlp, data_of(head)), nlp=nlp, labels=labels)
    assert pipe.labels == tuple(labels) and pipe.label_data == labels
    assert list(nlp("a film").cats) == labels


def test_labels_come_from_a_file(tmp_path):
    import srsly

    srsly.write_json(tmp_path / "labels.json", ["pos", "neg"])
    nlp = make_nlp()
    reader = {"@readers": "spacy.read_labels.v1", "path": str(tmp_path / "labels.json")}
    config = nlp.config.copy()
    config["initialize"]["components"] = {"texts": {"labels": reader}}
    nlp = spacy.util.load_model_from_config(config)
    nlp.initialize(lambda: make_examples(nlp, data_of()))
    assert texts_of(nlp).labels == ("pos", "neg")


@pytest.mark.parametrize("wrong", [1, None, b"pos", ["pos"]])
def test_a_label_is_a_string(wrong):
    with pytest.raises(ValueError, match="E187"):
        texts_of(make_nlp()).add_label(wrong)


@every_head
def test_a_new_label_changes_nothing_for_the_others(head, tmp_path):
    nlp = random_nlp(head)
    pipe, before = texts_of(nlp), cats_of(nlp)
    old = pipe.labels
    assert (pipe.add_label("new"), pipe.add_label("new")) == (1, 0)
    after = cats_of(nlp)
    assert_allclose(after[:, : len(old)], before, atol=1e-6)
    assert pipe.labels == (*old, "new")
    assert head == "regression" or (after[:, -1] == 0).all()
    nlp.to_disk(tmp_path)
    assert_allclose(cats_of(spacy.load(tmp_path)), after, atol=1e-6)


@pytest.mark.parametrize("head", ["exclusive", "multilabel"])
def test_a_new_label_is_learnt(head):
    nlp = make_nlp(head)
    train(nlp, 10, data_of(head))
    texts_of(nlp).add_label("odd")
    nlp.resume_training()
    others = dict.fromkeys(texts_of(nlp).labels, 0.0)
    train(nlp, 40, [*data_of(head), ("strange weird", {**others, "odd": 1.0})])
    assert firsts(nlp, ["strange weird"]) == ["odd"]


def test_a_label_that_the_model_does_not_know_teaches_nothing():
    nlp = make_nlp()
    assert train(nlp, 1, [(TEXTS[0], {"unknown": 1.0})]) == 0.0
    assert texts_of(nlp).labels == ("neg", "pos")


# What is refused


@pytest.mark.parametrize(
    "head,cats,message",
    [
        ("exclusive", {"pos": 0.5}, "E851"),
        ("exclusive", {"pos": 1.0, "neg": 1.0}, "E895"),
        ("ordinal", {"1": 1.0, "2": 1.0}, "E895"),
        ("multilabel", {"fine": 2.0}, "E851"),
        ("regression", {"stars": float("nan")}, "'texts'.*'stars'.*nan.*Mend the annotation"),
        ("regression", {"stars": float("inf")}, "'stars'.*inf"),
    ],
)
def test_wrong_annotation_is_refused(head, cats, message):
    with pytest.raises(ValueError, match=message):
        make_nlp(head, data=[(TEXTS[0], cats), *data_of(head)])
    nlp = make_nlp(head)
    with pytest.raises(ValueError, match=message):
        train(nlp, 1, [(TEXTS[0], cats)])


@pytest.mark.parametrize("head", ["exclusive", "ordinal"])
def test_one_of_several_needs_two_labels(head):
    with pytest.raises(ValueError, match="E867"):
        make_nlp(head, data=[("text", {"only": 1.0})])


@every_head
@pytest.mark.parametrize("n", [1, 3])
def test_initialize_needs_a_label(head, n):
    wanted = rf"'texts': no label in doc.cats of {n} document.*\[paths.train\]"
    with pytest.raises(ValueError, match=wanted):
        make_nlp(head, data=n * [("text", {})])


@pytest.mark.parametrize("wrong", [None, [], "text"])
def test_initialize_takes_functions_only(wrong):
    with pytest.raises(TypeError):
        spacy.blank("en").add_pipe("rnn_sentiment").initialize(wrong)


@pytest.mark.parametrize(
    "head,positive,message",
    [
        ("exclusive", "good", "E920"),
        ("ordinal", "3", "E919"),
        ("multilabel", "fine", "'texts'.*'positive_label'.*'multilabel'.*'polarity'"),
    ],
)
def test_a_wrong_positive_label_is_refused(head, positive, message):
    nlp = make_nlp(head)
    get_examples = lambda: make_examples(nlp, data_of(head))  # noqa: E731
    with pytest.raises(ValueError, match=message):
        texts_of(nlp).initialize(get_examples, nlp=nlp, positive_label=positive)


@pytest.mark.parametrize(
    "config,message",
    [
        ({"level": "sentence"}, "'texts'.*'level'.*'sentence'.*\"span:KEY\""),
        ({"label_smoothing": 1.0}, "'texts'.*'label_smoothing' is 1.0.*0.05"),
        ({"label_smoothing": -0.1}, "'label_smoothing' is -0.1"),
        ({"class_weights": "even"}, "'class_weights' is 'even'.*\"balanced\""),
        ({"class_weights": {"poz": 2.0}}, "'class_weights' names.*'poz'.*'neg'"),
        ({"class_weights": {"pos": -2.0}}, "'class_weights' is -2.0.*from 0.0 to inf"),
        ({"polarity": {"poz": 1.0}}, "'polarity' names.*'poz'.*'neg'"),
        ({"polarity": {"pos": 5.0}}, "'polarity' is 5.0.*from -1.0 to 1.0"),
        ({"threshold": 1.5}, "'threshold' is 1.5.*from 0.0 to 1.0"),
    ],
)
def test_a_wrong_setting_is_named_with_the_mend(config, message):
    with pytest.raises(ValueError, match=message):
        make_nlp(config=config)


def test_attention_needs_a_pool_that_attends():
    message = "'texts' keeps no attention.*'pooling = "
    with pytest.raises(ValueError, match=message):
        make_nlp(config={"attention": "attention"}, pooling=["mean"])
    with pytest.raises(ValueError, match=message):
        texts_of(make_nlp(pooling=["mean", "max"])).keep_attention()


def test_an_unknown_setting_is_refused():
    with pytest.raises(ConfigValidationError, match="treshold"):
        make_nlp(config={"treshold": 0.5})


@pytest.mark.parametrize("factory", FACTORIES)
def test_the_factory_works_without_a_config(factory):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory)
    head = "multilabel" if "multilabel" in factory else "exclusive"
    assert (pipe.head, pipe.cfg["threshold"]) == (head, 0.5 if head == "multilabel" else 0.0)
    examples = make_examples(nlp, data_of(head))
    nlp.initialize(lambda: examples)
    assert nlp.update(examples, sgd=Adam(0.001), losses={})[factory] > 0
    assert stir_model(pipe.model) and set(nlp("fine").cats) == set(pipe.labels)


def test_examples_are_examples():
    nlp = make_nlp()
    with pytest.raises(TypeError, match="E978"):
        texts_of(nlp).update([nlp.make_doc("text")])
    assert isinstance(make_examples(nlp, data_of())[0], Example)
