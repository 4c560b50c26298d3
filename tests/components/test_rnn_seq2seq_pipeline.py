"""The same strings in any batch, copy, file, thread and process."""

import copy
import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from thinc.api import ConfigValidationError

from spacy_rnn.checksums import write_sums
from spacy_rnn.errors import CorruptModelError

from ..helpers import stir_model
from ..pair_helpers import (
    MANY,
    blank,
    copy_of,
    lemma_examples,
    lemmas,
    lemmas_of,
    make_docs_nlp,
    make_nlp,
    pairs_of,
    random_nlp,
    train,
)

WILD = {"config": {"beam_width": 2}, "copy": True}
STYLES = [
    {"attention": "additive", "copy": True},
    {"attention": "none", "cell": "gru", "depth": 2},
    {"cell": "rnn", "feeding": "output", "tied": True},
    {"copy": True, "shared": True},
]


def forgetful(nlp, texts):
    """What a pipeline writes that remembers nothing: with other weights it would be wrong."""
    with pairs_of(nlp).model.use_params({}):
        return lemmas_of(nlp, texts)


@pytest.fixture(scope="module")
def wild():
    """A pipeline with random weights that may copy. Not to be changed."""
    return random_nlp(**WILD)


@pytest.fixture(scope="module")
def alone(wild):
    """What it writes for each text alone, remembering nothing."""
    found = [forgetful(wild, [text])[0] for text in MANY]
    assert len({lemma for of_doc in found for lemma in of_doc}) > 8
    return found


@pytest.fixture
def nlp():
    """The same to be changed."""
    return random_nlp(**WILD)


# The same strings


@pytest.mark.parametrize("size", [1, 3, 64])
def test_strings_do_not_depend_on_the_batch(nlp, alone, size):
    order = [(7 * i) % len(MANY) for i in range(3 * len(MANY))]
    found = lemmas_of(nlp, [MANY[i] for i in order], batch_size=size)
    assert found == [alone[i] for i in order]
    assert lemmas_of(nlp, MANY[::-1], batch_size=size) == alone[::-1]


@pytest.mark.parametrize("style", STYLES, ids=str)
def test_nor_do_those_of_any_style(style):
    nlp = random_nlp(**style)
    expected = [forgetful(nlp, [text])[0] for text in MANY]
    assert forgetful(nlp, MANY) == expected
    assert forgetful(nlp, MANY[::-1]) == expected[::-1]


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp)), copy_of],
    ids=["deepcopy", "pickle", "bytes"],
)
def test_a_copy_of_the_pipeline_writes_the_same(wild, alone, duplicate):
    assert lemmas_of(duplicate(wild), MANY) == alone


def test_disk_keeps_everything(tmp_path):
    settings = {"alpha": 0.5, "features": ["pos"], "strategy": ["dictionary", "decoder"]}
    nlp = random_nlp(settings)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert lemmas_of(loaded, MANY) == lemmas_of(nlp, MANY)
    ours, theirs = pairs_of(nlp), pairs_of(loaded)
    assert theirs.cfg == ours.cfg and theirs.units == ours.units and theirs.place == ours.place
    assert theirs.to_bytes(exclude=["vocab"]) == ours.to_bytes(exclude=["vocab"])


def test_strings_survive_a_docbin():
    nlp = make_docs_nlp([(text, text) for text in MANY if text.strip()], copy=True)
    docs = list(nlp.pipe(MANY))
    data = DocBin(docs=docs, store_user_data=True).to_bytes()
    again = list(DocBin().from_bytes(data).get_docs(nlp.vocab))
    assert [doc._.written for doc in again] == [doc._.written for doc in docs]
    for name in ("pairs_scores", "pairs_truncated"):
        assert [[*doc.user_data[name]] for doc in again] == [doc.user_data[name] for doc in docs]
    assert any(doc._.written for doc in docs)


def test_threads_write_what_one_does(nlp, alone):
    docs = [nlp.make_doc(text) for text in MANY * 4]
    with ThreadPoolExecutor(4) as pool:
        assert lemmas(list(pool.map(nlp, docs))) == alone * 4


SEVERAL_PROCESSES = """
import json, pickle, sys

if __name__ == "__main__":
    folder, texts, expected = sys.argv[1], *map(json.loads, sys.argv[2:])
    with open(folder + "/pickled", "rb") as file:
        unpickled = pickle.load(file)
    assert [[t._.lemma_written for t in doc] for doc in unpickled.pipe(texts)] == expected
    import spacy
    docs = list(spacy.load(folder).pipe(texts, n_process=2, batch_size=3))
    assert [[t._.lemma_written for t in doc] for doc in docs] == expected
    assert all(len(doc.user_data["pairs_scores"]) == len(doc) for doc in docs)
"""


def test_several_processes_and_a_new_one(tmp_path):
    nlp = blank({"target": "_.lemma_written", "features": ["_.given_before"]}, copy=True)
    examples = lemma_examples(nlp)
    for token in (token for eg in examples for token in eg.reference):
        token._.lemma_written = token.lemma_
    nlp.initialize(lambda: examples)
    stir_model(pairs_of(nlp).model)
    docs = [doc for text in MANY for doc in nlp.pipe([text])]
    expected = [[token._.lemma_written for token in doc] for doc in docs]
    nlp.to_disk(tmp_path)
    (tmp_path / "pickled").write_bytes(pickle.dumps(nlp))
    (tmp_path / "script.py").write_text(SEVERAL_PROCESSES)
    given = [str(tmp_path), json.dumps(MANY), json.dumps(expected)]
    command = [sys.executable, str(tmp_path / "script.py"), *given]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_memory_zone_changes_nothing(nlp, alone):
    for _ in range(2):
        with nlp.memory_zone():
            assert lemmas_of(nlp, MANY) == alone


# Vocabularies


def test_labels_of_a_file_are_those_of_the_data(tmp_path):
    nlp = make_nlp()
    data = pairs_of(nlp).label_data
    (tmp_path / "pairs.json").write_text(json.dumps(data), encoding="utf8")
    other = blank()
    labels = json.loads((tmp_path / "pairs.json").read_text(encoding="utf8"))
    pairs_of(other).initialize(lambda: lemma_examples(other), nlp=other, labels=labels)
    assert pairs_of(other).label_data == data
    assert "s" in data["source"] and set(pairs_of(other).labels) < set(data["target"])


def test_initialize_reads_the_file_that_init_labels_writes(tmp_path):
    nlp = make_nlp()
    reader = {"@readers": "spacy.read_labels.v1", "path": str(tmp_path / "pairs.json")}
    (tmp_path / "pairs.json").write_text(json.dumps(pairs_of(nlp).label_data), encoding="utf8")
    docs = [eg.reference for eg in lemma_examples(nlp, ["cats"])]
    DocBin(docs=docs).to_disk(tmp_path / "train.spacy")
    config = nlp.config.copy()
    config["initialize"]["components"] = {"pairs": {"labels": reader}}
    corpus = {"@readers": "spacy.Corpus.v1", "path": str(tmp_path / "train.spacy")}
    config["corpora"] = {"train": corpus, "dev": corpus}
    other = init_nlp(config)
    assert pairs_of(other).label_data == pairs_of(nlp).label_data
    assert len(pairs_of(other).labels) > len(set("cat"))


@pytest.mark.parametrize("labels", [["a", "b"], {"source": "ab", "target": 7}], ids=str)
def test_labels_of_another_form_are_refused(labels):
    nlp = blank()
    nlp.config["initialize"]["components"]["pairs"] = {"labels": labels}
    with pytest.raises(ConfigValidationError, match="labels"):
        nlp.initialize(lambda: lemma_examples(nlp))


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("change", [None, ["a", "b"]], ids=str)
def test_labels_without_the_special_ones_are_refused(side, change):
    labels = dict(pairs_of(make_nlp()).label_data)
    labels.pop(side)
    labels.update({side: change} if change else {})
    nlp = blank()
    nlp.config["initialize"]["components"]["pairs"] = {"labels": labels}
    with pytest.raises(ValueError, match=f"'pairs'.*'{side}' that begins with <pad>.*init labels"):
        nlp.initialize(lambda: lemma_examples(nlp))


def test_shared_and_tied_embeddings_are_one_after_training_and_reload(tmp_path):
    nlp = make_nlp(shared=True, tied=True)
    train(nlp, 2, lemma_examples(nlp))
    nlp.to_disk(tmp_path)
    for each in (nlp, spacy.load(tmp_path), copy_of(nlp)):
        pipe = pairs_of(each)
        assert pipe.units.source == pipe.units.target
        net = pipe.model.shims[0].module
        assert net.embed.weight is net.decoder.embed.weight is net.decoder.output.weight


def test_shared_embeddings_need_one_vocabulary():
    labels = dict(pairs_of(make_nlp(shared=True)).label_data)
    nlp = blank(shared=True)
    labels["source"] = [*labels["source"], "more"]
    with pytest.raises(ValueError, match="'pairs'.*'shared = true'.*init labels"):
        pairs_of(nlp).initialize(lambda: lemma_examples(nlp), labels=labels)
    with pytest.raises(ValueError, match="'char'.*'word'.*'shared = false'"):
        blank(shared=True, target_units="word")


def test_no_label_can_be_added(nlp):
    with pytest.raises(NotImplementedError):
        pairs_of(nlp).add_label("x")


# Files


def test_an_untrained_pipeline_can_be_saved(tmp_path):
    blank().to_disk(tmp_path)
    assert spacy.load(tmp_path).pipe_names == ["pairs"]


@pytest.mark.parametrize("name", ["cfg", "model", "weights.safetensors"])
def test_a_changed_or_missing_file_is_refused(nlp, alone, tmp_path, name):
    path = tmp_path / "pairs"
    pairs_of(nlp).to_disk(path)
    data = (path / name).read_bytes()
    (path / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(CorruptModelError):
        pairs_of(nlp).from_disk(path)
    (path / name).unlink()
    with pytest.raises(CorruptModelError):
        pairs_of(nlp).from_disk(path)
    assert lemmas_of(nlp, MANY) == alone


@pytest.mark.parametrize("side", ["labels", "source_units"])
@pytest.mark.parametrize("change", ["longer", "another"])
def test_a_vocabulary_that_does_not_fit_the_weights_is_refused(nlp, alone, tmp_path, side, change):
    path = tmp_path / "pairs"
    pairs_of(nlp).to_disk(path)
    cfg = json.loads((path / "cfg").read_text(encoding="utf8"))
    cfg[side] = [*cfg[side], "new"] if change == "longer" else [*cfg[side][:-1], "new"]
    (path / "cfg").write_text(json.dumps(cfg), encoding="utf8")
    write_sums(path)
    with pytest.raises(CorruptModelError):
        pairs_of(nlp).from_disk(path)
    assert lemmas_of(nlp, MANY) == alone


@pytest.mark.parametrize("settings", [{"width": 32}, {"cell": "gru"}, {"copy": False}], ids=str)
def test_weights_of_another_net_change_nothing(nlp, settings):
    other = make_nlp(**{"copy": True, **settings})
    before = lemmas_of(other)
    with pytest.raises(CorruptModelError):
        pairs_of(other).from_bytes(pairs_of(nlp).to_bytes())
    assert lemmas_of(other) == before
