"""Corpora for `rnn_generator`: slots, names, one long text."""

import json

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_rnn.cli.convert import convert
from spacy_rnn.cli.prepare_texts import PASSAGE, prepare_names, prepare_passages
from spacy_rnn.errors import DataError
from spacy_rnn.pair_corpus import create_pair_corpus

NLP = spacy.blank("en")


def docs(path):
    return list(DocBin().from_disk(path).get_docs(NLP.vocab))


@pytest.fixture
def file(tmp_path):
    lines = [{"slots": {"name": f"hut {i}"}, "text": f"hut {i} is good"} for i in range(30)]
    path = tmp_path / "slots.jsonl"
    path.write_text("\n".join(map(json.dumps, [*lines, {"slots": {}, "text": " "}])))
    return path


def test_sentences_with_slots_are_converted(file, tmp_path):
    summary = convert(file, tmp_path / "all.spacy")
    found = docs(tmp_path / "all.spacy")
    assert found[3].text == "hut 3 is good"
    assert [list(pair) for pair in found[3]._.slots] == [["name", "hut 3"]]
    assert summary.documents == 30 and sum(summary.notes.values()) == 1


def test_equal_slots_are_in_one_part(file, tmp_path):
    data = file.read_text().split("\n")[:-1]
    file.write_text("\n".join([*data, *data]))
    convert(file, tmp_path / "parts", split="0.6,0.2,0.2")
    parts = [{doc.text for doc in docs(path)} for path in sorted((tmp_path / "parts").iterdir())]
    assert len(parts) == 3 and sum(map(len, parts)) == 30


def test_the_list_of_rnnlg_is_known_by_its_name(tmp_path):
    path = tmp_path / "acts.json"
    path.write_text('#####\n[["inform(name=hut)", "hut is good", "hut"]]')
    assert convert(path, tmp_path / "acts.spacy").documents == 1
    path.write_text("[]")
    with pytest.raises(DataError, match="no sentence"):
        convert(path, tmp_path / "acts.spacy")


def test_names_have_the_label_of_their_file(tmp_path):
    for label in ("Long", "Short"):
        names = [f"{label} {i}" for i in range(40)]
        (tmp_path / f"{label}.txt").write_text("\n".join([*names, "", "Both"]), encoding="utf8")
    prepare_names(sorted(tmp_path.glob("*.txt")), tmp_path / "out")
    parts = {path.stem: docs(path) for path in (tmp_path / "out").iterdir()}
    assert set(parts) == {"train", "dev", "test"}
    found = [(doc.text, doc.cats) for of in parts.values() for doc in of]
    assert len(found) == 82 and ("Long 7", {"Long": 1.0}) in found
    assert sum(any(doc.text == "Both" for doc in of) for of in parts.values()) == 1


def test_a_long_text_is_cut_and_its_end_is_dev(tmp_path):
    text = "".join(f"{i}\n" for i in range(12_000))
    (tmp_path / "all.txt").write_text(text, encoding="utf8")
    prepare_passages([tmp_path / "all.txt"], tmp_path)
    train, dev = ([d.text for d in docs(tmp_path / f"{p}.spacy")] for p in ("train", "dev"))
    assert "".join([*train, *dev]) + "\n" == text
    assert {len(t) for t in train} == {PASSAGE} and len(dev) == round(0.1 * (len(train) + len(dev)))
    with pytest.raises(DataError, match="missing.txt"):
        prepare_passages([tmp_path / "missing.txt"], tmp_path)


def test_a_reader_gives_labels_and_vectors(tmp_path):
    doc = NLP.make_doc("text")
    doc.cats, doc.tensor = {"a": 1.0}, spacy.blank("en").vocab.get_vector("x")
    DocBin(docs=[doc], attrs=["ORTH"]).to_disk(tmp_path / "a.spacy")
    (eg,) = create_pair_corpus(tmp_path / "a.spacy", given=["cats"])(NLP)
    assert eg.predicted.cats == {"a": 1.0} and eg.predicted.cats is not eg.reference.cats
    (eg,) = create_pair_corpus(tmp_path / "a.spacy", given=[])(NLP)
    assert eg.predicted.cats == {}
