"""A demo set for `rnn_seq2seq`, generated: dates, times, numbers and amounts as people write
them, each with its one normal form.

the 4th of March, 2021     2021-03-04
quarter to eight in the evening    19:45
3.2 million                3200000
twelve dollars and fifty cents     12.50 USD

No source has two normal forms, by construction. Of a date, the month is a name, or the year
stands first, or points stand between the numbers (then the day is first, as where dates are
written so), or the day is above 12, so that it cannot be the month. Years have four digits. A
comma never stands before a fraction and a point never before thousands. A time has 24 hours, or
am and pm (12 am is midnight), or a part of the day; no part of it has the hour after midnight.
Dollars are those of the United States, and cents never stand alone.
"""

from random import Random
from typing import Any, Callable, Dict, List, NamedTuple

from .docs import PARTS, part_of
from .spoken import (
    clock,
    decimal_in_words,
    dotted,
    half_of_day,
    hour_of,
    in_two,
    in_words,
    month,
    name_of,
    ordinal,
    part_of_day,
    read_out,
    scaled,
    spaced,
    symbol,
    weekday,
)
from .values import (
    any_day,
    cents,
    fraction,
    late_day,
    minus,
    minutes,
    normal_form,
    of_money,
    short_month,
    whole,
)

SIZES = dict(zip(PARTS, (9000, 500, 500)))
SHARES = (0.8, 0.1, 0.1)  # of the sources that there could be, by their hash
# The share that is in formats which training lacks: these are what test is to tell
UNSEEN = dict(zip(PARTS, (0.0, 0.0, 0.3)))


class Written(NamedTuple):
    """A value as somebody writes it, its normal form, and the name of the format."""

    source: str
    normal: str
    format: str


class Format(NamedTuple):
    """A way to write values.

    draw (Callable[[Random], Any]): Draws one that can be written so.
    write (Callable[[Any], str]): Writes it.
    held_out (bool): Whether training never sees it.
    """

    draw: Callable[[Random], Any]
    write: Callable[[Any], str]
    held_out: bool = False


def make_dates(seed: int = 0) -> Dict[str, List[Written]]:
    """The parts of the set, the same for the same seed. No source is in two of them, nor twice
    in one.

    RETURNS (Dict[str, List[Written]]): Train, dev and test.
    """
    rng = Random(seed)
    return {part: _draw_part(rng, part) for part in PARTS}


def _draw_part(rng: Random, part: str) -> List[Written]:
    unseen = round(SIZES[part] * UNSEEN[part])
    made = [*_draw_some(rng, SIZES[part] - unseen, part), *_draw_some(rng, unseen, "")]
    rng.shuffle(made)
    return made


def _draw_some(rng: Random, n: int, part: str) -> List[Written]:
    """Different sources of a part, or if it is "", in formats that training never sees."""
    made: Dict[str, Written] = {}
    while len(made) < n:
        found = draw(rng, held_out=not part)
        if not part or part_of(found.source, SHARES) == part:
            made.setdefault(found.source, found)
    return list(made.values())


def draw(rng: Random, held_out: bool = False) -> Written:
    """Any kind of value in any format of that kind, each as probable as the others.

    held_out (bool): Whether it is a format that training never sees, or one that it does.
    """
    formats = rng.choice(list(FORMATS.values()))
    name = rng.choice([name for name, f in formats.items() if f.held_out == held_out])
    value = formats[name].draw(rng)
    return Written(formats[name].write(value), normal_form(value), name)


def held_out_formats() -> List[str]:
    """The names of the formats that training never sees."""
    return [name for formats in FORMATS.values() for name, f in formats.items() if f.held_out]


DATES: Dict[str, Format] = {
    "2021-03-04": Format(any_day, lambda d: d.isoformat()),
    "2021/3/4": Format(any_day, lambda d: f"{d.year}/{d.month}/{d.day}"),
    "04.03.2021": Format(any_day, lambda d: f"{d.day:02}.{d.month:02}.{d.year}"),
    "14/03/2021": Format(late_day, lambda d: f"{d.day}/{d.month:02}/{d.year}"),
    "3/14/2021": Format(late_day, lambda d: f"{d.month}/{d.day}/{d.year}"),
    "04-Mar-2021": Format(any_day, lambda d: f"{d.day:02}-{month(d)[:3]}-{d.year}"),
    "4 March 2021": Format(any_day, lambda d: f"{d.day} {month(d)} {d.year}"),
    "4 Mar 2021": Format(any_day, lambda d: f"{d.day} {month(d)[:3]} {d.year}"),
    "March 4, 2021": Format(any_day, lambda d: f"{month(d)} {d.day}, {d.year}"),
    "Mar 4, 2021": Format(any_day, lambda d: f"{month(d)[:3]} {d.day}, {d.year}"),
    "MARCH 4 2021": Format(any_day, lambda d: f"{month(d).upper()} {d.day} {d.year}"),
    "march 4th 2021": Format(any_day, lambda d: f"{month(d).lower()} {ordinal(d.day)} {d.year}"),
    "March 4th, 2021": Format(any_day, lambda d: f"{month(d)} {ordinal(d.day)}, {d.year}"),
    "4th of March 2021": Format(any_day, lambda d: f"{ordinal(d.day)} of {month(d)} {d.year}"),
    "the 4th of March, 2021": Format(
        any_day, lambda d: f"the {ordinal(d.day)} of {month(d)}, {d.year}"
    ),
    "Thursday, March 4, 2021": Format(
        any_day, lambda d: f"{weekday(d)}, {month(d)} {d.day}, {d.year}"
    ),
    "Thu 4 March 2021": Format(any_day, lambda d: f"{weekday(d)[:3]} {d.day} {month(d)} {d.year}"),
    "2021.03.04": Format(any_day, lambda d: f"{d.year}.{d.month:02}.{d.day:02}"),
    "2021 March 4": Format(any_day, lambda d: f"{d.year} {month(d)} {d.day}"),
    "2021-Mar-04": Format(any_day, lambda d: f"{d.year}-{month(d)[:3]}-{d.day:02}"),
    "4-MAR-2021": Format(any_day, lambda d: f"{d.day}-{month(d)[:3].upper()}-{d.year}"),
    "the 4th of Mar, 2021": Format(
        any_day, lambda d: f"the {ordinal(d.day)} of {month(d)[:3]}, {d.year}"
    ),
    "Mar 4th, 2021": Format(any_day, lambda d: f"{month(d)[:3]} {ordinal(d.day)}, {d.year}"),
    "Thursday 4th March 2021": Format(
        any_day, lambda d: f"{weekday(d)} {ordinal(d.day)} {month(d)} {d.year}"
    ),
    "Thursday, the 4th of March 2021": Format(
        any_day, lambda d: f"{weekday(d)}, the {ordinal(d.day)} of {month(d)} {d.year}"
    ),
    "Thu, 4 Mar 2021": Format(
        any_day, lambda d: f"{weekday(d)[:3]}, {d.day} {month(d)[:3]} {d.year}"
    ),
    "Thu March 4th 2021": Format(
        any_day, lambda d: f"{weekday(d)[:3]} {month(d)} {ordinal(d.day)} {d.year}"
    ),
    "4th Mar 2021": Format(
        any_day, lambda d: f"{ordinal(d.day)} {month(d)[:3]} {d.year}", held_out=True
    ),
    "Thu, Mar 4, 2021": Format(
        any_day, lambda d: f"{weekday(d)[:3]}, {month(d)[:3]} {d.day}, {d.year}", held_out=True
    ),
    "Thursday, 4 March 2021": Format(
        any_day, lambda d: f"{weekday(d)}, {d.day} {month(d)} {d.year}", held_out=True
    ),
    "4.3.2021": Format(short_month, lambda d: f"{d.day}.{d.month}.{d.year}", held_out=True),
}
EVERY, FIVES, HOURS = minutes(0, 1), minutes(60, 5, skip=60), minutes(0, 60)
TIMES: Dict[str, Format] = {
    "19:30": Format(EVERY, lambda t: f"{t.hour}:{t.minute:02}"),
    "1930 hours": Format(EVERY, lambda t: f"{t.hour:02}{t.minute:02} hours"),
    "7:30 pm": Format(EVERY, lambda t: f"{hour_of(t)}:{t.minute:02} {half_of_day(t)}"),
    "7:30PM": Format(EVERY, lambda t: f"{hour_of(t)}:{t.minute:02}{half_of_day(t).upper()}"),
    "7.30 p.m.": Format(EVERY, lambda t: f"{hour_of(t)}.{t.minute:02} {dotted(t)}"),
    "7 pm": Format(HOURS, lambda t: f"{hour_of(t)} {half_of_day(t)}"),
    "seven thirty pm": Format(minutes(0, 1, skip=60), lambda t: f"{read_out(t)} {half_of_day(t)}"),
    "half past seven in the evening": Format(FIVES, clock),
    "seven o'clock in the evening": Format(
        minutes(60, 60), lambda t: f"{in_words(hour_of(t))} o'clock {part_of_day(t)}"
    ),
    "7:30 in the evening": Format(
        minutes(60, 1), lambda t: f"{hour_of(t)}:{t.minute:02} {part_of_day(t)}"
    ),
    "19h30": Format(EVERY, lambda t: f"{t.hour}h{t.minute:02}"),
    "7:30 p.m.": Format(EVERY, lambda t: f"{hour_of(t)}:{t.minute:02} {dotted(t)}"),
    "7.30 PM": Format(EVERY, lambda t: f"{hour_of(t)}.{t.minute:02} {half_of_day(t).upper()}"),
    "7pm": Format(HOURS, lambda t: f"{hour_of(t)}{half_of_day(t)}"),
    "seven thirty p.m.": Format(minutes(0, 1, skip=60), lambda t: f"{read_out(t)} {dotted(t)}"),
    "7 o'clock in the evening": Format(
        minutes(60, 60), lambda t: f"{hour_of(t)} o'clock {part_of_day(t)}"
    ),
    "seven in the evening": Format(
        minutes(60, 60), lambda t: f"{in_words(hour_of(t))} {part_of_day(t)}"
    ),
    "7.30pm": Format(EVERY, lambda t: f"{hour_of(t)}.{t.minute:02}{half_of_day(t)}", held_out=True),
    "half past 7 in the evening": Format(FIVES, lambda t: clock(t, digits=True), held_out=True),
    "seven thirty in the evening": Format(
        minutes(60, 1, skip=60), lambda t: f"{read_out(t)} {part_of_day(t)}", held_out=True
    ),
}
NUMBERS: Dict[str, Format] = {
    "1234567": Format(whole(1, 7), lambda n: f"{n}"),
    "1,234,567": Format(whole(4, 8), lambda n: f"{n:,}"),
    "1 234 567": Format(whole(4, 8), spaced),
    "1,234.5": Format(fraction(6, 3), lambda n: f"{n:,}"),
    "-1,234": Format(minus(whole(1, 6)), lambda n: f"{n:,}"),
    "minus 12.5": Format(minus(fraction(3, 2)), lambda n: f"minus {-n}"),
    "12 thousand": Format(whole(1, 3, times=1000), lambda n: f"{scaled(n, 1000)} thousand"),
    "3.2 million": Format(fraction(3, 2, times=1_000_000), lambda n: f"{scaled(n)} million"),
    "3.2M": Format(fraction(3, 2, times=1_000_000), lambda n: f"{scaled(n)}M"),
    "one thousand two hundred and thirty-four": Format(whole(1, 6), lambda n: in_words(int(n))),
    "minus twelve": Format(minus(whole(1, 3)), lambda n: f"minus {in_words(int(-n))}"),
    "twelve point five": Format(fraction(3, 2), decimal_in_words),
    "-1234": Format(minus(whole(1, 6)), lambda n: f"{n}"),
    "-12.5": Format(minus(fraction(3, 2)), lambda n: f"{n}"),
    "minus 1,234": Format(minus(whole(1, 6)), lambda n: f"minus {-n:,}"),
    "minus one thousand two hundred and thirty-four": Format(
        minus(whole(3, 6)), lambda n: f"minus {in_words(int(-n))}"
    ),
    "12.5k": Format(fraction(3, 2, times=1000), lambda n: f"{scaled(n, 1000)}k"),
    "12K": Format(whole(1, 3, times=1000), lambda n: f"{scaled(n, 1000)}K"),
    "12 million": Format(whole(1, 3, times=1_000_000), lambda n: f"{scaled(n)} million"),
    "minus 3.2 million": Format(
        minus(fraction(3, 2, times=1_000_000)), lambda n: f"minus {scaled(-n)} million"
    ),
    "-1 234 567": Format(minus(whole(4, 7)), spaced, held_out=True),
    "12.5 thousand": Format(
        fraction(3, 2, times=1000), lambda n: f"{scaled(n, 1000)} thousand", held_out=True
    ),
    "minus twelve point five": Format(
        minus(fraction(3, 2)), lambda n: f"minus {decimal_in_words(-n)}", held_out=True
    ),
}
MILLIONS = of_money(fraction(3, 2, times=1_000_000))
AMOUNTS: Dict[str, Format] = {
    "$1,234.50": Format(of_money(cents), lambda a: f"{symbol(a)}{a.number:,.2f}"),
    "$12": Format(of_money(whole(1, 6)), lambda a: f"{symbol(a)}{a.number}"),
    "1,234.50 $": Format(of_money(cents), lambda a: f"{a.number:,.2f} {symbol(a)}"),
    "1,234.50 USD": Format(of_money(cents), lambda a: f"{a.number:,.2f} {a.currency}"),
    "USD 1,234.50": Format(of_money(cents), lambda a: f"{a.currency} {a.number:,.2f}"),
    "12 dollars": Format(of_money(whole(1, 6)), lambda a: f"{a.number} {name_of(a)}"),
    "12 dollars and 50 cents": Format(of_money(cents), lambda a: in_two(a, str)),
    "twelve dollars and fifty cents": Format(of_money(cents), lambda a: in_two(a, in_words)),
    "$3.2 million": Format(MILLIONS, lambda a: f"{symbol(a)}{scaled(a.number)} million"),
    "3.2 million dollars": Format(MILLIONS, lambda a: f"{scaled(a.number)} million {name_of(a)}"),
    "12 USD": Format(of_money(whole(1, 6)), lambda a: f"{a.number} {a.currency}"),
    "USD 12": Format(of_money(whole(1, 6)), lambda a: f"{a.currency} {a.number}"),
    "1,234 dollars": Format(of_money(whole(4, 6)), lambda a: f"{a.number:,} {name_of(a)}"),
    "$3.2M": Format(MILLIONS, lambda a: f"{symbol(a)}{scaled(a.number)}M"),
    "3.2 million USD": Format(MILLIONS, lambda a: f"{scaled(a.number)} million {a.currency}"),
    "3.2M dollars": Format(MILLIONS, lambda a: f"{scaled(a.number)}M {name_of(a)}"),
    "twelve USD": Format(
        of_money(whole(1, 5)), lambda a: f"{in_words(int(a.number))} {a.currency}"
    ),
    "1,234.50 dollars": Format(
        of_money(cents), lambda a: f"{a.number:,.2f} {name_of(a)}", held_out=True
    ),
    "USD 3.2 million": Format(
        MILLIONS, lambda a: f"{a.currency} {scaled(a.number)} million", held_out=True
    ),
    "twelve dollars": Format(
        of_money(whole(1, 5)), lambda a: f"{in_words(int(a.number))} {name_of(a)}", held_out=True
    ),
}
FORMATS = {"date": DATES, "time": TIMES, "number": NUMBERS, "amount": AMOUNTS}
