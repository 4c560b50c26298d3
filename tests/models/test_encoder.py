import itertools

import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.training import Example
from spacy.util import registry
from thinc.api import Adam, set_dropout_rate

from spacy_rnn.models.arrays import split
from spacy_rnn.models.encoder import build_rnn_encoder_v1, build_window_encoder_v1
from spacy_rnn.models.windows import CONTEXT

from ..helpers import (
    EMBED,
    ENCODER,
    TEXTS,
    entities,
    gold_entities,
    make_nlp,
    run_python,
    stir_model,
    tok2vec_config,
    train,
)

NI, NO = 3, 4
LENGTHS = [2, 0, 5, 1, 0, 3]
ENCODERS = {
    f"{cell} {'both' if both else 'one'} {depth}": {
        "@architectures": "spacy_rnn.RNNEncoder.v1",
        "width": NO,
        "cell": cell,
        "bidirectional": both,
        "depth": depth,
        "initial_state": start,
    }
    for (cell, both, depth), start in zip(
        itertools.product(["rnn", "lstm", "gru"], [True, False], [1, 2]),
        itertools.cycle(["zeros", "random", "learned"]),
    )
}
WINDOW = {"@architectures": "spacy_rnn.WindowEncoder.v1", "width": NO, "window": 1}
ENCODERS["window"] = WINDOW
ENCODERS["window deep"] = {**WINDOW, "window": 2, "depth": 2}
every_encoder = pytest.mark.parametrize("config", ENCODERS.values(), ids=list(ENCODERS))
OVERFIT = ["rnn both 1", "lstm one 1", "gru both 2", "window"]
TAGGED = [("I like green eggs", "PRON VERB ADJ NOUN"), ("Eat blue ham", "VERB ADJ NOUN")]


def make(config):
    """An encoder with random weights."""
    model = registry.resolve({"encode": config})["encode"]
    model.initialize(X=[numpy.zeros((1, NI), dtype="f")])
    return stir_model(model)


def make_batch(lengths=LENGTHS):
    rng = numpy.random.default_rng(0)
    return [rng.normal(size=(n, NI)).astype("f") for n in lengths]


@every_encoder
def test_every_document_keeps_its_length(config):
    Ys = make(config).predict(make_batch())
    assert [Y.shape for Y in Ys] == [(n, NO) for n in LENGTHS]
    assert {Y.dtype.name for Y in Ys} == {"float32"}


@every_encoder
@pytest.mark.parametrize("lengths", [[], [0], [0, 0]])
def test_a_batch_without_tokens_stays_empty(config, lengths):
    model, Xs = make(config), make_batch(lengths)
    assert [Y.shape for Y in model.predict(Xs)] == [(0, NO) for _ in lengths]
    Ys, backprop = model.begin_update(Xs)
    assert [dX.shape for dX in backprop(Ys)] == [(0, NI) for _ in lengths]


@every_encoder
def test_a_document_reads_the_same_alone_and_in_any_batch(config):
    model, Xs = make(config), make_batch()
    alone = [model.predict([X])[0] for X in Xs]
    assert not numpy.allclose(alone[2][0], alone[2][1])
    for order in ([0, 1, 2, 3, 4, 5], [4, 2, 5, 0, 3, 1], [2, 2, 3]):
        for i, Y in zip(order, model.predict([Xs[i] for i in order])):
            assert_allclose(Y, alone[i], atol=1e-5)


@every_encoder
def test_training_without_dropout_computes_what_prediction_does(config):
    model, Xs = make(config), make_batch()
    for a, b in zip(model.begin_update(Xs)[0], model.predict(Xs)):
        assert_allclose(a, b, atol=1e-5)


@every_encoder
def test_the_gradient_of_the_input_equals_finite_differences(config):
    model, Xs = make(config), make_batch()
    Ys, backprop = model.begin_update(Xs)
    dYs = [numpy.random.normal(size=Y.shape).astype("f") for Y in Ys]
    dXs = backprop(dYs)
    assert [dX.shape for dX in dXs] == [X.shape for X in Xs]
    for _ in range(3):
        way = [numpy.random.normal(size=X.shape).astype("f") for X in Xs]

        def value(eps, way=way):
            Ys = model.predict([X + numpy.float32(eps) * w for X, w in zip(Xs, way)])
            return sum(float((Y.astype("d") * dY).sum()) for Y, dY in zip(Ys, dYs))

        slope = (value(1e-2) - value(-1e-2)) / 2e-2
        ours = sum(float((dX * w).sum()) for dX, w in zip(dXs, way))
        assert ours == pytest.approx(slope, rel=1e-2, abs=1e-2)


@every_encoder
def test_the_gradient_of_two_batches_adds_up(config):
    model, Xs = make(config), make_batch()
    for _ in range(2):
        Ys, backprop = model.begin_update(Xs)
        backprop(Ys)
    twice = {n: g.clone() for n, g in model.shims[0].gradients().items()}
    model.shims[0].drop_gradients()
    Ys, backprop = model.begin_update(Xs)
    backprop(Ys)
    for name, gradient in model.shims[0].gradients().items():
        assert_allclose(twice[name], 2 * gradient, rtol=1e-4, atol=1e-5)


@every_encoder
def test_bytes_round_trip(config):
    model = make(config)
    data = model.to_bytes()
    twin = registry.resolve({"encode": config})["encode"].from_bytes(data)
    assert twin.to_bytes() == data
    for a, b in zip(twin.predict(make_batch()), model.predict(make_batch())):
        numpy.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", OVERFIT)
def test_overfits_and_keeps_it_on_disk(name, tmp_path):
    nlp = make_nlp(encode={**ENCODERS[name], "width": 16})
    train(nlp, 60)
    assert [entities(doc) for doc in nlp.pipe(TEXTS)] == gold_entities()
    nlp.to_disk(tmp_path)
    assert [entities(doc) for doc in spacy.load(tmp_path).pipe(TEXTS)] == gold_entities()


def test_only_dropout_makes_training_random():
    model = make(ENCODERS["lstm both 2"])
    set_dropout_rate(model, 0.5)
    first, second = (model.begin_update(make_batch())[0][2] for _ in range(2))
    assert not numpy.allclose(first, second)


def test_initialize_starts_anew():
    model = make(ENCODERS["lstm both 1"])
    before = model.to_bytes()
    model.initialize()
    assert model.to_bytes() != before


def test_mixed_precision_stays_close():
    model = build_rnn_encoder_v1(NO, mixed_precision=True)
    model.initialize(X=make_batch([1]))
    exact = build_rnn_encoder_v1(NO)
    exact.initialize(X=make_batch([1]))
    exact.shims[0].module = model.shims[0].module
    for a, b in zip(model.predict(make_batch()), exact.predict(make_batch())):
        assert a.dtype == "float32"
        assert_allclose(a, b, atol=0.05)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_mixed_precision_reads_words_that_it_remembers(cell):
    encode = {**ENCODER, "cell": cell, "mixed_precision": True}
    model = registry.resolve({"model": tok2vec_config(EMBED, encode)})["model"]
    nlp = spacy.blank("en")
    docs = [nlp(text) for text, _ in TAGGED]
    model.initialize(X=docs)
    for found in (model.predict(docs), model.predict(docs), model.predict(docs[:1])):
        assert all(numpy.isfinite(states).all() for states in found)


# In another component of spaCy


def make_tagger():
    nlp = spacy.blank("en")
    tok2vec = tok2vec_config(EMBED, {**ENCODER, "depth": 2})
    config = {"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}}
    nlp.add_pipe("tagger", config=config)
    examples = [Example.from_dict(nlp.make_doc(t), {"tags": p.split()}) for t, p in TAGGED]
    nlp.initialize(lambda: examples)
    optimizer = Adam(0.02)
    for _ in range(40):
        nlp.update(examples, sgd=optimizer)
    return nlp


def test_spacys_tagger_learns_with_the_encoder(tmp_path):
    nlp = make_tagger()
    nlp.to_disk(tmp_path)
    for pipeline in (nlp, spacy.load(tmp_path)):
        docs = pipeline.pipe([text for text, _ in TAGGED])
        assert [" ".join(t.tag_ for t in doc) for doc in docs] == [tags for _, tags in TAGGED]


# Settings


@pytest.mark.parametrize("wrong", [{"cell": "LSTM"}, {"initial_state": "ones"}])
def test_a_wrong_choice_is_named_with_the_right_ones(wrong):
    with pytest.raises(ValueError, match=f"'{next(iter(wrong))}'.*must be one of"):
        build_rnn_encoder_v1(NO, **wrong)


def test_two_directions_need_an_even_width():
    with pytest.raises(ValueError, match="even"):
        build_rnn_encoder_v1(5)
    assert build_rnn_encoder_v1(5, bidirectional=False).get_dim("nO") == 5


def test_before_initialize_it_says_what_is_missing():
    with pytest.raises(ValueError, match="initialize"):
        build_window_encoder_v1(NO).predict(make_batch())


def test_split_is_a_view():
    flat = numpy.zeros((3, 2))
    first, nothing, second = split(flat, [1, 0, 2])
    second[:] = 1
    assert (first.shape, nothing.shape, second.shape) == ((1, 2), (0, 2), (2, 2))
    assert flat[1:].all() and not flat[0].any()


# Memory

PEAK = """
import resource, numpy, torch
from spacy_rnn.models.encoder import build_rnn_encoder_v1
torch.set_num_threads(1)
model = build_rnn_encoder_v1(16)
Xs = [numpy.ones((n, 8), dtype="f") for n in [5, 3]]
model.initialize(X=Xs)
model.predict(Xs)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before = peak()
model.predict([numpy.ones((n, 8), dtype="f") for n in [50_000] + [10] * 1_000])
print((peak() - before) / 60_000)
"""


def test_memory_follows_the_number_of_tokens():
    """Padding would take 1,001 x 50,000 rows: 53 KB a token for the result alone."""
    done = run_python(PEAK)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 4_000


@pytest.mark.parametrize(
    "name,setting,value,least",
    [
        ("RNNEncoder", "width", 0, 1),
        ("RNNEncoder", "depth", 0, 1),
        ("WindowEncoder", "width", -2, 1),
        ("WindowEncoder", "depth", 0, 1),
        ("WindowEncoder", "window", -1, 0),
    ],
)
def test_a_number_that_is_too_small_is_named(name, setting, value, least):
    config = {"@architectures": f"spacy_rnn.{name}.v1", "width": NO, setting: value}
    with pytest.raises(ValueError, match=f"'{setting}' is {value}, but must be at least {least}"):
        registry.resolve({"encoder": config})


def test_a_window_wider_than_what_long_documents_overlap_by_is_refused():
    """It would read zeros where a long document is cut."""
    build_window_encoder_v1(NO, CONTEXT)
    with pytest.raises(
        ValueError, match=f"'window' is {CONTEXT + 1}, but must be at most {CONTEXT}"
    ):
        build_window_encoder_v1(NO, CONTEXT + 1)
