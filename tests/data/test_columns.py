from pathlib import Path

import pytest

from spacy_rnn.data.columns import read_columns
from spacy_rnn.data.source import read_lines
from spacy_rnn.errors import DataError

PLAIN = "Anna B-PER\nsings O\n\nRome B-LOC\n"
FOUR = "Anna NNP B-NP B-PER\nsings VBZ B-VP O\n"
DOCUMENTS = "-DOCSTART- O\n\nAnna O\n\nBob O\n\n-DOCSTART- -X- O O\nEva O\n\n-DOCSTART- O\n\n"


def read(text, *columns):
    return list(read_columns(Path("a.conll"), enumerate(text.split("\n"), 1), *columns))


def words(text):
    return [sentence.words for sentence in read(text)]


def test_reads_tokens_and_tags():
    first, second = read(PLAIN)
    assert (first.words, first.tags) == (["Anna", "sings"], ["B-PER", "O"])
    assert (second.words, second.tags) == (["Rome"], ["B-LOC"])


def test_keeps_the_lines():
    assert [sentence.lines for sentence in read(PLAIN)] == [[1, 2], [4]]


def test_spaces_stand_between_all_tokens():
    assert read(PLAIN)[0].spaces == [True, True]


def test_tab_parts_columns():
    assert read(PLAIN.replace(" ", "\t")) == read(PLAIN)


def test_many_spaces_part_columns():
    assert read(PLAIN.replace(" ", "   ")) == read(PLAIN)


def test_token_may_have_spaces_between_tabs():
    assert words("New York\tB-LOC\n") == [["New York"]]


def test_takes_first_and_last_column():
    assert read(FOUR)[0].words == ["Anna", "sings"]
    assert read(FOUR)[0].tags == ["B-PER", "O"]


def test_takes_the_columns_named():
    assert read(FOUR, 1, 2)[0].words == ["NNP", "VBZ"]
    assert read(FOUR, 1, 2)[0].tags == ["B-NP", "B-VP"]


@pytest.mark.parametrize("blank", ["\t", " ", " \t ", "\xa0"])
def test_white_space_only_ends_a_sentence(blank):
    assert words(f"Anna O\n{blank}\nBob O\n") == [["Anna"], ["Bob"]]


def test_white_space_only_is_counted():
    notes = [sentence.notes for sentence in read("Anna O\n\t\nBob O\n\nEva O\n")]
    assert [len(note) for note in notes] == [1, 0, 0]


def test_many_empty_lines_are_one_break():
    assert words("\n\nAnna O\n\n\t\n\nBob O\n\n\n") == [["Anna"], ["Bob"]]


def test_docstart_is_not_a_token():
    assert words(DOCUMENTS) == [["Anna"], ["Bob"], ["Eva"]]


def test_docstart_begins_a_document():
    assert [sentence.new_doc for sentence in read(DOCUMENTS)] == [True, False, True]


def test_docstart_ends_a_sentence():
    assert words("Anna O\n-DOCSTART- O\nBob O\n") == [["Anna"], ["Bob"]]


@pytest.mark.parametrize("token", ["\ufeff", "\u200b", "Dub\ufeff", "a\u200bb", "\ufe0f"])
def test_keeps_invisible_characters(token):
    assert words(f"x\tO\n{token}\tO\n") == [["x", token]]


def test_keeps_odd_spaces_in_tokens():
    assert words("10\xa0000 O\n5\u2009km O\n") == [["10\xa0000", "5\u2009km"]]


def test_ignores_spaces_at_the_end():
    assert read("Anna O \nBob\tB-PER\t\n")[0].tags == ["O", "B-PER"]


@pytest.mark.parametrize("line", ["Bob", "Bob\t", "\tO"])
def test_line_without_token_or_tag_is_refused(line):
    with pytest.raises(DataError, match=r"a\.conll:2: \d column\(s\).*--tag-column"):
        read(f"Anna O\n{line}\n")


def test_column_that_is_not_there_is_refused():
    with pytest.raises(DataError, match=r"a\.conll:1: 2 column\(s\), .* no tag in column 3"):
        read(PLAIN, 0, 3)


@pytest.mark.parametrize(
    "name, sentences",
    [("wnut17train.conll", 3394), ("emerging.dev.conll", 1009), ("emerging.test.annotated", 1287)],
)
def test_wnut17_is_complete(real_data, name, sentences):
    path = real_data / "ner_wnut17" / name
    assert len(list(read_columns(path, read_lines(path)))) == sentences


def test_wikigold_is_complete(real_data):
    path = real_data / "ner_wikigold" / "wikigold.conll.txt"
    sentences = list(read_columns(path, read_lines(path)))
    assert len(sentences) == 1696
    assert sum(sentence.new_doc for sentence in sentences) == 145
