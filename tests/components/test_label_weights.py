"""The weight of a label inside the CRF loss: what it costs to miss an entity."""

import itertools
import math

import numpy
import pytest
from spacy.training import Example

from ..helpers import TEXTS, entities, make_examples, make_nlp, stir_model, train


def predictions(nlp, texts):
    return [entities(doc) for doc in nlp.pipe(texts)]


def loss_of(nlp, examples):
    ner = nlp.get_pipe("rnn_ner")
    scores, _ = ner.model.begin_update([eg.predicted for eg in examples])
    return ner.get_loss(examples, scores)


SELDOM = [("Rose fell .", {"entities": ents}) for ents in [[]] * 3 + [[(0, 4, "PER")]] * 2]
SELDOM_A_PLACE = [("Nice is far", {"entities": ents}) for ents in [[]] * 3 + [[(0, 4, "LOC")]] * 2]


@pytest.mark.parametrize("cost,found", [(0.0, []), (3.0, [("Rose", "PER")])])
def test_a_cost_of_missing_entities_raises_recall(cost, found):
    nlp = make_nlp(SELDOM, missed_cost=cost)
    train(nlp, 60, SELDOM)
    assert entities(nlp("Rose fell .")) == found


def test_the_cost_can_differ_by_label():
    data = [*SELDOM, *SELDOM_A_PLACE]
    nlp = make_nlp(data, missed_cost={"LOC": 3.0})
    train(nlp, 80, data)
    assert predictions(nlp, ["Rose fell .", "Nice is far"]) == [[], [("Nice", "LOC")]]


def test_what_is_missing_costs_nothing():
    nlp, costly = make_nlp(), make_nlp(missed_cost=3.0)
    for other in (nlp, costly):
        stir_model(other.get_pipe("rnn_ner").model, 0.0)
    unknown = [Example.from_dict(nlp.make_doc(text), {}) for text in TEXTS]
    assert loss_of(costly, unknown)[0] == pytest.approx(0, abs=1e-9)
    assert loss_of(costly, make_examples(nlp))[0] > loss_of(nlp, make_examples(nlp))[0] + 1


@pytest.mark.parametrize("cost", [-1.0, {"PER": -0.5}])
def test_a_negative_cost_is_refused(cost):
    with pytest.raises(ValueError, match="threshold"):
        make_nlp(missed_cost=cost)


def test_a_cost_for_a_label_that_nothing_has_is_refused():
    with pytest.raises(ValueError, match="PRE.*take the others out"):
        make_nlp(missed_cost={"PRE": 1.0})


COSTS = {"PER": 0.0, "LOC": 2.0}


@pytest.mark.parametrize("scheme", ["BIO", "BILUO"])
def test_a_reading_counts_more_for_each_token_that_it_misses(scheme):
    """-s(y) + log sum_y' exp(s(y') + what y' misses), over all legal readings y'."""
    nlp = make_nlp(missed_cost=COSTS, scheme=scheme)
    ner = nlp.get_pipe("rnn_ner")
    stir_model(ner.model)
    texts = ["Anna met Bob", "old New York", "Rome"]
    spans = [[(0, 4, "PER"), (9, 12, "PER")], [(4, 12, "LOC")], [(0, 4, "LOC")]]
    data = [(text, {"entities": ents}) for text, ents in zip(texts, spans)]
    for eg in make_examples(nlp, data):
        scores = ner.model.predict([eg.predicted])
        readings = all_readings(ner.tags, scores, len(eg.predicted))
        gold = tuple(ner.tags.gold(eg).tolist())
        z = sum(math.exp(s + missed(ner.tags, gold, ids)) for ids, s in readings.items())
        assert ner.get_loss([eg], scores)[0] == pytest.approx(math.log(z) - readings[gold])


def all_readings(tags, scores, n):
    """The score of each legal sequence of tags."""
    emissions, transitions, start, end = (x.astype("d") for x in scores[:4])
    found = {}
    for ids in itertools.product(range(len(tags)), repeat=n):
        pairs = list(zip(ids, ids[1:]))
        if tags.start[ids[0]] and tags.end[ids[-1]] and all(tags.transitions[p] for p in pairs):
            steps = sum(transitions[p] for p in pairs)
            of_tokens = sum(emissions[t, tag] for t, tag in enumerate(ids))
            found[ids] = start[ids[0]] + of_tokens + steps + end[ids[-1]]
    return found


def missed(tags, gold, ids):
    """What it costs to read O where entities stand."""
    lost = [tags.label_of[a] for a, b in zip(gold, ids) if a and not b]
    return sum(COSTS[label] for label in lost)


def test_the_gradient_is_that_of_the_loss():
    nlp = make_nlp(missed_cost=COSTS)
    ner, examples = nlp.get_pipe("rnn_ner"), make_examples(nlp)
    stir_model(ner.model)
    scores = ner.model.predict([eg.predicted for eg in examples])
    _, d_scores = ner.get_loss(examples, scores)
    way = numpy.random.default_rng(0).normal(size=scores.emissions.shape).astype("f")

    def value(eps):
        moved = scores._replace(emissions=scores.emissions + numpy.float32(eps) * way)
        return ner.get_loss(examples, moved)[0]

    slope = (value(1e-3) - value(-1e-3)) / 2e-3
    assert float((d_scores.emissions * way).sum()) == pytest.approx(slope, rel=1e-3)
