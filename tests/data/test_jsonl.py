import json
from pathlib import Path

import pytest
import spacy

from spacy_rnn.data.jsonl import read_jsonl
from spacy_rnn.errors import DataError

TEXT = "Anna Silva sings in Rome."
TOKENIZER = spacy.blank("en").tokenizer


def read(*records):
    lines = [r if isinstance(r, str) else json.dumps(r) for r in records]
    return list(read_jsonl(Path("a.jsonl"), enumerate(lines, 1), TOKENIZER))


def tags(*entities):
    return read({"text": TEXT, "entities": entities})[0].tags


def test_reads_entities():
    found = tags([0, 10, "PER"], [20, 24, "LOC"])
    assert found == ["B-PER", "L-PER", "O", "O", "U-LOC", "O"]


def test_reads_spans():
    span = {"start": 20, "end": 24, "label": "LOC", "token_start": 4}
    assert read({"text": TEXT, "spans": [span]})[0].tags == ["O"] * 4 + ["U-LOC", "O"]


def test_order_does_not_matter():
    a, b = [0, 10, "PER"], [20, 24, "LOC"]
    assert tags(a, b) == tags(b, a)


def test_no_entities_is_annotation():
    assert tags() == ["O"] * 6


def test_keeps_words_and_spaces():
    sentence = read({"text": TEXT, "entities": []})[0]
    assert "".join(w + " " * s for w, s in zip(sentence.words, sentence.spaces)) == TEXT


def test_each_line_is_a_document():
    record = {"text": TEXT, "entities": []}
    assert [s.new_doc for s in read(record, "", record)] == [True, True]


def test_entity_inside_of_tokens_is_missing_annotation():
    assert tags([2, 7, "PER"]) == ["-", "-", "O", "O", "O", "O"]


def test_entity_with_a_space_at_its_edge_is_missing_annotation():
    assert tags([0, 5, "PER"]) == ["-", "O", "O", "O", "O", "O"]


def test_entity_that_does_not_fit_is_noted():
    sentence = read({"text": TEXT, "entities": [[2, 7, "PER"], [20, 23, "LOC"]]})[0]
    assert len(sentence.notes) == 2


def test_entity_beside_one_that_does_not_fit_is_kept():
    assert tags([2, 7, "PER"], [20, 24, "LOC"])[4] == "U-LOC"


@pytest.mark.parametrize("line", ["{", "nonsense", '{"text": "\\ud800", "entities": []}'])
def test_invalid_json_is_refused(line):
    with pytest.raises(DataError, match=r"a\.jsonl:2: not valid JSON"):
        read({"text": TEXT, "entities": []}, line)


@pytest.mark.parametrize(
    "record", [[], {"text": TEXT}, {"entities": []}, {"text": 1, "entities": []}]
)
def test_other_objects_are_refused(record):
    with pytest.raises(DataError, match=r"a\.jsonl:1: not an object with a string 'text'"):
        read(record)


@pytest.mark.parametrize(
    "entity",
    [[0, 99, "PER"], [-1, 4, "PER"], [4, 4, "PER"], [0, 4], [0, 4, ""], [0, "4", "PER"], "PER"],
)
def test_entities_that_are_none_are_refused(entity):
    with pytest.raises(DataError, match=r"a\.jsonl:1: .* is not an entity .* has 25 characters"):
        tags(entity)


@pytest.mark.parametrize("label", ["A\tB", "A\nB", "!PER"])
def test_labels_that_cannot_be_are_refused(label):
    with pytest.raises(DataError, match=r"a\.jsonl:1: .* cannot be a label"):
        tags([0, 10, label])


def test_overlap_is_refused():
    with pytest.raises(DataError, match=r"a\.jsonl:1: the entity from 0 to 10 overlaps the LOC"):
        tags([0, 10, "PER"], [5, 10, "LOC"])
