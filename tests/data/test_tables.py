import csv
from pathlib import Path

import pytest

from spacy_rnn.data.tables import find_column, read_rows, split_ragged
from spacy_rnn.errors import DataError

PATH = Path("a.csv")


def rows(text, delimiter=","):
    return read_rows(PATH, enumerate(text.split("\n"), 1), delimiter)


def fields(text, delimiter="\t"):
    return [fields for _, fields in rows(text, delimiter)]


def test_rows_have_the_line_where_they_begin():
    assert rows('a,b\n"1\n2",x\n\n3,y\n') == [
        (1, ["a", "b"]),
        (2, ["1\n2", "x"]),
        (5, ["3", "y"]),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_quotes_hold_the_delimiter_and_quotes(delimiter):
    text = f'a{delimiter}b\n"1{delimiter}2"{delimiter}"x ""y"""\n'
    assert fields(text, delimiter)[1] == [f"1{delimiter}2", 'x "y"']


def test_a_space_may_stand_before_a_quote():
    assert rows('a, "b, c"') == [(1, ["a", "b, c"])]


def test_long_fields_are_read_and_no_limit_stays_changed():
    before = csv.field_size_limit(1000)
    assert len(rows(f"{'x' * 500_000},b")[0][1][0]) == 500_000
    assert csv.field_size_limit(before) == 1000


def test_the_limit_fits_the_integers_of_windows(monkeypatch):
    limits = []
    monkeypatch.setattr(csv, "field_size_limit", limits.append)
    read_rows(Path("a.csv"), [(1, "a,b")], ",")
    assert max(limits[:1]) < 2**31


@pytest.mark.parametrize("text", ['a,b\nc,d\n"1,2\nx,y\n', 'a,b\n\n"1" 2,x\n'])
def test_bad_quotes_name_the_line_where_the_record_begins(text):
    with pytest.raises(DataError, match=r"a\.csv:3: the quotes of the record that begins here"):
        rows(text)


def test_quotes_between_tabs_may_be_text():
    """As in files that were written without a quoting rule."""
    assert fields('" he said\t1\n"so" so\t0\nbad "\t0') == [
        ['" he said', "1"],
        ['"so" so', "0"],
        ['bad "', "0"],
    ]


def test_an_open_quote_between_tabs_swallows_no_rows():
    text = 'text\tlabel\n"one\t1\ntwo\t0\nthree"\t1'
    assert len(fields(text)) == 4
    assert len(fields(text + "\nragged")) == 5


def test_quotes_around_a_field_between_tabs_are_no_text():
    assert fields('"a ""b"""\t"c"\n"\td') == [['a "b"', "c"], ['"', "d"]]


def test_a_field_between_tabs_may_go_over_lines():
    text = 'text\tlabel\n"one\n\ntwo"\t1\nthree\t0'
    assert fields(text) == [["text", "label"], ["one\n\ntwo", "1"], ["three", "0"]]


def test_ragged_rows_are_those_unlike_the_first():
    kept, others = split_ragged(rows("a,b\n1\n2,x\n3,y,z\n,\n"))
    assert kept == [(1, ["a", "b"]), (3, ["2", "x"]), (5, ["", ""])]
    assert others == {2: 1, 4: 3}


def test_a_column_is_found_by_its_name_or_by_a_usual_one():
    names = ["id", " Text ", "stars"]
    assert find_column((PATH, 1), names, "text", None, ["text"]) == 1
    assert find_column((PATH, 1), names, "label", "stars", ["label"]) == 2


def test_a_column_that_is_not_there_lists_those_that_are():
    message = r"a\.csv:4: no column is called text; there are: 0 'id', 1 'x{30}…'. .*--text-column"
    with pytest.raises(DataError, match=message):
        find_column((PATH, 4), ["id", "x" * 99], "text", None, ["text"])


def test_two_columns_that_may_be_meant_are_named():
    with pytest.raises(DataError, match=r"'label' and 'class' may each be the label"):
        find_column((PATH, 1), ["label", "class"], "label", None, ["label", "class"])
