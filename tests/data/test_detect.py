from pathlib import Path

import pytest

from spacy_rnn.data.detect import detect_format
from spacy_rnn.errors import DataError

COLUMNS = "Anna B-PER\nsings O\n"
UD = "1\tAnna" + "\t_" * 8 + "\n"
UNER = "# text = Anna\n1\tAnna\tB-PER\n"
INLINE = "Nobody sings.\n[Anna](PER) sings.\n"
JSONL = '{"text": "Anna", "entities": []}\n'


def detect(text, name="a.txt"):
    return detect_format(Path(name), enumerate(text.split("\n"), 1))


@pytest.mark.parametrize(
    "text, format",
    [
        (COLUMNS, "columns"),
        (COLUMNS.replace(" ", "\t"), "columns"),
        ("-DOCSTART- -X- -X-\n\n" + COLUMNS, "columns"),
        ("1 O\n2 O\n", "columns"),
        ("# O\n\t\n" + COLUMNS, "columns"),
        ("# text = Anna\n" + UD, "conllu"),
        (UD, "conllu"),
        (UNER, "iob2"),
        (INLINE, "inline"),
        (JSONL, "jsonl"),
        ('{"text": "Anna", "label": "PER", "spans": []}', "jsonl"),
        ('{"text": "Anna", "label": "glad"}', "texts"),
        ('\n{"cats": {}, "text": "Anna"}', "texts"),
    ],
)
def test_first_lines_tell(text, format):
    assert detect(text) == format


@pytest.mark.parametrize(
    "name, format",
    [
        ("a.conllu", "conllu"),
        ("a.conllu.xz", "conllu"),
        ("a.jsonl", "jsonl"),
        ("a.jsonl.gz", "jsonl"),
        ("a.zip", "texts"),
    ],
)
def test_names_tell(name, format):
    assert detect("", name) == format


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.tsv.xz"])
@pytest.mark.parametrize(
    "text, format",
    [
        ("text,label\nJust some text.,pos\n", "texts"),
        ("text,label\n[See here](https://example.org),pos\n[Or](here),neg\n", "texts"),
        (COLUMNS.replace(" ", "\t"), "columns"),
        (UNER, "iob2"),
        (UD, "conllu"),
    ],
)
def test_tables_may_hold_texts_or_tokens(name, text, format):
    assert detect(text, name) == format


@pytest.mark.parametrize(
    "text, format",
    [
        ('{"text": "a", "label": "b"}', "texts"),
        ('{"text": "a", "entities": []}', "jsonl"),
        ('{\n{"text": "a", "label": "b"}', "texts"),
        ("[[]]", "jsonl"),
        ("5", "jsonl"),
    ],
)
def test_keys_tell_entities_from_labels(text, format):
    assert detect(text, "a.jsonl") == format


def test_one_bad_line_hides_no_columns():
    assert detect(COLUMNS + "oops\n" + COLUMNS) == "columns"


def test_doubt_is_an_error():
    with pytest.raises(DataError, match=r"a\.txt: .*--format: columns, conllu"):
        detect("Just some text.\nAnd more.\n")


def test_empty_file_is_an_error():
    with pytest.raises(DataError, match=r"a\.txt: no sentence in it"):
        detect("\n\n")
