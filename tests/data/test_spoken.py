from datetime import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_rnn.data.spoken import (
    ONES,
    TENS,
    decimal_in_words,
    half_of_day,
    hour_near,
    hour_of,
    in_words,
    ordinal,
    past,
)

WORDS = {word: i for i, word in enumerate(ONES)}
WORDS.update({word: 10 * i for i, word in enumerate(TENS) if i > 1})


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


@pytest.mark.parametrize("link", [" and", ""])
@given(n=st.integers(0, 999_999_999))
def test_words_say_the_number(n, link):
    assert read_words(in_words(n, link)) == n
    assert link or " and " not in in_words(n, link)


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


@pytest.mark.parametrize(
    "at, words",
    [
        (time(7, 45), "quarter to 8"),
        (time(11, 45), "quarter to 12"),
        (time(12, 15), "quarter past 12"),
        (time(12, 30), "half past 12"),
        (time(12, 40), "twenty to 1"),
        (time(23, 55), "five to 12"),
    ],
)
def test_the_clock(at, words):
    assert f"{past(at)} {hour_near(at)}" == words


@pytest.mark.parametrize("at, words", [(time(7, 30), "30 past"), (time(7, 40), "20 to")])
def test_the_clock_in_digits(at, words):
    assert past(at, digits=True) == words


@pytest.mark.parametrize(
    "at, words", [(time(0, 5), "12 am"), (time(12, 5), "12 pm"), (time(13), "1 pm")]
)
def test_twelve_am_is_midnight(at, words):
    assert f"{hour_of(at)} {half_of_day(at)}" == words
