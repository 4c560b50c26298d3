import gzip
import json
import lzma

import pytest
from spacy.cli._util import app
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_rnn.cli.convert import convert
from spacy_rnn.errors import DataError

IOB2 = "Anna B-PER\nSilva I-PER\nsings O\n\t\nRome B-LOC\nsleeps O\n"
FOUND = [[("Anna Silva", "PER")], [("Rome", "LOC")]]
SCHEMES = {
    "iob1": IOB2.replace("B-", "I-"),
    "iob2": IOB2,
    "biluo": IOB2.replace("I-PER", "L-PER").replace("B-LOC", "U-LOC"),
    "iobes": IOB2.replace("I-PER", "E-PER").replace("B-LOC", "S-LOC"),
}
DOCUMENTS = "".join(f"-DOCSTART- O\n\nword{i} O\n\nAnna{i} I-PER\nsings O\n\n" for i in range(40))
UD = """\
# text = Anna sings.
1 Anna Anna PROPN NNP Number=Sing 2 nsubj _ _
2 sings sing VERB VBZ _ 0 root _ SpaceAfter=No
3 . . PUNCT . _ 2 punct _ _
""".replace(" ", "\t")
UD = UD.replace("#\ttext\t=\tAnna\tsings.", "# text = Anna sings.")
UNER = "# text = Anna sings.\n1\tAnna\tB-PER\t-\tme\n2\tsings\tO\n3\t.\tO\n"
INLINE = "[Anna Silva](PER) sings.\n[Rome](LOC) sleeps.\n"
JSONL = "\n".join(
    json.dumps({"text": text, "entities": entities})
    for text, entities in [
        ("Anna Silva sings.", [[0, 10, "PER"]]),
        ("Rome sleeps.", [[0, 4, "LOC"]]),
    ]
)


@pytest.fixture
def run(tmp_path):
    """Convert a text and give the summary and the documents."""

    def run(text, name="a.txt", **settings):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf8"))
        summary = convert(path, tmp_path / "out" / "a.spacy", **settings)
        return summary, load(tmp_path / "out" / "a.spacy")

    return run


@pytest.fixture
def command(tmp_path):
    """Run the command and give its exit code and its words in a row."""

    def command(text, *settings, output="a.spacy"):
        path = tmp_path / "a.txt"
        path.write_text(text, encoding="utf8")
        arguments = ["rnn", "convert", str(path), str(tmp_path / output), *settings]
        result = CliRunner().invoke(app, arguments)
        return result.exit_code, " ".join(result.output.split())

    return command


def load(path):
    return list(DocBin().from_disk(path).get_docs(Vocab()))


def entities(docs):
    return [[(ent.text, ent.label_) for ent in doc.ents] for doc in docs]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_scheme_is_detected(run, scheme):
    summary, docs = run(SCHEMES[scheme])
    assert summary.scheme == scheme
    assert entities(docs) == FOUND


@pytest.mark.parametrize("scheme", SCHEMES)
def test_scheme_can_be_forced(run, scheme):
    assert entities(run(SCHEMES[scheme], scheme=scheme)[1]) == FOUND


@pytest.mark.parametrize("text", [INLINE, JSONL])
def test_text_is_read(run, text):
    assert entities(run(text)[1]) == FOUND


def test_text_keeps_its_spaces(run):
    assert [doc.text for doc in run(INLINE)[1]] == ["Anna Silva sings.", "Rome sleeps."]


def test_uner_is_read(run):
    summary, docs = run(UNER, "a.iob2")
    assert summary.format == "iob2"
    assert docs[0].text == "Anna sings."
    assert entities(docs) == [[("Anna", "PER")]]


def test_conllu_is_read(run):
    (doc,) = run(UD, "a.conllu")[1]
    assert doc.text == "Anna sings."
    assert [token.pos_ for token in doc] == ["PROPN", "VERB", "PUNCT"]
    assert [token.tag_ for token in doc] == ["NNP", "VBZ", "."]
    assert [token.lemma_ for token in doc] == ["Anna", "sing", "."]
    assert str(doc[0].morph) == "Number=Sing"
    assert not doc.has_annotation("ENT_IOB")


@pytest.mark.parametrize("ending, pack", [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_packed_file_is_read(run, ending, pack):
    assert entities(run(pack(IOB2.encode("utf8")), f"a.conll{ending}")[1]) == FOUND


def test_format_can_be_forced(run):
    assert len(run("[1](A) O\n", format="columns", token_column=0)[1][0]) == 1


def test_columns_can_be_named(run):
    text = "NNP Anna B-PER x\nVBZ sings O x\n"
    docs = run(text, format="columns", token_column=1, tag_column=2)[1]
    assert entities(docs) == [[("Anna", "PER")]]


def test_one_doc_per_sentence(run):
    assert [len(doc) for doc in run(IOB2)[1]] == [3, 2]


def test_sentences_are_grouped(run):
    (doc,) = run(IOB2, n_sents=2)[1]
    assert [len(sent) for sent in doc.sents] == [3, 2]


def test_groups_keep_to_documents(run):
    assert len(run(DOCUMENTS, n_sents=10)[1]) == 40


def test_summary_counts(run, tmp_path):
    summary, _ = run(IOB2)
    assert (summary.format, summary.documents, summary.sentences) == ("columns", 1, 2)
    assert summary.tokens == 5
    assert summary.entities == {"LOC": 1, "PER": 1}
    assert list(summary.notes.values()) == [1]
    assert summary.written == {tmp_path / "out" / "a.spacy": 2}


def test_entities_that_do_not_fit_are_counted(run):
    summary, docs = run(JSONL.replace("10,", "8,"))
    assert list(summary.notes.values()) == [1]
    assert [token.ent_iob_ for token in docs[0]] == ["", "", "O", "O"]


def split(tmp_path, text, shares="0.5,0.25,0.25", **settings):
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf8")
    convert(path, tmp_path / "out", split=shares, **settings)
    return {file.stem: load(file) for file in sorted((tmp_path / "out").iterdir())}


def test_split_writes_three_files(tmp_path):
    assert list(split(tmp_path, DOCUMENTS)) == ["dev", "test", "train"]


def test_split_in_two(tmp_path):
    assert list(split(tmp_path, DOCUMENTS, "80,20")) == ["dev", "train"]


def test_split_keeps_documents_whole(tmp_path):
    for docs in split(tmp_path, DOCUMENTS).values():
        assert [doc[0].text[4:] for doc in docs[::2]] == [doc[0].text[4:] for doc in docs[1::2]]


def test_split_loses_nothing(tmp_path):
    parts = split(tmp_path, DOCUMENTS, n_sents=0)
    assert sum(len(docs) for docs in parts.values()) == 40


def test_split_without_documents_is_by_sentence(tmp_path):
    parts = split(tmp_path, DOCUMENTS.replace("-DOCSTART- O\n", ""))
    assert sum(len(docs) for docs in parts.values()) == 80


@pytest.mark.parametrize("output", ["out", "out.txt"])
def test_output_must_be_a_spacy_file(tmp_path, output):
    with pytest.raises(DataError, match=r"must be a file ending in \.spacy"):
        convert(tmp_path / "a.txt", tmp_path / output)


def test_output_of_a_split_must_be_no_file(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(DataError, match=r"or a folder with --split"):
        convert(tmp_path / "a.txt", tmp_path / "out", split="1,1")


def test_output_that_cannot_be_written_is_named(run, tmp_path):
    (tmp_path / "out").write_text("a file where a folder is needed")
    with pytest.raises(DataError, match=r"a\.spacy: cannot be opened"):
        run(IOB2)


@pytest.mark.parametrize(
    "settings, message",
    [({"n_sents": -1}, "'--n-sents' is -1"), ({"lang": "qq"}, "'--lang' is 'qq'")],
)
def test_bad_settings_are_named(run, settings, message):
    with pytest.raises(DataError, match=message):
        run(IOB2, **settings)


@pytest.mark.parametrize("format", ["columns", "conllu", "iob2", "inline", "jsonl"])
def test_empty_file_is_an_error(run, format):
    with pytest.raises(DataError, match=r"a\.txt: no sentence in it"):
        run("\n\n", format=format)


def test_nothing_is_written_after_an_error(tmp_path):
    (tmp_path / "a.txt").write_text(IOB2 + "oops\n")
    with pytest.raises(DataError):
        convert(tmp_path / "a.txt", tmp_path / "a.spacy")
    assert not (tmp_path / "a.spacy").exists()


def test_command_says_what_it_did(command):
    code, said = command(IOB2)
    assert code == 0
    assert "columns, iob2: 1 document, 2 sentences, 5 tokens" in said
    assert "2 entities: LOC 1, PER 1" in said
    assert "1 line(s) of white space only" in said
    assert "a.spacy: 2 Docs" in said


def test_command_says_that_there_are_no_entities(command):
    assert "0 entities" in command(UD, "--format", "conllu")[1]


def test_command_stops_at_what_it_cannot_read(command):
    code, said = command("Anna O\nSilva I-PER\nRome B-LOC\n")
    assert code == 1
    assert "a.txt:2: 'I-PER' continues nothing" in said
    assert "--scheme iob1" in said


def test_command_takes_all_settings(command, tmp_path):
    settings = (
        "--format columns --scheme iob2 --lang en --n-sents 2 --token-column 0 --tag-column 1"
    )
    assert command(IOB2, *settings.split())[0] == 0
    assert len(load(tmp_path / "a.spacy")) == 1


def test_command_splits(command):
    code, said = command(DOCUMENTS, "--split", "0.5,0.25,0.25", output="parts")
    assert code == 0
    assert "test.spacy:" in said


def test_command_keeps_the_labels_that_are_named(command, tmp_path):
    code, said = command(IOB2.replace("O\n", "B-X\n", 1), "--labels", "LOC,PER")
    assert code == 0
    assert "2 entities: LOC 1, PER 1" in said
    assert entities(load(tmp_path / "a.spacy")) == FOUND


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_label_that_is_not_kept_becomes_o(run, scheme):
    summary, docs = run(SCHEMES[scheme], labels=["LOC"])
    assert entities(docs) == [[], [("Rome", "LOC")]]
    assert [token.ent_iob_ for token in docs[0]] == ["O", "O", "O"]
    assert summary.entities == {"LOC": 1}


def test_command_refuses_an_unknown_format(command):
    assert command(IOB2, "--format", "xml")[0] == 2


def test_many_sentences_show_a_bar(command, monkeypatch):
    monkeypatch.setattr("spacy_rnn.cli.writing.MANY", 1)
    assert "Convert: 100%" in command(IOB2)[1]


def test_uner_has_its_entities(real_data, tmp_path):
    path = real_data / "ner_uner_en_ewt" / "en_ewt-ud-train.prerelease.mapped.iob2.gz"
    summary = convert(path, tmp_path / "a.spacy")
    assert summary.sentences == 12543
    assert sum(summary.entities.values()) == 7005


def test_wikigold_is_split_by_document(real_data, tmp_path):
    path = real_data / "ner_wikigold" / "wikigold.conll.txt"
    summary = convert(path, tmp_path / "parts", split="0.8,0.1,0.1", n_sents=0)
    assert summary.scheme == "iob1"
    assert (summary.documents, summary.sentences) == (145, 1696)
    assert sum(summary.written.values()) == 145
