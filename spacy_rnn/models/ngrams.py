"""N-grams of texts: as numbers, as rows of a table, and what counting them says."""

from typing import Any, Tuple, cast

import numpy
from spacy.attrs import LOWER
from thinc.types import Array1d, Floats2d, Ints1d

from ..types import ClassifierModel, Passages
from .arrays import to_floats, to_ints, to_torch, to_xp
from .embed import start_words
from .passages import rows_of_passages
from .shim import RNNShim

MIX = numpy.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio
_NONE = numpy.zeros(0, dtype="u8")
_NO_GRAMS = numpy.zeros(0, dtype="i8"), numpy.zeros(0, dtype="i8")


def ngram_keys(passages: Passages, longest: int) -> Tuple[Ints1d, Ints1d]:
    """The distinct n-grams of each passage: words in lower case, one to several in a row.

    passages (Passages): The passages.
    longest (int): Words in the longest n-gram, 0 for none at all.
    RETURNS (Tuple[Ints1d, Ints1d]): A hash for each, and the passage that it stands in,
        passages in order. *Shapes:* ``(G,)``
    """
    rows, lengths = rows_of_passages(passages)
    owner = numpy.repeat(numpy.arange(len(lengths)), lengths)
    flat = _flat(passages)[rows]
    parts = [_grams(flat, owner, n) for n in range(1, longest + 1)]
    return _distinct(*map(numpy.concatenate, zip(_NO_GRAMS, *parts)))


def _flat(passages: Passages) -> Array1d:
    """The words of all documents. *Shape:* ``(N,)``"""
    return numpy.concatenate([_NONE, *(doc.to_array(LOWER) for doc in passages.docs if len(doc))])


def _grams(flat: Array1d, owner: Ints1d, n: int) -> Tuple[Array1d, Ints1d]:
    """All n-grams of one length, none across the border of two owners."""
    stop = max(len(flat) - n + 1, 0)
    keys = numpy.full(stop, n, dtype="u8")
    for i in range(n):
        keys = _mixed(keys ^ flat[i : stop + i])
    whole = owner[:stop] == owner[n - 1 :]
    return keys[whole].view("i8"), owner[:stop][whole]


def _mixed(keys: Array1d) -> Array1d:
    """Spread the bits, so that order counts."""
    keys = keys * MIX
    return keys ^ (keys >> numpy.uint64(29))


def _distinct(keys: Array1d, owners: Ints1d) -> Tuple[Ints1d, Ints1d]:
    order = numpy.lexsort((keys, owners))
    keys, owners = keys[order], owners[order]
    new = numpy.ones(len(keys), dtype=bool)
    new[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
    return keys[new], owners[new]


def frequent(keys: Ints1d, most: int) -> Ints1d:
    """The keys that stand in the most texts, at most so many, sorted. *Shape:* ``(R,)``"""
    distinct, counts = numpy.unique(keys, return_counts=True)
    return numpy.sort(distinct[numpy.argsort(-counts, kind="stable")[:most]])


def table_rows(keys: Ints1d, owners: Ints1d, table: Ints1d, texts: int) -> Tuple[Ints1d, Ints1d]:
    """The rows of a sorted table, keys that it lacks left out, and where each text begins.
    *Shapes:* ``(G,), (texts,)``
    """
    place = numpy.searchsorted(table, keys)
    known = place < len(table)
    known[known] = table[place[known]] == keys[known]
    sizes = numpy.bincount(owners[known], minlength=texts)
    return place[known], numpy.cumsum(sizes) - sizes


def learn_ngrams(model: ClassifierModel, passages: Passages) -> Ints1d:
    """Choose the n-grams that a model will know, before it is built.

    RETURNS (Ints1d): Their keys. *Shape:* ``(rows,)``
    """
    table = frequent(_keys(model, passages)[0], model.attrs["ngram_rows"])
    shim = cast(RNNShim, model.shims[0])
    shim.settings = {**shim.settings, "n_ngrams": len(table)}
    return table


def start_from_counts(
    model: ClassifierModel, passages: Passages, gold: Floats2d, known: Floats2d, table: Ints1d
) -> None:
    """Let n-grams, and words that have no vector, begin with what counting says of the
    training data.

    gold (Floats2d): How much each passage belongs to each label. *Shape:* ``(U, K)``
    known (Floats2d): 1 where that is known, and 0 where it is not. *Shape:* ``(U, K)``
    table (Ints1d): What `learn_ngrams` chose. *Shape:* ``(rows,)``
    """
    net = cast(RNNShim, model.shims[0]).module
    if net.ngrams is None:
        return
    net.ngrams.keys.copy_(to_torch(table))
    if net.head != "regression":
        height = numpy.linspace(0, 1, gold.shape[1])[:, None]  # of each step of a ladder
        wanted = gold @ height if net.head == "ordinal" else gold
        arrays = (wanted, known[:, : wanted.shape[1]])
        by_class = (to_floats(model.ops, array) for array in arrays)
        ratios = net.ngrams.start_from_counts(bags(model, passages), *by_class)
        _start_words(model, passages, table, to_xp(ratios))


def _start_words(
    model: ClassifierModel, passages: Passages, table: Ints1d, ratios: Floats2d
) -> None:
    """The most frequent words first, should there be more than rows. A word of a single text
    gets no hint: to the net it would give that text away.
    """
    if not len(table):
        return
    distinct, counts = numpy.unique(ngram_keys(passages, 1)[0], return_counts=True)
    words = numpy.unique(_flat(passages))
    keys = _grams(words, numpy.arange(len(words)), 1)[0]
    counts = counts[numpy.searchsorted(distinct, keys).clip(max=len(distinct) - 1)]
    known = numpy.isin(keys, distinct) & numpy.isin(keys, table) & (counts > 1)
    order = numpy.argsort(-counts[known], kind="stable")
    words, keys = words[known][order], keys[known][order]
    strings = passages.docs[0].vocab.strings
    for node in model.layers[0].walk():
        if node.name == "word_embed":
            hints = ratios[numpy.searchsorted(table, keys)]
            start_words(node, [strings[word] for word in words.tolist()], hints)


def bags(model: ClassifierModel, passages: Passages) -> Any:
    """The n-grams of passages as the net reads them, None if it does not."""
    from ..nets.ngrams import Bags

    net = cast(RNNShim, model.shims[0]).module
    if net.ngrams is None:
        return None
    table = net.ngrams.keys.cpu().numpy()
    arrays = table_rows(*_keys(model, passages), table, len(passages.starts))
    return Bags(*(to_ints(model.ops, array) for array in arrays))


def _keys(model: ClassifierModel, passages: Passages) -> Tuple[Ints1d, Ints1d]:
    return ngram_keys(passages, model.attrs["ngrams"])
