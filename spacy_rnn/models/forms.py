"""Word forms as numbers, and a memory for what was computed of them."""

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

import numpy
from spacy.attrs import ORTH
from spacy.strings import get_string_id
from spacy.tokens import Doc
from thinc.api import get_array_module
from thinc.types import Floats2d, Ints1d

from ..types import FormVectors
from .shared import Shared

MAX_BYTES = 32  # of a word form that the character net reads, half from either end
MAX_FORMS = 50_000  # remembered at a time; then the memory starts anew,
MAX_FLOATS = 50_000_000  # as it does when their vectors fill 200 MB


def normalize(form: str) -> str:
    """The form under which a word is looked up: lower case, digits alike."""
    return "".join("0" if c.isdigit() else c for c in form.lower())


def shape(form: str) -> str:
    """Upper, lower, digit or the character itself, runs cut at three: Xxx, ddd, x.x."""
    out: List[str] = []
    for c in form:
        kind = "X" if c.isupper() else "x" if c.isalpha() else "d" if c.isdigit() else c
        if out[-3:] != [kind] * 3:
            out.append(kind)
    return "".join(out)


FEATURES: Dict[str, Callable[[str], str]] = {
    "prefix": lambda form: form[:3],
    "suffix": lambda form: form[-3:],
    "shape": shape,
    "case": lambda form: shape(form)[:2] + ("+" if form.isupper() else ""),
}


def feature_rows(form: str, features: Tuple[str, ...], rows: int) -> List[int]:
    """The row of each hashed feature in its table of that many rows."""
    return [get_string_id(f"{name}={FEATURES[name](form)}") % rows for name in features]


def form_bytes(form: str) -> Ints1d:
    """UTF-8 bytes plus 1, then zeros; a very long form loses its middle.

    RETURNS (Ints1d): uint8; no byte of UTF-8 is 255. *Shape:* ``(MAX_BYTES,)``
    """
    data = form.encode("utf8", "surrogatepass")
    if len(data) > MAX_BYTES:
        data = data[: MAX_BYTES // 2] + data[-MAX_BYTES // 2 :]
    out = numpy.zeros((MAX_BYTES,), dtype="uint8")
    out[: len(data)] = numpy.frombuffer(data, dtype="uint8") + 1
    return out


def word_key(form: str) -> int:
    """The 64-bit hash under which a word is looked up, never 0; it reads as an int64."""
    key = get_string_id(normalize(form))
    return numpy.array(key or 1, dtype="uint64").astype("int64").item()


class Features(NamedTuple):
    """What can be read off a word form."""

    key: int
    hashed: List[int]  # (F,)
    chars: Ints1d  # (MAX_BYTES,)


class WordTable:
    """Which row belongs to which word. Rows are given out in the order in which training
    meets the words, so no pass over the data is needed beforehand and training may go
    on with new ones. Row 0 is everybody's who has none.

    keys (Tensor): The words' hashes by row, 0 where a row is free; new words are
        written into it. int64. *Shape:* ``(rows,)``
    """

    def __init__(self, keys: Any):
        self.keys = keys
        self.rows = {key: row for row, key in enumerate(keys.tolist()) if key}
        self._met_in: Dict[int, int] = {}  # the one document a rare word was met in
        self._common = set(self.rows)

    def learn(self, key: int) -> int:
        """The word's row; an unknown word gets the next free one, if one is left."""
        row = self.rows.get(key, 0)
        if not row and len(self.rows) + 1 < len(self.keys):
            row = self.rows[key] = len(self.rows) + 1
            self.keys[row] = key
        return row

    def is_rare(self, key: int, first: int, last: int) -> bool:
        """Whether all of training so far has met the word in one document only.

        first, last (int): Which documents of the batch it was met in.
        """
        if key in self._common:
            return False
        if first == last == self._met_in.setdefault(key, first):
            return True
        self._common.add(key)
        self._met_in.pop(key, None)
        return False


class FormMemory(Shared):
    """What was computed of word forms, by the hash of the form (not by lexeme, which a
    `nlp.memory_zone` may free).
    """

    def __init__(self) -> None:
        super().__init__()
        self.table: Optional[WordTable] = None
        self._features: Dict[int, Features] = {}
        self._rows: Dict[int, int] = {}
        self._vectors: Any = None
        self._depends_on: Any = None
        self._stamp = object()

    def words(self, keys: Any) -> WordTable:
        """The table over those keys, made anew when the weights were exchanged."""
        if self.table is None or self.table.keys is not keys:
            self.table = WordTable(keys)
        return self.table

    def features(self, orth: int, form: str, names: Tuple[str, ...], rows: int) -> Features:
        """What can be read off a form, worked out once."""
        if orth not in self._features:
            if len(self._features) >= MAX_FORMS:
                self._features = {}
            hashed = feature_rows(form, names, rows)
            self._features[orth] = Features(word_key(form), hashed, form_bytes(form))
        return self._features[orth]

    def lookup(
        self, orths: Ints1d, compute: Callable[[List[int]], Floats2d], stamp: Any
    ) -> Tuple[Floats2d, Ints1d, object]:
        """The vectors of forms and which of them each token has; new ones are computed.

        orths (Ints1d): Hash of each token's form. *Shape:* ``(N,)``
        compute (Callable): Makes the vectors of distinct forms. *Shape:* ``(U, W)``
        stamp (Any): What they depend on; when it changes, all is forgotten.
        RETURNS (Tuple[Floats2d, Ints1d, object]): Table, rows and stamp as `FormVectors`
            has them.
        """
        hashes = orths.tolist()
        with self._lock:
            if stamp != self._depends_on or self._is_full():
                self._rows, self._vectors, self._depends_on = {}, None, stamp
                self._stamp = object()
            new = list(set(hashes).difference(self._rows))
            if new:
                self._append(new, compute(new))
            rows = numpy.fromiter(map(self._rows.__getitem__, hashes), "int64", len(hashes))
            return self._vectors[: len(self._rows)], rows, self._stamp

    def _is_full(self) -> bool:
        floats = 0 if self._vectors is None else len(self._rows) * self._vectors.shape[1]
        return len(self._rows) > MAX_FORMS or floats > MAX_FLOATS

    def _append(self, orths: List[int], vectors: Floats2d) -> None:
        used = len(self._rows)
        self._vectors = grown(self._vectors, used, vectors)
        self._rows.update(zip(orths, range(used, used + len(orths))))


class ProductMemory(Shared):
    """Products of word forms with the weights that read them, in step with a memory of
    their vectors.
    """

    def __init__(self) -> None:
        super().__init__()
        self._products: Any = None
        self._depends_on: Any = None
        self._known = 0
        self._recurrent: Tuple[int, Any] = (-1, None)

    def lookup(
        self, forms: FormVectors, compute: Callable[[Floats2d], Floats2d], version: int
    ) -> Floats2d:
        """The products of all forms.

        compute (Callable): Makes the products. *Shapes:* ``(U, W)`` to ``(U, P)``
        version (int): Of the weights that it uses.
        RETURNS (Floats2d): *Shape:* ``(at least U, P)``
        """
        with self._lock:
            if self._depends_on != (forms.stamp, version):
                self._products, self._known = None, 0
                self._depends_on = (forms.stamp, version)
            total = len(forms.table)
            if total > self._known:
                new = compute(forms.table[self._known :])
                self._products = grown(self._products, self._known, new)
                self._known = total
            return self._products

    def recurrent(self, compute: Callable[[], Any], version: int) -> Any:
        """What reads the products, put together once for as long as the weights stay.

        compute (Callable): Puts it together.
        version (int): Of the weights.
        """
        with self._lock:
            if self._recurrent[0] != version:
                self._recurrent = version, compute()
            return self._recurrent[1]


def grown(table: Any, used: int, new: Floats2d) -> Floats2d:
    """A table with rows behind those that are used, in a larger one if need be.

    table (Optional[Floats2d]): *Shape:* ``(at least used, W)``
    new (Floats2d): *Shape:* ``(U, W)``
    """
    total = used + len(new)
    if table is None or total > len(table):
        larger = get_array_module(new).empty((max(1024, 2 * total), new.shape[1]), dtype="f")
        if table is not None:
            larger[:used] = table[:used]
        table = larger
    table[used:total] = new
    return table


def orths_of(docs: List[Doc]) -> Ints1d:
    """The hash of every token's form, all documents in a row. *Shape:* ``(N,)``"""
    arrays = [doc.to_array(ORTH) for doc in docs if len(doc)]
    return numpy.concatenate(arrays) if arrays else numpy.zeros((0,), dtype="uint64")
