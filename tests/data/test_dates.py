import re
from collections import Counter, defaultdict
from datetime import date, time
from decimal import Decimal
from random import Random

import pytest

from spacy_rnn.data.dates import HELD_OUT, KINDS, SIZES, draw, every_format, is_held_out, make_dates
from spacy_rnn.data.formats import SCALES
from spacy_rnn.data.values import Amount, normal_form

PARTS = make_dates()
FORMATS = {kind: {f.name: f for f in every_format(kind)} for kind in KINDS}
EVERY = [(kind, name) for kind, formats in FORMATS.items() for name in formats]


def test_the_parts_have_their_sizes():
    assert {part: len(found) for part, found in PARTS.items()} == SIZES


def test_train_may_have_another_size():
    found = make_dates(train=20)
    assert [len(found[part]) for part in SIZES] == [20, SIZES["dev"], SIZES["test"]]


def test_a_seed_makes_one_set():
    assert make_dates() == PARTS
    assert make_dates(1)["dev"] != PARTS["dev"]


def test_no_source_stands_twice():
    sources = [written.source for found in PARTS.values() for written in found]
    assert len(sources) == len(set(sources))


def test_names_are_unique():
    names = [name for _, name in EVERY]
    assert len(names) == len(set(names)) == sum(len(list(every_format(kind))) for kind in KINDS)


def test_kinds_are_even():
    kinds = Counter(k for w in PARTS["train"] for k in KINDS if w.format in FORMATS[k])
    assert all(0.15 < n / SIZES["train"] < 0.3 for n in kinds.values())


# What is held out


def test_held_out_formats_are_in_test_alone():
    assert len(HELD_OUT) == 13
    share = {p: sum(w.format in HELD_OUT for w in found) / len(found) for p, found in PARTS.items()}
    assert share == {"train": 0, "dev": 0, "test": 0.3}
    assert {written.format for written in PARTS["test"]} >= set(HELD_OUT)


def test_what_makes_a_format_new_is_in_no_other_that_is_trained():
    """Not even with other parts beside it."""
    every = {name: found for formats in FORMATS.values() for name, found in formats.items()}
    for name in {w.format for part in ("train", "dev") for w in PARTS[part]}:
        assert not is_held_out(every[name])
        assert not any(parts <= every[name].parts for parts in HELD_OUT.values())
    assert all(parts <= every[name].parts for name, parts in HELD_OUT.items())


def test_training_has_every_part_often():
    """What is held out is how they stand together."""
    every = {name: found for formats in FORMATS.values() for name, found in formats.items()}
    counts = Counter(part for w in PARTS["train"] for part in every[w.format].parts)
    assert set(counts) == {part for found in every.values() for part in found.parts} - ONLY_OUT
    assert min(counts[part] for parts in HELD_OUT.values() for part in parts) >= 50


ONLY_OUT = {"{read} {part}"}  # "seven thirty in the evening"


def test_every_kind_has_formats_that_are_held_out():
    for formats in FORMATS.values():
        assert len(HELD_OUT.keys() & formats) >= 3


# What each looks like, whatever its parts are called
LOOKS = {
    "4th Mar 2021": r"\d(st|nd|rd|th) (?!may)[a-z]{3},? \d{4}",
    "Thu, Mar 4, 2021": r"^[a-z]{3}, (?!may|the)[a-z]{3} \d",
    "Thursday, 4 March 2021": r"day, \d+ ",
    "4.3.2021": r"^(\d+\.\d|\d\.\d+)\.\d{4}",
    "7.30pm": r"\d\.\d\d[ap]",
    "half past 7 in the evening": r"[a-z] (past|to) \d",
    "seven thirty in the evening": r"^(?!.*(past|to|o'clock) )[a-z]+ [a-z -]+ in the",
    "-1 234 567": r"^-\d+ \d",
    "12.5 thousand": r"\.\d+ thousand",
    "minus twelve point five": r"minus .* point",
    "1,234.50 dollars": r"\.\d\d (dollar|euro|pound)",
    "USD 12.5 million": r"^(usd|eur|gbp) .*million",
    "twelve dollars": r"^[a-z -]+ (dollar|euro|pound)s?$",
}


@pytest.mark.parametrize("name", HELD_OUT)
def test_no_source_of_training_looks_like_one_that_is_held_out(name):
    looks = re.compile(LOOKS[name], re.IGNORECASE)
    assert not [w for part in ("train", "dev") for w in PARTS[part] if looks.search(w.source)]
    assert all(looks.search(w.source) for w in PARTS["test"] if w.format == name)


def test_a_held_out_format_is_not_written_as_another():
    rng = Random(2)
    seen = {draw(rng).source for _ in range(40_000)}
    unseen = {draw(rng, held_out=True).source for _ in range(2_000)}
    assert seen & unseen == set()


# What they mean


def test_no_source_has_two_normal_forms():
    rng, found = Random(1), defaultdict(set)
    for i in range(40_000):
        written = draw(rng, held_out=i % 20 == 0)
        found[written.source].add(written.normal)
    assert [source for source, normal in found.items() if len(normal) > 1] == []


@pytest.mark.parametrize("part", PARTS)
def test_normal_forms_are_normal(part):
    for written in PARTS[part]:
        (kind,) = (kind for kind, formats in FORMATS.items() if written.format in formats)
        if kind == "date":
            assert date.fromisoformat(written.normal).isoformat() == written.normal
        elif kind == "time":
            assert time.fromisoformat(written.normal).strftime("%H:%M") == written.normal
        elif kind == "number":
            assert f"{Decimal(written.normal):f}" == written.normal
            assert "." not in written.normal or written.normal[-1] != "0"
        else:
            number, currency = written.normal.split(" ")
            assert f"{Decimal(number):.2f}" == number and currency in ("USD", "EUR", "GBP")


THURSDAY, LATE = date(2021, 3, 4), date(2021, 3, 14)
IN_WORDS = {"twelve": "12", "twelve point five": "12.5", "12 dollars and 50 cents": "12.5"}
IN_WORDS["twelve dollars and fifty cents"] = "12.5"


def value_of(kind, found):
    """The one that the name of a format says."""
    names = found.names
    if kind == "date":
        return LATE if "14" in names.values() else THURSDAY
    if kind == "time":
        return time(19, 30 if {"min", "read", "past"} & set(names) else 0)
    text = names.get("n") or names["two"]
    digits = IN_WORDS.get(text) or ("1234" if text[0].isalpha() else text)
    number = Decimal(digits.replace(",", "").replace(" ", "")) * SCALES.get(names.get("scale"), 1)
    # As it is drawn: an amount in full has no places
    number = Decimal(f"{number.normalize():f}") if kind == "number" or number % 1 == 0 else number
    return -number if "sign" in names else number if kind == "number" else Amount(number, "USD")


@pytest.mark.parametrize("kind,name", EVERY)
def test_a_format_is_named_by_an_example(kind, name):
    found = FORMATS[kind][name]
    assert found.write(value_of(kind, found)) == name


@pytest.mark.parametrize(
    "kind, name, normal",
    [
        ("date", "thu, 4th of march, 2021", "2021-03-04"),
        ("date", "03/14/2021", "2021-03-14"),
        ("time", "7.30 P.M.", "19:30"),
        ("time", "half past 7 in the evening", "19:30"),
        ("time", "seven pm", "19:00"),
        ("number", "-1 234 567", "-1234567"),
        ("number", "minus 12.5k", "-12500"),
        ("number", "1,234.5", "1234.5"),
        ("number", "12M", "12000000"),
        ("number", "one thousand two hundred thirty-four", "1234"),
        ("amount", "12 dollars", "12.00 USD"),
        ("amount", "$12.5M", "12500000.00 USD"),
        ("amount", "1,234.50 $", "1234.50 USD"),
        ("amount", "twelve dollars and fifty cents", "12.50 USD"),
    ],
)
def test_examples_have_their_normal_form(kind, name, normal):
    assert normal_form(value_of(kind, FORMATS[kind][name])) == normal
