import re

import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import Doc, DocBin, Span
from typer.testing import CliRunner

from spacy_rnn.cli.debug_data import quote

VOCAB = spacy.blank("en").vocab


def make_doc(text, *entities):
    doc = Doc(VOCAB, words=text.split(" "))
    doc.set_ents([Span(doc, *entity) for entity in entities])
    return doc


PER = [make_doc(f"Anna{i} left", (0, 1, "PER")) for i in range(50)]
DEV = [make_doc("Eve came", (0, 1, "PER"))]


@pytest.fixture
def debug(tmp_path):
    """Run the command and give its exit code and what it prints."""

    def debug(train=PER, dev=DEV, *settings):
        for name, docs in [("train", train), ("dev", dev)]:
            DocBin(docs=docs).to_disk(tmp_path / f"{name}.spacy")
        files = [str(tmp_path / f"{name}.spacy") for name in ("train", "dev")]
        result = CliRunner().invoke(app, ["rnn", "debug", "data", *files, *settings])
        plain = re.sub("\x1b\\[[0-9;]*m", "", result.output)
        return result.exit_code, " ".join(plain.split())

    return debug


def test_a_good_corpus_has_nothing_to_warn_of(debug):
    code, output = debug()
    assert code == 0
    assert "Nothing found" in output and "warning" not in output.lower()


def test_sizes_and_labels_are_counted(debug):
    _, output = debug(PER, [*DEV, make_doc("a in Rome", (2, 3, "LOC"))])
    assert "train dev" in output
    for row in ("documents 50 2", "words 100 5", "LOC 0 1", "PER 50 1"):
        assert row in output


def test_few_entities_of_a_label(debug):
    code, output = debug(PER[1:])
    assert code == 0
    assert "fewer than 50 entities of 1 label(s) PER: 49" in output


def test_labels_that_train_lacks(debug):
    _, output = debug(PER, [make_doc("in Rome", (1, 2, "LOC"))])
    assert "dev has labels that train lacks: LOC" in output


@pytest.mark.parametrize("lang, is_found", [("xx", True), ("en", False)])
def test_misaligned_entities_go_by_the_language(debug, lang, is_found):
    gonna = Doc(VOCAB, words=["gon", "na"], spaces=[False, False])  # so cut in English only
    gonna.set_ents([Span(gonna, 0, 1, "PER")])
    _, output = debug([*PER, gonna], DEV, "--lang", lang)
    assert (
        f"train: 1 entities do not begin and end where tokens of '{lang}'" in output
    ) is is_found


def test_entities_with_punctuation_at_an_edge(debug):
    _, output = debug(PER, [make_doc("by ( Eve )", (1, 4, "PER"))])
    assert "dev: 1 entities begin or end with punctuation" in output
    assert "by [( Eve )](PER)" in output
    assert "white space" not in output


def test_entities_with_white_space_at_an_edge(debug):
    _, output = debug(PER, [make_doc("by Eve \n", (1, 3, "PER"))])
    assert "dev: 1 entities begin or end with white space, and cannot be found" in output


def test_entities_that_may_have_been_forgotten(debug):
    _, output = debug(PER, [*DEV, make_doc("then Anna7 and Anna7"), make_doc("Anna8 ?")])
    assert "1 texts are entities in most places and nothing in others" in output
    assert "Anna8: 1 and 1" in output


def test_spans_that_overlap(debug):
    doc = make_doc("New York Times", (0, 3, "PER"))
    doc.spans["sc"] = [Span(doc, 0, 3, "ORG"), Span(doc, 0, 2, "LOC")]
    assert "train: 1 spans of doc.spans['sc'] overlap" in debug([*PER, doc])[1]


def test_documents_without_annotation(debug):
    bare = Doc(VOCAB, words=["Bob"])
    assert "train: 1 of 51 documents have no annotation" in debug([*PER, bare])[1]


def test_sentences_of_dev_that_stand_in_train(debug):
    _, output = debug(PER, [*DEV, PER[7]])
    assert "1 of 2 sentences of dev stand in train too" in output
    assert "Anna7 left" in output


def test_texts_with_several_labels_are_counted_over_both_files(debug):
    _, output = debug(PER, [make_doc("Anna3 is old", (0, 1, "LOC")), *DEV])
    assert "1 texts carry several labels" in output
    assert "Anna3 PER 1, LOC 1" in output


def test_no_more_than_ten_texts_with_several_labels_are_listed(debug):
    _, output = debug(PER, [make_doc(f"Anna{i} is old", (0, 1, "LOC")) for i in range(12)])
    assert "12 texts carry several labels" in output
    assert output.count("PER 1, LOC 1") == 10


def test_warnings_are_counted(debug):
    code, output = debug(PER[1:], [make_doc("in Rome", (1, 2, "LOC"))])
    assert code == 0
    assert output.endswith("2 warnings")


@pytest.mark.parametrize("empty", ["train", "dev"])
def test_no_entity_at_all_is_an_error(debug, empty):
    docs = [make_doc("Nobody came")]
    code, output = debug(**{empty: docs})
    assert code == 1
    assert f"{empty}.spacy: no entity in 1 document(s). Annotate some" in output


def test_a_corpus_of_tags_is_not_for_this(debug):
    tagged = make_doc("Nobody came")
    tagged[0].tag_ = "PRON"
    code, output = debug([tagged], [tagged])
    assert code == 1
    assert "train.spacy: no entity and no label in doc.cats of 1 document(s)" in output
    assert "not of tags, pairs or slots" in output and "Annotate some" not in output


def test_another_file_is_an_error(tmp_path):
    path = tmp_path / "train.spacy"
    path.write_text("Anna B-PER\n")
    result = CliRunner().invoke(app, ["rnn", "debug", "data", str(path), str(path)])
    assert result.exit_code == 1
    assert "cannot be read as annotated documents" in " ".join(result.output.split())


def test_an_unknown_language_is_an_error(debug):
    code, output = debug(PER, DEV, "--lang", "qq")
    assert code == 1
    assert "'--lang' is 'qq'" in output


def test_the_same_file_twice_is_all_repeated(tmp_path):
    path = tmp_path / "a.spacy"
    DocBin(docs=PER).to_disk(path)
    result = CliRunner().invoke(app, ["rnn", "debug", "data", str(path), str(path)])
    assert "50 of 50 sentences of dev" in " ".join(result.output.split())


def test_quotes_show_the_text_around():
    doc = make_doc(f"{'a ' * 40}Rome {'b ' * 40}".strip(), (40, 41, "LOC"))
    assert quote(doc.ents[0]) == "a " * 12 + "[Rome](LOC)" + " b" * 12
