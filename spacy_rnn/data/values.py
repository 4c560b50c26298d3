"""Dates, times, numbers and amounts: drawn at random, and their one normal form."""

from datetime import date, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Callable, NamedTuple, Tuple

FIRST, LAST = date(1900, 1, 1), date(2099, 12, 31)
CURRENCIES = ("USD", "EUR", "GBP")


class Amount(NamedTuple):
    """So much of a currency."""

    number: Decimal
    currency: str


def normal_form(value: Any) -> str:
    """The one way to write a value: as in ISO 8601; a number plain; an amount with two digits
    behind the point and the code of the currency.
    """
    if isinstance(value, Amount):
        return f"{value.number:.2f} {value.currency}"
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value.isoformat() if isinstance(value, date) else f"{value:f}"


def any_day(rng: Random) -> date:
    """A day of two hundred years."""
    return FIRST + timedelta(rng.randrange((LAST - FIRST).days + 1))


def late_day(rng: Random) -> date:
    """A day that cannot be taken for a month."""
    return any_day(rng).replace(day=rng.randrange(13, 29))


def minutes(first: int, step: int, *, skip: int = 0) -> Callable[[Random], time]:
    """Draws a time from the minute ``first`` of the day on, every ``step`` minutes, but none of
    those that are a multiple of ``skip``.
    """
    drawn = [m for m in range(first, 24 * 60, step) if not skip or m % skip]
    return lambda rng: time(*divmod(rng.choice(drawn), 60))


def whole(least: int, most: int, *, times: int = 1) -> Callable[[Random], Decimal]:
    """Draws a number with a number of digits from ``least`` to ``most``, each as probable."""
    return lambda rng: Decimal(rng.randrange(*_bounds(rng.randint(least, most))) * times)


def _bounds(digits: int) -> Tuple[int, int]:
    return 10 ** (digits - 1), 10**digits


def fraction(most: int, places: int, *, times: int = 1) -> Callable[[Random], Decimal]:
    """Draws a number with so many digits before the point at most, and up to so many places
    behind it, the last of which is not 0.
    """

    def drawn(rng: Random) -> Decimal:
        n, last = rng.randint(1, places), rng.randrange(1, 10)
        head = rng.randint(0, most)
        before = whole(head, head)(rng) if head else Decimal(0)
        digits = before * 10**n + rng.randrange(10 ** (n - 1)) * 10 + last
        return plain(digits / 10**n * times)

    return drawn


def plain(n: Decimal) -> Decimal:
    """Without zeros behind the fraction, and without an exponent."""
    return Decimal(f"{n.normalize():f}")


def minus(drawn: Callable[[Random], Decimal]) -> Callable[[Random], Decimal]:
    """Draws numbers below zero."""
    return lambda rng: -drawn(rng)


def of_money(drawn: Callable[[Random], Decimal]) -> Callable[[Random], Amount]:
    """Draws an amount of any currency."""
    return lambda rng: Amount(drawn(rng), rng.choice(CURRENCIES))


def cents(rng: Random) -> Decimal:
    """A number with hundredths, at least one of them."""
    return whole(1, 5)(rng) + Decimal(rng.randrange(1, 100)) / 100
