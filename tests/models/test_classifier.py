"""The classifier as a model: the same answer in any batch, after any copy."""

import copy
import pickle

import numpy
import pytest
from numpy.testing import assert_allclose
from spacy.util import registry

from spacy_rnn.models.resizing import declare, resize

from ..helpers import ENCODER, tok2vec_config, weights_of
from ..text_helpers import (
    EMBED,
    HASH_CNN,
    HEADS,
    LISTENER,
    MANY,
    POOLS,
    TEXTS,
    classifier_config,
    make_docs,
    make_model,
)

every_head = pytest.mark.parametrize("head", HEADS)
POOLINGS = [*([pool] for pool in POOLS), POOLS, ["mean", "mean"], ["max", "last"]]
every_pooling = pytest.mark.parametrize("pooling", POOLINGS, ids="+".join)
close = {"rtol": 1e-5, "atol": 1e-6}


def lengths_of(docs):
    return [len(doc) for doc in docs]


@every_head
@every_pooling
def test_scores_do_not_depend_on_the_batch(head, pooling):
    model, docs = make_model(head=head, pooling=pooling), make_docs(MANY)
    together = model.predict(docs)
    shares = numpy.split(together.attention, numpy.cumsum(lengths_of(docs))[:-1])
    order = numpy.random.permutation(len(docs))
    shuffled = model.predict([docs[i] for i in order]).branches
    assert_allclose(shuffled, together.branches[:, order], **close)
    for i, doc in enumerate(docs):
        alone = model.predict([doc])
        assert_allclose(alone.branches[:, 0], together.branches[:, i], **close)
        if "attention" in pooling:
            assert_allclose(alone.attention, shares[i], **close)
    assert len(numpy.unique(together.branches[0].round(5), axis=0)) > 6


@every_head
@every_pooling
def test_training_scores_as_prediction_does(head, pooling):
    model, docs = make_model(head=head, pooling=pooling), make_docs(MANY)
    (scores, _), again = model.begin_update(docs), model.predict(docs)
    assert_allclose(scores.branches, again.branches, **close)
    assert_allclose(scores.attention, again.attention, **close)


def test_attention_sums_to_one_over_each_text_and_is_not_even():
    model, docs = make_model(), make_docs(MANY)
    shares = numpy.split(model.predict(docs).attention, numpy.cumsum(lengths_of(docs))[:-1])
    assert [len(share) for share in shares] == lengths_of(docs)
    assert [share.sum() for share in shares if len(share)] == pytest.approx([1] * (len(docs) - 1))
    assert numpy.ptp(shares[0]) > 0.01


@pytest.mark.parametrize("docs", [[""], ["", ""]])
def test_only_empty_documents(docs):
    model = make_model()
    for scores in (model.predict(make_docs(docs)), model.begin_update(make_docs(docs))[0]):
        assert scores.branches.shape == (2, len(docs), 3) and len(scores.attention) == 0


@every_head
@pytest.mark.parametrize(
    "tok2vec", [tok2vec_config(EMBED), HASH_CNN, EMBED], ids=["rnn", "cnn", "none"]
)
def test_it_stands_on_any_tok2vec_and_teaches_it(head, tok2vec):
    model, docs = make_model(head=head, tok2vec=tok2vec), make_docs(MANY)
    scores, backprop = model.begin_update(docs)
    backprop(scores._replace(branches=numpy.ones_like(scores.branches)))
    below = list(model.layers[0].walk())
    grads = [node.get_grad(n) for node in below for n in node.param_names if node.has_grad(n)]
    grads += [
        grad.numpy() for node in below for shim in node.shims for grad in shim.gradients().values()
    ]
    assert grads and all(numpy.isfinite(grad).all() for grad in grads)
    assert sum(bool(grad.any()) for grad in grads) > len(grads) / 2


# Labels, copies, settings


@every_head
def test_resize_keeps_the_old_scores(head):
    model = make_model(head=head)
    before = model.predict(make_docs()).branches
    model.attrs["resize_output"](model, 5)
    after = model.predict(make_docs()).branches
    assert after.shape[2] == before.shape[2] + 2
    assert_allclose(after[:, :, : before.shape[2]], before, **close)


def test_resize_before_initialize():
    model = registry.resolve({"model": classifier_config(ngrams=0)})["model"]
    declare(model, 2)
    resize(model, 4)
    model.initialize(X=make_docs())
    assert model.predict(make_docs()).branches.shape == (1, len(TEXTS), 4)


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda model: model.copy(), lambda model: pickle.loads(pickle.dumps(model))],
    ids=["deepcopy", "copy", "pickle"],
)
def test_a_copy_scores_the_same(duplicate):
    model = make_model()
    expected = model.predict(make_docs()).branches
    numpy.testing.assert_array_equal(duplicate(model).predict(make_docs()).branches, expected)


def test_prediction_changes_no_weight():
    model = make_model()
    before = weights_of(model)
    model.predict(make_docs(MANY))
    assert all((before[name] == array).all() for name, array in weights_of(model).items())


@pytest.mark.parametrize("bidirectional,directions", [(True, 2), (False, 1)])
def test_last_knows_how_many_directions_there_are(bidirectional, directions):
    encode = {**ENCODER, "bidirectional": bidirectional}
    model = make_model(tok2vec=tok2vec_config(EMBED, encode), pooling=["last"])
    assert model.shims[0].module.pooling.directions == directions


def test_last_of_what_is_no_recurrent_net_is_the_last_token():
    assert make_model(tok2vec=HASH_CNN, pooling=["last"]).shims[0].settings["directions"] == 1


@pytest.mark.parametrize(
    "settings,message",
    [
        ({"head": "softmax"}, "'head'.*must be one of.*exclusive"),
        ({"pooling": ["mean", "sum"]}, "'pooling'.*'sum'.*must be one of.*attention"),
        ({"pooling": []}, "'pooling'.*empty.*\"mean\""),
        ({"ngrams": -1}, "'ngrams' is -1, but must be at least 0"),
        ({"ngram_rows": -5}, "'ngram_rows' is -5"),
        ({"max_length": -3}, "'max_length' is -3"),
        ({"architecture": "MLPClassifier", "width": 0}, "'width' is 0, but must be at least 1"),
        ({"tok2vec": LISTENER, "max_length": 10}, "'max_length'.*listens"),
        ({"tok2vec": LISTENER, "pooling": ["last"]}, "'pooling'.*listener.*\"max\""),
    ],
)
def test_wrong_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        registry.resolve({"model": classifier_config(**settings)})


# The control


@every_head
def test_the_mlp_is_blind_to_order(head):
    model = make_model(head=head, architecture="MLPClassifier", tok2vec=EMBED, width=8)
    one, other = make_docs(["fine jokes dull plot", "dull plot fine jokes"])
    scores = model.predict([one, other]).branches
    assert_allclose(scores[:, 0], scores[:, 1], **close)
    assert_allclose(model.predict([one]).branches[:, 0], scores[:, 0], **close)
    assert model.shims[0].module.hidden.out_features == 8
