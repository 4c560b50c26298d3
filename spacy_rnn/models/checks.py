"""Settings of an architecture that no net can be built of are refused by name."""

from typing import Tuple

from ..errors import Errors

CELLS = ("rnn", "lstm", "gru")


def check_choice(setting: str, value: str, choices: Tuple[str, ...]) -> None:
    """Refuse a value that is not one of the choices.

    RAISES (ValueError): With the setting and what it may be.
    """
    if value not in choices:
        message = Errors.R011.format(setting=setting, value=repr(value), choices=choices)
        raise ValueError(message)


def check_least(setting: str, value: int, least: int) -> None:
    """Refuse a number that is too small.

    RAISES (ValueError): With the setting and what it must be.
    """
    if value < least:
        raise ValueError(Errors.R042.format(setting=setting, value=value, least=least))


def check_even(setting: str, value: int) -> None:
    """Refuse a width that two directions cannot share.

    RAISES (ValueError): With the setting.
    """
    if value % 2:
        raise ValueError(Errors.R054.format(setting=setting, value=value))


def check_share(setting: str, value: float) -> None:
    """Refuse what is no share.

    RAISES (ValueError): With the setting.
    """
    if not 0.0 <= value <= 1.0:
        raise ValueError(Errors.R044.format(setting=setting, value=value))
