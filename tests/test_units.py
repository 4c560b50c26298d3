"""Units become numbers and come back."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_rnn.units import SPECIAL, START, STOP, STOP_ID, UNKNOWN_ID, Source, Units, padded

CHARS = Units("char", "char", (*SPECIAL, "pos=X", *"abc"), (*SPECIAL, *"bcd"))
WORDS = Units("word", "word", (*SPECIAL, "one", "two"), (*SPECIAL, "two", "three"))
# Also half a pair of surrogates, which no encoding takes
any_text = st.text(st.characters())
some_text = st.text("abcdxyz\ud800")
texts = st.lists(any_text, max_size=4)


def source(text, units=CHARS, features=()):
    return Source(features, units.split_source(text))


def closed(sides, how="char"):
    """Both vocabularies with all units of some texts."""
    known = sorted({unit for text in sides for unit in Units(how, how).split_source(text)})
    return Units(how, how, (*SPECIAL, *known), (*SPECIAL, *known))


def real(rows):
    """Numbers without the padding and the stop."""
    return [[n for n in row if n not in (0, STOP_ID)] for row in rows.tolist()]


def texts_of(units, written, sources):
    """What was written for each source."""
    return [units.join_target(of) for of in units.symbols(written, sources)]


@given(texts)
def test_known_texts_come_back(sides):
    units = closed(sides)
    sources = [source(text, units) for text in sides]
    found = units.numbers(sources, [units.split_target(text) for text in sides])
    assert texts_of(units, real(found.targets), sources) == sides
    assert real(found.units) == real(found.targets) == real(found.copies)
    assert found.lengths == [len(text) + 1 for text in sides]


@given(texts)
def test_words_come_back_with_one_space_between(sides):
    units = closed(sides, "word")
    sources = [source(text, units) for text in sides]
    found = units.numbers(sources, [units.split_target(text) for text in sides])
    assert texts_of(units, real(found.targets), sources) == [" ".join(t.split()) for t in sides]


@given(st.lists(st.tuples(some_text, some_text), max_size=4))
def test_copying_writes_whatever_the_source_has(pairs):
    sources = [source(text) for text, _ in pairs]
    found = CHARS.numbers(sources, [CHARS.split_target(text) for _, text in pairs], copy=True)
    written = texts_of(CHARS, real(found.targets), sources)
    for (text, target), ours in zip(pairs, written):
        assert ours == "".join(c for c in target if c in {*text, *"bcd"})
    # A copied unit has the number of the target unit that it is
    assert texts_of(CHARS, real(found.copies), sources) == [text for text, _ in pairs]


def test_symbols_that_the_target_lacks_are_numbered_by_their_place():
    found = CHARS.numbers([source("axbxa"), source("y")], ["xay", "x"], copy=True)
    a, x, first = len(CHARS.target), len(CHARS.target) + 1, len(CHARS.target)
    assert found.copies.tolist() == [[a, x, 4, x, a, STOP_ID], [first, STOP_ID, 0, 0, 0, 0]]
    assert found.targets.tolist() == [[x, a, UNKNOWN_ID, STOP_ID], [UNKNOWN_ID, STOP_ID, 0, 0]]


def test_without_copying_they_are_unknown():
    found = CHARS.numbers([source("ab")], ["ba"])
    assert found.copies.tolist() == [[UNKNOWN_ID, 4, STOP_ID]]
    assert found.targets.tolist() == [[4, UNKNOWN_ID, STOP_ID]]


def test_features_stand_first_and_are_not_copied():
    found = CHARS.numbers([source("ab", features=("pos=X", "pos=Y"))], copy=True)
    assert found.units.tolist() == [[4, UNKNOWN_ID, 5, 6, STOP_ID]]
    assert found.copies.tolist() == [[UNKNOWN_ID, UNKNOWN_ID, 7, 4, STOP_ID]]
    assert found.lengths == [5]


def test_a_source_may_be_empty_and_its_target_unknown():
    found = CHARS.numbers([source(""), source("a", features=("pos=X",))])
    assert found.units.tolist() == [[STOP_ID, 0, 0], [4, 5, STOP_ID]]
    assert found.targets.tolist() == [[STOP_ID], [STOP_ID]]
    assert texts_of(CHARS, [[], []], [source(""), source("")]) == ["", ""]


def test_nothing_becomes_nothing():
    found = CHARS.numbers([])
    assert found.units.shape == found.targets.shape == (0, 0) and found.lengths == []
    assert texts_of(CHARS, [], []) == []


def test_words_part_at_spaces():
    found = WORDS.numbers([source("two  one\nsix ", WORDS)], [("three", "two")])
    assert found.units.tolist() == [[5, 4, UNKNOWN_ID, STOP_ID]]
    assert found.targets.tolist() == [[5, 4, STOP_ID]]
    assert texts_of(WORDS, [[5, 4]], [source("x", WORDS)]) == ["three two"]


def test_each_side_may_be_cut_in_its_own_way():
    known = (*SPECIAL, *"cat", "K", "AE1", "T")
    units = Units("char", "word", known, known)
    sources, target = [source("cat", units)], units.split_target("K AE1 T")
    found = units.numbers(sources, [target])
    assert found.lengths == [4] and found.targets.shape == (1, 4)
    assert texts_of(units, real(found.targets), sources) == ["K AE1 T"]
    assert units.join_source(sources[0].units) == "cat" and units.join_target(target) == "K AE1 T"


def test_special_units_are_not_written():
    assert texts_of(CHARS, [[1, 4, 3, 0, 5]], [source("")]) == ["bc"]


@pytest.mark.parametrize("copy", [False, True])
def test_words_that_look_special_are_words(copy):
    units = closed([f"{START} a {STOP}"], "word")
    sources = [source(f"{STOP} {START}", units)]
    found = units.numbers(sources, [(STOP, START)], copy)
    assert min(found.targets[0, :2]) >= len(SPECIAL)
    assert texts_of(units, real(found.targets), sources) == [f"{STOP} {START}"]


@given(st.lists(st.lists(st.integers(1, 9), max_size=5), max_size=5))
def test_rows_are_padded_with_zeros(rows):
    found = padded(rows)
    assert found.dtype == numpy.int64 and found.shape[0] == len(rows)
    assert [[n for n in row if n] for row in found.tolist()] == rows


def test_letters_can_become_words():
    sounds = Units("char", "word", (*SPECIAL, *"cat"), (*SPECIAL, "K", "AE1", "T"))
    source = Source((), sounds.split_source("cat"))
    found = sounds.numbers([source], [sounds.split_target("K AE1 T")])
    assert found.lengths == [4] and texts_of(sounds, real(found.targets), [source]) == ["K AE1 T"]
