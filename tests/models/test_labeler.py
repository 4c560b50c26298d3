import copy
import pickle

import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from spacy.tokens import Doc
from spacy.util import registry

from spacy_rnn.models.labeler import decode, finite, loss, rehearsal_loss
from spacy_rnn.models.posterior import k_best, marginals, span_confidences
from spacy_rnn.tags import TagSet
from spacy_rnn.types import TagScores

from ..helpers import (
    EMBED,
    ENCODER,
    TEXTS,
    entities,
    gold_entities,
    make_nlp,
    ner_config,
    stir_model,
    train,
)

TAGS = {
    "crf": TagSet(["A", "B"], "BILUO"),
    "softmax": TagSet(["A", "B"], "BIO"),
    "sigmoid": TagSet(["ENTITY"], "IO"),
}
every_decoding = pytest.mark.parametrize("decoding", list(TAGS))
VOCAB = spacy.blank("en").vocab
SENTENCES = [["a", "b"], [], ["c"], ["b", "b", "d", "a"], []]
LENGTHS = [len(words) for words in SENTENCES]
N = sum(LENGTHS)


def make_docs(sentences=SENTENCES):
    return [Doc(VOCAB, words=words) for words in sentences]


def make(decoding, embed=EMBED, encode=ENCODER):
    """A labeller with random weights."""
    config = ner_config(embed, encode, decoding)
    model = registry.resolve(config)["model"]
    model.set_dim("nO", len(TAGS[decoding]))
    model.initialize(X=make_docs([["a"]]))
    return stir_model(model)


def make_scores(decoding, lengths=LENGTHS):
    K, rng = len(TAGS[decoding]), numpy.random.default_rng(0)
    shapes = [(sum(lengths), K), (K, K), (K,), (K,)]
    arrays_ = [rng.normal(size=s).astype("f") for s in shapes]
    return TagScores(*arrays_, lengths=numpy.array(lengths, dtype="i"))


def gold_of(decoding):
    """A span at the start of each document; the rest is missing."""
    tags = TAGS[decoding]
    ids = [tags.span_tags(tags.labels[0], 1) + [-1] * (n - 1) for n in LENGTHS if n]
    return tags.one_hot(numpy.concatenate(ids))


@every_decoding
def test_shapes(decoding):
    model, K = make(decoding), len(TAGS[decoding])
    for scores in (model.predict(make_docs()), model.begin_update(make_docs())[0]):
        assert [x.shape for x in scores] == [(N, K), (K, K), (K,), (K,), (len(LENGTHS),)]
        assert scores.lengths.tolist() == LENGTHS


@every_decoding
@pytest.mark.parametrize("documents", [0, 1, 2])
def test_a_batch_without_tokens_has_no_scores(decoding, documents):
    model, docs, K = make(decoding), make_docs([[]] * documents), len(TAGS[decoding])
    assert model.predict(docs).emissions.shape == (0, K)
    assert decode(model.predict(docs), TAGS[decoding]).shape == (0,)
    scores, backprop = model.begin_update(docs)
    backprop(scores)


@every_decoding
def test_a_document_scores_the_same_alone_and_in_any_batch(decoding):
    model, docs = make(decoding), make_docs()
    alone = [model.predict([doc]).emissions for doc in docs]
    for order in ([0, 1, 2, 3, 4], [4, 3, 1, 0, 2]):
        together = model.predict([docs[i] for i in order]).emissions
        assert_allclose(together, numpy.concatenate([alone[i] for i in order]), atol=1e-5)
    assert numpy.ptp(alone[3][:, 1]) > 1e-3


@every_decoding
def test_the_gradient_of_the_scores_equals_finite_differences(decoding):
    model, tags, scores = make(decoding), TAGS[decoding], make_scores(decoding)
    _, d_scores = loss(model, scores, tags, gold_of(decoding))
    rng = numpy.random.default_rng(1)
    for _ in range(5):
        way = [rng.normal(size=x.shape).astype("f") for x in scores[:4]]

        def value(eps, way=way):
            moved = [x + numpy.float32(eps) * w for x, w in zip(scores[:4], way)]
            return loss(model, TagScores(*moved, scores.lengths), tags, gold_of(decoding))[0]

        slope = (value(1e-3) - value(-1e-3)) / 2e-3
        ours = sum(float((d * w).sum()) for d, w in zip(d_scores[:4], way))
        assert ours == pytest.approx(slope, rel=1e-2, abs=1e-3)


@every_decoding
def test_the_loss_is_the_mean_over_documents_with_tokens(decoding):
    model, tags, scores = make(decoding), TAGS[decoding], make_scores(decoding)
    gold, ends = gold_of(decoding), numpy.cumsum(LENGTHS)
    each = []
    for n, end in zip(LENGTHS, ends):
        if n:
            rows = slice(end - n, end)
            part = scores._replace(emissions=scores.emissions[rows], lengths=numpy.array([n]))
            each.append(loss(model, part, tags, gold[rows])[0])
    assert loss(model, scores, tags, gold)[0] == pytest.approx(numpy.mean(each))


@every_decoding
def test_missing_annotation_has_no_gradient(decoding):
    model, tags, scores = make(decoding), TAGS[decoding], make_scores(decoding)
    value, d_scores = loss(model, scores, tags, tags.one_hot(numpy.full(N, -1)))
    assert value == pytest.approx(0, abs=1e-9)
    assert all(numpy.abs(d).max() < 1e-6 for d in d_scores[:4])


@every_decoding
def test_the_gradient_reaches_every_layer(decoding):
    model, tags = make(decoding), TAGS[decoding]
    scores, backprop = model.begin_update(make_docs())
    backprop(loss(model, scores, tags, gold_of(decoding))[1])
    for node in model.walk():
        for shim in node.shims:
            learns = {n for n, p in shim.module.named_parameters() if p.requires_grad}
            gradients = {n: g for n, g in shim.gradients().items() if (g != 0).any()}
            assert gradients and gradients.keys() <= learns


@every_decoding
def test_overfits_and_keeps_it_on_disk(decoding, tmp_path):
    data = TEXTS_IO if decoding == "sigmoid" else None
    scheme = "IO" if decoding == "sigmoid" else "BILUO"
    nlp = make_nlp(decoding=decoding, scheme=scheme)
    train(nlp, 60)
    expected = data or gold_entities()
    assert [entities(doc) for doc in nlp.pipe(TEXTS)] == expected
    nlp.to_disk(tmp_path)
    assert [entities(doc) for doc in spacy.load(tmp_path).pipe(TEXTS)] == expected


TEXTS_IO = [[(text, "ENTITY") for text, _ in doc] for doc in gold_entities()]


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda model: model.copy(), lambda model: pickle.loads(pickle.dumps(model))],
    ids=["deepcopy", "copy", "pickle"],
)
def test_a_copy_scores_the_same(duplicate):
    model = make("crf")
    expected = model.predict(make_docs()).emissions
    numpy.testing.assert_array_equal(duplicate(model).predict(make_docs()).emissions, expected)


# Decoding


@every_decoding
@given(st.data())
def test_decoding_is_always_legal(decoding, data):
    tags = TAGS[decoding]
    lengths = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=5))
    scores = make_scores(decoding, lengths)
    scale = st.floats(-(2.0**60), 2.0**60, width=32)
    drawn = [data.draw(arrays("f4", x.shape, elements=scale)) for x in scores[:4]]
    ids = decode(TagScores(*drawn, scores.lengths), tags)
    assert len(ids) == sum(lengths)
    for path in numpy.split(ids, numpy.cumsum(lengths)[:-1]):
        if len(path):
            assert tags.start[path[0]] and tags.end[path[-1]]
            assert tags.transitions[path[:-1], path[1:]].all()


@every_decoding
def test_decoding_keeps_to_what_is_allowed(decoding):
    tags, scores = TAGS[decoding], make_scores(decoding)
    only = tags.one_hot(numpy.zeros(N, dtype="i8"))
    assert decode(scores, tags, only).tolist() == [0] * N


@every_decoding
def test_without_an_opinion_everything_is_o(decoding):
    tags, scores = TAGS[decoding], make_scores(decoding)
    nothing = TagScores(*(x * 0 for x in scores[:4]), scores.lengths)
    assert decode(nothing, tags).tolist() == [0] * N


@every_decoding
def test_documents_come_back_in_their_order(decoding):
    tags, scores = TAGS[decoding], make_scores(decoding)
    whole = decode(scores, tags)
    for n, end in zip(LENGTHS, numpy.cumsum(LENGTHS)):
        rows = slice(end - n, end)
        part = scores._replace(emissions=scores.emissions[rows], lengths=numpy.array([n]))
        assert decode(part, tags).tolist() == whole[rows].tolist()


# More tags


@pytest.mark.parametrize("decoding", ["crf", "softmax"])
def test_resize_keeps_the_old_scores(decoding):
    model, K = make(decoding), len(TAGS[decoding])
    before = model.predict(make_docs())
    model.attrs["resize_output"](model, K + 2)
    after = model.predict(make_docs())
    assert after.emissions.shape == (N, K + 2)
    for old, new in zip(before[:4], after[:4]):
        rows = (slice(None), slice(K)) if len(old) == N else tuple(slice(n) for n in old.shape)
        numpy.testing.assert_array_equal(new[rows], old)


def test_resize_before_initialize():
    model = registry.resolve(ner_config())["model"]
    model.attrs["resize_output"](model, 7)
    model.initialize(X=make_docs([["a"]]))
    assert model.predict(make_docs()).emissions.shape == (N, 7)


# Rehearsal


def test_rehearsing_what_one_knows_costs_nothing():
    scores = make_scores("crf")
    value, d_scores = rehearsal_loss(scores, scores)
    assert value == 0
    assert all((d == 0).all() for d in d_scores[:4])


def test_the_gradient_of_rehearsal_points_back():
    scores, target = make_scores("crf"), make_scores("crf")
    scores = scores._replace(emissions=scores.emissions + 1)
    value, d_scores = rehearsal_loss(scores, target)
    assert value > 0
    assert (d_scores.emissions > 0).all()
    further = scores._replace(emissions=scores.emissions + 1e-3 * d_scores.emissions)
    risen = rehearsal_loss(further, target)[0] - value
    assert risen == pytest.approx(1e-3 * (d_scores.emissions**2).sum(), rel=1e-2)


def test_rehearsal_leaves_new_tags_alone():
    target, K = make_scores("crf"), len(TAGS["crf"])
    wider = [numpy.pad(x, [(0, 2 * (n == K)) for n in x.shape]) + 1 for x in target[:4]]
    _, d_scores = rehearsal_loss(TagScores(*wider, target.lengths), target)
    assert (d_scores.emissions[:, K:] == 0).all() and (d_scores.emissions[:, :K] != 0).all()
    assert (d_scores.transitions[K:] == 0).all() and (d_scores.start[K:] == 0).all()


# Settings


def test_a_wrong_choice_is_named_with_the_right_ones():
    with pytest.raises(ValueError, match="'decoding'.*must be one of"):
        registry.resolve(ner_config(decoding="viterbi"))


@every_decoding
@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf])
def test_a_loss_that_is_not_finite_has_no_gradient(decoding, bad):
    scores = make_scores(decoding)
    scores.emissions[0, 0] = bad
    allowed = numpy.zeros(scores.emissions.shape, dtype=bool)
    allowed[:, 0] = True
    value, grads = loss(make(decoding), scores, TAGS[decoding], allowed)
    assert not numpy.isfinite(value)
    assert not any(grad.any() for grad in grads[:4])


def diverged(lengths, bad):
    """Scores of a net whose training went wrong."""
    scores = make_scores("crf", lengths)
    if bad == "huge":
        return TagScores(*(x * numpy.float32(1e30) for x in scores[:4]), scores.lengths)
    scores.emissions[1] = float(bad)
    scores.emissions[2:3, 1:] = -float(bad)
    return scores


every_bad = pytest.mark.parametrize("bad", ["inf", "-inf", "nan", "huge"])


@every_bad
@pytest.mark.parametrize("lengths", [[4], [9, 4]])
def test_scores_that_diverged_are_decoded_legally(bad, lengths):
    tags, scores = TAGS["crf"], diverged(lengths, bad)
    ids = decode(finite(scores), tags)
    for of_document in numpy.split(ids, numpy.cumsum(lengths)[:-1]):
        assert tags.start[of_document[0]] and tags.end[of_document[-1]]
        assert tags.transitions[of_document[:-1], of_document[1:]].all()


@every_bad
@pytest.mark.parametrize("lengths", [[4], [9, 4]])
def test_scores_that_diverged_are_read_without_a_warning(bad, lengths):
    tags, scores = TAGS["crf"], diverged(lengths, bad)
    ids = numpy.zeros(sum(lengths), dtype="i8")
    ids[0] = tags.ids["U", "A"]
    scores = finite(scores)
    span_confidences(scores, tags, ids, (numpy.array([0]), numpy.array([1])))
    probabilities = marginals(scores, tags)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()


@every_bad
@pytest.mark.parametrize("lengths", [[9, 4], [1, 1]])
def test_scores_that_diverged_are_learnt_from_without_a_warning(bad, lengths):
    tags, scores = TAGS["crf"], diverged(lengths, bad)
    if bad != "huge":
        scores.transitions[0] = float(bad)
    for tag in (0, -1):
        ids = numpy.full(sum(lengths), tag)
        _, grads = loss(make("crf"), scores, tags, tags.one_hot(ids))
        assert all(numpy.isfinite(grad).all() for grad in grads[:4])


@every_bad
@pytest.mark.parametrize("out", [None, [False, True, False, True, True]])
def test_scores_that_diverged_have_best_readings_without_a_warning(bad, out):
    summed_out = None if out is None else numpy.array(out)
    for p, _ in k_best(finite(diverged([5], bad)), TAGS["crf"], 3, summed_out=summed_out):
        assert not p > 1


def test_words_alone_do_not_learn_from_a_transition_that_is_not_finite():
    tags, scores = TAGS["crf"], make_scores("crf", [1, 1])
    scores.transitions[0, 0] = numpy.inf
    _, grads = loss(make("crf"), scores, tags, tags.one_hot(numpy.zeros(2, dtype="i8")))
    assert not grads.transitions.any()
