"""Every message that a user can meet, and the errors that are worth catching."""

from .classes import ClassErrors
from .commands import CommandErrors
from .files import FileErrors
from .labels import LabelErrors
from .models import ModelErrors
from .pairs import PairErrors
from .strings import StringErrors
from .warnings import Warnings

__all__ = ["CorruptModelError", "DataError", "Errors", "NonFiniteError", "Warnings"]


class CorruptModelError(ValueError):
    """A file of a saved model is not what was written: damaged, cut off or foreign."""


class NonFiniteError(ValueError):
    """Training met NaN or infinity and cannot go on."""


class DataError(ValueError):
    """A file of annotations cannot be read. The message names file, line and reason."""


class Errors(
    ModelErrors, LabelErrors, ClassErrors, StringErrors, FileErrors, PairErrors, CommandErrors
):
    """Messages, by number, so that they can be searched for."""
