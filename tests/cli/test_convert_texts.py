import gzip
import json
from zipfile import ZipFile

import pytest
from spacy.cli._util import app
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_rnn.cli.convert import convert
from spacy_rnn.errors import DataError

CSV = 'text,label\n"Slow,\nbut warm.",pos\nI left early.,neg\n'
MANY = "text,label\n" + "".join(f"It's film {i}.,{'pos' if i % 2 else 'neg'}\n" for i in range(60))


@pytest.fixture
def run(tmp_path):
    """Convert a text and give the summary and the documents."""

    def run(text, name="a.csv", **settings):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf8"))
        summary = convert(path, tmp_path / "a.spacy", **settings)
        return summary, load(tmp_path / "a.spacy")

    return run


@pytest.fixture
def command(tmp_path):
    """Run the command and give its exit code and its words in a row."""

    def command(text, *settings, output="a.spacy", name="a.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf8")
        arguments = ["rnn", "convert", str(path), str(tmp_path / output), *settings]
        result = CliRunner().invoke(app, arguments)
        return result.exit_code, " ".join(result.output.split())

    return command


def load(path):
    return list(DocBin().from_disk(path).get_docs(Vocab()))


def test_texts_become_documents_with_cats(run):
    summary, docs = run(CSV)
    assert [doc.text for doc in docs] == ["Slow,\nbut warm.", "I left early."]
    assert [doc.cats for doc in docs] == [{"neg": 0.0, "pos": 1.0}, {"neg": 1.0, "pos": 0.0}]
    assert (summary.format, summary.scheme) == ("texts", "one label a text")
    assert summary.cats == {"neg": 1, "pos": 1}


@pytest.mark.parametrize(
    "name, text",
    [
        ("a.tsv", "label\ttext\nneg\tbad\npos\tgood\n"),
        ("a.csv.gz", gzip.compress(b"text;class\nbad;neg\ngood;pos\n")),
        ("a.jsonl", '{"text": "bad", "label": "neg"}\n{"text": "good", "label": "pos"}\n'),
        ("a.txt", '{"text": "bad", "cats": {"neg": 1}}\n{"text": "good", "cats": {"pos": 1}}\n'),
    ],
)
def test_formats_are_detected(run, name, text):
    summary, docs = run(text, name)
    assert [(doc.text, doc.cats["pos"]) for doc in docs] == [("bad", 0.0), ("good", 1.0)]
    assert summary.format == "texts"


def test_a_zip_is_read(tmp_path):
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("r.neg", "bad\nworse\n")
        archive.writestr("r.pos", "good\n")
    summary = convert(tmp_path / "a.zip", tmp_path / "a.spacy")
    assert summary.cats == {"neg": 2, "pos": 1}


def test_tokens_are_those_of_the_language(run):
    text = "text,label\ndon't,neg\n"
    assert [token.text for token in run(text)[1][0]] == ["do", "n't"]
    assert [token.text for token in run(text, lang="xx")[1][0]] == ["don't"]


def test_long_texts_are_read(run):
    _, docs = run(f"text,label\n{'word ' * 250_000},neg\n", lang="xx")
    assert len(docs[0]) == 250_000


def test_a_column_that_is_named_makes_it_texts(run):
    record = json.dumps({"text": "a", "entities": [], "mood": "glad"})
    assert run(record, "a.jsonl", label_column="mood")[1][0].cats == {"glad": 1.0}
    assert run("5 stars,fine\n", "a.txt", text_column="1", label_column="0")[0].format == "texts"


def test_numbers_are_learnt_as_they_are(run):
    summary, docs = run("text,label\na,2.5\nb,-1\nc,0\n", numbers=True)
    assert [doc.cats for doc in docs] == [{"value": 2.5}, {"value": -1.0}, {"value": 0.0}]
    assert summary.scheme == "numbers from -1 to 2.5" and summary.cats == {"value": 3}


def test_several_labels_a_text(run):
    text = '{"text": "a", "label": ["x", "y"]}\n{"text": "b", "label": []}\n'
    summary, docs = run(text, "a.jsonl")
    assert [sum(doc.cats.values()) for doc in docs] == [2.0, 0.0]
    assert summary.scheme == "any labels a text"


def test_parts_share_the_labels_and_no_text(tmp_path):
    (tmp_path / "a.csv").write_text(MANY + MANY[11:] + "It's  film 7.,even\n")
    summary = convert(tmp_path / "a.csv", tmp_path / "out", split="0.6,0.2,0.2")
    parts = {path.stem: load(path) for path in (tmp_path / "out").iterdir()}
    assert sorted(parts) == ["dev", "test", "train"]
    assert {tuple(doc.cats) for docs in parts.values() for doc in docs} == {("even", "neg", "pos")}
    texts = [{" ".join(doc.text.split()) for doc in docs} for docs in parts.values()]
    assert sum(map(len, texts)) == 60
    assert sum(summary.written.values()) == 121


def test_a_class_without_an_example_in_a_part_is_said(command):
    code, said = command(MANY + "Odd one.,even\n", "--split", "1,1,1", output="parts")
    assert code == 0
    assert said.count("1 label(s) without an example in") == 2
    assert "1 label(s) with fewer than 10 texts (even 1)" in said


def test_the_command_says_what_it_did(command):
    code, said = command(MANY)
    assert code == 0
    assert "texts, one label a text: 60 documents, 300 tokens" in said
    assert "2 labels: neg 30, pos 30" in said
    assert "a.spacy: 60 Docs" in said and "⚠" not in said


def test_the_command_says_what_is_wrong(command):
    text = MANY + ",pos\nGood.,\nSo,so,neg\nIt's film 3.,neg\nIt's film 4.,neg\n"
    code, said = command(text)
    assert code == 0
    for note in [
        "1 record(s) without a text; left out (line 62)",
        "1 text(s) without a label; left out (line 63)",
        "1 record(s) with more or fewer fields than the first line has; left out (line 64)",
        "1 text(s) that stand in the file before with another label; kept (line 5 and line 65)",
        "1 text(s) that stand in the file before with the same label; kept (line 6 and line 66)",
        "a.spacy: 62 Docs",
    ]:
        assert note in said


def test_the_command_takes_all_settings(command, tmp_path):
    text = "no,mood,body\n1,glad,fine\n2,sad,bad\n3,calm,so\n"
    settings = "--format texts --text-column body --label-column mood --labels sad,glad --lang xx"
    assert command(text, *settings.split(), name="a.txt")[0] == 0
    assert [doc.cats for doc in load(tmp_path / "a.spacy")] == [
        {"sad": 0.0, "glad": 1.0},
        {"sad": 1.0, "glad": 0.0},
    ]
    assert command("text,score\na,0.5\n", "--label-column", "score", "--numbers")[0] == 0
    assert load(tmp_path / "a.spacy")[0].cats == {"value": 0.5}


def test_the_command_stops_at_what_it_cannot_read(command):
    code, said = command("It was fine,1\n")
    assert code == 1
    assert "there are: 0 'It was fine', 1 '1'" in said


@pytest.mark.parametrize("text", ["text,label\n", "\n"])
def test_an_empty_file_is_an_error(run, text):
    with pytest.raises(DataError, match=r"a\.csv: no sentence in it"):
        run(text)


def test_nothing_is_written_after_an_error(run, tmp_path):
    with pytest.raises(DataError):
        run('text,label\nfine,pos\n"bad,neg\n')
    assert not (tmp_path / "a.spacy").exists()


def test_many_texts_show_a_bar(command, monkeypatch):
    monkeypatch.setattr("spacy_rnn.cli.writing.MANY", 1)
    assert "Convert: 100%" in command(CSV)[1]


def test_polarity_is_read_and_split(real_data, tmp_path):
    path = real_data / "sent_sentence_polarity" / "sentence_polarity.zip"
    summary = convert(path, tmp_path / "out", split="0.8,0.1,0.1")
    assert summary.cats == {"neg": 5331, "pos": 5331}
    assert list(summary.notes.values()) == [52]
    sizes = {path.stem: n for path, n in summary.written.items()}
    assert sizes == {"train": 8477, "dev": 1071, "test": 1114}
