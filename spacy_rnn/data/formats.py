"""How dates, times, numbers and amounts are written: patterns, in groups of like ones.

A part stands with several others in its place, such as million and billion behind 12.5: where it
had but one partner, a net would not have to read it.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Callable, Dict, List, Sequence, Tuple

from .patterns import Pattern, Write, fixed
from .spoken import (
    decimal_in_words,
    dotted,
    half_of_day,
    hour_near,
    hour_of,
    in_two,
    in_words,
    month,
    name_of,
    ordinal,
    part_of_day,
    past,
    read_out,
    scaled,
    spaced,
    symbol,
    weekday,
)
from .values import any_day, cents, fraction, late_day, minus, minutes, of_money, whole

# Dates. An example is Thursday, March 4, 2021, or where the day is to be above 12, March 14

DAY_FIRST = "{weekday}{day} {month}{comma} {year}"
MONTH_FIRST = "{weekday}{month} {day}{comma} {year}"
POINTS = "{d}.{m}.{year}"
YEAR: Dict[str, Write] = {"2021": lambda d: str(d.year)}
NAMED: Dict[str, Dict[str, Write]] = {
    "weekday": {
        **fixed(""),
        "Thursday ": lambda d: f"{weekday(d)} ",
        "Thursday, ": lambda d: f"{weekday(d)}, ",
        "Thu ": lambda d: f"{weekday(d)[:3]} ",
        "Thu, ": lambda d: f"{weekday(d)[:3]}, ",
    },
    "the": fixed("", "the "),
    "day": {"4": lambda d: f"{d.day}", "4th": lambda d: ordinal(d.day)},
    "nth": {"4th": lambda d: ordinal(d.day)},
    "month": {"March": month, "Mar": lambda d: month(d)[:3]},
    "comma": fixed("", ","),
    "year": YEAR,
}
DASHED = {**NAMED, "day": {"4": lambda d: f"{d.day}", "04": lambda d: f"{d.day:02}"}}
CASES: Sequence[Callable[[str], str]] = (str, str.upper, str.lower)


def numeric(draw: Callable[..., date], text: str, seps: str, padded: bool) -> Pattern:
    """A date in numbers.

    padded (bool): Whether days and months have two digits.
    """
    day = "14" if draw is late_day else "04" if padded else "4"
    d: Dict[str, Write] = {day: lambda d: f"{d.day:02}" if padded else f"{d.day}"}
    m = {"03" if padded else "3": lambda d: f"{d.month:02}" if padded else f"{d.month}"}
    return Pattern(draw, [text], {"d": d, "m": m, "sep": fixed(*seps), "year": YEAR})


OF = "{weekday}{the}{nth} of {month}{comma} {year}"
DATES = [
    [
        Pattern(any_day, [DAY_FIRST, MONTH_FIRST, OF, "{year} {month} {day}"], NAMED, CASES),
        Pattern(any_day, ["{day}-{month}-{year}", "{year}-{month}-{day}"], DASHED, CASES),
    ],
    [
        *(numeric(any_day, "{year}{sep}{m}{sep}{d}", "-/.", padded) for padded in (True, False)),
        *(numeric(late_day, "{d}{sep}{m}{sep}{year}", "-/", padded) for padded in (True, False)),
        *(numeric(late_day, "{m}{sep}{d}{sep}{year}", "-/", padded) for padded in (True, False)),
        *(numeric(any_day, POINTS, "", padded) for padded in (True, False)),
    ],
]

# Times. An example is half past seven in the evening

TIGHT = "{h}{sep}{min}{space}{half}"
CLOCK: Dict[str, Dict[str, Write]] = {
    "h24": {"19": lambda t: f"{t.hour}"},
    "hh": {"19": lambda t: f"{t.hour:02}"},
    "h": {"7": lambda t: str(hour_of(t))},
    "min": {"30": lambda t: f"{t.minute:02}"},
    "sep": fixed(":", "."),
    "space": fixed("", " "),
    "half": {
        "pm": half_of_day,
        "PM": lambda t: half_of_day(t).upper(),
        "p.m.": dotted,
        "P.M.": lambda t: dotted(t).upper(),
    },
    "hour": {"seven": lambda t: in_words(hour_of(t)), "7": lambda t: str(hour_of(t))},
    "words": {"seven": lambda t: in_words(hour_of(t))},
    "part": {"in the evening": part_of_day},
    "read": {"seven thirty": read_out},
    "past": {"half past": past, "30 past": lambda t: past(t, digits=True)},
    "near": {"seven": lambda t: in_words(hour_near(t)), "7": lambda t: str(hour_near(t))},
}
EVERY, HOURS = minutes(0, 1), minutes(0, 60)
# No part of the day has the hour after midnight
LATER, FIVES, FULL = minutes(60, 1), minutes(60, 5, skip=60), minutes(60, 60)
TIMES = [
    [
        Pattern(EVERY, ["{h24}:{min}", "{hh}{min} hours", "{h24}h{min}", TIGHT], CLOCK),
        Pattern(HOURS, ["{h}{space}{half}"], CLOCK),
        Pattern(LATER, ["{h}{sep}{min} {part}"], CLOCK),
        Pattern(minutes(0, 1, skip=60), ["{read} {half}"], CLOCK),
        Pattern(minutes(60, 1, skip=60), ["{read} {part}"], CLOCK),
        Pattern(FIVES, ["{past} {near} {part}"], CLOCK),
        Pattern(FULL, ["{hour} o'clock {part}", "{hour} {part}"], CLOCK),
        Pattern(HOURS, ["{words} {half}"], CLOCK),
    ],
]

# Numbers. A body is a number without its sign, or without its currency: what draws and writes it

Body = Tuple[Callable[..., Decimal], Callable[[Decimal], str]]
SCALES = {
    **{" thousand": 1000, "k": 1000, "K": 1000},
    **{" million": 1_000_000, "M": 1_000_000},
    **{" billion": 1_000_000_000, "bn": 1_000_000_000},
}


def _whole_of(scale: int) -> Body:
    return whole(1, 3, times=scale), lambda n: f"{int(n / scale)}"


def _fraction_of(scale: int) -> Body:
    return fraction(3, 2, times=scale), lambda n: scaled(n, scale)


DIGITS: Dict[str, Body] = {
    "1234567": (whole(1, 7), lambda n: f"{int(n)}"),
    "1,234,567": (whole(4, 8), lambda n: f"{int(n):,}"),
    "1 234 567": (whole(4, 8), spaced),
    "12.5": (fraction(3, 2), str),
    "1,234.5": (fraction(6, 3), lambda n: f"{n:,}"),
}
WORDS: Dict[str, Body] = {
    "one thousand two hundred and thirty-four": (whole(1, 6), lambda n: in_words(int(n))),
    "one thousand two hundred thirty-four": (whole(3, 6), lambda n: in_words(int(n), link="")),
    "twelve point five": (fraction(3, 2), decimal_in_words),
}
SCALED: Dict[Tuple[str, str], Body] = {
    **{("12", word): _whole_of(scale) for word, scale in SCALES.items()},
    **{("12.5", word): _fraction_of(scale) for word, scale in SCALES.items()},
}


def signed(name: str, scale: str, body: Body, signs: Sequence[str]) -> List[Pattern]:
    """A number above zero, and below."""
    draw, write = body
    n: Dict[str, Write] = {name: lambda value: write(abs(value))}
    slots = {"n": n, "scale": fixed(scale), "sign": fixed(*signs)}
    return [Pattern(draw, ["{n}{scale}"], slots), Pattern(minus(draw), ["{sign}{n}{scale}"], slots)]


NUMBERS = [
    [p for name, body in DIGITS.items() for p in signed(name, "", body, ["-", "minus "])],
    [p for names, body in SCALED.items() for p in signed(*names, body, ["-", "minus "])],
    [p for name, body in WORDS.items() for p in signed(name, "", body, ["minus "])],
]

# Amounts

CODE_FIRST, NAME_LAST = "{code} {n}{scale}", "{n}{scale} {name}"
MONEY = ["{symbol}{n}{scale}", "{n}{scale} {symbol}", "{n}{scale} {code}", CODE_FIRST, NAME_LAST]
FULL_SUMS: Dict[str, Body] = {
    "12": (whole(1, 6), lambda n: f"{int(n)}"),
    "1,234": (whole(4, 6), lambda n: f"{int(n):,}"),
    "1,234.50": (cents, lambda n: f"{n:,.2f}"),
}
IN_WORDS: Body = (whole(1, 5), lambda n: in_words(int(n)))


def money(name: str, scale: str, body: Body, texts: Sequence[str] = MONEY) -> Pattern:
    """An amount of any currency."""
    draw, write = body
    n: Dict[str, Write] = {name: lambda a: write(a.number)}
    currency: Dict[str, Dict[str, Any]] = {
        "symbol": {"$": symbol},
        "code": {"USD": lambda a: a.currency},
        "name": {"dollars": name_of},
    }
    return Pattern(of_money(draw), texts, {"n": n, "scale": fixed(scale), **currency})


TWO: Dict[str, Dict[str, Write]] = {
    "two": {
        "12 dollars and 50 cents": lambda a: in_two(a, str),
        "twelve dollars and fifty cents": lambda a: in_two(a, in_words),
    }
}
AMOUNTS = [
    [money(name, "", body) for name, body in FULL_SUMS.items()],
    [money(*names, body) for names, body in SCALED.items()],
    [
        money("twelve", "", IN_WORDS, ["{n}{scale} {code}", NAME_LAST]),
        Pattern(of_money(cents), ["{two}"], TWO),
    ],
]
