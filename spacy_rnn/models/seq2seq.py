"""The encoder and decoder as a Thinc model: pairs in, probabilities or sequences out."""

import math
from typing import Any, Callable, List, NamedTuple, Optional, Sequence, Tuple, cast

import numpy
from spacy.util import registry
from thinc.api import Model, Ops
from thinc.types import ArgsKwargs, Floats2d, Floats3d

from ..errors import Errors
from ..types import AnyModel, Seq2SeqModel
from ..units import Pairs
from .encoder import CELLS, check_choice
from .shim import RNNShim, require_torch, to_torch, to_xp

ATTENTION = ("none", "dot", "general", "additive")
AT_A_TIME = 256  # sources that are decoded side by side


class Written(NamedTuple):
    """A sequence that was written for a source."""

    units: List[int]
    score: float  # log P by length, 0 for certainty
    truncated: bool  # whether the limit ended it
    attention: Floats2d  # (T, S) one row a step, `STOP` the last
    log_p: float = -math.inf  # of all of it, `STOP` included unless truncated


@registry.architectures("spacy_rnn.EncoderDecoder.v1")
def build_encoder_decoder_v1(
    width: int = 256,
    embed_width: int = 64,
    cell: str = "lstm",
    depth: int = 1,
    attention: str = "general",
    feeding: bool = False,
    copy: bool = False,
    tied: bool = False,
    units: str = "char",
    target_units: Optional[str] = None,
) -> Seq2SeqModel:
    """A recurrent net that reads a sequence of units, and one that writes another.

    width (int): Width of the encoder's states, both directions together, and of the
        decoder's.
    embed_width (int): Width of a unit.
    cell (str): "rnn" (Elman), "lstm" or "gru".
    depth (int): Layers of the encoder.
    attention (str): How the decoder looks back: "none", "dot", "general" (Luong et al., 2015)
        or "additive" (Bahdanau et al., 2015).
    feeding (bool): Whether it reads again what it said last (input feeding).
    copy (bool): Whether it may copy units from the source, also those it has never met.
    tied (bool): Whether units have one vector for reading and writing in the decoder.
    units (str): "char", or "word" for what spaces part.
    target_units (Optional[str]): The same for what is written, if that is cut otherwise: the
        characters of a word become the phonemes of "K AE1 T". null for `units`.
    RETURNS (Model[Pairs, Floats3d]): The model.
    """
    check_choice("cell", cell, CELLS)
    check_choice("attention", attention, ATTENTION)
    target_units = target_units or units
    for of_side in (units, target_units):
        check_choice("units", of_side, ("char", "word"))
    if width % 2:
        raise ValueError(Errors.R012.format(width=width))
    if copy and attention == "none":
        raise ValueError(Errors.R052)
    require_torch("spacy_rnn.EncoderDecoder.v1")
    from ..nets.seq2seq import Seq2Seq

    settings = {
        "nI": None,
        "nO": None,
        "embed_width": embed_width,
        "width": width,
        "cell": cell,
        "depth": depth,
        "attention": attention,
        "feeding": feeding,
        "copy": copy,
        "tied": tied,
    }
    return Model(
        "encoder_decoder",
        forward,
        dims={"nI": None, "nO": None},
        attrs={
            "units": units,
            "target_units": target_units,
            "copy": copy,
            "dropout_rate": 0.0,
            "teacher_forcing": 1.0,
        },
        shims=[RNNShim(Seq2Seq, settings)],
    )


def declare(model: Seq2SeqModel, nI: int, nO: int) -> None:
    """Say how many units there are."""
    shim = cast(RNNShim, model.shims[0])
    model.set_dim("nI", nI, force=True)
    model.set_dim("nO", nO, force=True)
    shim.settings = {**shim.settings, "nI": nI, "nO": nO}


def build(model: Seq2SeqModel) -> None:
    """Make the net, once the vocabularies are known."""
    cast(RNNShim, model.shims[0]).build()


def forward(
    model: Seq2SeqModel, pairs: Pairs, is_train: bool
) -> Tuple[Floats3d, Callable[[Floats3d], Pairs]]:
    """log P of each unit of the targets, given those before it, and the mean of log P over the
    vocabulary; 0 at padding. *Shape:* ``(B, T, 2)``
    """
    shim, attrs = cast(RNNShim, model.shims[0]), model.attrs
    rates = (attrs["dropout_rate"], attrs["teacher_forcing"]) if is_train else (0.0, 1.0)
    args = ArgsKwargs((_batch(model, pairs), _numbers(model, pairs.targets), *rates), {})
    Y, backprop_torch = shim(args, is_train)

    def backprop(dY: Floats3d) -> Pairs:
        backprop_torch(ArgsKwargs(([Y],), {"grad_tensors": [to_torch(dY)]}))
        return pairs

    return to_xp(Y), backprop


def _numbers(model: AnyModel, rows: Any) -> Any:
    return to_torch(model.ops.asarray(rows, dtype="i8"))


def _batch(model: AnyModel, pairs: Pairs) -> Any:
    from ..nets.seq2seq import Batch

    return Batch(_numbers(model, pairs.units), _numbers(model, pairs.copies), pairs.lengths)


def loss(ops: Ops, log_p: Floats3d, pairs: Pairs, smoothing: float) -> Tuple[float, Floats3d]:
    """Mean over the units of the targets, `STOP` included, of the cross-entropy, and its
    gradient.

    log_p (Floats3d): What the model says. *Shape:* ``(B, T, 2)``
    smoothing (float): The share of the gold probability that all units get alike
        (Szegedy et al., 2016).
    """
    real = (pairs.targets != 0)[..., None]
    shares = numpy.array([1 - smoothing, smoothing], dtype="f")
    d_log_p = (real * -shares / max(int(real.sum()), 1)).astype("f")
    gradient = ops.asarray(d_log_p)
    return float((log_p * gradient).sum()), gradient


def write(
    model: Seq2SeqModel,
    pairs: Pairs,
    limits: Sequence[int],
    *,
    n: int = 1,
    width: int = 1,
    alpha: float = 1.0,
    prefixes: Optional[Sequence[Sequence[int]]] = None,
    attention: bool = False,
) -> List[List[Written]]:
    """The n best sequences for each source, by beam search: see `nets.search`.

    limits (Sequence[int]): How many units are written for each at most.
    attention (bool): Keep where the decoder looked; for long sources that is a lot.
    """
    from ..nets.search import n_best
    from ..nets.seq2seq import Walk

    shim = cast(RNNShim, model.shims[0])

    def step(units: Any, walk: Any) -> Any:
        log_p, walk, shares = shim.module.step(units, walk)
        return log_p, walk, shares if attention else shares[:, :0]

    def search() -> Any:
        walk = Walk(*shim.module.read(_batch(model, pairs)))
        return n_best(step, walk, limits, n=n, width=width, alpha=alpha, prefixes=prefixes)

    return [
        [Written(f.units, f.score, f.truncated, to_xp(f.attention), f.log_p) for f in of_source]
        or [Written([], -math.inf, True, numpy.zeros((0, 0), "f"))]  # no weight is a number
        for of_source in shim.run(search)
    ]
