"""The same strings in any batch, copy, file, thread and process; other components."""

import copy
import json
import pickle
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from thinc.api import Adam

from spacy_rnn.checksums import write_sums
from spacy_rnn.errors import CorruptModelError

from ..generator_helpers import (
    MANY,
    NAMES,
    SENTENCES,
    blank,
    copy_of,
    doc_of,
    make_examples,
    make_nlp,
    make_slots_nlp,
    many_docs,
    random_nlp,
    texts_of,
    train,
    writer_of,
)
from ..helpers import stir_model, weights_of


@pytest.fixture(scope="module")
def wild():
    """A pipeline with random weights. Not to be changed."""
    return random_nlp()


@pytest.fixture(scope="module")
def alone(wild):
    """What it writes for each document alone."""
    found = [texts_of(wild, [doc])[0] for doc in many_docs(wild)]
    assert len(set(found)) > 8
    return found


@pytest.fixture
def nlp():
    """The same to be changed."""
    return random_nlp()


# The same strings


@pytest.mark.parametrize("size", [1, 3, 64])
def test_strings_do_not_depend_on_the_batch(wild, alone, size):
    order = [(7 * i) % len(MANY) for i in range(3 * len(MANY))]
    docs = many_docs(wild)
    found = texts_of(wild, [docs[i] for i in order], batch_size=size)
    assert found == [alone[i] for i in order]
    assert texts_of(wild, docs[::-1], batch_size=size) == alone[::-1]


@pytest.mark.parametrize(
    "config, model",
    [
        ({"temperature": 0.0, "beam_width": 3}, {}),
        ({"top_k": 3, "temperature": 0.7}, {"cell": "gru"}),
        ({"top_p": 0.8, "candidates": 3}, {"cell": "rnn"}),
        ({"prefix": True}, {}),
    ],
    ids=str,
)
def test_nor_do_those_of_any_setting(config, model):
    nlp = random_nlp(config, **model)
    expected = [texts_of(nlp, [doc])[0] for doc in many_docs(nlp)]
    assert texts_of(nlp) == expected
    assert texts_of(nlp, many_docs(nlp)[::-1], batch_size=4) == expected[::-1]


def test_nor_do_those_for_slots():
    nlp = make_slots_nlp()
    stir_model(writer_of(nlp).model)
    docs = [doc_of(nlp, "", slots, "_.slots") for _, slots in SENTENCES]
    expected = [texts_of(nlp, [doc])[0] for doc in docs]
    assert texts_of(nlp, docs) == expected and texts_of(nlp, docs[::-1]) == expected[::-1]
    assert len(set(expected)) > 3


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp)), copy_of],
    ids=["deepcopy", "pickle", "bytes"],
)
def test_a_copy_of_the_pipeline_writes_the_same(wild, alone, duplicate):
    assert texts_of(duplicate(wild)) == alone


def test_disk_keeps_everything(tmp_path):
    nlp = make_slots_nlp({"seed": 3, "top_p": 0.9, "temperature": 0.5})
    stir_model(writer_of(nlp).model)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    docs = [doc_of(nlp, "", slots, "_.slots") for _, slots in SENTENCES]
    assert texts_of(loaded, docs) == texts_of(nlp, docs)
    ours, theirs = writer_of(nlp), writer_of(loaded)
    assert theirs.cfg == ours.cfg and theirs.conditions == ours.conditions
    assert theirs.to_bytes(exclude=["vocab"]) == ours.to_bytes(exclude=["vocab"])


def test_texts_survive_a_docbin(wild, alone):
    docs = list(wild.pipe(many_docs(wild)))
    data = DocBin(docs=docs, store_user_data=True).to_bytes()
    again = list(DocBin().from_bytes(data).get_docs(wild.vocab))
    assert [doc._.generated for doc in again] == alone
    assert [doc.user_data["writer_score"] for doc in again] == [
        doc.user_data["writer_score"] for doc in docs
    ]


def test_threads_write_what_one_does(wild, alone):
    with ThreadPoolExecutor(4) as pool:
        docs = list(pool.map(wild, many_docs(wild) * 3))
    assert [doc._.generated for doc in docs] == alone * 3


SEVERAL_PROCESSES = """
import json, pickle, sys

def with_slots(nlp, conditions):
    from spacy.tokens import Doc
    if not Doc.has_extension("asked_for"):
        Doc.set_extension("asked_for", default=None)
    for slots in conditions:
        doc = nlp.make_doc("")
        doc._.asked_for = slots
        yield doc

if __name__ == "__main__":
    folder, conditions, expected = sys.argv[1], *map(json.loads, sys.argv[2:])
    with open(folder + "/pickled", "rb") as file:
        unpickled = pickle.load(file)
    docs = unpickled.pipe(with_slots(unpickled, conditions))
    assert [doc._.sentence for doc in docs] == expected
    import spacy
    nlp = spacy.load(folder)
    docs = list(nlp.pipe(with_slots(nlp, conditions), n_process=2, batch_size=3))
    assert [doc._.sentence for doc in docs] == expected
    assert all("writer_missing" in doc.user_data for doc in docs)
"""


def test_several_processes_and_a_new_one(tmp_path):
    nlp = make_slots_nlp({"condition": "_.asked_for", "output": "_.sentence", "temperature": 1.0})
    stir_model(writer_of(nlp).model)
    conditions = [slots for _, slots in SENTENCES]
    docs = [nlp(doc_of(nlp, "", slots, "_.asked_for")) for slots in conditions]
    expected = [doc._.sentence for doc in docs]
    nlp.to_disk(tmp_path)
    (tmp_path / "pickled").write_bytes(pickle.dumps(nlp))
    (tmp_path / "script.py").write_text(SEVERAL_PROCESSES)
    given = [str(tmp_path), json.dumps(conditions), json.dumps(expected)]
    command = [sys.executable, str(tmp_path / "script.py"), *given]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


# Vocabularies and files


def test_labels_of_a_file_are_those_of_the_data(tmp_path):
    nlp = make_slots_nlp()
    data = writer_of(nlp).label_data
    (tmp_path / "writer.json").write_text(json.dumps(data), encoding="utf8")
    labels = json.loads((tmp_path / "writer.json").read_text(encoding="utf8"))
    other = blank({"condition": "_.slots"}, units="word")
    few = make_examples(other, SENTENCES[:1])
    writer_of(other).initialize(lambda: few, nlp=other, labels=labels)
    assert writer_of(other).label_data == data


@pytest.mark.parametrize("change", ["without", "other", "twice"])
def test_labels_of_another_component_are_refused(change):
    labels = {key: list(values) for key, values in writer_of(make_nlp()).label_data.items()}
    if change == "without":
        labels.pop("conditions")
    elif change == "other":
        labels["labels"] = ["a", "b"]
    else:
        labels["labels"].append("a")
    nlp = blank()
    nlp.config["initialize"]["components"]["writer"] = {"labels": labels}
    with pytest.raises(ValueError, match="'writer': .*(begins with <pad>|twice).*init labels"):
        nlp.initialize(lambda: make_examples(nlp, NAMES))


def test_an_untrained_pipeline_can_be_saved(tmp_path):
    blank().to_disk(tmp_path)
    assert spacy.load(tmp_path).pipe_names == ["writer"]


@pytest.mark.parametrize("name", ["cfg", "model", "weights.safetensors"])
def test_a_changed_or_missing_file_is_refused(nlp, alone, tmp_path, name):
    path = tmp_path / "writer"
    writer_of(nlp).to_disk(path)
    data = (path / name).read_bytes()
    (path / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(CorruptModelError):
        writer_of(nlp).from_disk(path)
    (path / name).unlink()
    with pytest.raises(CorruptModelError):
        writer_of(nlp).from_disk(path)
    assert texts_of(nlp) == alone


@pytest.mark.parametrize("key", ["labels", "conditions"])
@pytest.mark.parametrize("change", ["longer", "another"])
def test_a_vocabulary_that_does_not_fit_the_weights_is_refused(nlp, alone, tmp_path, key, change):
    path = tmp_path / "writer"
    writer_of(nlp).to_disk(path)
    cfg = json.loads((path / "cfg").read_text(encoding="utf8"))
    cfg[key] = [*cfg[key], "new"] if change == "longer" else [*cfg[key][:-1], "new"]
    (path / "cfg").write_text(json.dumps(cfg), encoding="utf8")
    write_sums(path)
    with pytest.raises(CorruptModelError):
        writer_of(nlp).from_disk(path)
    assert texts_of(nlp) == alone


@pytest.mark.parametrize("settings", [{"width": 32}, {"cell": "gru"}], ids=str)
def test_weights_of_another_net_change_nothing(nlp, settings):
    other = make_nlp(**settings)
    before = texts_of(other)
    with pytest.raises(CorruptModelError):
        writer_of(other).from_bytes(writer_of(nlp).to_bytes())
    assert texts_of(other) == before


# Other components


def test_it_can_be_sourced_under_another_name(wild, alone):
    other = spacy.blank("en")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.add_pipe("writer", source=wild, name="other")
    assert texts_of(other) == alone


def test_frozen_it_does_not_learn(nlp):
    before = writer_of(nlp).to_bytes(exclude=["vocab"])
    nlp.update(make_examples(nlp, NAMES), sgd=Adam(0.1), exclude=["writer"])
    assert writer_of(nlp).to_bytes(exclude=["vocab"]) == before


def test_a_copy_learns_alone(nlp):
    twin = copy.deepcopy(nlp)
    before = weights_of(writer_of(nlp).model)
    train(twin, 2)
    after = weights_of(writer_of(nlp).model)
    assert all((after[name] == array).all() for name, array in before.items())


def test_resumed_training_goes_on():
    nlp = make_nlp()
    first = train(nlp, 5)
    optimizer = nlp.resume_training()
    optimizer.learn_rate = 0.02
    for _ in range(20):
        losses = nlp.update(make_examples(nlp, NAMES), sgd=optimizer, losses={})
    assert losses["writer"] < first


@Language.component("ask_for_a")
def ask_for_a(doc):
    """What a classifier might do."""
    doc.cats = {"a": 1.0}
    return doc


def test_labels_come_from_a_component_before_it(wild, alone):
    nlp = copy_of(wild)
    nlp.add_pipe("ask_for_a", first=True)
    assert nlp("some text")._.generated == alone[MANY.index(("some text", {"a": 1.0}))]


def test_an_error_handler_is_called_and_the_rest_goes_on(nlp):
    met = []
    nlp.set_error_handler(lambda name, proc, docs, e: met.append((name, len(docs), str(e)[:30])))
    conditions = [{"a": 1.0}, {"unheard": 1.0}, {"x": 1.0}]
    docs = [doc_of(nlp, "", cats, "cats") for cats in conditions]
    found = [doc.cats for doc in nlp.pipe(docs, batch_size=1)]
    assert found == [conditions[0], conditions[2]]
    assert [of[:2] for of in met] == [("writer", 1)]


def test_two_of_them_keep_apart(wild):
    nlp = copy_of(wild)
    config = {"condition": None, "output": "_.more", "model": {"width": 8, "embed_width": 4}}
    nlp.add_pipe("rnn_generator", "other", config=config)
    with nlp.select_pipes(enable="other"):
        nlp.initialize(lambda: make_examples(nlp, NAMES))
    doc = nlp(doc_of(nlp, "", {"a": 1.0}, "cats"))
    assert doc._.generated and doc._.more is not None
    assert {"writer_score", "other_score"} < set(doc.user_data)


def test_others_can_build_on_it_in_training(wild, alone):
    nlp = copy_of(wild)
    seen = []

    @Language.component("note_texts")
    def note_texts(doc):
        seen.append(doc._.generated)
        return doc

    nlp.add_pipe("note_texts")
    examples = make_examples(nlp, [(text, None) for text, _ in MANY if text])
    for eg, cats in zip(examples, (cats for text, cats in MANY if text)):
        eg.predicted.cats = cats
    nlp.update(examples, sgd=Adam(0.0), annotates=["writer", "note_texts"])
    assert seen == [written for written, (text, _) in zip(alone, MANY) if text]


def test_the_vocabulary_of_words_is_left_alone(wild):
    """Nothing that is written goes into the pipeline's strings."""
    before = len(wild.vocab.strings)
    texts_of(wild, [doc_of(wild, "", {"a": 1.0}, "cats")])
    assert len(wild.vocab.strings) == before
    assert isinstance(wild("", disable=["writer"]), Doc)
