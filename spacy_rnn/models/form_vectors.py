"""Documents in, a vector for each token out, from its form alone.

A form is computed once however often it stands in a batch, and at prediction once for
as long as the weights stay what they are.
"""

from typing import Callable, List, Tuple, cast

import numpy
from spacy.attrs import ORTH
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.types import ArgsKwargs, Floats2d, Ints1d

from ..types import FormVectors, Tok2Vec
from .arrays import split, to_floats, to_ints, to_torch, to_xp
from .forms import Features, orths_of
from .shim import RNNShim
from .threads import threads_for
from .vectors import static_vectors


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
        with threads_for(sum(lengths)):
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
    words = to_ints(model.ops, rows)
    settings = cast(RNNShim, model.shims[0]).settings
    if "nV" not in settings:
        return ArgsKwargs((words,), {})
    from ..nets.words import Forms

    chars = numpy.stack([form.chars for form in forms])
    chars = chars[:, : max(1, int(chars.any(axis=0).sum()))]
    hashed = to_ints(model.ops, [form.hashed for form in forms])
    strings = [vocab.strings[orth] for orth in orths] if settings["nV"] else [""] * len(orths)
    vectors = static_vectors(vocab, strings, settings["nV"])
    read = (hashed, to_ints(model.ops, chars), to_floats(model.ops, vectors))
    return ArgsKwargs((Forms(words, *read),), {})
