"""Names for the types that cross from one part to the next."""

from typing import Any, List, NamedTuple, Union

from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats1d, Floats2d, Floats3d, Ints1d, Ints2d

from .units import Pairs

Tok2Vec = Model[List[Doc], List[Floats2d]]
SequenceEncoder = Model[List[Floats2d], List[Floats2d]]


class FormVectors(List[Floats2d]):
    """Vectors of documents that a memory of word forms put together. To most readers it is
    a list; a net that keeps products of forms also learns which row is which form.

    table (Floats2d): The vectors of all forms that the memory holds. *Shape:* ``(U, W)``
    rows (Ints1d): The form of each token. *Shape:* ``(N,)``
    stamp (object): The same as long as the table only grows.
    """

    table: Floats2d
    rows: Ints1d
    stamp: object


class TagScores(NamedTuple):
    """What a labeller says of a batch, or the gradient of it. B documents of N tokens in
    all, K tags; the documents' rows stand one after the other.
    """

    emissions: Floats2d  # (N, K)
    transitions: Floats2d  # (K, K), from the row's tag to the column's
    start: Floats1d  # (K,)
    end: Floats1d  # (K,)
    lengths: Ints1d  # (B,)


class ClassScores(NamedTuple):
    """What a classifier says of a batch of texts, or the gradient of it. U texts, D scores,
    and M tokens of all texts one after the other.
    """

    branches: Floats3d  # (R, U, D) what each branch says, see `classes.probabilities`
    attention: Floats1d  # (M,) the share of each token; empty if nothing attends


class Passages(NamedTuple):
    """What is to be classified: parts of documents, which are read in the context of those."""

    docs: List[Doc]
    document: Ints1d  # (U,) in which of the documents each stands
    starts: Ints1d  # (U,) its first token
    ends: Ints1d  # (U,) the token behind its last


class Piece(NamedTuple):
    """A piece of known sequences, and what is known before it. B sequences."""

    conditions: Floats2d  # (B, C)
    says: Ints1d  # (V,) the place in the condition that each unit stands for, C for none
    before: Ints2d  # (B, T) the unit before each
    targets: Ints2d  # (B, T) then 0
    state: Any = None  # behind the piece before; None at the beginning


class Likelihood(NamedTuple):
    """What a model says of a piece."""

    log_p: Floats3d  # (B, T, 2) of each unit, and the mean over all that could be; 0 at padding
    state: Any  # behind the piece


LabelerModel = Model[List[Doc], TagScores]
ClassifierModel = Model[Union[List[Doc], Passages], ClassScores]
Seq2SeqModel = Model[Pairs, Floats3d]
GeneratorModel = Model[Piece, Likelihood]
AnyModel = Model[Any, Any]
