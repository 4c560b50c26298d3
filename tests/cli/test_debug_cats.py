import re

import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import DocBin, Span
from typer.testing import CliRunner

from spacy_rnn.cli.finding import FEW

NLP = spacy.blank("en")


def make_doc(text, label=None, **cats):
    doc = NLP.make_doc(text)
    doc.cats = cats or ({k: float(k == label) for k in ("neg", "pos")} if label else {})
    return doc


TRAIN = [make_doc(f"Film {i}", "pos" if i % 2 else "neg") for i in range(2 * FEW)]
DEV = [make_doc("Good", "pos"), make_doc("Bad", "neg")]


@pytest.fixture
def debug(tmp_path):
    """Run the command and give its exit code and what it prints."""

    def debug(train=TRAIN, dev=DEV):
        for name, docs in [("train", train), ("dev", dev)]:
            DocBin(docs=docs).to_disk(tmp_path / f"{name}.spacy")
        files = [str(tmp_path / f"{name}.spacy") for name in ("train", "dev")]
        result = CliRunner().invoke(app, ["rnn", "debug", "data", *files])
        plain = re.sub("\x1b\\[[0-9;]*m", "", result.output)
        return result.exit_code, " ".join(plain.split())

    return debug


def test_a_good_corpus_has_nothing_to_warn_of(debug):
    code, output = debug()
    assert code == 0
    assert "Nothing found" in output and "warning" not in output.lower()
    assert "entit" not in output


def test_texts_are_counted_by_label(debug):
    _, output = debug(TRAIN, [*DEV, make_doc("So so", "pos")])
    assert "documents 100 3" in output
    assert "texts by label train dev" in output
    assert "neg 50 1" in output and "pos 50 2" in output


def test_few_texts_of_a_label(debug):
    assert "train has fewer than 50 texts of 1 label(s) neg: 49" in debug(TRAIN[1:])[1]


@pytest.mark.parametrize("part", ["train", "dev"])
def test_a_label_without_an_example(debug, part):
    docs = {"train": TRAIN, "dev": DEV}
    docs[part] = [doc for doc in docs[part] if doc.cats["pos"]]
    _, output = debug(**docs)
    assert f"{part} has no example of 1 label(s) neg" in output
    assert "fewer than" not in output and "1 warning" in output


def test_a_label_that_one_part_does_not_know(debug):
    _, output = debug(TRAIN, [make_doc("So so", pos=0.0, neg=0.0, mixed=1.0), *DEV])
    assert "train has no example of 1 label(s) mixed" in output


def test_one_label_only(debug):
    docs = [make_doc(f"Film {i}", pos=1.0) for i in range(50)]
    assert "'pos' is the only label" in debug(docs, [make_doc("Good", pos=1.0)])[1]


def test_documents_without_text_or_labels(debug):
    _, output = debug([*TRAIN, make_doc(" ", "pos"), make_doc("Bare"), make_doc("Half", pos=1.0)])
    assert "train: 1 of 103 documents have no text" in output
    assert "train: 1 of 103 documents have no doc.cats" in output
    assert "train: 1 of 103 documents lack labels that others have" in output


def test_texts_with_different_labels_are_counted_over_both_files(debug):
    _, output = debug(TRAIN, [*DEV, make_doc("Film 0", "pos"), make_doc("Good", "neg")])
    assert "2 texts stand in the corpus with different labels" in output
    assert "Film 0 (neg 1, pos 1)" in output


def test_texts_of_dev_that_stand_in_train(debug):
    _, output = debug(TRAIN, [*DEV, TRAIN[7]])
    assert "1 of 3 texts of dev stand in train too" in output
    assert TRAIN[7].text in output


def test_numbers_have_a_spread_and_no_classes(debug):
    train = [make_doc(f"Film {i}", value=float(i)) for i in range(5)]
    code, output = debug(train, [make_doc("Good", value=2.5)])
    assert code == 0
    assert "lowest, mean, highest train dev" in output
    assert "value 0, 2, 4 2.5, 2.5, 2.5" in output
    assert "Nothing found" in output


@pytest.mark.parametrize("empty", ["train", "dev"])
def test_no_label_at_all_is_an_error(debug, empty):
    code, output = debug(**{empty: [make_doc("Bare")]})
    assert code == 1
    assert f"{empty}.spacy: no label in doc.cats of 1 document(s)" in output


def test_both_kinds_of_annotation_are_checked(debug):
    def both(doc):
        doc = doc.copy()
        doc.set_ents([Span(doc, 0, 1, "TITLE")])
        return doc

    _, output = debug([both(doc) for doc in TRAIN[1:]], [both(doc) for doc in DEV])
    assert "train has fewer than 50 texts of 1 label(s) neg: 49" in output
    assert "TITLE 99 2" in output and "neg 49 1" in output
    code, output = debug([both(doc) for doc in TRAIN])
    assert code == 1
    assert "dev.spacy: no entity in 2 document(s)" in output


def test_polarity_has_no_text_in_two_parts(real_data, tmp_path):
    path = real_data / "sent_sentence_polarity" / "sentence_polarity.zip"
    files = [str(tmp_path / f"{part}.spacy") for part in ("train", "dev")]
    CliRunner().invoke(app, ["rnn", "convert", str(path), str(tmp_path), "--split", "0.8,0.1,0.1"])
    result = CliRunner().invoke(app, ["rnn", "debug", "data", *files])
    assert result.exit_code == 0
    assert "Nothing found" in result.output
