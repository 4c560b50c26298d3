from pathlib import Path

import pytest
import spacy

from spacy_rnn.data.inline import read_inline
from spacy_rnn.errors import DataError

LINE = "[Anna Maria Silva](PER) sings in [Rome](LOC)."
TOKENIZER = spacy.blank("en").tokenizer


def read(text):
    lines = enumerate(text.split("\n"), 1)
    return list(read_inline(Path("a.txt"), lines, TOKENIZER))


def test_cuts_the_text_into_tokens():
    assert read(LINE)[0].words == ["Anna", "Maria", "Silva", "sings", "in", "Rome", "."]


def test_keeps_the_spaces():
    assert read(LINE)[0].spaces == [True, True, True, True, True, False, False]


def test_entities_become_tags():
    tags = ["B-PER", "I-PER", "L-PER", "O", "O", "U-LOC", "O"]
    assert read(LINE)[0].tags == tags


def test_each_line_is_a_document():
    assert [s.new_doc for s in read(f"{LINE}\n\nNobody is here.\n")] == [True, True]


def test_keeps_the_line():
    assert read(f"\n{LINE}\n")[0].lines == [2] * 7


def test_entities_may_touch():
    assert read("[New York](LOC) [Times](ORG)")[0].tags == ["B-LOC", "L-LOC", "U-ORG"]


def test_brackets_without_a_label_are_text():
    assert read("see [1] and (2)")[0].words == ["see", "[", "1", "]", "and", "(", "2", ")"]


@pytest.mark.parametrize(
    "line", ["[[Anna](PER) Park](LOC)", "[Anna]()", "[Anna](a person)", "[](PER)", "Anna](PER)"]
)
def test_marks_that_cannot_be_read_are_refused(line):
    with pytest.raises(DataError, match=r"a\.txt:2: '\]\(' is not part of a mark"):
        read(f"{LINE}\n{line}")


def test_entity_inside_of_a_token_is_refused():
    with pytest.raises(DataError, match=r"a\.txt:1: '\[An\]\(PER\)' does not begin and end"):
        read("[An](PER)na sings.")


@pytest.mark.parametrize("mark", ["[Anna ](PER)sings", "x[ Anna](PER)"])
def test_entity_with_a_space_at_its_edge_is_refused(mark):
    with pytest.raises(DataError, match=r"a\.txt:1: .* does not begin and end"):
        read(mark)
