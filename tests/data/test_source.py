import gzip
import lzma
from pathlib import Path

import pytest

from spacy_rnn.data.source import read_lines
from spacy_rnn.errors import DataError

TEXT = "Zoë O\n\nran O\n"
LINES = [(1, "Zoë O"), (2, ""), (3, "ran O")]


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf8"))
        return path

    return write


def test_numbers_lines_from_one(write):
    assert list(read_lines(write("a.conll", TEXT))) == LINES


@pytest.mark.parametrize("ending, pack", [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_unpacks(write, ending, pack):
    path = write(f"a.conll{ending}", pack(TEXT.encode("utf8")))
    assert list(read_lines(path)) == LINES


def test_drops_the_ends_of_windows_lines(write):
    assert list(read_lines(write("a.conll", TEXT.replace("\n", "\r\n")))) == LINES


def test_drops_a_byte_order_mark(write):
    assert list(read_lines(write("a.conll", "\ufeff" + TEXT))) == LINES


def test_cuts_at_newlines_only(write):
    path = write("a.conll", "a\u2028b\x85c\x0bd O\n")
    assert list(read_lines(path)) == [(1, "a\u2028b\x85c\x0bd O")]


def test_reads_a_last_line_without_an_end(write):
    assert list(read_lines(write("a.conll", TEXT.rstrip()))) == LINES


def test_bad_utf8_names_file_and_line(write):
    path = write("a.conll", b"fine O\nb\xe9 O\n")
    with pytest.raises(DataError, match=r"a\.conll:2: byte 2 of the line is not UTF-8"):
        list(read_lines(path))


@pytest.mark.parametrize("ending, pack", [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_cut_off_packed_file_is_refused(write, ending, pack):
    path = write(f"a.conll{ending}", pack(TEXT.encode("utf8"))[:-9])
    with pytest.raises(DataError, match=r"damaged or cut off"):
        list(read_lines(path))


@pytest.mark.parametrize("ending", [".gz", ".xz"])
def test_what_is_not_packed_is_refused(write, ending):
    with pytest.raises(DataError, match=r":1: the packed file is damaged"):
        list(read_lines(write(f"a{ending}", TEXT)))


def test_missing_file_is_named():
    with pytest.raises(DataError, match=r"nowhere\.conll: cannot be opened \(No such file"):
        list(read_lines(Path("nowhere.conll")))


def test_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"cannot be opened \(Is a directory"):
        list(read_lines(tmp_path))


def test_big_file_shows_a_bar(write, capsys, monkeypatch):
    monkeypatch.setattr("spacy_rnn.data.source.BIG", 3)
    list(read_lines(write("a.conll", TEXT), progress=True))
    assert "Read: 100%" in capsys.readouterr().err


def test_small_file_shows_none(write, capsys):
    list(read_lines(write("a.conll", TEXT), progress=True))
    assert capsys.readouterr().err == ""
