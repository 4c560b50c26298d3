import csv
import gzip
import json
import lzma
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_rnn.data.source import read_lines
from spacy_rnn.data.texts import RAGGED, read_texts
from spacy_rnn.errors import DataError

CSV = 'id,text,label\n1,"Slow,\nbut warm.",pos\n2,"The ""end""",neg\n'
FOUND = [("line 2", "Slow,\nbut warm.", "pos"), ("line 4", 'The "end"', "neg")]
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
PAIRS = st.lists(st.tuples(WORDS, WORDS).filter(lambda pair: all(map(str.strip, pair))), min_size=1)


def read(text, name="a.csv", text_column=None, label_column=None):
    lines = enumerate(text.split("\n"), 1)
    return read_texts(Path(name), lines, text_column, label_column)


def found(records):
    return [(record.place, record.text, record.label) for record in records]


def objects(*records):
    return read("\n".join(map(json.dumps, records)), "a.jsonl")


@pytest.mark.parametrize("name, delimiter", [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_tables_are_read(name, delimiter):
    text = CSV.replace("Slow,", "Slow…").replace(",", delimiter).replace("Slow…", "Slow,")
    assert found(read(text, name)) == FOUND


@pytest.mark.parametrize("text", ["Sentence", "review", "TEXT"])
@pytest.mark.parametrize("label", ["Label", "sentiment", "class"])
def test_usual_names_need_no_setting(text, label):
    assert found(read(f"{label}, {text}\npos,fine\n")) == [("line 2", "fine", "pos")]


def test_columns_can_be_named():
    text = "label,body,text,stars\nx,fine,title,5\n"
    assert found(read(text, "a.csv", "body", "stars")) == [("line 2", "fine", "5")]


def test_columns_of_a_file_without_names_are_numbers():
    assert found(read("5,fine\n1,bad\n", "a.csv", "1", "0")) == [
        ("line 1", "fine", "5"),
        ("line 2", "bad", "1"),
    ]


def test_commas_in_quotes_part_no_columns():
    assert found(read('"a, b, c";5\n"d";1\n', "a.csv", "0", "1"))[0] == ("line 1", "a, b, c", "5")


def test_a_number_may_be_a_name():
    assert found(read("0,1\nfine,5\n", "a.csv", "0", "1")) == [("line 2", "fine", "5")]


@pytest.mark.parametrize("columns", [("0", None), (None, "1"), ("0", "label")])
def test_a_number_and_a_name_do_not_go_together(columns):
    with pytest.raises(DataError, match="either both are names or"):
        read("text,label\nfine,5\n", "a.csv", *columns)


def test_a_number_beyond_the_columns_is_named():
    with pytest.raises(DataError, match=r"a\.csv:1: column 2 does not exist; there are 2"):
        read("fine,5\n", "a.csv", "0", "2")


def test_a_file_without_names_says_what_columns_there_are():
    with pytest.raises(DataError, match="there are: 0 'It was fine', 1 'pos'"):
        read("It was fine,pos\nIt was bad,neg\n")


def test_rows_that_do_not_fit_are_kept_as_problems():
    records = read("text,label\nso,so,pos\nfine,pos\nbad\n")
    assert [record.place for record in records] == ["line 2", "line 3", "line 4"]
    assert [record.problem for record in records] == [RAGGED, "", RAGGED]


def test_missing_fields_are_empty():
    assert found(read("text,label\n,pos\nfine, \n")) == [
        ("line 2", "", "pos"),
        ("line 3", "fine", None),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "text,label", "text,label\n\n"])
def test_nothing_is_no_record(text):
    assert read(text) == []


def test_objects_are_read():
    assert found(objects({"text": " a ", "label": "pos"}, {"label": "neg", "text": "b"})) == [
        ("line 1", "a", "pos"),
        ("line 2", "b", "neg"),
    ]


@pytest.mark.parametrize(
    "value, label",
    [
        (3, "3"),
        (-0.5, "-0.5"),
        (True, "true"),
        (None, None),
        (" ", None),
        (["a", 1, ""], ["a", "1"]),
        ([], []),
    ],
)
def test_labels_of_objects(value, label):
    assert objects({"text": "a", "label": value})[0].label == label


@pytest.mark.parametrize(
    "cats, label", [({"a": 1, " b": False}, {"a": 1.0, "b": 0.0}), ({}, None), (None, None)]
)
def test_cats_of_objects(cats, label):
    (record,) = objects({"text": "a", "cats": cats, "label": "other"})
    assert record.label == label


def test_keys_may_be_missing_in_some_objects():
    records = objects({"text": "a"}, {"label": "pos"}, {"text": 1, "label": "neg"})
    assert found(records) == [("line 1", "a", None), ("line 2", "", "pos"), ("line 3", "", "neg")]


@pytest.mark.parametrize("label", [[[0, 4, "PER"]], {"a": "b"}, {"a": float("nan")}, [None]])
def test_labels_that_are_none_are_refused(label):
    with pytest.raises(DataError, match=r"a\.jsonl:2: .* is no label"):
        objects({"text": "a", "label": "x"}, {"text": "a", "label": label})


@pytest.mark.parametrize("line", ["[]", "1", '"text"'])
def test_what_is_no_object_is_refused(line):
    with pytest.raises(DataError, match=r"a\.jsonl:1: .* is no label"):
        read(line, "a.jsonl")


def test_bad_json_is_refused():
    with pytest.raises(DataError, match=r"a\.jsonl:2: not valid JSON"):
        read('{"text": "a", "label": "b"}\n{', "a.jsonl")


def test_a_key_that_is_nowhere_is_refused():
    with pytest.raises(DataError, match="no column is called label .* 0 'text', 1 'stars'"):
        objects({"text": "a", "stars": 1})


@pytest.mark.parametrize(
    "ending, pack", [("", bytes), (".gz", gzip.compress), (".xz", lzma.compress)]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_packed_files_windows_lines_and_byte_order_marks(tmp_path, ending, pack, newline):
    path = tmp_path / f"a.csv{ending}"
    # The mark stands before the name of the column that is wanted
    text = "\ufeff" + CSV.replace("id,text,", "text,id,").replace("1,", "").replace("2,", "")
    text = text.replace('",', '",0,').replace("\n", newline)
    path.write_bytes(pack(text.encode("utf8")))
    assert found(read_texts(path, read_lines(path), None, None)) == FOUND


# Everything that is written comes back, but for white space around it


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("texts")


def stripped(text):
    """Ends of lines become newlines."""
    return re.sub(r"\r+\n", "\n", text).strip()


def come_back(path, pairs):
    records = read_texts(path, read_lines(path), None, None)
    return [(r.text, r.label) for r in records] == [tuple(map(stripped, p)) for p in pairs]


@given(pairs=PAIRS)
def test_csv_comes_back(folder, pairs):
    path = folder / "a.csv"
    with path.open("w", encoding="utf8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *pairs])
    assert come_back(path, pairs)


@given(pairs=PAIRS)
def test_tsv_comes_back(folder, pairs):
    """But a TAB in a field: most who write such files do not quote it."""
    pairs = [tuple(word.replace("\t", "|") for word in pair) for pair in pairs]
    path = folder / "a.tsv"
    with path.open("w", encoding="utf8", newline="") as file:
        csv.writer(file, "excel-tab").writerows([("text", "label"), *pairs])
    assert come_back(path, pairs)


@given(pairs=PAIRS)
def test_jsonl_comes_back(folder, pairs):
    path = folder / "a.jsonl"
    lines = [json.dumps({"text": t, "label": w}, ensure_ascii=False) for t, w in pairs]
    path.write_text("\n".join(lines), encoding="utf8")
    records = read_texts(path, read_lines(path), None, None)
    assert [(r.text, r.label) for r in records] == [(t.strip(), w.strip()) for t, w in pairs]
