"""White space at the ends of an entity is not written, and does not count: confidence, threshold
and readings are those of what is written. Against all readings, tag by tag.
"""

import itertools

import numpy
import pytest
from spacy.tokens import Doc, Span
from spacy.training import Example

from ..helpers import make_nlp, stir_model

SCHEMES = [{"scheme": "BIO"}, {"scheme": "BILUO"}, {"scheme": "IO"}]
SCHEMES.append({"scheme": "IO", "decoding": "sigmoid"})
every_scheme = pytest.mark.parametrize("config", SCHEMES, ids=lambda c: "-".join(c.values()))
seeds = pytest.mark.parametrize("seed", range(3))
WORDS = [
    ["Anna", "\n", "met"],
    ["Rome", "\n\n"],
    [" ", "Rome"],
    ["Bob", " ", "\n", "Smith"],
    ["\n"],
    ["Anna", " ", "\n"],
    ["Anna", "Bob"],
    [],
]


def random_nlp(seed=0, **config):
    """A pipeline with random weights, whose answers are wild and never quite sure."""
    nlp = make_nlp(**config)
    numpy.random.seed(seed)
    stir_model(nlp.get_pipe("rnn_ner").model, 0.4 + 0.1 * seed)
    return nlp


def make_docs(nlp, words=WORDS):
    return [Doc(nlp.vocab, words=w, spaces=[False] * len(w)) for w in words]


def is_legal(tags, path, doc, allowed=None):
    ok = tags.start[path[0]] and tags.end[path[-1]]
    ok = ok and all(tags.transitions[a, b] for a, b in zip(path, path[1:]))
    ok = ok and all(tags.kinds[i] in "OI" for i, token in zip(path, doc) if token.is_space)
    return ok and (allowed is None or all(allowed[t, i] for t, i in enumerate(path)))


def written(tags, path, doc):
    """The entities of a path without white space at their ends."""
    found, start = [], None
    for i, tag in enumerate([*path, 0]):
        last = start is not None and i < len(path) and tags.continues[path[i - 1], tag]
        if tags.scheme == "IO":
            last = start is not None and tag != 0
        if start is not None and not last:
            words = [t.i for t in doc[start:i] if not t.is_space]
            if words:
                found.append((words[0], words[-1] + 1, tags.label_of[path[start]]))
            start = None
        if tag and start is None:
            start = i
    return tuple(found)


def all_readings(nlp, doc, allowed=None):
    """The probability of each way to read a document, from all paths."""
    ner = nlp.get_pipe("rnn_ner")
    scores, tags, found = ner.model.predict([doc]), ner.tags, {}
    e, t, start, end = (x.astype("d") / ner.temperature for x in scores[:4])
    for path in itertools.product(range(len(tags)), repeat=len(doc)):
        if is_legal(tags, path, doc, allowed):
            steps = sum(t[a, b] for a, b in zip(path, path[1:]))
            total = (
                steps + start[path[0]] + end[path[-1]] + sum(e[i, j] for i, j in enumerate(path))
            )
            reading = written(tags, path, doc)
            found[reading] = found.get(reading, 0.0) + numpy.exp(total)
    z = sum(found.values())
    return {reading: p / z for reading, p in found.items()}


def triples(spans):
    return tuple((span.start, span.end, span.label_) for span in spans)


@every_scheme
@seeds
def test_confidence_is_that_of_the_entity_as_it_is_written(config, seed):
    nlp, seen = random_nlp(seed, **config), 0
    docs = make_docs(nlp)
    wanted = [all_readings(nlp, doc) if len(doc) else {} for doc in docs]
    for together in (list(nlp.pipe(docs)), [nlp(doc) for doc in make_docs(nlp)]):
        for doc, readings in zip(together, wanted):
            for ent in doc.ents:
                (triple,) = triples([ent])
                p = sum(p for reading, p in readings.items() if triple in reading)
                assert ent._.confidence == pytest.approx(p, abs=1e-6)
                seen += 1
    assert seen > 4


@every_scheme
def test_a_threshold_is_one_for_what_is_written(config):
    everything = random_nlp(**config)
    sure = [ent._.confidence for doc in everything.pipe(make_docs(everything)) for ent in doc.ents]
    for threshold in sure:
        nlp = random_nlp(threshold=threshold - 1e-6, **config)
        kept = [ent for doc in nlp.pipe(make_docs(nlp)) for ent in doc.ents]
        assert len(kept) == sum(p >= threshold - 1e-6 for p in sure)


@every_scheme
@seeds
def test_readings_are_those_of_what_is_written(config, seed):
    nlp = random_nlp(seed, **config)
    ner = nlp.get_pipe("rnn_ner")
    for doc in make_docs(nlp)[:-1]:
        wanted = all_readings(nlp, doc)
        found = {triples(r.entities): r.probability for r in ner.kbest(doc, 100_000)}
        assert found == {reading: pytest.approx(p, abs=1e-6) for reading, p in wanted.items()}


@every_scheme
@seeds
@pytest.mark.parametrize("k", [1, 2, 3])
def test_white_space_takes_no_place_among_the_best(config, seed, k):
    nlp = random_nlp(seed, **config)
    for doc in make_docs(nlp)[:-1]:
        best = sorted(all_readings(nlp, doc).values(), reverse=True)[:k]
        found = nlp.get_pipe("rnn_ner").kbest(doc, k)
        assert [r.probability for r in found] == pytest.approx(best, abs=1e-6)


@every_scheme
@pytest.mark.parametrize("span", [(0, 2), (1, 2), (1, 3), (2, 3), (0, 4)])
def test_preset_entities_with_white_space_at_their_ends_stay(config, span):
    nlp = random_nlp(**config)
    label = nlp.get_pipe("rnn_ner").labels[0]
    for words in (["\n", "Anna", " ", "met"], ["Anna", "\n", "\n", "Bob"]):
        doc, again = make_docs(nlp, [words, words])
        for each in (doc, again):
            each.set_ents([Span(each, *span, label=label)], default="missing")
        readings = nlp.get_pipe("rnn_ner").kbest(again, 100_000)
        assert sum(r.probability for r in readings) == pytest.approx(1)
        others = [ent for ent in nlp(doc).ents if (ent.start, ent.end) != span]
        assert len(others) == len(doc.ents) - 1
        assert all(0 < ent._.confidence <= 1 for ent in others)


@seeds
def test_an_entity_is_right_as_it_is_written(seed):
    """Calibration must not take it for wrong where the tags go on into white space."""
    nlp = random_nlp(seed)
    ner, docs = nlp.get_pipe("rnn_ner"), make_docs(nlp)
    gold = list(nlp.pipe(make_docs(nlp)))
    assert sum(len(doc.ents) for doc in gold) > 2
    assert ner.calibrate([Example(*pair) for pair in zip(docs, gold)]) < 0.5
