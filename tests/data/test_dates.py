from collections import Counter, defaultdict
from datetime import date, time
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_rnn.data.dates import (
    AMOUNTS,
    DATES,
    FORMATS,
    NUMBERS,
    SIZES,
    TIMES,
    draw,
    held_out_formats,
    make_dates,
)
from spacy_rnn.data.spoken import ONES, TENS, decimal_in_words, in_words, ordinal
from spacy_rnn.data.values import Amount, normal_form

PARTS = make_dates()
WORDS = {word: i for i, word in enumerate(ONES)}
WORDS.update({word: 10 * i for i, word in enumerate(TENS) if i > 1})


def test_the_parts_have_their_sizes():
    assert {part: len(found) for part, found in PARTS.items()} == SIZES


def test_a_seed_makes_one_set():
    assert make_dates() == PARTS
    assert make_dates(1)["dev"] != PARTS["dev"]


def test_no_source_stands_twice():
    sources = [written.source for found in PARTS.values() for written in found]
    assert len(sources) == len(set(sources))


def test_held_out_formats_are_in_test_alone():
    held_out = set(held_out_formats())
    assert len(held_out) == 13
    share = {p: sum(w.format in held_out for w in found) / len(found) for p, found in PARTS.items()}
    assert share == {"train": 0, "dev": 0, "test": 0.3}
    assert {written.format for written in PARTS["test"]} >= held_out


def test_every_kind_has_formats_that_are_held_out():
    for formats in FORMATS.values():
        assert len([f for f in formats.values() if f.held_out]) >= 3


def test_training_has_every_other_format_often():
    counts = Counter(written.format for written in PARTS["train"])
    assert set(counts) == {name for f in FORMATS.values() for name in f} - set(held_out_formats())
    # There are not more full hours than these
    few = {"7 pm", "7pm", "seven o'clock in the evening", "7 o'clock in the evening"}
    few.add("seven in the evening")
    assert min(n for name, n in counts.items() if name not in few) >= 50
    assert all(counts[name] >= 15 for name in few)


def test_kinds_are_even():
    kinds = Counter(k for w in PARTS["train"] for k, f in FORMATS.items() if w.format in f)
    assert all(0.2 < n / SIZES["train"] < 0.3 for n in kinds.values())


def test_no_source_has_two_normal_forms():
    rng, found = Random(1), defaultdict(set)
    for i in range(40_000):
        written = draw(rng, held_out=i % 3 == 0)
        found[written.source].add(written.normal)
    assert [source for source, normal in found.items() if len(normal) > 1] == []


def test_a_held_out_format_is_not_written_as_another():
    rng = Random(2)
    seen = {draw(rng).source for _ in range(40_000)}
    unseen = {draw(rng, held_out=True).source for _ in range(10_000)}
    assert seen & unseen == set()


def test_names_are_unique():
    names = [name for formats in FORMATS.values() for name in formats]
    assert len(names) == len(set(names))


THURSDAY, LATE, EVENING = date(2021, 3, 4), date(2021, 3, 14), time(19, 30)


@pytest.mark.parametrize("name", DATES)
def test_a_format_of_dates_is_named_by_an_example(name):
    assert DATES[name].write(LATE if "14" in name else THURSDAY) == name


@pytest.mark.parametrize("name", TIMES)
def test_a_format_of_times_is_named_by_an_example(name):
    full = ":" not in name and "30" not in name and not {"half", "thirty"} & {*name.split()}
    assert TIMES[name].write(time(19) if full else EVENING) == name


VALUES = {
    "1234567": "1234567",
    "1,234,567": "1234567",
    "1 234 567": "1234567",
    "1,234.5": "1234.5",
    "-1,234": "-1234",
    "minus 12.5": "-12.5",
    "12 thousand": "12000",
    "3.2 million": "3200000",
    "3.2M": "3200000",
    "one thousand two hundred and thirty-four": "1234",
    "minus twelve": "-12",
    "twelve point five": "12.5",
    "-1234": "-1234",
    "-12.5": "-12.5",
    "minus 1,234": "-1234",
    "minus one thousand two hundred and thirty-four": "-1234",
    "12.5k": "12500",
    "12K": "12000",
    "12 million": "12000000",
    "minus 3.2 million": "-3200000",
    "-1 234 567": "-1234567",
    "12.5 thousand": "12500",
    "minus twelve point five": "-12.5",
    "$1,234.50": "1234.50 USD",
    "$12": "12.00 USD",
    "1,234.50 $": "1234.50 USD",
    "1,234.50 USD": "1234.50 USD",
    "USD 1,234.50": "1234.50 USD",
    "12 dollars": "12.00 USD",
    "12 dollars and 50 cents": "12.50 USD",
    "twelve dollars and fifty cents": "12.50 USD",
    "$3.2 million": "3200000.00 USD",
    "3.2 million dollars": "3200000.00 USD",
    "12 USD": "12.00 USD",
    "USD 12": "12.00 USD",
    "1,234 dollars": "1234.00 USD",
    "$3.2M": "3200000.00 USD",
    "3.2 million USD": "3200000.00 USD",
    "3.2M dollars": "3200000.00 USD",
    "twelve USD": "12.00 USD",
    "1,234.50 dollars": "1234.50 USD",
    "USD 3.2 million": "3200000.00 USD",
    "twelve dollars": "12.00 USD",
}


@pytest.mark.parametrize("name", {**NUMBERS, **AMOUNTS})
def test_a_format_of_numbers_is_named_by_an_example(name):
    number, _, currency = VALUES[name].partition(" ")
    # As it is drawn: an amount in full has no places
    n = Decimal(number.removesuffix(".00"))
    value = Amount(n, currency) if currency else n
    assert {**NUMBERS, **AMOUNTS}[name].write(value) == name
    assert normal_form(value) == VALUES[name]


@pytest.mark.parametrize(
    "at, words",
    [
        (time(7, 45), "quarter to eight in the morning"),
        (time(11, 45), "quarter to twelve in the morning"),
        (time(12, 15), "quarter past twelve in the afternoon"),
        (time(12, 40), "twenty to one in the afternoon"),
        (time(23, 55), "five to twelve in the evening"),
    ],
)
def test_the_clock(at, words):
    assert TIMES["half past seven in the evening"].write(at) == words


@pytest.mark.parametrize(
    "at, words", [(time(0, 5), "12:05 am"), (time(12, 5), "12:05 pm"), (time(13), "1:00 pm")]
)
def test_twelve_am_is_midnight(at, words):
    assert TIMES["7:30 pm"].write(at) == words


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


def read_words(text):
    """The number that words say, read from left to right."""
    total = group = 0
    for word in text.replace("-", " ").replace(" and ", " ").split():
        if word == "hundred":
            group *= 100
        elif word in ("thousand", "million"):
            total, group = total + group * (1000 if word == "thousand" else 10**6), 0
        else:
            group += WORDS[word]
    return total + group


@given(st.integers(0, 999_999_999))
def test_words_say_the_number(n):
    assert read_words(in_words(n)) == n


@pytest.mark.parametrize(
    "n, words",
    [
        (0, "zero"),
        (21, "twenty-one"),
        (100, "one hundred"),
        (1001, "one thousand and one"),
        (1100, "one thousand one hundred"),
        (2_000_013, "two million and thirteen"),
    ],
)
def test_known_words(n, words):
    assert in_words(n) == words


def test_fractions_are_read_digit_by_digit():
    assert decimal_in_words(Decimal("12.05")) == "twelve point zero five"


def test_ordinals():
    days = "1st 2nd 3rd 4th 10th 11th 12th 13th 20th 21st 22nd 23rd 31st 111th"
    assert " ".join(ordinal(int(day[:-2])) for day in days.split()) == days
