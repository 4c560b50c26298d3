import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_rnn.slots import (
    PLACE,
    cut,
    feature,
    fill,
    learn_slots,
    numbered,
    read_slots,
    said,
    search,
)
from spacy_rnn.units import Units

WORDS, CHARS = Units("word", "word"), Units("char", "char")
PAIRS = [("name", "hut"), ("name", "big cafe"), ("food", "thai")]


@pytest.mark.parametrize(
    "value",
    [
        {"name": ["hut", "big cafe"], "food": "thai"},
        [["name", "hut"], ["name", "big cafe"], ["food", "thai"]],
        (("name", "hut"), ("name", "big cafe"), ("food", "thai")),
    ],
    ids=["dict", "list", "tuple"],
)
def test_slots_may_be_a_dict_or_pairs(value):
    assert read_slots(value) == PAIRS


@pytest.mark.parametrize("value", [None, 7, "name", [1], [["a"]], [["a", 1]], {"a": None}], ids=str)
def test_other_slots_are_none(value):
    assert read_slots(value) is None


def test_a_place_is_no_character_and_no_word():
    key = numbered(["name"])[0]
    assert len(PLACE + key) > 1 and (PLACE + key).split() != [PLACE + key]


def test_keys_are_numbered_when_they_come_again():
    assert numbered(["name", "food", "name", "name"]) == ["name", "food", "name#2", "name#3"]


@pytest.mark.parametrize("units", [WORDS, CHARS], ids=["words", "characters"])
def test_longer_values_are_looked_for_first_and_each_once(units):
    values = {"name": "cafe", "near": "big cafe"}
    found = cut("the cafe by big cafe cafe", values, units)
    assert [u for u in found if u in ("\tname", "\tnear")] == ["\tname", "\tnear"]
    assert said(found) == {"name", "near"}
    assert units.join_target(fill(found, values)) == "the cafe by big cafe cafe"


def test_a_value_is_found_as_whole_words_only():
    assert search("hut", "the huts", "char") is None is search("hut", "huts .", "word")
    assert search("hut", "a hut.", "char") and search("hut", "a hut.", "word") is None
    assert search("", "a hut", "char") is None and search("a.b", "axb", "char") is None


@given(st.text("ab c\t", max_size=12), st.lists(st.text("abc", min_size=1, max_size=3), max_size=3))
def test_what_was_cut_is_filled_again(text, values):
    of_key = {f"slot{i}": value for i, value in enumerate(values)}
    assert CHARS.join_target(fill(cut(text, of_key, CHARS), of_key)) == text
    words = WORDS.join_target(fill(cut(text, of_key, WORDS), of_key))
    assert words.split() == text.split()


def learn(data):
    return learn_slots([([pair], text) for pair, text in data], "word")


def test_a_slot_is_open_if_its_values_mostly_stand_in_the_text():
    names = [(("name", f"n{i}"), f"n{i} is good") for i in range(3)]
    is_open, told = learn(
        [*names, (("name", "n9"), "it is good"), (("kids", "yes"), "kids like it")]
    )
    assert is_open == {"name"} and told == {("kids", "yes")}


def test_a_value_of_an_open_slot_that_is_told_by_the_wording_is_a_condition():
    names = [(("name", f"n{i}"), f"n{i} is good") for i in range(20)]
    areas = [(("area", f"a{i}"), f"in a{i}") for i in range(20)]
    none = [(("area", "none"), "anywhere")] * 4 + [(("name", "none"), "i do not know")]
    assert learn([*names, *areas, *none]) == (
        {"name", "area"},
        {("area", "none"), ("name", "none")},
    )
    assert learn([*names, *areas, *none[:4]])[1] == set()  # too seldom
    assert feature("area", "none") == "area=none"
