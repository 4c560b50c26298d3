"""The labeller: tokens in, scores of tags out, and what is made of them."""

from functools import partial
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Tuple, cast

import numpy
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Model, get_array_module
from thinc.types import ArgsKwargs, Array2d, Floats1d, Floats2d, Ints1d
from thinc.util import to_numpy

from ..tags import Tags
from ..types import LabelerModel, TagScores, Tok2Vec
from .arrays import flatten, require_torch, split, to_torch, to_xp
from .checks import check_choice
from .resizing import resize
from .shim import RNNShim
from .threads import threads_for

if TYPE_CHECKING:
    from ..nets.packing import Packing
    from ..nets.potentials import Arrays, Potentials

FourArrays = Tuple[Floats2d, Floats2d, Floats1d, Floats1d]  # as those of `TagScores`
OVERFLOWN = 1e30  # in place of an infinite score: sums of it are finite in float32


@registry.architectures("spacy_rnn.SequenceLabeler.v1")
def build_sequence_labeler_v1(tok2vec: Tok2Vec, decoding: str = "crf") -> LabelerModel:
    """Score tags for every token over any `tok2vec`: `spacy.Tok2Vec.v2`, a listener, a
    transformer's.

    tok2vec (Model[List[Doc], List[Floats2d]]): Makes a vector of each token.
    decoding (str): "crf" learns which tag follows which; "softmax" scores each token
        alone; "sigmoid" has one output and tells inside from outside. All three are
        decoded under the rules of the tagging scheme.
    RETURNS (Model[List[Doc], TagScores]): The labeller.
    """
    check_choice("decoding", decoding, ("crf", "softmax", "sigmoid"))
    require_torch("spacy_rnn.SequenceLabeler.v1")
    from ..nets.labeler import Labeler

    return Model(
        "sequence_labeler",
        forward,
        init=init,
        layers=[tok2vec],
        dims={"nO": None},
        refs={"tok2vec": tok2vec},
        attrs={"decoding": decoding, "resize_output": resize},
        shims=[RNNShim(Labeler, {"nI": None, "nO": None, "decoding": decoding})],
    )


def init(model: LabelerModel, X: Optional[List[Doc]] = None, Y: Any = None) -> LabelerModel:
    """Build the net, once the width of the vectors and the number of tags are known."""
    tok2vec = model.layers[0]
    tok2vec.initialize(X=X)
    if X and model.has_dim("nO"):
        nI = tok2vec.predict(X)[0].shape[1]
        cast(RNNShim, model.shims[0]).build(nI=nI, nO=model.get_dim("nO"))
    return model


def forward(
    model: LabelerModel, docs: List[Doc], is_train: bool
) -> Tuple[TagScores, Callable[[TagScores], List[Doc]]]:
    """Score the tags of every token."""
    vectors, backprop_tok2vec = model.layers[0](docs, is_train)
    shim = cast(RNNShim, model.shims[0])
    lengths = [len(X) for X in vectors]
    flat = flatten(model.ops, vectors, shim.module.nI)
    Xt = to_torch(flat, requires_grad=is_train)
    with threads_for(len(flat)):
        outputs, backprop_torch = shim(ArgsKwargs((Xt,), {}), is_train)

    def backprop(d_scores: TagScores) -> List[Doc]:
        pairs = [(Y, to_torch(d)) for Y, d in zip(outputs, d_scores) if Y.requires_grad]
        Ys, dYs = [Y for Y, _ in pairs], [d for _, d in pairs]
        backprop_torch(ArgsKwargs((Ys,), {"grad_tensors": dYs}))
        backprop_tok2vec(split(to_xp(Xt.grad), lengths))
        return docs

    arrays = [to_xp(Y) for Y in outputs]
    return TagScores._make([*arrays, model.ops.asarray1i(lengths)]), backprop


def finite(scores: TagScores) -> TagScores:
    """Emissions that overflowed as numbers all the same, so that what is decoded is legal. The
    other scores are weights, and those are finite.
    """
    xp = get_array_module(scores.emissions)
    if xp.isfinite(scores.emissions).all():
        return scores
    bounds = {"posinf": OVERFLOWN, "neginf": -OVERFLOWN}
    return scores._replace(emissions=xp.nan_to_num(scores.emissions, **bounds))


def decode(scores: TagScores, tags: Tags, allowed: Optional[Array2d] = None) -> Ints1d:
    """The best legal tags of every document, all documents in a row.

    allowed (Optional[Array2d]): Tags that each token may carry, boolean; None for all.
        *Shape:* ``(N, K)``
    RETURNS (Ints1d): In NumPy, on a GPU too. *Shape:* ``(N,)``
    """
    from ..nets import alone
    from ..nets.viterbi import viterbi

    found = arrays(scores, tags, allowed)
    if not len(found[0]):
        return numpy.zeros((0,), dtype="i8")
    if len(scores.lengths) == 1:
        return numpy.array(alone.viterbi(*found))
    a, packing = packed(found, scores.lengths.tolist())
    return viterbi(a)[packing.to_flat.numpy()]


def arrays(
    scores: TagScores, tags: Tags, allowed: Optional[Array2d], temperature: float = 1.0
) -> FourArrays:
    """Scores in NumPy and float64, whose loops over steps need no GPU; -inf where the scheme or
    `allowed` forbids. *Shapes:* ``(N, K), (K, K), (K,), (K,)``
    """
    found = [to_numpy(x).astype("d") / temperature for x in scores[:4]]
    for x, legal in zip(found, (allowed, tags.transitions, tags.start, tags.end)):
        if legal is not None:
            x[~legal] = -numpy.inf
    return found[0], found[1], found[2], found[3]


def packed(found: FourArrays, lengths: List[int]) -> Tuple["Arrays", "Packing"]:
    """The same as the nets read them, and the packing."""
    from ..nets.packing import make_packing
    from ..nets.potentials import Arrays

    emissions, *rules = found
    packing = make_packing(lengths)
    order = packing.to_packed.numpy()
    return Arrays._make([emissions[order], *rules, packing.batch_sizes]), packing


def loss(
    model: LabelerModel,
    scores: TagScores,
    tags: Tags,
    allowed: Array2d,
    costs: Optional[Floats2d] = None,
    smoothing: float = 0.0,
) -> Tuple[float, TagScores]:
    """Mean over the documents of the negative log-likelihood, and its gradient. If the
    loss is NaN or infinite, the gradient is zero, so that no layer below learns from it.

    allowed (Array2d): Tags that the annotation allows, boolean. *Shape:* ``(N, K)``
    costs (Optional[Floats2d]): Added to the emissions, so that a tag has to be beaten by
        its cost. *Shape:* ``(N, K)``
    smoothing (float): Label smoothing, which a CRF does not know.
    RETURNS (Tuple[float, TagScores]): Loss and gradient.
    """
    from ..nets import crf, softmax

    nll: Any = crf.negative_log_likelihood
    if model.attrs["decoding"] != "crf":
        nll = partial(softmax.negative_log_likelihood, smoothing=smoothing)
    p, packing, leaves = _potentials(scores, tags)
    gold = to_torch(allowed)[packing.to_packed]
    if costs is not None:
        p = p._replace(emissions=p.emissions + to_torch(costs)[packing.to_packed])
    mean = nll(p, gold).sum() / max(len(packing.order), 1)
    if bool(mean.isfinite()):
        mean.backward()
    grads = [to_xp(x.new_zeros(x.shape) if x.grad is None else x.grad) for x in leaves]
    return float(mean.detach()), TagScores._make([*grads, scores.lengths])


def _potentials(scores: TagScores, tags: Tags) -> Tuple["Potentials", "Packing", List[Any]]:
    """Scores as the loss reads them: packed, and -inf where the scheme forbids.

    RETURNS (Tuple[Potentials, Packing, List[Tensor]]): Also the packing, and the
        tensors that a gradient arrives at.
    """
    from ..nets.packing import make_packing
    from ..nets.potentials import NEVER, Potentials

    packing = make_packing(scores.lengths.tolist())
    leaves = [to_torch(x, requires_grad=True) for x in scores[:4]]
    index = packing.to_packed.to(leaves[0].device)
    legal = [to_torch(~mask) for mask in (tags.transitions, tags.start, tags.end)]
    rules = [x.masked_fill(no, NEVER) for x, no in zip(leaves[1:], legal)]
    p = Potentials._make([leaves[0].index_select(0, index), *rules, packing.batch_sizes])
    return p, packing, leaves


def rehearsal_loss(scores: TagScores, target: TagScores) -> Tuple[float, TagScores]:
    """Mean over the documents of half the squared difference of all scores, and its gradient.
    Tags that the target does not know are left alone.
    """
    documents = max(int((scores.lengths > 0).sum()), 1)
    grads = []
    for ours, theirs in zip(scores[:4], target[:4]):
        d = ours * 0.0
        known = tuple(slice(n) for n in theirs.shape)
        d[known] = ours[known] - theirs
        grads.append(d / documents)
    value = sum(float((d * d).sum()) for d in grads) * documents / 2
    return value, TagScores._make([*grads, scores.lengths])
