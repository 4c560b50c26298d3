from collections import Counter
from random import Random

import pytest

from spacy_rnn.data.appointments import (
    FIRST,
    LAST,
    NAMED,
    SIZES,
    Frame,
    draw,
    filled,
    frames,
    make_appointments,
    of_part,
    ways,
)
from spacy_rnn.data.wordings import ACTS, BESIDES, NOTES
from spacy_rnn.evaluation.generation import slot_errors
from spacy_rnn.slots import learn_slots

PARTS = make_appointments()
ALL = [message for found in PARTS.values() for message in found]
COPIED = {"name", "old", "day", "time", "with", "place"}
TOLD = {"act", "style", "note"}
MOVE = Frame("move", "friendly", "car", True, True)


def frame_of(message):
    slots = dict(message.slots)
    told = (slots["act"], slots["style"], slots.get("note", ""))
    return Frame(*told, "with" in slots, "place" in slots)


def values_of(message):
    return {slot: value for slot, value in message.slots if slot in COPIED}


def test_the_parts_have_their_sizes():
    assert {part: len(found) for part, found in PARTS.items()} == SIZES


def test_a_seed_makes_one_set():
    assert make_appointments() == PARTS
    assert make_appointments(1)["dev"] != PARTS["dev"]


def test_no_message_stands_twice():
    assert len({message.text for message in ALL}) == len(ALL)


def test_there_are_hundreds_of_frames():
    seen, unseen = frames(False), frames(True)
    assert len(seen) == len(set(seen)) > 150 and len(unseen) > 20
    assert not set(seen) & set(unseen)


def test_held_out_frames_are_in_test_alone():
    found = {part: Counter(map(frame_of, messages)) for part, messages in PARTS.items()}
    unseen = set(frames(True))
    assert not unseen & {*found["train"], *found["dev"]} and set(found["test"]) >= unseen
    assert sum(found["test"][f] for f in unseen) == 0.3 * SIZES["test"]
    assert set(found["train"]) == set(frames(False))


def test_whatever_a_held_out_frame_has_is_in_training_with_something_else():
    for i in range(3):
        assert {f[i] for f in frames(True)} <= {f[i] for f in frames(False)}


@pytest.mark.parametrize("slot, names", [("name", LAST), ("with", LAST), ("place", NAMED)])
def test_training_never_meets_the_people_and_places_of_dev_and_test(slot, names):
    met = {
        part: {name for m in found for name in names if name in dict(m.slots).get(slot, "").split()}
        for part, found in PARTS.items()
    }
    assert all(met.values()) and not met["train"] & (met["dev"] | met["test"])
    assert not met["dev"] & met["test"]


def test_names_stand_once_in_one_list():
    names = [*FIRST, *LAST, *NAMED]
    assert len(set(names)) == len(names)


def test_each_value_is_said_once():
    said = [(message.text, list(values_of(message).values())) for message in ALL]
    assert [text for text, values in said if slot_errors([(text, values)], "char")[1]] == []


def test_what_is_copied_and_what_is_told_can_be_learnt():
    copied, told = learn_slots([(m.slots, m.text) for m in PARTS["train"]], "char")
    assert copied == COPIED and {slot for slot, _ in told} == TOLD


def test_act_style_and_note_can_be_told_from_the_text():
    """So that a net can learn them."""
    found = {}
    for message in ALL:
        text = message.text
        for slot, value in values_of(message).items():
            text = text.replace(value, slot)
        found.setdefault(text, set()).add(frame_of(message))
    assert [text for text, of in found.items() if len(of) > 1] == []


def test_every_way_to_say_it_is_used():
    assert len(ways(MOVE)) == 6 and len(set(ways(MOVE))) == 6
    rng, found = Random(0), set()
    for _ in range(3000):
        message = draw(rng, "train")
        if frame_of(message) == frames(False)[0]:
            values = filled(values_of(message))
            found |= {way for way in ways(frames(False)[0]) if way.format(**values) == message.text}
    assert found == set(ways(frames(False)[0]))


def test_every_style_says_every_act_and_note():
    notes = {note for of in BESIDES.values() for note in of}
    for style in ACTS:
        assert set(ACTS[style]) == set(ACTS["formal"]) and set(NOTES[style]) == notes
        assert all(len(set(of)) == len(of) > 1 for of in ACTS[style].values())


def test_the_two_days_of_a_move_differ_and_so_do_the_people():
    for message in ALL:
        slots = dict(message.slots)
        assert ("old" in slots) == (slots["act"] == "move") and slots.get("old") != slots["day"]
        assert slots["name"].split()[-1:] != slots.get("with", "").split()[-1:]


def test_what_is_not_said_leaves_no_trace():
    for message in ALL:
        assert "  " not in message.text and "{" not in message.text
        assert message.text == message.text.strip() and message.text[-1] in ".!?"


def test_a_message_is_filled_in():
    values = {"name": "Ana Lind", "old": "Monday", "day": "4 March", "time": "14:30"}
    way = ways(Frame("move", "brief", "", False, False))[0]
    assert way.format(**filled(values)) == "Ana Lind: 4 March, 14:30, instead of Monday."
    more = filled({**values, "with": "Dr. Berg", "place": "the Mill clinic"})
    text = "Ana Lind: 4 March, 14:30 with Dr. Berg at the Mill clinic, instead of Monday."
    assert way.format(**more) == text


def test_names_go_by_their_part():
    rng = Random(0)
    found = {part: {of_part(rng, LAST, part) for _ in range(500)} for part in SIZES}
    assert set().union(*found.values()) == set(LAST)
    assert sum(map(len, found.values())) == len(LAST)
