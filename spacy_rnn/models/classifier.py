"""The classifier: texts in, scores of classes out, and what is made of them."""

from typing import Any, Callable, Dict, List, Optional, Tuple, Union, cast

import numpy
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Model
from thinc.types import ArgsKwargs, Floats1d, Ints1d

from ..errors import Errors
from ..types import ClassifierModel, ClassScores, Passages, Tok2Vec
from .arrays import flatten, require_torch, split, to_torch, to_xp
from .checks import check_choice, check_least
from .ngrams import bags
from .passages import Read, are_wholes, kept, layout, reads, whole
from .resizing import resize
from .shim import RNNShim
from .threads import threads_for
from .windows import together

HEADS = ("exclusive", "multilabel", "ordinal", "regression")
POOLS = ("last", "mean", "max", "attention")
LISTENERS = ("tok2vec-listener", "transformer-listener")
# Texts are read in full, and their n-grams are not
WHOLE = {"ngrams": 0, "ngram_rows": 0, "max_length": 0, "head_and_tail": False, "may_cut": False}


@registry.architectures("spacy_rnn.SequenceClassifier.v1")
def build_sequence_classifier_v1(
    tok2vec: Tok2Vec,
    pooling: List[str] = ["max", "attention", "mean"],
    head: str = "exclusive",
    ngrams: int = 2,
    ngram_rows: int = 500_000,
    max_length: int = 0,
    head_and_tail: bool = True,
) -> ClassifierModel:
    """Score the classes of a text over any `tok2vec`: `spacy.Tok2Vec.v2`, a listener, a
    transformer's.

    tok2vec (Model[List[Doc], List[Floats2d]]): Makes a vector of each token.
    pooling (List[str]): How the vectors become one, side by side if there are several:
        "last" (the forward state at the last token and the backward state at the first),
        "mean", "max", "attention".
    head (str): "exclusive" (one class of several), "multilabel" (any number of classes),
        "ordinal" (classes in an order: bad, fair, good) or "regression" (numbers).
    ngrams (int): A branch beside the net knows n-grams of up to so many words; 0 for none.
    ngram_rows (int): How many n-grams it knows at most, the most frequent ones.
    max_length (int): Tokens of a document that the net reads, 0 for all. The n-grams are always
        those of the whole text.
    head_and_tail (bool): Of a longer document read the first half of that and the last half,
        not only the first tokens.
    RETURNS (Model[Union[List[Doc], Passages], ClassScores]): The classifier.
    """
    for pool in pooling:
        check_choice("pooling", pool, POOLS)
    if not pooling:
        raise ValueError(Errors.R031)
    numbers = {"ngrams": ngrams, "ngram_rows": ngram_rows, "max_length": max_length}
    for setting, value in numbers.items():
        check_least(setting, value, 0)
    has_listener = any(node.name in LISTENERS for node in tok2vec.walk())
    if max_length and has_listener:
        raise ValueError(Errors.R032)
    if "last" in pooling and has_listener:
        raise ValueError(Errors.R033)
    attrs = {
        "ngrams": ngrams,
        "ngram_rows": ngram_rows,
        "max_length": max_length,
        "head_and_tail": head_and_tail,
        "may_cut": not has_listener,
    }
    settings = {"pooling": list(pooling), "directions": _directions(tok2vec), "hidden": 0}
    return _classifier("sequence_classifier", tok2vec, head, settings, attrs)


@registry.architectures("spacy_rnn.MLPClassifier.v1")
def build_mlp_classifier_v1(
    tok2vec: Tok2Vec, width: int = 128, head: str = "exclusive"
) -> ClassifierModel:
    """One to one, the control that stands beside every recurrent net: a multi-layer perceptron
    over the mean of the vectors, blind to their order.

    tok2vec (Model[List[Doc], List[Floats2d]]): Makes a vector of each token, such as
        `spacy_rnn.WordEmbed.v1`, or `spacy_rnn.TensorEmbed.v1` for `doc.tensor`.
    width (int): Width of the hidden layer.
    head (str): As in `spacy_rnn.SequenceClassifier.v1`.
    RETURNS (Model[Union[List[Doc], Passages], ClassScores]): The classifier.
    """
    check_least("width", width, 1)
    settings = {"pooling": ["mean"], "directions": 1, "hidden": width}
    return _classifier("mlp_classifier", tok2vec, head, settings, WHOLE)


def _classifier(
    name: str, tok2vec: Tok2Vec, head: str, settings: Dict[str, Any], attrs: Dict[str, Any]
) -> ClassifierModel:
    check_choice("head", head, HEADS)
    require_torch(name)
    from ..nets.classifier import Classifier

    settings = {"nI": None, "nO": None, "head": head, "n_ngrams": None, **settings}
    return Model(
        name,
        forward,
        init=init,
        layers=[tok2vec],
        dims={"nO": None},
        refs={"tok2vec": tok2vec},
        attrs={**attrs, "head": head, "dropout_rate": 0.0, "resize_output": resize},
        shims=[RNNShim(Classifier, settings)],
    )


def _directions(tok2vec: Tok2Vec) -> int:
    """Whether the last layer reads in both directions."""
    encoders = [node for node in tok2vec.walk() if node.name == "rnn_encoder"]
    both = bool(encoders) and encoders[-1].shims[0].settings["bidirectional"]
    return 2 if both else 1


# Shapes


def init(model: ClassifierModel, X: Optional[List[Doc]] = None, Y: Any = None) -> ClassifierModel:
    """Build the net, once the width of the vectors and the number of labels are known."""
    tok2vec, shim = model.layers[0], cast(RNNShim, model.shims[0])
    tok2vec.initialize(X=X)
    if X and model.has_dim("nO"):
        nI = tok2vec.predict(X)[0].shape[1]
        shim.build(nI=nI, nO=model.get_dim("nO"), n_ngrams=shim.settings["n_ngrams"] or 0)
    return model


# Running


def forward(
    model: ClassifierModel, texts: Union[List[Doc], Passages], is_train: bool
) -> Tuple[ClassScores, Callable[[ClassScores], Any]]:
    """Score passages of documents, or documents as a whole."""
    passages = whole(texts)
    if not is_train:
        with threads_for(sum(map(len, passages.docs))):
            return _predict(model, passages), lambda d_scores: texts
    shim, found = cast(RNNShim, model.shims[0]), _reads(model, passages, windows=False)
    vectors, backprop_tok2vec = model.layers[0]([read.doc for read in found], is_train)
    rows, lengths, _ = layout(found)
    Xt = to_torch(flatten(model.ops, vectors, shim.module.nI), requires_grad=True)
    inputs = (Xt[_like(rows, Xt)], _segments(lengths, Xt), bags(model, passages))
    args = ArgsKwargs((*inputs, model.attrs["dropout_rate"]), {})
    (scores, shares), backprop_torch = shim.begin_update(args)

    def backprop(d_scores: ClassScores) -> Any:
        d_branches = to_torch(d_scores.branches)
        backprop_torch(ArgsKwargs(([scores],), {"grad_tensors": [d_branches]}))
        backprop_tok2vec(split(to_xp(Xt.grad), [len(X) for X in vectors]))
        return texts

    return ClassScores(to_xp(scores), to_xp(shares)), backprop


def _predict(model: ClassifierModel, passages: Passages) -> ClassScores:
    """Read some documents or windows at a time, keep what the pools make of each, and pool
    that.
    """
    shim = cast(RNNShim, model.shims[0])
    found = _reads(model, passages, windows=model.attrs["may_cut"])
    parts = [_pool(model, some) for some in together(found, lambda read: len(read.doc))]
    texts = len(passages.starts)
    scores, shares = shim.run(shim.module.finish, parts, texts, bags(model, passages))
    return ClassScores(to_xp(scores), _spread(model, to_xp(shares), passages))


def _pool(model: ClassifierModel, some: List[Read]) -> Any:
    """What the pools make of some reads."""
    from ..nets.classifier import PartlyRead

    shim = cast(RNNShim, model.shims[0])
    vectors = model.layers[0].predict([read.doc for read in some])
    X = to_torch(flatten(model.ops, vectors, shim.module.nI))
    rows, lengths, passage = layout(some)
    pooled, energies = shim.run(shim.module.pooling, X[_like(rows, X)], _segments(lengths, X))
    owners = _like(passage, X), _like(numpy.repeat(passage, lengths), X)
    return PartlyRead(pooled, energies, *owners)


def _reads(model: ClassifierModel, passages: Passages, windows: bool) -> List[Read]:
    attrs = model.attrs
    return reads(passages, attrs["max_length"], attrs["head_and_tail"], windows)


def _like(rows: Ints1d, X: Any) -> Any:
    """Indices as a tensor where the vectors are."""
    import torch

    return torch.from_numpy(rows).to(X.device)


def _segments(lengths: Ints1d, X: Any) -> Any:
    from ..nets.pooling import make_segments

    return make_segments(_like(lengths, X))


def _spread(model: ClassifierModel, shares: Floats1d, passages: Passages) -> Floats1d:
    """Attention over all tokens, 0 for those of long documents that were not read."""
    lengths = passages.ends - passages.starts
    if not len(shares) or len(shares) == lengths.sum():
        return shares
    attrs, most = model.attrs, are_wholes(passages) * model.attrs["max_length"]
    read = [kept(*pair, attrs["head_and_tail"]) for pair in zip(lengths.tolist(), most.tolist())]
    offsets = numpy.cumsum(lengths) - lengths
    out = model.ops.alloc1f(int(lengths.sum()))
    out[numpy.concatenate([o + tokens for o, tokens in zip(offsets, read)])] = shares
    return out
