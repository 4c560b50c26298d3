"""Embeddings: documents in, a vector for each token out, from its form alone.

A form is computed once however often it stands in a batch, and at prediction once for
as long as the weights stay what they are.
"""

from typing import Any, Callable, Dict, List, Optional, Tuple, cast

import numpy
from spacy.attrs import ORTH
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab
from thinc.api import Model
from thinc.types import ArgsKwargs, Floats2d, Ints1d

from ..errors import Errors
from ..types import FormVectors, Tok2Vec
from .checks import check_choice, check_even, check_least, check_share
from .encoder import split
from .forms import FEATURES, Features, FormMemory, orths_of, word_key
from .shim import RNNShim, require_torch, to_torch, to_xp
from .vectors import VectorWatch, static_vectors

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
    unknown_rate (float): How often training reads a rare word as the unknown one (with
        "hashed", any word), so that unknown words have a meaning.
    word_dropout (float): How often training hides a whole word (Iyyer et al., 2015).
    RETURNS (Model[List[Doc], List[Floats2d]]): The embedding.
    """
    check_choice("words", words, ("learned", "hashed"))
    for feature in features:
        check_choice("features", feature, tuple(FEATURES))
    check_least("rows", rows, 1 if words == "learned" else 2)
    check_least("word_width", word_width, 0)
    if features:
        check_least("feature_rows", feature_rows, 1)
        check_least("feature_width", feature_width, 0)
    if chars is not None:
        _check_chars(chars, char_width)
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


def forward(
    model: Tok2Vec, docs: List[Doc], is_train: bool
) -> Tuple[List[Floats2d], Callable[[List[Floats2d]], List[Doc]]]:
    """Embed every token.

    docs (List[Doc]): The documents.
    RETURNS (Tuple[List[Floats2d], Callable]): *Shape:* ``(tokens, nO)``
    """
    lengths = [len(doc) for doc in docs]
    if not any(lengths):
        nothing = [model.ops.alloc2f(0, model.get_dim("nO")) for _ in docs]
        return nothing, lambda dYs: []
    if not is_train:
        return _recall(model, docs, lengths), lambda dYs: []
    flat, backprop = _learn(model, docs)

    def backprop_docs(dYs: List[Floats2d]) -> List[Doc]:
        backprop(model.ops.flatten(dYs))
        return []

    return split(flat, lengths), backprop_docs


def _recall(model: Tok2Vec, docs: List[Doc], lengths: List[int]) -> FormVectors:
    """Vectors out of the memory."""
    vocab, shim = docs[0].vocab, cast(RNNShim, model.shims[0])

    def compute(orths: List[int]) -> Floats2d:
        forms = _forms(model, vocab, orths)
        rows = _word_rows(model, forms, learn=False)
        return to_xp(shim.predict(_inputs(model, vocab, orths, forms, rows)))

    orths_of_tokens, memory = orths_of(docs), model.attrs["memory"]
    watch = model.attrs["watch"] if shim.settings.get("nV") else None
    depends_on = shim.version, watch and watch.version(vocab, orths_of_tokens)
    table, rows, stamp = memory.lookup(orths_of_tokens, compute, depends_on)
    vectors = FormVectors(split(table[rows], lengths))
    vectors.table, vectors.rows, vectors.stamp = table, rows, stamp
    return vectors


def _learn(model: Tok2Vec, docs: List[Doc]) -> Tuple[Floats2d, Callable[[Floats2d], None]]:
    """Vectors of the distinct forms of a batch, new words taken in. *Shape:* ``(N, nO)``"""
    vocab, shim = docs[0].vocab, cast(RNNShim, model.shims[0])
    orths, places, tokens = _distinct(docs)
    forms = _forms(model, vocab, orths)
    rows = _training_rows(model, forms, places)
    distinct, backprop = shim.begin_update(_inputs(model, vocab, orths, forms, rows))
    Yt = distinct.float().index_select(0, to_torch(tokens).long())
    if model.attrs["word_dropout"]:
        Yt = Yt * Yt.new_empty(len(Yt), 1).bernoulli_(1 - model.attrs["word_dropout"])

    def backprop_flat(dY: Floats2d) -> None:
        if Yt.requires_grad:
            backprop(ArgsKwargs(([Yt],), {"grad_tensors": [to_torch(dY)]}))

    return to_xp(Yt), backprop_flat


def _distinct(docs: List[Doc]) -> Tuple[List[int], List[Tuple[int, int]], Ints1d]:
    """The distinct forms of a batch, the documents in which each stands first and last,
    and the place of each token's form among them.
    """
    orths = orths_of(docs)
    unique, first, tokens = numpy.unique(orths, return_index=True, return_inverse=True)
    last = len(orths) - 1 - numpy.unique(orths[::-1], return_index=True)[1]
    identity = [hash(doc.to_array(ORTH).tobytes()) for doc in docs]
    of_token = numpy.repeat(identity, [len(doc) for doc in docs])
    return unique.tolist(), list(zip(of_token[first].tolist(), of_token[last].tolist())), tokens


def _forms(model: Tok2Vec, vocab: Vocab, orths: List[int]) -> List[Features]:
    memory, names = model.attrs["memory"], tuple(model.attrs["features"])
    rows = cast(RNNShim, model.shims[0]).settings.get("feature_rows", 1)
    return [memory.features(orth, vocab.strings[orth], names, rows) for orth in orths]


def _word_rows(model: Tok2Vec, forms: List[Features], learn: bool) -> List[int]:
    """The row of each form in the word table."""
    keys = cast(RNNShim, model.shims[0]).module.keys
    if not model.attrs["learned"]:
        return [1 + form.key % (len(keys) - 1) for form in forms]
    table = model.attrs["memory"].words(keys)
    return [table.learn(f.key) if learn else table.rows.get(f.key, 0) for f in forms]


def _training_rows(
    model: Tok2Vec, forms: List[Features], places: List[Tuple[int, int]]
) -> List[int]:
    """As above, but a rare word stands in for the unknown ones now and then."""
    rows, rate = _word_rows(model, forms, learn=True), model.attrs["unknown_rate"]
    table = model.attrs["memory"].words(cast(RNNShim, model.shims[0]).module.keys)
    chances = numpy.random.random(len(rows))
    for i, (form, (first, last)) in enumerate(zip(forms, places)):
        if table.is_rare(form.key, first, last) and chances[i] < rate:
            rows[i] = 0
    return rows


def _inputs(
    model: Tok2Vec, vocab: Vocab, orths: List[int], forms: List[Features], rows: List[int]
) -> ArgsKwargs:
    """What the net reads of each form. See `nets.words.Forms`."""
    words = to_torch(model.ops.asarray(rows, dtype="int64"))
    settings = cast(RNNShim, model.shims[0]).settings
    if "nV" not in settings:
        return ArgsKwargs((words,), {})
    from ..nets.words import Forms

    chars = numpy.stack([form.chars for form in forms])
    chars = chars[:, : max(1, int(chars.any(axis=0).sum()))]
    hashed = model.ops.asarray([form.hashed for form in forms], dtype="int64")
    strings = [vocab.strings[orth] for orth in orths] if settings["nV"] else [""] * len(orths)
    vectors = static_vectors(vocab, strings, settings["nV"])
    arrays = (hashed, model.ops.asarray(chars.astype("int64")), model.ops.asarray(vectors))
    return ArgsKwargs((Forms(words, *map(to_torch, arrays)),), {})
