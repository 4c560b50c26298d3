"""The same answer in any batch, copy, file, thread and process."""

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.tokens import DocBin

from spacy_rnn.errors import CorruptModelError

from ..text_helpers import (
    CATS,
    HEADS,
    MANY,
    POOLS,
    cats_of,
    classifier_config,
    data_of,
    make_examples,
    make_nlp,
    random_nlp,
)

every_head = pytest.mark.parametrize("head", HEADS)
close = {"rtol": 0, "atol": 1e-5}


def texts_of(nlp):
    return nlp.get_pipe("texts")


def copy_of(nlp):
    return spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())


@pytest.fixture(scope="module")
def wild():
    """A pipeline with all pools and random weights. Not to be changed."""
    return random_nlp(pooling=POOLS, config={"attention": "attention"})


@pytest.fixture(scope="module")
def alone(wild):
    """What it says of each text alone."""
    found = numpy.concatenate([cats_of(wild, [text]) for text in MANY])
    assert len(numpy.unique(found.round(3), axis=0)) > 6
    return found


@pytest.fixture
def nlp(wild):
    """The same to be changed."""
    return copy_of(wild)


# The same answer


@pytest.mark.parametrize("size", [1, 7, 64, 256])
def test_answers_do_not_depend_on_the_batch(wild, alone, size):
    order = numpy.random.permutation(len(MANY) * 25) % len(MANY)
    found = cats_of(wild, [MANY[i] for i in order], batch_size=size)
    assert_allclose(found, alone[order], **close)
    assert found.argmax(1).tolist() == alone[order].argmax(1).tolist()


@every_head
@pytest.mark.parametrize("pool", POOLS)
def test_nor_do_those_of_any_head_and_pool(head, pool):
    nlp = random_nlp(head, pooling=[pool])
    expected = numpy.concatenate([cats_of(nlp, [text]) for text in MANY])
    assert_allclose(cats_of(nlp, MANY), expected, **close)
    assert_allclose(cats_of(nlp, MANY[::-1], batch_size=7), expected[::-1], **close)


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp)), copy_of],
    ids=["deepcopy", "pickle", "bytes"],
)
def test_a_copy_of_the_pipeline_says_the_same(wild, alone, duplicate):
    assert_allclose(cats_of(duplicate(wild), MANY), alone, **close)


def test_a_pickled_component_says_the_same(nlp, alone):
    pipe = pickle.loads(pickle.dumps(texts_of(nlp)))
    docs = [pipe(nlp.make_doc(text)) for text in MANY]
    assert_allclose([list(doc.cats.values()) for doc in docs], alone, **close)


@every_head
def test_disk_keeps_everything(head, tmp_path):
    first = next(iter(CATS[head][0]))
    settings = {"polarity": {first: 1.0}, "class_weights": "balanced", "threshold": 0.3}
    nlp = random_nlp(head, config=settings, max_length=4)
    texts_of(nlp).calibrate(make_examples(nlp, data_of(head)))
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert_allclose(cats_of(loaded, MANY), cats_of(nlp, MANY), **close)
    ours, theirs = texts_of(nlp), texts_of(loaded)
    assert theirs.to_bytes(exclude=["vocab"]) == ours.to_bytes(exclude=["vocab"])
    assert theirs.cfg == ours.cfg and theirs.polarity == ours.polarity
    assert [d._.sentiment for d in loaded.pipe(MANY)] == [d._.sentiment for d in nlp.pipe(MANY)]


def test_answers_survive_a_docbin(wild, alone):
    docs = list(wild.pipe(MANY))
    data = DocBin(docs=docs, store_user_data=True).to_bytes()
    again = list(DocBin().from_bytes(data).get_docs(wild.vocab))
    assert [doc.cats for doc in again] == [doc.cats for doc in docs]
    assert [doc._.sentiment for doc in again] == [doc._.sentiment for doc in docs]
    assert [list(doc._.attention) for doc in again] == [doc._.attention for doc in docs]
    assert_allclose([list(doc.cats.values()) for doc in wild.pipe(again)], alone, **close)


def test_threads_give_the_answers_of_one(wild, alone):
    docs = [wild.make_doc(text) for text in MANY * 8]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(wild, docs))
    assert_allclose([list(doc.cats.values()) for doc in found], numpy.tile(alone, (8, 1)), **close)


SEVERAL_PROCESSES = """
import sys, spacy

if __name__ == "__main__":
    path, *texts = sys.argv[1:]
    nlp = spacy.load(path)
    alone = [doc for text in texts for doc in nlp.pipe([text])]
    for doc, single in zip(nlp.pipe(texts, n_process=2, batch_size=3), alone):
        assert all(abs(doc.cats[label] - single.cats[label]) < 1e-5 for label in single.cats)
        assert abs(doc._.sentiment - single._.sentiment) < 1e-5
        assert len(doc._.attention) == len(single._.attention)
"""


def test_several_processes(wild, tmp_path):
    wild.to_disk(tmp_path / "nlp")
    script = tmp_path / "script.py"
    script.write_text(SEVERAL_PROCESSES)
    command = [sys.executable, str(script), str(tmp_path / "nlp"), *MANY]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


UNPICKLED = """
import pickle, sys

with open(sys.argv[1], "rb") as file:
    doc = pickle.load(file)("a fine film")
assert doc._.sentiment and sum(doc._.attention) > 0.99
"""


def test_a_pickled_pipeline_wakes_in_a_new_process(wild, tmp_path):
    (tmp_path / "nlp").write_bytes(pickle.dumps(wild))
    command = [sys.executable, "-c", UNPICKLED, str(tmp_path / "nlp")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_memory_zone_changes_nothing(nlp, alone):
    for _ in range(2):
        with nlp.memory_zone():
            assert_allclose(cats_of(nlp, MANY), alone, **close)


# Files


def test_an_untrained_pipeline_can_be_saved(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_sentiment", config={"model": classifier_config()})
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path).pipe_names == ["rnn_sentiment"]


@pytest.mark.parametrize("head", ["multilabel", "ordinal"])
def test_weights_of_another_head_are_refused(nlp, head):
    other = make_nlp(head, data=data_of())
    with pytest.raises(CorruptModelError):
        texts_of(other).from_bytes(texts_of(nlp).to_bytes())


def test_weights_of_other_labels_change_nothing(nlp):
    other = make_nlp("exclusive", pooling=POOLS)
    other.get_pipe("texts").add_label("new")
    before = cats_of(other)
    data = texts_of(nlp).to_bytes()
    with pytest.raises(CorruptModelError):
        texts_of(other).from_bytes(data, exclude=["vocab", "cfg"])
    assert_allclose(cats_of(other), before)
    assert texts_of(other).labels == ("neg", "pos", "new")
