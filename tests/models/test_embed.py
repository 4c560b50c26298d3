import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import spacy
import torch
from numpy.testing import assert_allclose, assert_array_equal
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab
from thinc.api import Adam

from spacy_rnn.models.embed import build_one_hot_embed_v1, build_word_embed_v1

from ..helpers import EMBED, TEXTS, entities, gold_entities, make_nlp, stir, stir_model, train

EMBEDS = {
    f"{words} {chars} {'vectors' if vectors else 'bare'}": {
        **EMBED,
        "words": words,
        "chars": chars,
        "char_width": 4,
        "include_static_vectors": vectors,
    }
    for words, chars, vectors in itertools.product(
        ["learned", "hashed"], [None, "cnn", "lstm"], [False, True]
    )
}
ONE_HOT = {"@architectures": "spacy_rnn.OneHotEmbed.v1", "n_words": 8}
EMBEDS["one-hot"] = ONE_HOT
every_embed = pytest.mark.parametrize("config", EMBEDS.values(), ids=list(EMBEDS))
SENTENCES = [["Anna", "met", "Bob"], [], ["met"], [], ["the", "Österreich", "99", "the"]]
LENGTHS = [len(words) for words in SENTENCES]
NV = 5


@pytest.fixture
def vocab():
    vocab = Vocab()
    rng = numpy.random.default_rng(0)
    for form in ("anna", "met", "the"):
        vocab.set_vector(form, rng.normal(size=NV).astype("f"))
    return vocab


def make_docs(vocab, sentences=SENTENCES):
    return [Doc(vocab, words=words) for words in sentences]


def make(config, vocab):
    """An embedding with random weights that has met the words."""
    model = registry.resolve({"embed": config})["embed"]
    model.initialize(X=make_docs(vocab))
    model.begin_update(make_docs(vocab))
    return stir_model(model)


def step(model, docs, optimizer):
    Ys, backprop = model.begin_update(docs)
    backprop([Y * 0 + 1 for Y in Ys])
    model.finish_update(optimizer)


def row_of(model, vocab, word):
    return model.predict(make_docs(vocab, [[word]]))[0][0]


@every_embed
def test_every_document_keeps_its_length(config, vocab):
    model = make(config, vocab)
    width = model.get_dim("nO")
    for Ys in (model.predict(make_docs(vocab)), model.begin_update(make_docs(vocab))[0]):
        assert [Y.shape for Y in Ys] == [(n, width) for n in LENGTHS]
        assert {Y.dtype.name for Y in Ys} == {"float32"}


@every_embed
@pytest.mark.parametrize("documents", [0, 1, 3])
def test_a_batch_without_tokens_stays_empty(config, vocab, documents):
    model, docs = make(config, vocab), make_docs(vocab, [[]] * documents)
    empty = [(0, model.get_dim("nO"))] * documents
    assert [Y.shape for Y in model.predict(docs)] == empty
    Ys, backprop = model.begin_update(docs)
    assert [Y.shape for Y in Ys] == empty
    backprop(Ys)


@every_embed
def test_a_word_has_one_vector_alone_and_in_any_batch(config, vocab):
    model, docs = make(config, vocab), make_docs(vocab)
    alone = [registry_copy(model, config).predict([doc])[0] for doc in docs]
    for order in ([0, 1, 2, 3, 4], [4, 3, 0, 2, 1], [2, 2]):
        for i, Y in zip(order, model.predict([docs[i] for i in order])):
            assert_allclose(Y, alone[i], rtol=1e-5, atol=1e-5)
    assert not numpy.allclose(alone[0][0], alone[0][1])


def registry_copy(model, config):
    """The same weights, nothing remembered."""
    return registry.resolve({"embed": config})["embed"].from_bytes(model.to_bytes())


@every_embed
def test_training_computes_what_prediction_does(config, vocab):
    model = make({**config, "unknown_rate": 0.0} if config is not ONE_HOT else config, vocab)
    model.attrs["unknown_rate"] = 0.0
    for a, b in zip(model.begin_update(make_docs(vocab))[0], model.predict(make_docs(vocab))):
        assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in EMBEDS if name != "one-hot"])
def test_the_gradient_of_the_weights_equals_finite_differences(name, vocab):
    model, docs = make(EMBEDS[name], vocab), make_docs(vocab)
    model.attrs["unknown_rate"] = 0.0
    Ys, backprop = model.begin_update(docs)
    dYs = [numpy.random.normal(size=Y.shape).astype("f") for Y in Ys]
    backprop(dYs)
    shim = model.shims[0]
    way = {n: torch.randn(p.shape) for n, p in shim.module.named_parameters()}
    way = {n: w for n, w in way.items() if n in shim.gradients()}
    if "chars.bytes.weight" in way:
        way["chars.bytes.weight"][0] = 0  # the row of the padding is not learned

    def value(eps):
        for n, w in way.items():
            shim.module.get_parameter(n).data.add_(w, alpha=eps)
        Ys = model.begin_update(docs)[0]
        for n, w in way.items():
            shim.module.get_parameter(n).data.add_(w, alpha=-eps)
        return sum(float((Y.astype("d") * dY).sum()) for Y, dY in zip(Ys, dYs))

    slope = (value(3e-4) - value(-3e-4)) / (2 * 3e-4)
    ours = sum(float((w * shim.gradients()[n]).sum()) for n, w in way.items())
    assert ours == pytest.approx(slope, rel=2e-2, abs=2e-2)


@every_embed
def test_bytes_round_trip(config, vocab):
    model = make(config, vocab)
    data = model.to_bytes()
    twin = registry_copy(model, config)
    assert twin.to_bytes() == data
    for a, b in zip(twin.predict(make_docs(vocab)), model.predict(make_docs(vocab))):
        assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["learned cnn bare", "hashed lstm bare", "learned None bare"])
def test_overfits_and_keeps_it_on_disk(name, tmp_path):
    assert_overfits(EMBEDS[name], tmp_path)


def test_one_hot_overfits_and_keeps_it_on_disk(tmp_path):
    assert_overfits({**ONE_HOT, "n_words": 40}, tmp_path)


def assert_overfits(config, tmp_path):
    nlp = make_nlp(embed=config)
    train(nlp, 70)
    assert [entities(doc) for doc in nlp.pipe(TEXTS)] == gold_entities()
    nlp.to_disk(tmp_path)
    assert [entities(doc) for doc in spacy.load(tmp_path).pipe(TEXTS)] == gold_entities()


# Words


def test_unknown_words_share_row_0(vocab):
    model = make({**EMBED, "features": []}, vocab)
    assert_array_equal(row_of(model, vocab, "foo"), row_of(model, vocab, "bar"))
    assert not numpy.array_equal(row_of(model, vocab, "foo"), row_of(model, vocab, "Anna"))


def test_hashed_words_need_not_be_met(vocab):
    model = make({**EMBED, "features": [], "words": "hashed"}, vocab)
    assert not numpy.array_equal(row_of(model, vocab, "foo"), row_of(model, vocab, "bar"))


def test_prediction_learns_no_words(vocab):
    model = make(EMBED, vocab)
    before = model.to_bytes()
    row_of(model, vocab, "foo")
    assert model.to_bytes() == before


def test_words_learned_in_training_outlive_saving(vocab):
    model = make({**EMBED, "features": []}, vocab)
    twin = registry_copy(model, {**EMBED, "features": []})
    assert_array_equal(row_of(twin, vocab, "Bob"), row_of(model, vocab, "Bob"))
    assert not numpy.array_equal(row_of(twin, vocab, "Bob"), row_of(twin, vocab, "foo"))


def test_training_goes_on_with_new_words_after_loading(vocab):
    config = {**EMBED, "features": []}
    twin = registry_copy(make(config, vocab), config)
    before = row_of(twin, vocab, "Bob")
    twin.begin_update(make_docs(vocab, [["new", "words"]]))
    twin.shims[0].version += 1
    assert_array_equal(row_of(twin, vocab, "Bob"), before)
    assert not numpy.array_equal(row_of(twin, vocab, "new"), row_of(twin, vocab, "foo"))


def test_one_hot_rows_are_given_out_as_words_are_met(vocab):
    model = build_one_hot_embed_v1(4)
    model.attrs["unknown_rate"] = 0.0
    model.initialize(X=make_docs(vocab))
    for word in ("b", "a"):
        model.begin_update(make_docs(vocab, [[word]]))
    Y = model.predict(make_docs(vocab, [["a", "b", "unknown"]]))[0]
    assert Y.tolist() == [[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]]


@pytest.mark.parametrize("rate,unknown", [(0.0, 0.0), (1.0, 1.0), (0.5, 0.5)])
def test_rare_words_stand_in_for_unknown_ones(vocab, rate, unknown):
    model = build_one_hot_embed_v1(500)
    model.attrs["unknown_rate"] = rate
    model.initialize(X=make_docs(vocab))
    docs = make_docs(vocab, [[f"w{i}" for i in range(400)]])
    share = float(model.begin_update(docs)[0][0][:, 0].mean())
    assert share == pytest.approx(unknown, abs=0.1 if 0 < rate < 1 else 0)


def test_common_words_never_stand_in_for_unknown_ones(vocab):
    model = build_one_hot_embed_v1(50)
    model.attrs["unknown_rate"] = 1.0
    model.initialize(X=make_docs(vocab))
    Y = model.begin_update(make_docs(vocab, [["the", "a"], ["the", "b"]]))[0]
    assert [Y[0][0, 0], Y[1][0, 0]] == [0.0, 0.0]
    assert [Y[0][1, 0], Y[1][1, 0]] == [1.0, 1.0]


# Static vectors


def test_static_vectors_tell_unknown_words_apart(vocab):
    model = make({**EMBED, "features": [], "include_static_vectors": True}, vocab)
    vocab.set_vector("foo", numpy.ones(NV, dtype="f"))
    assert not numpy.array_equal(row_of(model, vocab, "foo"), row_of(model, vocab, "bar"))
    assert_array_equal(row_of(model, vocab, "bar"), row_of(model, vocab, "baz"))


def test_static_vectors_are_not_saved(vocab):
    config = {**EMBED, "include_static_vectors": True}
    model = make(config, vocab)
    assert vocab.vectors.data[0].tobytes() not in model.to_bytes()


def test_without_vectors_in_the_vocabulary_it_says_so():
    model = build_word_embed_v1(include_static_vectors=True)
    with pytest.raises(ValueError, match="no vectors"):
        model.initialize(X=make_docs(Vocab()))


def test_the_widths_of_the_vectors_must_fit(vocab):
    model, other = make({**EMBED, "include_static_vectors": True}, vocab), Vocab()
    other.set_vector("a", numpy.ones(NV + 1, dtype="f"))
    with pytest.raises(ValueError, match=f"{NV + 1} wide"):
        model.predict(make_docs(other))


# What is remembered


def test_an_update_drops_what_was_remembered(vocab):
    model = make(EMBED, vocab)
    before = row_of(model, vocab, "met").copy()
    step(model, make_docs(vocab), Adam(0.1))
    after = row_of(model, vocab, "met")
    assert not numpy.array_equal(after, before)
    assert_array_equal(after, row_of(registry_copy(model, EMBED), vocab, "met"))


def test_averaged_weights_drop_what_was_remembered(vocab):
    model, optimizer = make(EMBED, vocab), Adam(0.1, use_averages=True)
    for _ in range(5):
        step(model, make_docs(vocab), optimizer)
    own = row_of(model, vocab, "met").copy()
    with model.use_params(optimizer.averages):
        averaged = row_of(model, vocab, "met").copy()
    assert not numpy.allclose(averaged, own)
    assert_array_equal(row_of(model, vocab, "met"), own)


def test_loading_drops_what_was_remembered(vocab):
    model, other = make(EMBED, vocab), make(EMBED, vocab)
    stir(other.shims[0].module)
    row_of(model, vocab, "met")
    model.from_bytes(other.to_bytes())
    assert_array_equal(
        row_of(model, vocab, "met"), row_of(registry_copy(other, EMBED), vocab, "met")
    )


@pytest.mark.parametrize("word", ["Bob", "met"])
def test_other_vectors_drop_what_was_remembered(vocab, word):
    """Of a word that had none, or another."""
    config = {**EMBED, "include_static_vectors": True}
    model = make(config, vocab)
    before = row_of(model, vocab, word).copy()
    vocab.set_vector(word, numpy.ones(NV, dtype="f"))
    after = row_of(model, vocab, word)
    assert not numpy.array_equal(after, before)
    assert_array_equal(after, row_of(registry_copy(model, config), vocab, word))


def test_who_writes_into_an_answer_does_not_write_into_the_memory(vocab):
    model = make(EMBED, vocab)
    before = row_of(model, vocab, "met").copy()
    model.predict(make_docs(vocab, [["met"]]))[0][:] = 99
    assert_array_equal(row_of(model, vocab, "met"), before)


def test_threads_share_the_memory(vocab):
    model = make({**EMBED, "chars": "cnn", "char_width": 4}, vocab)
    rng = numpy.random.default_rng(0)
    words = [f"word{i}" for i in range(500)]
    batches = [make_docs(vocab, [rng.choice(words, 20).tolist()]) for _ in range(100)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(model.predict, batches))
    for batch, Ys in zip(batches, together):
        assert_array_equal(Ys[0], model.predict(batch)[0])


def test_a_memory_zone_leaves_nothing_wrong_behind():
    nlp = spacy.blank("en")
    model = make({**EMBED, "rows": 9}, nlp.vocab)
    expected = [row_of(model, nlp.vocab, f"word{i}") for i in range(50)]
    model.shims[0].version += 1
    for _ in range(2):
        with nlp.memory_zone():
            found = [row_of(model, nlp.vocab, f"word{i}").copy() for i in range(50)]
        assert_allclose(found, expected, atol=1e-6)


# Settings


@pytest.mark.parametrize(
    "wrong", [{"words": "all"}, {"chars": "rnn"}, {"features": ["suffix", "lemma"]}]
)
def test_a_wrong_choice_is_named_with_the_right_ones(wrong):
    with pytest.raises(ValueError, match=f"'{next(iter(wrong))}'.*must be one of"):
        build_word_embed_v1(**wrong)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"rows": 0}, "must be at least 1"),
        ({"rows": 1, "words": "hashed"}, "must be at least 2"),
        ({"word_width": -1}, "must be at least 0"),
        ({"word_width": 0, "chars": None, "features": []}, "must be at least 1"),
        ({"feature_rows": 0}, "must be at least 1"),
        ({"feature_width": -1}, "must be at least 0"),
        ({"char_width": 0}, "must be at least 1"),
        ({"char_width": 5, "chars": "lstm"}, "must be even"),
        ({"unknown_rate": -0.1}, "share from 0 to 1"),
        ({"word_dropout": 1.5}, "share from 0 to 1"),
    ],
    ids=str,
)
def test_a_number_that_no_net_can_be_built_of_is_named(wrong, message):
    with pytest.raises(ValueError, match=f"'{next(iter(wrong))}'.*{message}"):
        build_word_embed_v1(**wrong)


@pytest.mark.parametrize(
    "few",
    [
        {"chars": None, "char_width": 0},
        {"word_width": 0},
        {"word_width": 0, "feature_width": 0, "include_static_vectors": True},
        {"features": [], "feature_rows": 0},
        {"rows": 1},
        {"rows": 2, "words": "hashed"},
        {"char_width": 5},
    ],
    ids=str,
)
def test_a_part_may_be_left_out_or_small(few, vocab):
    Ys = make({**EMBED, **few}, vocab).predict(make_docs(vocab))
    assert [len(Y) for Y in Ys] == LENGTHS and numpy.isfinite(numpy.concatenate(Ys)).all()


def test_a_classroom_without_words_is_refused():
    with pytest.raises(ValueError, match="'n_words' is 0, but must be at least 1"):
        build_one_hot_embed_v1(0)
