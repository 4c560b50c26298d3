"""The encoder and decoder as a Thinc model: pairs in, probabilities or sequences out."""

import math
from typing import Any, Callable, List, NamedTuple, Optional, Sequence, Tuple, cast

import numpy
from spacy.util import registry
from thinc.api import Model
from thinc.types import ArgsKwargs, Floats2d, Floats3d

from ..errors import Errors
from ..types import AnyModel, Seq2SeqModel
from ..units import KINDS, STOP_ID, Pairs, padded
from .arrays import require_torch, to_ints, to_torch, to_xp
from .checks import CELLS, check_choice, check_even, check_least
from .shim import RNNShim
from .threads import FEW_SEQUENCES, threads_for

ATTENTION = ("none", "dot", "general", "additive")
FEEDING = ("none", "output", "context")
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
    attention: str = "dot",
    feeding: str = "context",
    copy: bool = False,
    tied: bool = False,
    shared: bool = False,
    units: str = "char",
    target_units: Optional[str] = None,
    bpe_size: int = 4000,
) -> Seq2SeqModel:
    """A recurrent net that reads a sequence of units, and one that writes another.

    width (int): Width of the encoder's states, both directions together, and of the
        decoder's.
    embed_width (int): Width of a unit.
    cell (str): "rnn" (Elman), "lstm" or "gru".
    depth (int): Layers of the encoder.
    attention (str): How the decoder looks back: "none", "dot", "general" (Luong et al., 2015)
        or "additive" (Bahdanau et al., 2015). "dot" is the fastest; with few steps
        "additive" learns more.
    feeding (str): What the decoder reads at each step beside the unit before: "none"; "output",
        what it said last (Luong et al., 2015); or "context", what it looks at (Bahdanau et al.,
        2015), which is nothing without attention. "context" helps where pairs are few; without
        feeding a step of training takes a third less time.
    copy (bool): Whether it may copy units from the source, also those it has never met.
    tied (bool): Whether units have one vector for reading and writing in the decoder.
    shared (bool): Whether a unit has one vector in the encoder and the decoder. Both sides then
        have one vocabulary, and must be cut into the same units.
    units (str): "char"; "word" for what spaces part; or "bpe" for byte pairs, which are learnt
        from the training data, from both sides together if both are cut so. They need the
        extra "bpe" of spacy-rnn.
    target_units (Optional[str]): The same for what is written, if that is cut otherwise: the
        characters of a word become the phonemes of "K AE1 T". null for `units`.
    bpe_size (int): How many byte pairs there are at most, the 256 bytes included.
    RETURNS (Model[Pairs, Floats3d]): The model.
    """
    check_choice("cell", cell, CELLS)
    check_choice("attention", attention, ATTENTION)
    check_choice("feeding", feeding, FEEDING)
    target_units = target_units or units
    for of_side in (units, target_units):
        check_choice("units", of_side, KINDS)
    if shared and units != target_units:
        raise ValueError(Errors.R242.format(units=units, target_units=target_units))
    for setting, value in (("width", width), ("embed_width", embed_width), ("depth", depth)):
        check_least(setting, value, 1)
    check_even("width", width)
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
        "feeding": "none" if attention == "none" and feeding == "context" else feeding,
        "copy": copy,
        "tied": tied,
        **({"shared": True} if shared else {}),
    }
    return Model(
        "encoder_decoder",
        forward,
        dims={"nI": None, "nO": None},
        attrs={
            "units": units,
            "target_units": target_units,
            "bpe_size": bpe_size,
            "copy": copy,
            "shared": shared,
            "dropout_rate": 0.0,
            "teacher_forcing": 1.0,
        },
        shims=[RNNShim(Seq2Seq, settings)],
    )


def declare(model: Seq2SeqModel, nI: int, nO: int, n_edits: int = 0) -> None:
    """Say how many units there are, and classes of edits, 0 for no classifier."""
    shim = cast(RNNShim, model.shims[0])
    model.set_dim("nI", nI, force=True)
    model.set_dim("nO", nO, force=True)
    others = {name: value for name, value in shim.settings.items() if name != "n_edits"}
    classifier = {"n_edits": n_edits} if n_edits else {}
    shim.settings = {**others, "nI": nI, "nO": nO, **classifier}


def build(model: Seq2SeqModel) -> None:
    """Make the net, once the vocabularies are known."""
    cast(RNNShim, model.shims[0]).build()


def forward(
    model: Seq2SeqModel, pairs: Pairs, is_train: bool
) -> Tuple[Floats3d, Callable[[Floats3d], Pairs]]:
    """log P of each unit of the targets, given those before it, and the mean of log P over the
    vocabulary; 0 at padding. If the pairs have edits, behind the units log P of the edit.
    *Shape:* ``(B, T, 2)``, or ``(B, T + 1, 2)``
    """
    shim, attrs = cast(RNNShim, model.shims[0]), model.attrs
    rates = (attrs["dropout_rate"], attrs["teacher_forcing"]) if is_train else (0.0, 1.0)
    edits = None if pairs.edits is None else to_ints(model.ops, pairs.edits)
    args = ArgsKwargs((_batch(model, pairs), to_ints(model.ops, pairs.targets), *rates, edits), {})
    Y, backprop_torch = shim(args, is_train)

    def backprop(dY: Floats3d) -> Pairs:
        backprop_torch(ArgsKwargs(([Y],), {"grad_tensors": [to_torch(dY)]}))
        return pairs

    return to_xp(Y), backprop


def _batch(model: AnyModel, pairs: Pairs) -> Any:
    from ..nets.seq2seq import Batch

    return Batch(to_ints(model.ops, pairs.units), to_ints(model.ops, pairs.copies), pairs.lengths)


def judge(model: Seq2SeqModel, pairs: Pairs) -> Floats2d:
    """log P of each edit. *Shape:* ``(B, E)``"""
    shim = cast(RNNShim, model.shims[0])
    with threads_for(len(pairs.lengths), FEW_SEQUENCES):
        log_p = shim.run(shim.module.judge, _batch(model, pairs))
    found: Floats2d = model.ops.to_numpy(to_xp(log_p))
    return found


def dictate(model: Seq2SeqModel, pairs: Pairs, limits: Sequence[int]) -> Pairs:
    """The same sources with what a model would write as their targets, and its edits if it
    classifies them.
    """
    found = [of[0] for of in write(model, pairs, limits)]
    targets = padded([[*w.units, *([] if w.truncated else [STOP_ID])] for w in found])
    classifies = "n_edits" in cast(RNNShim, model.shims[0]).settings
    edits = judge(model, pairs).argmax(axis=1) if classifies else None
    return pairs._replace(targets=targets, edits=edits)


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

    with threads_for(len(limits) * width, FEW_SEQUENCES):
        found = shim.run(search)
    return [
        [Written(f.units, f.score, f.truncated, to_xp(f.attention), f.log_p) for f in of_source]
        or [Written([], -math.inf, True, numpy.zeros((0, 0), "f"))]  # no weight is a number
        for of_source in found
    ]
