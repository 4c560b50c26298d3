"""How dates, times, numbers and amounts are written in English, in words and in part."""

from datetime import date, time
from decimal import Decimal
from typing import Callable

from .values import Amount, plain

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
SCALES = {1_000_000: "million", 1000: "thousand"}
MONTHS = (
    "January February March April May June July August September October November December"
).split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
# Symbol, one, many, one hundredth, many hundredths
CURRENCIES = {
    "USD": ("$", "dollar", "dollars", "cent", "cents"),
    "EUR": ("€", "euro", "euros", "cent", "cents"),
    "GBP": ("£", "pound", "pounds", "penny", "pence"),
}


def in_words(n: int, link: str = " and") -> str:
    """A whole number from 0 to 999,999,999: "one thousand two hundred and thirty-four".

    link (str): What stands before the tens, " and" as in London or "" as in New York.
    """
    for scale, name in SCALES.items():
        if n >= scale:
            head, rest = f"{in_words(n // scale, link)} {name}", n % scale
            return f"{head}{link if rest < 100 else ''} {in_words(rest, link)}" if rest else head
    if n >= 100:
        head = f"{ONES[n // 100]} hundred"
        return f"{head}{link} {in_words(n % 100)}" if n % 100 else head
    if n >= 20:
        return TENS[n // 10] + (f"-{ONES[n % 10]}" if n % 10 else "")
    return ONES[n]


def decimal_in_words(n: Decimal) -> str:
    """A number with a fraction, digit by digit behind the point: "twelve point zero five"."""
    whole, _, digits = str(n).partition(".")
    return " ".join([in_words(int(whole)), "point", *(ONES[int(digit)] for digit in digits)])


def ordinal(n: int) -> str:
    """A number with its ending: "1st", "12th", "22nd"."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{'th' if n % 100 in (11, 12, 13) else ending}"


def month(day: date) -> str:
    """Its name."""
    return MONTHS[day.month - 1]


def weekday(day: date) -> str:
    """Its name."""
    return DAYS[day.weekday()]


def hour_of(at: time, ahead: int = 0) -> int:
    """The hour of twelve, or one that is ``ahead``."""
    return (at.hour + ahead - 1) % 12 + 1


def half_of_day(at: time) -> str:
    """One of "am" and "pm"."""
    return "am" if at.hour < 12 else "pm"


def dotted(at: time) -> str:
    """One of "a.m." and "p.m."."""
    return f"{half_of_day(at)[0]}.m."


def part_of_day(at: time) -> str:
    """As in "in the morning", which ends at noon; the afternoon ends at six."""
    name = "morning" if at.hour < 12 else "afternoon" if at.hour < 18 else "evening"
    return f"in the {name}"


def read_out(at: time) -> str:
    """Hour and minutes in words: "seven thirty", "seven oh five"."""
    oh = "oh " if at.minute < 10 else ""
    return f"{in_words(hour_of(at))} {oh}{in_words(at.minute)}"


def past(at: time, digits: bool = False) -> str:
    """How far it is from the hour: "half past", "quarter to", "five past", or "5 past"."""
    n = at.minute if at.minute <= 30 else 60 - at.minute
    away = str(n) if digits else {15: "quarter", 30: "half"}.get(n) or in_words(n)
    return f"{away} {'past' if at.minute <= 30 else 'to'}"


def hour_near(at: time) -> int:
    """The hour of twelve that `past` is said of."""
    return hour_of(at, ahead=int(at.minute > 30))


def scaled(n: Decimal, scale: int) -> str:
    """How many times the scale it is."""
    return f"{plain(n / scale):f}"


def spaced(n: Decimal) -> str:
    """With spaces between thousands: "1 234 567"."""
    return f"{n:,}".replace(",", " ")


def symbol(a: Amount) -> str:
    """That of its currency."""
    return CURRENCIES[a.currency][0]


def name_of(a: Amount) -> str:
    """The name of its currency, "dollar" for one and "dollars" for others."""
    return CURRENCIES[a.currency][1 if a.number == 1 else 2]


def name_of_cents(n: int, currency: str) -> str:
    """The name of so many hundredths."""
    return CURRENCIES[currency][3 if n == 1 else 4]


def in_two(a: Amount, write: Callable[[int], str]) -> str:
    """So many of the currency, and so many hundredths."""
    whole, cents = divmod(int(a.number * 100), 100)
    one = name_of(Amount(Decimal(whole), a.currency))
    return f"{write(whole)} {one} and {write(cents)} {name_of_cents(cents, a.currency)}"
