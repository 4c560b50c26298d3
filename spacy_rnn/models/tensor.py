"""An embedding that reads what somebody else measured or computed: one row of numbers a token."""

from itertools import islice
from typing import Any, Callable, List, Optional, Tuple

import numpy
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Model
from thinc.types import Floats2d
from thinc.util import is_xp_array

from ..errors import Errors
from ..types import Tok2Vec
from .arrays import split

SHOWN = 40  # characters of a document in a message


@registry.architectures("spacy_rnn.TensorEmbed.v1")
def build_tensor_embed_v1(normalize: bool = False) -> Tok2Vec:
    """The numbers of `doc.tensor`, one row a token, as the `embed` of `spacy.Tok2Vec.v2`: so
    every component reads sensor readings, frames or the features of another model. It learns
    nothing; its width is that of the documents that it is initialized with.

    Not for the `model` of a shared `tok2vec` component: that one, like spaCy's transformer,
    writes its own numbers to `doc.tensor`.

    normalize (bool): Give each column the mean 0 and the standard deviation 1 that it has in
        the documents that the component is initialized with, the first ten as a rule. For
        readings in units of their own.
    RETURNS (Model[List[Doc], List[Floats2d]]): The embedding.
    """
    return Model(
        "tensor_embed",
        forward,
        init=init,
        dims={"nO": None},
        params={"mean": None, "std": None},  # they have no gradient, so no step moves them
        attrs={"normalize": normalize},
    )


def init(model: Tok2Vec, X: Optional[List[Doc]] = None, Y: Any = None) -> Tok2Vec:
    """Take the width from the documents, and mean and deviation if it is to normalize."""
    flat = _rows(model, X or [])
    if not len(flat):
        return model
    model.set_dim("nO", flat.shape[1])
    mean, std = model.ops.alloc1f(flat.shape[1]), model.ops.alloc1f(flat.shape[1]) + 1
    if model.attrs["normalize"]:
        mean, std = flat.mean(axis=0, dtype="float64"), flat.std(axis=0, dtype="float64")
        std[std <= 1e-7 * abs(mean)] = 1  # constant, up to what float32 can tell
    model.set_param("mean", model.ops.asarray1f(mean, dtype="float32"))
    model.set_param("std", model.ops.asarray1f(std, dtype="float32"))
    return model


def forward(
    model: Tok2Vec, docs: List[Doc], is_train: bool
) -> Tuple[List[Floats2d], Callable[[List[Floats2d]], List[Doc]]]:
    """Read every row. Nothing flows back: what is below is not ours.

    docs (List[Doc]): The documents.
    RETURNS (Tuple[List[Floats2d], Callable]): *Shape:* ``(tokens, nO)``
    RAISES (ValueError): If a document does not have one row of finite numbers a token.
    """
    if not model.has_dim("nO"):
        raise ValueError(Errors.R175)
    flat = _rows(model, docs)
    if not len(flat):
        return [model.ops.alloc2f(0, model.get_dim("nO")) for _ in docs], lambda dYs: []
    flat = (flat - model.get_param("mean")) / model.get_param("std")
    return split(flat, [len(doc) for doc in docs]), lambda dYs: []


def _rows(model: Tok2Vec, docs: List[Doc]) -> Floats2d:
    """The rows of all documents, checked. *Shape:* ``(N, nO)``"""
    width = model.maybe_get_dim("nO")
    for i, doc in enumerate(docs):
        if len(doc):
            _check(doc, i, width)
            width = doc.tensor.shape[1]
    with numpy.errstate(over="ignore"):  # what float32 cannot hold is refused as infinite
        rows = [model.ops.asarray(doc.tensor, dtype="float32") for doc in docs if len(doc)]
    flat = model.ops.flatten(rows)
    if not bool(model.ops.xp.isfinite(flat).all()):
        raise ValueError(_where_not_finite(model, docs, flat))
    return flat


def _check(doc: Doc, i: int, width: Optional[int]) -> None:
    """Refuse a document without one row of numbers a token.

    i (int): Its place in the batch, for messages.
    width (Optional[int]): Columns that it must have, None for any.
    """
    tensor, n = doc.tensor, len(doc)
    if not is_xp_array(tensor) or not tensor.size:
        raise ValueError(Errors.R170.format(doc=_name(doc, i), n=n))
    if tensor.ndim != 2 or len(tensor) != n:
        shape = tuple(tensor.shape)
        raise ValueError(Errors.R171.format(doc=_name(doc, i), shape=shape, n=n))
    if tensor.dtype.kind not in "biuf":
        raise ValueError(Errors.R172.format(doc=_name(doc, i), dtype=tensor.dtype))
    if width not in (None, tensor.shape[1]):
        found = tensor.shape[1]
        raise ValueError(Errors.R173.format(doc=_name(doc, i), found=found, wanted=width))


def _where_not_finite(model: Tok2Vec, docs: List[Doc], flat: Floats2d) -> str:
    """The message for the first number that is none."""
    row, column = (int(place[0]) for place in model.ops.xp.nonzero(~model.ops.xp.isfinite(flat)))
    starts = numpy.cumsum([0, *(len(doc) for doc in docs)])
    i = int(numpy.searchsorted(starts, row, side="right")) - 1
    where = f"doc.tensor of {_name(docs[i], i)}"
    return Errors.R174.format(where=where, row=row - starts[i], column=column)


def _name(doc: Doc, i: int) -> str:
    """A document for a message: its number in the batch and how it begins."""
    start = "".join(token.text_with_ws for token in islice(doc, SHOWN))
    return f"document {i + 1} of the batch ({start[:SHOWN]!r})"
