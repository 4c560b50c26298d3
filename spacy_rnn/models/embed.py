"""Embeddings: a vector for each token, from its form alone. `form_vectors` runs them."""

from typing import Any, Dict, List, Optional, cast

import numpy
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Model
from thinc.types import Floats2d

from ..errors import Errors
from ..types import Tok2Vec
from .arrays import require_torch, to_torch
from .checks import check_choice, check_even, check_least, check_share
from .form_vectors import forward
from .forms import FEATURES, FormMemory, word_key
from .shim import RNNShim
from .vectors import VectorWatch

HINTED, HINT = 10, 0.3  # features of a word that take hints, and how strongly


@registry.architectures("spacy_rnn.WordEmbed.v1")
def build_word_embed_v1(
    words: str = "learned",
    rows: int = 12000,
    word_width: int = 100,
    features: List[str] = ["prefix", "suffix", "shape"],
    feature_width: int = 50,
    feature_rows: int = 5000,
    chars: Optional[str] = "cnn",
    char_width: int = 128,
    include_static_vectors: bool = False,
    vector_width: int = 400,
    unknown_rate: float = 0.5,
    word_dropout: float = 0.0,
) -> Tok2Vec:
    """Everything that can be read off a word form, side by side. Goes into
    `spacy.Tok2Vec.v2` as `embed`; its width is the sum of the widths of its parts.

    words (str): "learned" gives each word of the training data a row of its own until
        the table is full; "hashed" lets words share rows by their hash.
    rows (int): Rows of the word table; row 0 is for unknown words.
    word_width (int): Width of a word's row.
    features (List[str]): Hashed features: "prefix", "suffix", "shape", "case".
    feature_width (int): Width of each feature.
    feature_rows (int): Rows of each feature's table.
    chars (Optional[str]): Net over the form's bytes: "cnn", "lstm" or null for none.
    char_width (int): Width of what that net says.
    include_static_vectors (bool): Put the vocabulary's vectors beside it. They stay as
        they are; each word of the table learns a difference that starts at zero.
    vector_width (int): Width of a hidden layer over them, 0 for none. It tells in which
        neighbourhoods of words one lies: of most use for words that training never meets.
    unknown_rate (float): How often training reads a rare word as the unknown one (with
        "hashed", any word), so that unknown words have a meaning.
    word_dropout (float): How often training hides a whole word (Iyyer et al., 2015).
    RETURNS (Model[List[Doc], List[Floats2d]]): The embedding.
    """
    check_choice("words", words, ("learned", "hashed"))
    for feature in features:
        check_choice("features", feature, tuple(FEATURES))
    check_least("rows", rows, 1 if words == "learned" else 2)
    spelling = len(features) * feature_width + (char_width if chars else 0)
    check_least("word_width", word_width, 0 if spelling or include_static_vectors else 1)
    if features:
        check_least("feature_rows", feature_rows, 1)
        check_least("feature_width", feature_width, 0)
    if chars is not None:
        _check_chars(chars, char_width)
    check_least("vector_width", vector_width, 0)
    check_share("unknown_rate", unknown_rate)
    check_share("word_dropout", word_dropout)
    require_torch("spacy_rnn.WordEmbed.v1")
    from ..nets.words import WordEmbed

    settings = {
        "rows": rows,
        "word_width": word_width,
        "n_features": len(features),
        "feature_rows": feature_rows,
        "feature_width": feature_width,
        "chars": chars,
        "char_width": char_width,
        "nV": None if include_static_vectors else 0,
        "vector_width": vector_width,
    }
    attrs = {
        "features": list(features),
        "learned": words == "learned",
        "unknown_rate": unknown_rate,
        "word_dropout": word_dropout,
    }
    return _embed("word_embed", RNNShim(WordEmbed, settings), None, attrs)


def _check_chars(chars: str, char_width: int) -> None:
    """Refuse a net over bytes that cannot be built."""
    check_choice("chars", chars, ("cnn", "lstm"))
    check_least("char_width", char_width, 1)
    if chars == "lstm":
        check_even("char_width", char_width)


@registry.architectures("spacy_rnn.OneHotEmbed.v1")
def build_one_hot_embed_v1(n_words: int = 10000) -> Tok2Vec:
    """The embedding of the classroom: a vector of zeros with a 1 at the word's place.
    Places are given out in the order in which training meets the words.

    n_words (int): Width of the output; place 0 is for unknown words.
    RETURNS (Model[List[Doc], List[Floats2d]]): The embedding.
    """
    check_least("n_words", n_words, 1)
    require_torch("spacy_rnn.OneHotEmbed.v1")
    from ..nets.words import OneHot

    attrs = {"features": [], "learned": True, "unknown_rate": 0.5, "word_dropout": 0.0}
    return _embed("one_hot", RNNShim(OneHot, {"nO": n_words}), n_words, attrs)


def _embed(name: str, shim: RNNShim, nO: Optional[int], attrs: Dict[str, Any]) -> Tok2Vec:
    attrs = {**attrs, "memory": FormMemory(), "watch": VectorWatch()}
    return Model(name, forward, init=init, dims={"nO": nO}, attrs=attrs, shims=[shim])


def init(model: Tok2Vec, X: Optional[List[Doc]] = None, Y: Any = None) -> Tok2Vec:
    """Build the net, once the width of the static vectors is known."""
    shim = cast(RNNShim, model.shims[0])
    if shim.settings.get("nV", 0) == 0:
        shim.build()
    elif X:
        if not X[0].vocab.vectors_length:
            raise ValueError(Errors.R015)
        shim.build(nV=X[0].vocab.vectors_length)
    if shim.is_built:
        model.set_dim("nO", shim.module.nO, force=True)
    return model


def start_words(model: Tok2Vec, words: List[str], hints: Floats2d) -> None:
    """Let the rows of words begin with what is known of them, written into some of their
    features beside what chance put there. With static vectors, which know more, nothing
    changes.

    hints (Floats2d): Numbers around 0. *Shape:* ``(len(words), R)``
    """
    shim = cast(RNNShim, model.shims[0])
    if shim.settings["nV"] or not model.attrs["learned"]:
        return
    table = model.attrs["memory"].words(shim.module.keys)
    rows = numpy.array([table.learn(word_key(word)) for word in words], dtype="i8")
    width = min(HINTED, shim.settings["word_width"])
    signs = numpy.random.choice([-HINT, HINT], width)
    values = hints[:, numpy.arange(width) % hints.shape[1]] * signs
    found = to_torch(model.ops.asarray(rows[rows > 0]))
    weights = shim.module.words.weight.data
    weights[found.long(), :width] += to_torch(model.ops.asarray2f(values[rows > 0]))
    shim.version += 1
