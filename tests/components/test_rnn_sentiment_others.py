"""What stands before and behind it in a pipeline, and how it is evaluated."""

import copy
import warnings

import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.cli.find_threshold import find_threshold
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from ..helpers import EMBED, stir_model, tok2vec_config, weights_of
from ..text_helpers import (
    HASH_CNN,
    HEADS,
    LISTENER,
    MANY,
    POOLS,
    TEXTS,
    cats_of,
    classifier_config,
    data_of,
    make_examples,
    make_nlp,
    random_nlp,
    train,
)

every_head = pytest.mark.parametrize("head", HEADS)
close = {"rtol": 0, "atol": 1e-5}


def texts_of(nlp):
    return nlp.get_pipe("texts")


@pytest.fixture
def nlp():
    return random_nlp(pooling=POOLS)


def test_it_can_be_sourced_under_another_name(nlp):
    expected = cats_of(nlp, MANY)
    other = spacy.blank("en")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.add_pipe("texts", source=nlp, name="other")
    found = [list(doc.cats.values()) for doc in other.pipe(MANY)]
    assert_allclose(found, expected, **close)


def test_frozen_it_does_not_learn(nlp):
    before = texts_of(nlp).to_bytes(exclude=["vocab"])
    nlp.update(make_examples(nlp, data_of()), sgd=Adam(0.1), exclude=["texts"])
    assert texts_of(nlp).to_bytes(exclude=["vocab"]) == before


def test_a_copy_learns_alone(nlp):
    twin = copy.deepcopy(nlp)
    before = weights_of(texts_of(nlp).model)
    train(twin, 2, data_of())
    after = weights_of(texts_of(nlp).model)
    assert all((after[name] == array).all() for name, array in before.items())


SEEN = []


@Language.component("note_cats")
def note_cats(doc):
    SEEN.append(dict(doc.cats))
    return doc


def test_others_can_build_on_it_in_training(nlp):
    train(nlp, 1, data_of())  # words that it learns now would change the answer
    expected = [dict(doc.cats) for doc in nlp.pipe(TEXTS)]
    nlp.add_pipe("note_cats")
    SEEN.clear()
    nlp.update(make_examples(nlp, data_of()), sgd=Adam(0.0), annotates=["texts", "note_cats"])
    for found, cats in zip(SEEN, expected):
        assert found == pytest.approx(cats, abs=1e-5)


def failing_predict(pipe):
    predict = pipe.predict

    def fail(docs):
        docs = list(docs)
        if any("fails" in doc.text for doc in docs):
            raise RuntimeError("cannot")
        return predict(docs)

    return fail


def test_an_error_handler_is_called_and_the_rest_goes_on(nlp, monkeypatch):
    met = []
    monkeypatch.setattr(texts_of(nlp), "predict", failing_predict(texts_of(nlp)))
    with pytest.raises(RuntimeError, match="cannot"):
        list(nlp.pipe(["fails"]))
    nlp.set_error_handler(lambda name, proc, docs, e: met.append((name, docs[0].text)))
    found = [doc.text for doc in nlp.pipe([TEXTS[0], "fails", TEXTS[1]], batch_size=1)]
    assert found == TEXTS[:2] and met == [("texts", "fails")]


def test_two_of_them_keep_apart():
    nlp = make_nlp()
    config = {"model": classifier_config(head="multilabel")}
    nlp.add_pipe("rnn_sentiment_multilabel", "topics", config=config)
    topics = [(text, {**cats}) for text, cats in data_of("multilabel")]
    with nlp.select_pipes(enable="topics"):
        nlp.initialize(lambda: make_examples(nlp, topics))
    doc = nlp(TEXTS[0])
    assert set(doc.cats) == {"pos", "neg", "fine", "cold"}
    # The second has no opinion
    assert doc._.sentiment == pytest.approx(doc.cats["pos"] - doc.cats["neg"], abs=1e-6)


def test_it_says_what_it_assigns(nlp):
    assert nlp.analyze_pipes()["summary"]["texts"]["assigns"] == ["doc.cats"]


def make_shared(*others):
    """A `tok2vec` that the component listens to, and a tagger if asked for."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": tok2vec_config({**EMBED, "unknown_rate": 0.0})})
    for name in others:
        model = {"@architectures": "spacy_rnn.SequenceLabeler.v1", "decoding": "softmax"}
        nlp.add_pipe(name, config={"model": {**model, "tok2vec": LISTENER}})
    nlp.add_pipe("rnn_sentiment", "texts", config={"model": classifier_config(LISTENER)})
    nlp.initialize(lambda: tagged_examples(nlp))
    return nlp


def tagged_examples(nlp, with_cats=True):
    examples = make_examples(nlp, data_of() if with_cats else [(text, {}) for text in TEXTS])
    for eg in examples:
        for token in eg.reference:
            token.tag_ = "AB"[token.i % 2]
    return examples


def test_it_learns_through_a_listener_that_can_be_replaced(tmp_path):
    nlp = make_shared()
    train(nlp, 40, data_of())
    expected = cats_of(nlp, MANY)
    assert (expected[:6].argmax(1) == [1, 0, 1, 1, 0, 0]).all()
    assert_allclose(cats_of(nlp, MANY, batch_size=1), expected, **close)
    nlp.to_disk(tmp_path / "shared")
    assert_allclose(cats_of(spacy.load(tmp_path / "shared"), MANY), expected, **close)
    nlp.replace_listeners("tok2vec", "texts", ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    assert_allclose(cats_of(nlp, MANY), expected, **close)
    nlp.to_disk(tmp_path / "own")
    assert_allclose(cats_of(spacy.load(tmp_path / "own"), MANY), expected, **close)


def test_a_batch_without_cats_lets_a_shared_tok2vec_learn_from_others():
    """The last listener is the one that hands their gradients on."""
    nlp = make_shared("rnn_tagger")
    stir_model(nlp.get_pipe("rnn_tagger").model)
    before = weights_of(nlp.get_pipe("tok2vec").model)
    for _ in range(2):
        nlp.update(tagged_examples(nlp, with_cats=False), sgd=Adam(0.1))
    after = weights_of(nlp.get_pipe("tok2vec").model)
    assert max(abs(after[n] - w).max() for n, w in before.items() if "keys" not in n) > 0.01


def test_empty_documents_through_a_listener():
    nlp = make_shared()
    assert 0 < train(nlp, 1, [("", {"pos": 1.0, "neg": 0.0}), *data_of()])
    assert train(nlp, 1, [("", {"pos": 1.0, "neg": 0.0})]) == 0.0


def test_spacys_own_tok2vec_learns(tmp_path):
    nlp = make_nlp(tok2vec=HASH_CNN)
    assert train(nlp, 30, data_of()) < 0.5 * train(make_nlp(tok2vec=HASH_CNN), 1, data_of())
    expected = cats_of(nlp, MANY)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert_allclose(cats_of(loaded, MANY, batch_size=1), expected, **close)


# Evaluation


@every_head
def test_evaluate_knows_the_head(head):
    nlp = make_nlp(head)
    scores = nlp.evaluate(make_examples(nlp, data_of(head)))
    wanted = {"exclusive": "cats_acc", "ordinal": "cats_qwk", "regression": "cats_r2"}
    assert scores["cats_score"] is not None
    assert scores[wanted.get(head, "cats_macro_auc")] is not None


def test_without_a_scorer_there_are_no_scores():
    nlp = make_nlp(config={"scorer": None})
    assert "cats_score" not in nlp.evaluate(make_examples(nlp, data_of()))


def test_a_threshold_decides_what_counts_as_predicted():
    nlp = random_nlp("multilabel", factory="rnn_sentiment_multilabel")
    examples = make_examples(nlp, data_of("multilabel"))
    assert texts_of(nlp).cfg["threshold"] == 0.5
    for threshold, recall in ((0.0, 1.0), (1.01, 0.0)):
        texts_of(nlp).cfg["threshold"] = threshold
        assert nlp.evaluate(examples)["cats_macro_r"] == recall


def test_spacy_finds_a_threshold(tmp_path, capsys):
    nlp = make_nlp("multilabel", factory="rnn_sentiment_multilabel")
    train(nlp, 5, data_of("multilabel"))
    docs = []
    for text, cats in data_of("multilabel"):
        docs.append(Doc(nlp.vocab, words=text.split()))
        docs[-1].cats = cats
    DocBin(docs=docs).to_disk(tmp_path / "dev.spacy")
    nlp.to_disk(tmp_path / "nlp")
    model, names = str(tmp_path / "nlp"), ("texts", "threshold", "cats_macro_f")
    best, score, _ = find_threshold(model, tmp_path / "dev.spacy", *names, n_trials=5)
    assert 0 < best < 1 and score > 0.9


def test_resumed_training_goes_on(nlp):
    first = train(nlp, 1, data_of())
    nlp.resume_training()
    assert train(copy.deepcopy(nlp), 20, data_of()) < first


def test_averaged_weights_are_used_and_given_back(nlp):
    optimizer = Adam(0.05, use_averages=True)
    for _ in range(3):
        nlp.update(make_examples(nlp, data_of()), sgd=optimizer)
    own = cats_of(nlp)
    with nlp.use_params(optimizer.averages):
        assert not numpy.allclose(cats_of(nlp), own, atol=1e-4)
    assert_allclose(cats_of(nlp), own, **close)


def test_examples_may_share_documents(nlp):
    """Nothing is written on what is learnt from."""
    examples = make_examples(nlp, data_of())
    nlp.update(examples, sgd=Adam(0.01))
    assert not any(eg.predicted.cats for eg in examples)
    assert all(isinstance(eg, Example) for eg in examples)
