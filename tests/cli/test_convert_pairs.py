import json

import pytest
from spacy.cli._util import app
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_rnn.cli.convert import convert
from spacy_rnn.errors import DataError

TABLE = "four dogs\tvier Hunde\nfive cats\tfünf Katzen\n"


@pytest.fixture
def run(tmp_path):
    """Convert a text and give the summary and the documents."""

    def run(text, name="a.tsv", **settings):
        path = tmp_path / name
        path.write_text(text, encoding="utf8")
        summary = convert(path, tmp_path / "a.spacy", **settings)
        return summary, load(tmp_path / "a.spacy")

    return run


@pytest.fixture
def command(tmp_path):
    """Run the command and give its exit code and its words in a row."""

    def command(text, *settings, name="a.tsv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf8")
        arguments = ["rnn", "convert", str(path), str(tmp_path / "a.spacy"), *settings]
        result = CliRunner().invoke(app, arguments)
        return result.exit_code, " ".join(result.output.split())

    return command


def load(path):
    return list(DocBin().from_disk(path).get_docs(Vocab()))


def test_a_table_becomes_documents(run):
    summary, docs = run(TABLE, format="pairs")
    assert [(doc.text, doc._.target) for doc in docs] == [
        ("four dogs", "vier Hunde"),
        ("five cats", "fünf Katzen"),
    ]
    assert (summary.format, summary.scheme) == ("pairs", "target in doc._.target")
    assert (summary.documents, summary.tokens) == (2, 4)


@pytest.mark.parametrize(
    "name, text, settings",
    [
        ("a.tsv", "source\ttarget\nb\ta\n", {}),
        ("a.txt", "Target\tid\tSource\na\t1\tb\n", {}),
        ("a.jsonl", json.dumps({"source": "b", "target": "a"}), {}),
        ("a.txt", "b\ta", {"target": "_.target"}),
        ("a.txt", "a\tb", {"columns": ["target", "source"]}),
    ],
)
def test_pairs_are_detected(run, name, text, settings):
    summary, (doc,) = run(text, name, **settings)
    assert (summary.format, doc.text, doc._.target) == ("pairs", "b", "a")


@pytest.mark.parametrize("text", ["TOMATO  T AH\nTOMATO(2)  T OW\n", "TOMATO\tT AH\nTOMATO\tT OW"])
def test_a_lexicon_becomes_words(run, text):
    summary, (doc,) = run(text, "cmudict", level="token", target="_.phonemes")
    assert (doc[0].text, doc[0]._.phonemes, doc[0]._.phonemes_alternatives) == (
        "TOMATO",
        "T AH",
        ("T OW",),
    )
    assert summary.scheme == "target in token._.phonemes"


def test_other_files_store_no_user_data(tmp_path, run):
    run("text\tlabel\na\tb\n", "b.tsv")
    assert DocBin().from_disk(tmp_path / "a.spacy").user_data == [None]


def test_pairs_of_one_source_are_in_one_part(tmp_path):
    rows = [f"word {i % 60}\ttarget {i % 60}" for i in range(180)]
    (tmp_path / "a.tsv").write_text("\n".join(rows))
    summary = convert(tmp_path / "a.tsv", tmp_path / "out", format="pairs", split="2,1,1")
    parts = [{doc.text for doc in load(path)} for path in (tmp_path / "out").iterdir()]
    assert sum(map(len, parts)) == 60 and len(parts) == 3
    assert sum(summary.written.values()) == 180


def test_the_command_takes_all_settings(command, tmp_path):
    settings = "--level token --target _.form --columns -,source,target,features --lang xx"
    code, said = command("1\trun\tran\tV;PST\n", *settings.split())
    assert code == 0
    assert "pairs: 1 document, 1 token" in said and "target in token._.form" in said
    (doc,) = load(tmp_path / "a.spacy")
    assert (doc[0]._.form, doc[0]._.features) == ("ran", ("V", "PST"))


def test_the_command_says_what_is_odd(command):
    text = TABLE + "four dogs\tvier Hunde\nfour dogs\tvier\n\tx\nsix\t \n"
    code, said = command(text, "--format", "pairs")
    assert code == 0
    for note in [
        "1 pair(s) that stand in the file before; kept (line 1 and line 3)",
        "1 source(s) that stand in the file before with another target; kept as its alternative "
        "(line 1 and line 4)",
        "2 pair(s) with an empty side; left out (line 5, line 6)",
        "a.spacy: 3 Docs",
    ]:
        assert note in said


def test_the_command_stops_at_three_columns(command, tmp_path):
    code, said = command("run\tran\tV;PST\n", "--target", "_.form")
    assert code == 1
    assert "a.tsv:1: 3 column(s) between TABs" in said.replace("a.tsv :", "a.tsv:")
    assert not (tmp_path / "a.spacy").exists()


def test_a_wrong_target_is_an_error(run):
    with pytest.raises(DataError, match="'target' is 'lemma'"):
        run(TABLE, target="lemma")


def test_many_pairs_show_a_bar(command, monkeypatch):
    monkeypatch.setattr("spacy_rnn.cli.writing.MANY", 1)
    assert "Convert: 100%" in command(TABLE, "--format", "pairs")[1]


# The real corpora


def test_the_split_of_cmudict_is_read(real_data, tmp_path):
    folder = real_data / "s2s_cmudict" / "g014b2b"
    settings = {"level": "token", "target": "_.phonemes"}
    summary = convert(folder / "g014b2b.train.xz", tmp_path / "a.spacy", **settings)
    assert (summary.documents, list(summary.notes.values())) == (106_837, [6_601])
    rest = {"columns": ["source", "target*"], **settings}
    summary = convert(folder / "g014b2b.ref.xz", tmp_path / "a.spacy", **rest)
    assert (summary.documents, summary.notes) == (12_000, {})
    assert sum(bool(doc[0]._.phonemes_alternatives) for doc in load(tmp_path / "a.spacy")) == 673


@pytest.mark.parametrize("language", ["english", "german", "finnish"])
def test_inflection_is_read(real_data, tmp_path, language):
    path = real_data / "s2s_sigmorphon2017_inflection" / f"{language}-train-high.gz"
    columns = ["source", "target", "features"]
    settings = {"level": "token", "target": "_.form", "columns": columns}
    summary = convert(path, tmp_path / "a.spacy", **settings)
    assert summary.documents + sum(summary.notes.values()) == 10_000
    docs = load(tmp_path / "a.spacy")
    assert all(doc[0]._.form and doc[0]._.features for doc in docs)
