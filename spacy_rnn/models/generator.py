"""The decoder without a source as a Thinc model: conditions in, probabilities or sequences out."""

import math
from functools import partial
from typing import Any, Callable, List, NamedTuple, Optional, Sequence, Tuple, cast

from spacy.util import registry
from thinc.api import Model
from thinc.types import ArgsKwargs, Floats2d, Floats3d, Ints1d

from ..types import GeneratorModel, Likelihood, Piece
from ..units import START_ID, padded
from .arrays import require_torch, to_floats, to_ints, to_torch, to_xp
from .checks import CELLS, check_choice, check_least
from .shim import RNNShim
from .threads import FEW_SEQUENCES, threads_for


class Prompts(NamedTuple):
    """What sequences are written for. R of them."""

    conditions: Floats2d  # (R, C)
    says: Ints1d  # (V,)
    prefixes: List[List[int]]  # R, what each begins with


class Written(NamedTuple):
    """A sequence that was written."""

    units: List[int]  # without the prefix
    score: float  # mean of log P over its units, `STOP` included; 0 for certainty
    truncated: bool  # whether the limit ended it


@registry.architectures("spacy_rnn.ConditionalDecoder.v1")
def build_conditional_decoder_v1(
    width: int = 256, embed_width: int = 64, cell: str = "lstm", units: str = "char"
) -> GeneratorModel:
    """A recurrent net that writes a sequence of units, given a condition: see `nets.generator`.

    width (int): Width of the states.
    embed_width (int): Width of a unit.
    cell (str): "rnn" (Elman), "lstm" or "gru".
    units (str): "char", or "word" for what spaces part.
    RETURNS (Model[Piece, Likelihood]): The model.
    """
    check_choice("cell", cell, CELLS)
    check_choice("units", units, ("char", "word"))
    check_least("width", width, 1)
    check_least("embed_width", embed_width, 1)
    require_torch("spacy_rnn.ConditionalDecoder.v1")
    from ..nets.generator import Generator

    settings = {"nI": None, "nO": None, "embed_width": embed_width, "width": width, "cell": cell}
    return Model(
        "conditional_decoder",
        forward,
        dims={"nI": None, "nO": None},
        attrs={"units": units, "dropout_rate": 0.0},
        shims=[RNNShim(Generator, settings)],
    )


def forward(
    model: GeneratorModel, piece: Piece, is_train: bool
) -> Tuple[Likelihood, Callable[[Floats3d], Piece]]:
    """log P of each unit of a piece, given those before it."""
    shim = cast(RNNShim, model.shims[0])
    state = piece.state or shim.module.begin(to_floats(model.ops, piece.conditions))
    rate = model.attrs["dropout_rate"] if is_train else 0.0
    numbers = (to_ints(model.ops, part) for part in (piece.before, piece.targets, piece.says))
    before, targets, says = numbers
    inputs = ArgsKwargs((before, targets, state, says, rate), {})
    with threads_for(before.numel()):
        (Y, state), backprop_torch = shim(inputs, is_train)

    def backprop(dY: Floats3d) -> Piece:
        backprop_torch(ArgsKwargs(([Y],), {"grad_tensors": [to_torch(dY)]}))
        return piece

    return Likelihood(to_xp(Y), state), backprop


def pieces(
    conditions: Floats2d, says: Ints1d, targets: Sequence[Sequence[int]], size: int
) -> List[Tuple[List[int], Piece]]:
    """Cut sequences into pieces of at most so many units, the first of all before the second of
    those that have one. With each come the numbers of its sequences.
    """
    found = []
    for start in range(0, max(map(len, targets), default=0), size):
        rows = [i for i, target in enumerate(targets) if len(target) > start]
        now = [targets[i][start : start + size] for i in rows]
        before = [targets[i][start - 1] if start else START_ID for i in rows]
        shifted = padded([[b, *target[:-1]] for b, target in zip(before, now)])
        found.append((rows, Piece(conditions[rows], says, shifted, padded(now))))
    return found


def select(state: Any, rows: Sequence[int], among: Sequence[int]) -> Any:
    """The states of those sequences that go on."""
    if state is None or len(rows) == len(among):
        return state
    place = {row: i for i, row in enumerate(among)}
    index = to_torch(padded([[place[row] for row in rows]])[0]).to(state.h.device)
    return state.select(index)


def write(
    model: GeneratorModel,
    prompts: Prompts,
    limits: Sequence[int],
    *,
    n: int = 1,
    width: int = 1,
    alpha: float = 1.0,
    seeds: Optional[Sequence[int]] = None,
    **picky: Any,
) -> List[List[Written]]:
    """Sequences for each prompt: the n best by beam search, or if there are seeds, one that is
    drawn. See `nets.search`.

    limits (Sequence[int]): How many units are written for each at most, `STOP` included.
    seeds (Optional[Sequence[int]]): Of the generator of each.
    picky (Any): temperature, top_k and top_p of what is drawn.
    """
    from ..nets.generator import read, step
    from ..nets.search import n_best, sample

    shim = cast(RNNShim, model.shims[0])

    def search() -> Any:
        args = (to_floats(model.ops, prompts.conditions), to_ints(model.ops, prompts.says))
        walk = read(shim.module, *args, to_ints(model.ops, padded(prompts.prefixes)))
        go_on = partial(step, shim.module)
        if seeds is not None:
            return [[of] for of in sample(go_on, walk, limits, seeds, **picky)]
        return n_best(go_on, walk, limits, n=n, width=width, alpha=alpha)

    with threads_for(len(limits) * width, FEW_SEQUENCES):
        written = shim.run(search)
    return [
        [_written(found) for found in of_prompt]
        or [Written([], -math.inf, True)]  # no weight is a number
        for of_prompt in written
    ]


def _written(found: Any) -> Written:
    length = len(found.units) + (not found.truncated)
    score = found.log_p / length if length else -math.inf
    return Written(found.units, score, found.truncated)
