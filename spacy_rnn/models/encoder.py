"""Encoders: vectors of tokens in, vectors that know their context out."""

from typing import Any, Callable, List, Optional, Tuple, cast

from spacy.util import registry
from thinc.api import Model
from thinc.types import ArgsKwargs, Floats2d

from ..errors import Errors
from ..types import FormVectors, SequenceEncoder
from .arrays import require_torch, split, to_torch, to_xp
from .checks import CELLS, check_choice, check_least
from .forms import ProductMemory
from .shim import RNNShim
from .threads import threads_for
from .windows import AT_A_TIME, CONTEXT, WINDOW, read_in_windows

STATES = ("zeros", "random", "learned")


@registry.architectures("spacy_rnn.RNNEncoder.v1")
def build_rnn_encoder_v1(
    width: int,
    cell: str = "lstm",
    depth: int = 1,
    bidirectional: bool = True,
    initial_state: str = "zeros",
    mixed_precision: bool = False,
) -> SequenceEncoder:
    """An Elman net, LSTM or GRU as the `encode` of `spacy.Tok2Vec.v2`, in any spaCy
    component. What it says of a document never depends on what stands beside it.

    width (int): Width of the output; both directions share it half and half.
    cell (str): "rnn" (Elman), "lstm" or "gru".
    depth (int): Layers.
    bidirectional (bool): Read from the end as well.
    initial_state (str): "zeros", "random" (small, drawn once) or "learned".
    mixed_precision (bool): Compute in bfloat16.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The encoder.
    """
    check_least("width", width, 1)
    check_least("depth", depth, 1)
    check_choice("cell", cell, CELLS)
    check_choice("initial_state", initial_state, STATES)
    if bidirectional and width % 2:
        raise ValueError(Errors.R012.format(width=width))
    require_torch("spacy_rnn.RNNEncoder.v1")
    from ..nets.rnn import RNN

    settings = {
        "nI": None,
        "nO": width,
        "cell": cell,
        "depth": depth,
        "bidirectional": bidirectional,
        "initial_state": initial_state,
    }
    return sequence_encoder("rnn_encoder", RNNShim(RNN, settings, mixed_precision))


@registry.architectures("spacy_rnn.WindowEncoder.v1")
def build_window_encoder_v1(width: int, window: int = 2, depth: int = 1) -> SequenceEncoder:
    """An MLP over a fixed window: the control that every recurrent net is held against.

    width (int): Width of the output.
    window (int): Tokens that it sees on either side, 100 at most.
    depth (int): Layers.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The encoder.
    """
    for setting, value, least in (("width", width, 1), ("window", window, 0), ("depth", depth, 1)):
        check_least(setting, value, least)
    if window > CONTEXT:
        raise ValueError(Errors.R055.format(setting="window", value=window, most=CONTEXT))
    require_torch("spacy_rnn.WindowEncoder.v1")
    from ..nets.window import WindowMLP

    settings = {"nI": None, "nO": width, "window": window, "depth": depth}
    return sequence_encoder("window_encoder", RNNShim(WindowMLP, settings))


def sequence_encoder(name: str, shim: RNNShim) -> SequenceEncoder:
    """A net over packed sequences as a Thinc model over lists of arrays."""
    return Model(
        name,
        forward,
        init=init,
        dims={"nI": None, "nO": shim.settings["nO"]},
        attrs={"dropout_rate": 0.0, "products": ProductMemory()},
        shims=[shim],
    )


def init(
    model: SequenceEncoder, X: Optional[List[Floats2d]] = None, Y: Any = None
) -> SequenceEncoder:
    """Build the net as soon as the width of its input is known."""
    if X:
        model.set_dim("nI", X[0].shape[1])
    if model.has_dim("nI"):
        model.shims[0].build(nI=model.get_dim("nI"))
    return model


def forward(
    model: SequenceEncoder, Xs: List[Floats2d], is_train: bool
) -> Tuple[List[Floats2d], Callable[[List[Floats2d]], List[Floats2d]]]:
    """Pack, run, unpack. Empty documents get an empty array.

    Xs (List[Floats2d]): One array a document. *Shape:* ``(tokens, nI)``
    RETURNS (Tuple[List[Floats2d], Callable]): *Shape:* ``(tokens, nO)``
    """
    from ..nets.packing import make_packing, pack, unpack

    lengths = [len(X) for X in Xs]
    if not any(lengths):
        nothing = [model.ops.alloc2f(0, model.get_dim("nO")) for _ in Xs]
        return nothing, lambda dYs: list(Xs)
    if not is_train:
        with threads_for(sum(lengths)):
            return split(_predict(model, Xs, lengths), lengths), lambda dYs: list(Xs)
    packing = make_packing(lengths)
    Xt = to_torch(model.ops.flatten(Xs), requires_grad=True)
    inputs = ArgsKwargs((pack(Xt, packing), model.attrs["dropout_rate"]), {})
    packed, backprop_torch = cast(RNNShim, model.shims[0]).begin_update(inputs)
    Yt = unpack(packed, packing).float()

    def backprop(dYs: List[Floats2d]) -> List[Floats2d]:
        dYt = to_torch(model.ops.flatten(dYs))
        backprop_torch(ArgsKwargs(([Yt],), {"grad_tensors": [dYt]}))
        return split(to_xp(Xt.grad), lengths)

    return split(to_xp(Yt), lengths), backprop


def _predict(model: SequenceEncoder, Xs: List[Floats2d], lengths: List[int]) -> Floats2d:
    """The states of all documents. *Shape:* ``(N, nO)``"""
    read = _reader(model, Xs)
    if max(lengths) <= WINDOW and sum(lengths) <= AT_A_TIME:
        return read(slice(None), lengths)
    as_ours = model.ops.asarray  # a GPU's arrays take no index from the CPU
    states = [
        read(as_ours(rows), sizes)[as_ours(keep)] for rows, sizes, keep in read_in_windows(lengths)
    ]
    return model.ops.flatten(states)


def _reader(model: SequenceEncoder, Xs: List[Floats2d]) -> Callable[[Any, List[int]], Floats2d]:
    """What reads some of the tokens as documents of given lengths: on a CPU a net need not
    multiply a word that it met before with its input weights. A GPU has a kernel for the
    whole walk.
    """
    from ..nets.packing import make_packing, pack, unpack

    shim = cast(RNNShim, model.shims[0])
    keeps = hasattr(shim.module, "project") and shim.device.type == "cpu"
    if keeps and isinstance(Xs, FormVectors):
        run = _run_on_products(model, Xs)
    else:
        flat = model.ops.flatten(Xs)

        def run(rows: Any, packing: Any) -> Any:
            return shim.predict(ArgsKwargs((pack(to_torch(flat[rows]), packing),), {}))

    def read(rows: Any, lengths: List[int]) -> Floats2d:
        packing = make_packing(lengths)
        return to_xp(unpack(run(rows, packing), packing).float())

    return read


def _run_on_products(model: SequenceEncoder, Xs: FormVectors) -> Callable[[Any, Any], Any]:
    shim, memory = cast(RNNShim, model.shims[0]), model.attrs["products"]
    net = shim.module

    def project(table: Floats2d) -> Floats2d:
        return to_xp(shim.run(net.project, to_torch(table)).float())

    products = to_torch(memory.lookup(Xs, project, shim.version))
    weights = memory.recurrent(lambda: shim.run(net.prepared_weights), shim.version)

    def run(rows: Any, packing: Any) -> Any:
        forms = to_torch(Xs.rows[rows])[packing.to_packed]
        return shim.run(net.read_products, products, forms, packing.batch_sizes, weights)

    return run
