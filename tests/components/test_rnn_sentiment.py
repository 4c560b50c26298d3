"""Answers and learning. Labels, levels and the pipeline around it have files of their own."""

import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from spacy_rnn.errors import NonFiniteError
from spacy_rnn.readers import doc_of_tensor

from ..helpers import weights_of
from ..text_helpers import (
    CATS,
    HEADS,
    POOLS,
    TEXTS,
    cats_of,
    classifier_config,
    data_of,
    firsts,
    gold_firsts,
    make_examples,
    make_nlp,
    random_nlp,
    train,
)

every_head = pytest.mark.parametrize("head", HEADS)
FACTORIES = ["rnn_sentiment", "rnn_sentiment_multilabel"]


def texts_of(nlp):
    return nlp.get_pipe("texts")


# Answers


@every_head
@pytest.mark.parametrize("text", [*TEXTS[:2], "", " ", "\n\n", "unheard"])
def test_every_label_is_always_there(head, text):
    nlp = random_nlp(head)
    cats = nlp(text).cats
    assert list(cats) == list(texts_of(nlp).labels)
    assert all(type(value) is float for value in cats.values())
    if head in ("exclusive", "ordinal"):
        assert sum(cats.values()) == pytest.approx(1)
    if head != "regression":
        assert all(0 <= value <= 1 for value in cats.values())


@pytest.mark.parametrize("head", HEADS[:3])
def test_without_ngrams_an_untrained_net_has_no_opinion(head):
    found = cats_of(make_nlp(head, ngrams=0))
    assert_allclose(found, numpy.broadcast_to(found[0], found.shape))
    assert_allclose(found, found[:, ::-1], atol=1e-6)


def test_an_untrained_net_says_the_mean_of_the_numbers():
    mean = numpy.mean([cats["stars"] for cats in CATS["regression"]])
    assert_allclose(cats_of(make_nlp("regression")), mean, rtol=1e-5)


def test_counting_alone_learns_much():
    assert firsts(make_nlp()) == gold_firsts()


def test_predict_leaves_the_document_alone():
    nlp = random_nlp()
    docs = [nlp.make_doc(text) for text in TEXTS]
    texts_of(nlp).predict(docs)
    assert not any(doc.cats for doc in docs)
    assert not any(doc._.sentiment for doc in docs)


@pytest.mark.parametrize("texts", [[], [""], ["", "", ""]])
def test_only_empty_documents(texts):
    nlp = random_nlp()
    expected = nlp("").cats
    assert [doc.cats for doc in nlp.pipe(texts)] == [expected] * len(texts)


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("labels", [[], ["a", "b"]])
def test_before_initialize_spacy_says_what_to_do(factory, labels):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory)
    for label in labels:
        pipe.add_label(label)
    with pytest.raises(ValueError, match="E109"):
        nlp("a text")


# Learning


@every_head
def test_training_lowers_the_loss(head):
    nlp = make_nlp(head, config={"label_smoothing": 0.0})
    first, last = train(nlp, 1, data_of(head)), train(nlp, 40, data_of(head))
    assert last < 0.2 * first


@pytest.mark.parametrize("pooling", [*([pool] for pool in POOLS), POOLS], ids="+".join)
def test_every_pool_learns_by_heart(pooling):
    """What no set of words tells apart."""
    data = [(t, {"pos": p, "neg": 1 - p}) for t, p in [("a b b", 1.0), ("b b a", 0.0)]]
    nlp = make_nlp(data=data, pooling=pooling, ngrams=0)
    train(nlp, 40, data)
    assert firsts(nlp, [text for text, _ in data]) == ["pos", "neg"]


def test_the_mlp_learns():
    nlp = make_nlp(architecture="MLPClassifier", width=8)
    train(nlp, 20, data_of())
    assert firsts(nlp) == gold_firsts()


@pytest.mark.parametrize("head", HEADS[1:])
def test_other_heads_learn(head):
    nlp = make_nlp(head)
    train(nlp, 60, data_of(head))
    labels = texts_of(nlp).labels
    gold = numpy.array([[cats.get(label, 0.0) for label in labels] for cats in CATS[head]])
    assert_allclose(cats_of(nlp), gold, atol=1.0 if head == "regression" else 0.45)


@every_head
def test_no_annotation_teaches_nothing(head):
    nlp = random_nlp(head)
    before, losses = weights_of(texts_of(nlp).model), {}
    nlp.update(make_examples(nlp, [(text, {}) for text in TEXTS]), sgd=Adam(0.1), losses=losses)
    assert losses == {"texts": 0.0}
    after = weights_of(texts_of(nlp).model)
    for name in before:
        if "keys" not in name:
            assert_allclose(after[name], before[name], atol=1e-7)


@pytest.mark.parametrize("head", ["multilabel", "regression"])
def test_a_label_that_is_missing_among_others_teaches_nothing(head):
    labels = ["a", "b"]
    data = [(text, dict.fromkeys(labels, i % 2.0)) for i, text in enumerate(TEXTS)]
    nlp = random_nlp(head, data=data)
    examples = make_examples(nlp, [(TEXTS[0], {"a": 1.0}), (TEXTS[1], {"b": 0.0})])
    scores, _ = texts_of(nlp).model.begin_update([eg.predicted for eg in examples])
    _, d_scores = texts_of(nlp).get_loss(examples, scores)
    assert (d_scores.branches != 0).tolist() == [[[True, False], [False, True]]] * 2


@pytest.mark.parametrize("position", [0, 1, 2])
def test_empty_documents_in_a_training_batch(position):
    nlp = make_nlp()
    data = data_of()[:2]
    data.insert(position, ("", {"pos": 1.0, "neg": 0.0}))
    assert 0 < train(nlp, 1, data) < 10


@every_head
def test_only_empty_documents_teach_nothing(head):
    nlp = make_nlp(head)
    assert train(nlp, 1, [("", CATS[head][0])]) == 0.0


def test_the_first_documents_may_be_empty():
    """The width of rows of numbers is that of the first ones that have any."""
    nlp = spacy.blank("en")
    config = {"model": classifier_config({"@architectures": "spacy_rnn.TensorEmbed.v1"})}
    nlp.add_pipe("rnn_sentiment", "texts", config=config)
    docs = [doc_of_tensor(nlp.vocab, numpy.ones((n, 3), "f")) for n in [0] * 12 + [3, 4]]
    examples = [Example(doc, doc.copy()) for doc in docs]
    for i, eg in enumerate(examples):
        eg.reference.cats = {"a": i % 2.0, "b": 1 - i % 2.0}
    nlp.initialize(lambda: examples)
    assert nlp.update(examples, losses={})["texts"] > 0


def test_the_same_seed_trains_the_same_weights():
    def trained_weights():
        nlp = make_nlp()
        fix_random_seed(1)
        train(nlp, 3, data_of(), drop=0.3)
        return weights_of(texts_of(nlp).model)

    first, second = trained_weights(), trained_weights()
    assert all((first[name] == second[name]).all() for name in first)


def loss_of(nlp, data):
    examples = make_examples(nlp, data)
    scores, _ = texts_of(nlp).model.begin_update([eg.predicted for eg in examples])
    return texts_of(nlp).get_loss(examples, scores)


def test_class_weights_count_examples_of_a_label():
    weights = {"pos": 3.0}
    plain, heavy = (random_nlp(config={"class_weights": w}) for w in (None, weights))
    for i, factor in ((0, 3.0), (1, 1.0)):
        data = [data_of()[i]]
        assert loss_of(heavy, data)[0] == pytest.approx(factor * loss_of(plain, data)[0], rel=1e-5)


def test_balanced_labels_count_the_same_in_sum():
    data = [*data_of(), ("another fine one", {"pos": 1.0, "neg": 0.0})] + [("x", {})]
    nlp = make_nlp(data=data, config={"class_weights": "balanced"})
    found = texts_of(nlp).cfg["class_weights"]
    assert found == pytest.approx({"pos": 7 / (2 * 4), "neg": 7 / (2 * 3)})


def test_balanced_numbers_are_counted_not_summed():
    data = [("a", {"x": 1000.0, "y": -3.0}), ("b", {"x": 5.0}), ("c", {"y": 1.0})]
    nlp = make_nlp("regression", data=data, config={"class_weights": "balanced"})
    assert texts_of(nlp).cfg["class_weights"] == {"x": 1.0, "y": 1.0}


def test_smoothing_keeps_the_net_from_being_certain():
    sure, smooth = (make_nlp(config={"label_smoothing": share}, ngrams=0) for share in (0.0, 0.4))
    for nlp in (sure, smooth):
        train(nlp, 40, data_of())
    assert cats_of(sure).max(1).min() > 0.9
    assert cats_of(smooth).max(1).max() < 0.85
    assert firsts(smooth) == gold_firsts()


def test_rehearsal_holds_what_was_known():
    nlp = make_nlp()
    train(nlp, 20, data_of())
    optimizer = nlp.resume_training()
    train(nlp, 2, [(text, {"pos": 1.0, "neg": 0.0}) for text in TEXTS])
    seen = []
    for _ in range(40):
        losses = {}
        nlp.rehearse(make_examples(nlp, data_of()), sgd=optimizer, losses=losses)
        seen.append(losses["texts"])
    assert 0 < seen[-1] < seen[0] / 2


def test_there_is_nothing_to_rehearse_before_resume_training():
    nlp = make_nlp()
    examples = make_examples(nlp, data_of())
    assert texts_of(nlp).rehearse(examples, sgd=Adam(0.1), losses={}) == {"texts": 0.0}


@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf])
def test_a_loss_that_is_not_finite_is_skipped_and_then_stops(bad):
    nlp = make_nlp(config={"max_bad_steps": 2})
    pipe = texts_of(nlp)
    pipe.model.shims[0].module.output.bias.data[0] = bad
    before = weights_of(pipe.model)
    assert train(nlp, 1, data_of()) == 0.0
    assert pipe.skipped_steps == 1
    after = weights_of(pipe.model)
    assert all(
        numpy.array_equal(after[name], before[name], equal_nan=True)
        for name in before
        if "keys" not in name
    )
    with pytest.raises(NonFiniteError, match="'texts'.*2 times"):
        train(nlp, 1, data_of())


class SGD:
    """W -= dW"""

    def __call__(self, key, W, dW):
        W -= dW
        return W, dW * 0

    def step_schedules(self):
        pass


@pytest.mark.parametrize("clip,moves", [(1e-9, False), (0.0, True), (5.0, True)])
def test_gradients_are_clipped_over_all_weights(clip, moves):
    nlp = random_nlp(config={"grad_clip": clip})
    before = weights_of(texts_of(nlp).model)
    nlp.update(make_examples(nlp, data_of()), sgd=SGD())
    after = weights_of(texts_of(nlp).model)
    moved = max(abs(after[name] - w).max() for name, w in before.items() if "keys" not in name)
    assert (moved > 1e-6) == moves
