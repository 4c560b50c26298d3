from pathlib import Path

import pytest

from spacy_rnn.data.cats import (
    ABSENT,
    AMOUNTS,
    EMPTY,
    MIXED,
    NO_NUMBER,
    ONLY,
    OPPOSED,
    OTHER,
    RARE,
    REPEATED,
    UNLABELLED,
    Text,
    count_cats,
    count_notes,
    find_absent,
    make_cats,
)
from spacy_rnn.data.texts import Record
from spacy_rnn.errors import DataError

PATH = Path("a.csv")


def records(*pairs):
    return [Record(f"line {i}", text, label) for i, (text, label) in enumerate(pairs, 2)]


def labelled(*labels):
    return records(*((f"text {i}", label) for i, label in enumerate(labels)))


def make(found, numbers=False, labels=None):
    texts, notes = make_cats(PATH, found, numbers, labels)
    return texts, {note: places for note, places in notes.items() if places}


def cats(*labels, **settings):
    return [text.cats for text in make(labelled(*labels), **settings)[0]]


def test_every_text_has_all_labels():
    assert cats("pos", "neg") == [{"neg": 0.0, "pos": 1.0}, {"neg": 1.0, "pos": 0.0}]


def test_several_labels_may_hold_and_none():
    assert cats(["a", "b"], [], ["c"]) == [
        {"a": 1.0, "b": 1.0, "c": 0.0},
        {"a": 0.0, "b": 0.0, "c": 0.0},
        {"a": 0.0, "b": 0.0, "c": 1.0},
    ]


def test_labels_that_cats_leave_out_do_not_hold():
    assert cats({"a": 1.0}, {"b": 1.0, "a": 0.0})[0] == {"a": 1.0, "b": 0.0}


def test_numbers_that_cats_leave_out_are_not_made_up():
    assert cats({"a": 0.5}, {"b": 1.0}) == [{"a": 0.5}, {"b": 1.0}]


def test_labels_come_in_order_of_their_numbers():
    assert list(cats("10", "9", "-1", "10")[0]) == ["-1", "9", "10"]
    assert list(cats("b", "10", "9")[0]) == ["9", "10", "b"]


def test_whole_numbers_lose_their_fraction():
    assert list(cats("1", "1.0", "0.0", "2.")[0]) == ["0", "1", "2"]


def test_fractions_are_no_classes():
    with pytest.raises(DataError, match=r"a\.csv: .* fractions, such as 1\.5\. .*--numbers"):
        cats("1", "1.5", "n/a")


def test_a_fraction_among_words_is_a_word():
    assert list(cats("pos", "neg", "1.5", "neg")[0]) == ["1.5", "neg", "pos"]


def test_many_whole_numbers_are_noted():
    labels = [str(i % 21) for i in range(210)]
    _, notes = make(labelled(*labels))
    assert notes[AMOUNTS] == [str(i) for i in range(21)]
    assert AMOUNTS not in make(labelled(*(str(i % 20) for i in range(200))))[1]


@pytest.mark.parametrize("n, is_refused", [(101, True), (100, False)])
def test_too_many_labels_are_refused(n, is_refused):
    labels = [f"word {i}" for i in range(n)]
    if is_refused:
        with pytest.raises(DataError, match="101 different labels in 101 texts"):
            cats(*labels)
    else:
        assert len(cats(*labels)) == 100


@pytest.mark.parametrize(
    "labels, note, places",
    [
        (["pos", "neg", "1"], MIXED.format(rarer="numbers", usual="words"), ["line 4"]),
        (["bad", "0", "1"], MIXED.format(rarer="words", usual="numbers"), ["line 2"]),
    ],
)
def test_numbers_among_words_are_noted(labels, note, places):
    texts, notes = make(labelled(*labels))
    assert notes[note] == places
    assert len(texts) == 3


def test_what_is_left_out_is_noted():
    texts, notes = make(records(("", "pos"), ("a", None), ("b", "pos"), ("c", "neg")))
    assert [text.place for text in texts] == ["line 4", "line 5"]
    assert (notes[EMPTY], notes[UNLABELLED]) == (["line 2"], ["line 3"])


def test_problems_and_mendings_of_the_reader_are_noted():
    found = [
        *labelled("a", "b"),
        Record("line 9", "", None, "odd"),
        Record("x", "y", "a", "", "ok"),
    ]
    texts, notes = make(found)
    assert len(texts) == 3
    assert (notes["odd"], notes["ok"]) == (["line 9"], ["x"])


def test_a_file_that_is_mostly_of_no_use_is_refused():
    found = records(("", "pos"), ("", "pos"), ("a", None), ("b", "pos"), ("c", "neg"))
    with pytest.raises(DataError) as caught:
        make(found)
    message = str(caught.value)
    assert "a.csv: 3 of 5 records cannot be used: 2 record(s) without a text" in message
    assert "(line 2, line 3); 1 text(s) without a label; left out (line 4)." in message


def test_numbers_are_the_value():
    assert cats("1", "-2.5e1", ".5", numbers=True) == [{"value": v} for v in (1.0, -25.0, 0.5)]


@pytest.mark.parametrize("label", ["nan", "inf", "1e999", "1,5", "1_0", "four", "²", ["1"]])
def test_what_is_no_number_is_left_out(label):
    texts, notes = make(labelled("1", label), numbers=True)
    assert [text.cats for text in texts] == [{"value": 1.0}]
    assert notes == {NO_NUMBER: ["line 3"]}


def test_labels_to_keep_leave_other_texts_out():
    texts, notes = make(labelled("pos", "so", "neg", ["pos", "so"], []), labels=["pos", "neg"])
    assert [list(text.cats.items()) for text in texts] == [
        [("pos", 1.0), ("neg", 0.0)],
        [("pos", 0.0), ("neg", 1.0)],
        [("pos", 1.0), ("neg", 0.0)],
        [("pos", 0.0), ("neg", 0.0)],
    ]
    assert notes[OTHER] == ["line 3"]


def test_labels_to_keep_stand_even_without_examples():
    texts, notes = make(labelled("pos", "pos"), labels=["neg", "pos"])
    assert texts[0].cats == {"neg": 0.0, "pos": 1.0}
    assert notes[RARE] == ["neg 0", "pos 2"]


def test_texts_that_repeat_are_kept_and_noted():
    found = records(("a  b", "pos"), ("c", "neg"), ("a b", "pos"), ("a\nb", "neg"))
    texts, notes = make(found)
    assert len(texts) == 4
    assert notes[REPEATED] == ["line 2 and line 4"]
    assert notes[OPPOSED] == ["line 2 and line 5"]


def test_other_numbers_for_a_text_oppose():
    _, notes = make(records(("a", "1"), ("a", "1.0"), ("a", "2")), numbers=True)
    assert notes == {REPEATED: ["line 2 and line 3"], OPPOSED: ["line 2 and line 4"]}


def test_labels_with_few_texts_are_noted():
    assert make(labelled(*["pos"] * 10, *["neg"] * 9))[1] == {RARE: ["neg 9"]}


def test_one_label_is_noted():
    assert make(labelled(*["pos"] * 10))[1] == {ONLY: ["pos"]}


def test_a_part_without_a_label_is_noted():
    both = [Text("", "", {"a": 1.0, "b": 0.0}), Text("", "", {"a": 0.0, "b": 1.0})]
    notes = find_absent({"train": both, "dev": both[:1], "test": both[1:]})
    assert notes[ABSENT.format(part="dev")] == ["b"]
    assert notes[ABSENT.format(part="test")] == ["a"]
    assert not notes[ABSENT.format(part="train")]


def test_numbers_are_absent_from_no_part():
    parts = {"train": [Text("", "", {"value": 2.0})], "dev": [Text("", "", {"value": 0.0})]}
    assert find_absent(parts) == {}


def test_labels_are_counted_in_their_order():
    counts = count_cats([{"b": 0.0, "a": 1.0}, {"b": 0.0, "a": 1.0}])
    assert list(counts.items()) == [("b", 0), ("a", 2)]


def test_notes_name_the_first_places():
    notes = {"odd": ["1", "2", "3", "4"], "even": ["1", "2", "3"], "none": []}
    assert count_notes(notes) == {"odd (1, 2, 3, …)": 4, "even (1, 2, 3)": 3}
