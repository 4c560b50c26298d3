from pathlib import Path

import pytest
from spacy.cli._util import app
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_rnn.cli.prepare import prepare
from spacy_rnn.data import appointments
from spacy_rnn.data.dates import SIZES, make_dates
from spacy_rnn.errors import DataError

PROJECT_FILE = """\
title: small
assets:
  - dest: assets/ner/train.txt
  - dest: assets/ner/dev.txt
  - dest: assets/sentiment/train.csv
  - dest: raw/uner/train.iob2
    url: https://example.org/train
    checksum: "00000000000000000000000000000000"
  - dest: raw/wikigold/all.conll
    url: https://example.org/all
    checksum: "00000000000000000000000000000000"
"""
UNER = "# text = Anna met Odin.\n1\tAnna\tB-PER\n2\tmet\tO\n3\tOdin\tB-OTH\n4\t.\tB-O\n"
DOCUMENTS = "".join(f"-DOCSTART- O\n\nAnna{i} I-PER\nsings O\n\n" for i in range(60))


@pytest.fixture
def project(tmp_path):
    """A project whose files are all there."""
    files = {
        "project.yml": PROJECT_FILE,
        "assets/ner/train.txt": "[Anna](PER) sings.\n[Rome](LOC) sleeps.\n",
        "assets/ner/dev.txt": "[Bo](PER) sleeps.\n",
        "assets/sentiment/train.csv": "text,label\nFine.,positive\nSo so.,mixed\n",
        "raw/uner/train.iob2": UNER,
        "raw/wikigold/all.conll": DOCUMENTS,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf8")
    return tmp_path


def load(path):
    return list(DocBin().from_disk(path).get_docs(Vocab()))


def entities(path):
    return [(ent.text, ent.label_) for doc in load(path) for ent in doc.ents]


def test_each_file_becomes_a_part(project):
    prepare("sample", project / "out", project=project)
    assert sorted(path.name for path in (project / "out").iterdir()) == ["dev.spacy", "train.spacy"]
    assert entities(project / "out" / "train.spacy") == [("Anna", "PER"), ("Rome", "LOC")]
    assert entities(project / "out" / "dev.spacy") == [("Bo", "PER")]


def test_the_sample_goes_by_the_task(project):
    (summary,) = prepare("sample", project / "out", project=project, task="sentiment")
    assert summary.cats == {"mixed": 1, "positive": 1}
    assert [doc.text for doc in load(project / "out" / "train.spacy")] == ["Fine.", "So so."]


def test_a_summary_for_each_file(project):
    train, dev = prepare("sample", project / "out", project=project)
    assert (train.documents, dev.documents) == (2, 1)


def test_labels_that_the_release_dropped_are_dropped(project):
    prepare("uner", project / "out", project=project)
    assert entities(project / "out" / "train.spacy") == [("Anna", "PER")]


def test_one_file_is_split_by_document(project):
    prepare("wikigold", project / "out", project=project)
    parts = {path.stem: len(load(path)) for path in (project / "out").iterdir()}
    assert sum(parts.values()) == 60
    assert parts["train"] > 40 and parts["dev"] > 0 and parts["test"] > 0


def test_an_unknown_corpus_writes_nothing(project):
    with pytest.raises(DataError, match="There are: sample, uner, wikigold"):
        prepare("conll", project / "out", project=project)
    assert not (project / "out").exists()


def test_command_says_what_it_did(project):
    arguments = ["rnn", "prepare", "sample", str(project / "out"), "--project", str(project)]
    result = CliRunner().invoke(app, arguments)
    said = " ".join(result.output.split())
    assert result.exit_code == 0
    assert "2 entities: LOC 1, PER 1" in said and "dev.spacy: 1 Doc" in said


def test_command_takes_a_task(project):
    arguments = ["rnn", "prepare", "sample", str(project / "out"), "--project", str(project)]
    result = CliRunner().invoke(app, [*arguments, "--task", "sentiment"])
    assert result.exit_code == 0
    assert "2 labels: mixed 1, positive 1" in result.output
    result = CliRunner().invoke(app, [*arguments, "--task", "tags"])
    assert result.exit_code == 1
    assert "'--task' is 'tags'" in " ".join(result.output.split())


def test_the_sample_of_seq2seq_is_generated(tmp_path):
    arguments = ["rnn", "prepare", "sample", str(tmp_path), "--task", "seq2seq"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert "normal form in doc._.normal" in " ".join(result.output.split())
    parts = {path.stem: load(path) for path in tmp_path.iterdir()}
    assert {part: len(docs) for part, docs in parts.items()} == SIZES
    for doc, written in zip(parts["test"], make_dates()["test"]):
        assert (doc.text, doc._.normal, doc._.format) == written


def test_the_sample_of_generator_is_generated(tmp_path):
    arguments = ["rnn", "prepare", "sample", str(tmp_path), "--task", "generator"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    said = " ".join(result.output.split())
    assert "acts: 300 documents" in said and "slots in doc._.slots, generated" in said
    parts = {path.stem: load(path) for path in tmp_path.iterdir()}
    assert {part: len(docs) for part, docs in parts.items()} == appointments.SIZES
    for doc, message in zip(parts["test"], appointments.make_appointments()["test"]):
        assert (doc.text, [tuple(pair) for pair in doc._.slots]) == (message.text, message.slots)


def test_command_stops_with_the_reason(project):
    arguments = ["rnn", "prepare", "conll", str(project / "out"), "--project", str(project)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "'conll' is not a corpus of project.yml" in " ".join(result.output.split())


# The real corpora


@pytest.fixture
def real(real_data, tmp_path):
    """Prepare a corpus, in a project that has none of its files yet."""
    source = Path(__file__).parent.parent.parent / "project.yml"
    (tmp_path / "project.yml").write_bytes(source.read_bytes())

    def real(corpus):
        return prepare(corpus, tmp_path / "out", project=tmp_path)

    return real


def test_wnut17_has_its_sentences(real):
    assert [summary.sentences for summary in real("wnut17")] == [3394, 1009, 1287]


def test_uner_has_its_sentences_and_entities(real):
    parts = real("uner")
    assert [summary.sentences for summary in parts] == [12543, 2001, 2077]
    assert sum(parts[0].entities.values()) == 7005
    assert all(set(summary.entities) == {"LOC", "ORG", "PER"} for summary in parts)


def test_ud_has_its_sentences_and_three_kinds_of_tags(real, tmp_path):
    assert [summary.sentences for summary in real("ud_english_ewt")] == [12544, 2001, 2077]
    docs = load(tmp_path / "out" / "dev.spacy")
    for attribute in ("TAG", "POS", "MORPH"):
        assert all(doc.has_annotation(attribute, require_complete=True) for doc in docs)
    assert len({token.pos_ for doc in docs for token in doc}) == 17


@pytest.mark.parametrize(
    "corpus, sizes, other, without",
    # Parts of words that were torn apart have no lemma in English
    [
        ("ud_english_ewt", [12544, 2001, 2077], 15.0, 15),
        ("ud_turkish_framenet", [2288, 205, 205], 47.3, 0),
    ],
)
def test_treebanks_have_lemmas(real, tmp_path, corpus, sizes, other, without):
    assert [summary.sentences for summary in real(corpus)] == sizes
    tokens = [token for doc in load(tmp_path / "out" / "test.spacy") for token in doc]
    assert sum(not token.lemma_ for token in tokens) == without
    assert all(token.pos_ and token.has_morph() for token in tokens)
    known = [token for token in tokens if token.lemma_]
    differ = sum(token.lemma_.lower() != token.text.lower() for token in known)
    assert 100 * differ / len(known) == pytest.approx(other, abs=0.05)


def test_wikigold_is_split(real, tmp_path):
    (summary,) = real("wikigold")
    assert (summary.documents, summary.sentences) == (145, 1696)
    parts = {path.stem: len(load(path)) for path in (tmp_path / "out").iterdir()}
    assert sum(parts.values()) == 1696
    assert parts["train"] > 0.7 * 1696


def test_wikigold_has_no_sentence_in_two_parts(real, tmp_path):
    real("wikigold")
    parts = [{doc.text for doc in load(path)} for path in (tmp_path / "out").iterdir()]
    assert sum(map(len, parts)) == len(set().union(*parts))


@pytest.mark.parametrize(
    "corpus, labels, sizes",
    [
        ("polarity", {"neg": 5331, "pos": 5331}, [1071, 1114, 8477]),
        ("movie_reviews", {"neg": 1000, "pos": 1000}, [186, 167, 1647]),
    ],
)
def test_texts_with_labels_are_split(real, tmp_path, corpus, labels, sizes):
    (summary,) = real(corpus)
    assert (summary.cats, summary.scheme) == (labels, "one label a text")
    parts = {path.stem: load(path) for path in sorted((tmp_path / "out").iterdir())}
    assert [len(docs) for docs in parts.values()] == sizes
    assert all(sum(doc.cats.values()) == 1 for docs in parts.values() for doc in docs)
    texts = {part: {" ".join(doc.text.split()) for doc in docs} for part, docs in parts.items()}
    assert not texts["train"] & (texts["dev"] | texts["test"]) and not texts["dev"] & texts["test"]
