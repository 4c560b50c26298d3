"""A demo set for `rnn_generator`, generated: messages about appointments, with what they have to
say.

act=move, style=brief, name=Ana Lind, old=Monday, day=4 March, time=14:30
Ana Lind: 4 March, 14:30, instead of Monday.

The act, the style and the note are told by the wording; names, days, times and places are copied.
Test and dev have people and places that training never meets, and a part of test has an act, a
style, a note and slots that never come together in training.
"""

from functools import cache
from random import Random
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from .docs import PARTS, part_of
from .spoken import DAYS, MONTHS
from .wordings import ACTS, BESIDES, NOTES

SIZES = dict(zip(PARTS, (3000, 300, 300)))
FIFTHS = dict(zip(PARTS, ((0, 1, 2), (3,), (4,))))  # of the families and places that there are
# The share whose frame training lacks: these are what test is to tell
UNSEEN = dict(zip(PARTS, (0.0, 0.0, 0.3)))
HELD_OUT = 0.1  # of the frames, by their hash

FIRST = (
    "Ada Amir Ana Aylin Ben Bilal Carla Chidi Dana Deniz Elif Emre Esra Farid Gita Hana Ines Ivan "
    "Jaya Jonas Kemal Lars Leyla Lin Mara Mehmet Milo Nadia Noor Olga Omar Pia Ravi Rosa Sami "
    "Selin Tariq Tomas Uma Vera Wei Yara Yusuf Zoe"
).split()
LAST = (
    "Abara Aksoy Alder Banik Berg Bello Castell Celik Dahl Darzi Demir Ebner Eriks Fontan Garro "
    "Gupte Haddan Holm Idris Ivers Jansky Kaplan Kovar Lind Lopera Malik Marin Mensa Nakari Novak "
    "Okoro Ozkan Pereda Petrik Quist Rahmi Rossi Sandal Silvan Sorensk Tamaro Tekin Ueda Varga "
    "Vidal Wanjik Yildiz Zamir"
).split()
TITLES = ("Dr.", "Ms.", "Mr.")
NAMED = (
    "Harbour Linden Mill North Garden Castle River Station Orchard Chapel Meadow Bridge Quarry "
    "Market Forest Tower Abbey Canal Heather Island Juniper Lake Maple Oak Poplar Rowan Saddler "
    "Tanner Valley Willow"
).split()
HOUSES = ("clinic", "practice", "office", "studio", "centre", "workshop")
STREETS = ("Street", "Lane", "Road", "Square")

Slots = List[Tuple[str, str]]


class Frame(NamedTuple):
    """What is said of an appointment, whatever its names and numbers are.

    note (str): What is said besides, "" for nothing.
    who, where (bool): Whether it says with whom, and where.
    """

    act: str
    style: str
    note: str
    who: bool
    where: bool


class Message(NamedTuple):
    """A message, and what it has to say."""

    slots: Slots
    text: str


@cache
def frames(held_out: bool) -> Tuple[Frame, ...]:
    """Those that training never meets, or those that it does."""
    shares, part = (1 - HELD_OUT, HELD_OUT), PARTS[held_out]
    return tuple(f for f in _all_frames() if part_of(" ".join(map(str, f)), shares) == part)


def _all_frames() -> Iterator[Frame]:
    for style, acts in ACTS.items():
        for act in acts:
            for note in ("", *BESIDES.get(act, BESIDES[""])):
                for i in range(4):
                    yield Frame(act, style, note, i % 2 == 0, i < 2)


def make_appointments(seed: int = 0) -> Dict[str, List[Message]]:
    """Draw the set, the same for the same seed. No message stands twice.

    RETURNS (Dict[str, List[Message]]): Train, dev and test.
    """
    rng = Random(seed)
    return {part: _draw_part(rng, part) for part in PARTS}


def _draw_part(rng: Random, part: str) -> List[Message]:
    unseen = round(SIZES[part] * UNSEEN[part])
    made: Dict[str, Message] = {}
    while len(made) < SIZES[part]:
        message = draw(rng, part, held_out=len(made) < unseen)
        made.setdefault(message.text, message)
    found = list(made.values())
    rng.shuffle(found)
    return found


def draw(rng: Random, part: str, held_out: bool = False) -> Message:
    """Any frame, with any names and numbers of a part, in any way to say it.

    held_out (bool): Whether it is a frame that training never meets, or one that it does.
    """
    frame = rng.choice(frames(held_out))
    values = draw_values(rng, part, frame)
    told = [("act", frame.act), ("style", frame.style), ("note", frame.note)]
    slots = [*(pair for pair in told if pair[1]), *values.items()]
    return Message(slots, rng.choice(ways(frame)).format(**filled(values)))


def ways(frame: Frame) -> List[str]:
    """All that may be said, with places for names and numbers."""
    notes = [f" {note}" for note in NOTES[frame.style].get(frame.note, ())] or [""]
    return [core + note for core in ACTS[frame.style][frame.act] for note in notes]


def filled(values: Dict[str, str]) -> Dict[str, str]:
    """What stands in the places."""
    who, where = values.get("with"), values.get("place")
    parts = {"who": f" with {who}" if who else "", "where": f" at {where}" if where else ""}
    return {**values, **parts}


def draw_values(rng: Random, part: str, frame: Frame) -> Dict[str, str]:
    """Names and numbers; the two days of a move differ, and so do the two people."""
    last, other = (of_part(rng, LAST, part) for _ in range(2))
    while other == last:
        other = of_part(rng, LAST, part)
    days = rng.sample([*DAYS, *(f"{rng.randint(1, 28)} {month}" for month in MONTHS)], 2)
    found: Dict[str, Optional[str]] = {
        "name": f"{rng.choice(FIRST)} {last}",
        "old": days[0] if frame.act == "move" else None,
        "day": days[1],
        "time": f"{rng.randint(8, 18)}:{rng.randrange(0, 60, 5):02}",
        "with": f"{rng.choice(TITLES)} {other}" if frame.who else None,
        "place": _place(rng, part) if frame.where else None,
    }
    return {slot: value for slot, value in found.items() if value}


def _place(rng: Random, part: str) -> str:
    name = of_part(rng, NAMED, part)
    if rng.random() < 0.5:
        return f"the {name} {rng.choice(HOUSES)}"
    return f"{rng.randint(1, 99)} {name} {rng.choice(STREETS)}"


def of_part(rng: Random, names: List[str], part: str) -> str:
    """One of the names that belong to a part."""
    return rng.choice([name for i, name in enumerate(names) if i % 5 in FIFTHS[part]])
