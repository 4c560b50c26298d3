import json
from pathlib import Path

import pytest

from spacy_rnn.data.acts import read_acts
from spacy_rnn.errors import DataError

PATH = Path("file.json")


def read(text):
    return read_acts(PATH, list(enumerate(text.split("\n"), 1)))


def acts(*entries):
    return "####\n# a remark #\n" + json.dumps(list(entries), indent=4)


def test_an_act_is_a_slot_and_has_slots():
    (act,) = read(acts(["inform(name='red door';food=thai;kids_allowed=no)", "it is .", "other"]))
    assert act.slots == [
        ("act", "inform"),
        ("name", "red door"),
        ("food", "thai"),
        ("kidsallowed", "no"),
    ]
    assert act.text == "it is" and act.place == "entry 1"


def test_a_slot_without_a_value_is_asked_for():
    assert read(acts(["?request(food)", "which food"]))[0].slots == [
        ("act", "?request"),
        ("food", "?"),
    ]
    assert read(acts(["goodbye()", "bye"]))[0].slots == [("act", "goodbye")]


@pytest.mark.parametrize("said", ["b and a", "a and b", "b or a", "a or b"])
def test_a_text_says_a_value_of_several_as_the_act_does(said):
    (act,) = read(acts(["inform(area='a or b')", f"it is in {said} now"]))
    assert act.text == "it is in a or b now"


@pytest.mark.parametrize(
    "written, slots",
    [
        ("name='a; b';food=thai", [("name", "a; b"), ("food", "thai")]),
        ('name="it\'s a; b";area', [("name", "it's a; b"), ("area", "?")]),
        ("name='it's';food=x=y", [("name", "it's"), ("food", "x=y")]),
        ("name=joe's;area=", [("name", "joe's"), ("area", "?")]),
        ("name=a;", [("name", "a")]),
    ],
)
def test_a_value_ends_where_its_quotes_do(written, slots):
    assert read(acts([f"inform({written})", "text"]))[0].slots[1:] == slots


def test_a_value_of_many_parts_is_left_as_it_is():
    """It has more orders than anyone can wait for."""
    value, text = " and ".join("abcdefghijkl"), " and ".join("lkjihgfedcba")
    assert read(acts([f"inform(of='{value}')", text]))[0].text == text


def test_jsonl_has_slots_and_text():
    lines = [{"slots": {"name": ["a", "b"]}, "text": " a b "}, {"slots": [["x", "y"]], "text": ""}]
    found = read("\n".join(map(json.dumps, lines)))
    assert [(a.slots, a.text) for a in found] == [
        ([("name", "a"), ("name", "b")], "a b"),
        ([("x", "y")], ""),
    ]
    assert found[1].place == "line 2"


@pytest.mark.parametrize(
    "text, message",
    [
        (acts(["inform(name=a)"]), "entry 1.*dialogue act"),
        (acts(["a(b=c)", "text"], ["no act", "text"]), "entry 2.*dialogue act"),
        (acts("inform()"), "entry 1.*dialogue act"),
        ("7", "dialogue act"),
        ("[1,", "file.json:1"),
        ('{"text": "a"}', "file.json:1.*'slots'"),
        ('{"slots": [], "text": "a"}\n{"slots": 7, "text": "a"}', "file.json:2.*'slots'"),
        ('{"slots": [], "text": 7}', "file.json:1.*'text'"),
    ],
)
def test_what_is_something_else_is_refused(text, message):
    with pytest.raises(DataError, match=message):
        read(text)
