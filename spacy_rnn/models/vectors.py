"""Word vectors that a net takes as they are, and a watch that notices when they change."""

from itertools import repeat
from typing import Any, Dict, List, Set

import numpy
from spacy.strings import get_string_id
from spacy.vocab import Vocab
from thinc.api import get_array_module
from thinc.types import Floats2d, Ints1d
from thinc.util import to_numpy

from ..errors import Errors
from .forms import grown, normalize
from .shared import Shared

MAX_WATCHED = 50_000  # forms at a time; then the watch starts anew


def static_vectors(vocab: Vocab, forms: List[str], width: int) -> Floats2d:
    """The vector of each form: as it stands, else in lower case, else with its digits
    alike, else zeros.

    RETURNS (Floats2d): *Shape:* ``(U, width)``
    RAISES (ValueError): If the vocabulary's vectors have another width.
    """
    if width and vocab.vectors_length != width:
        raise ValueError(Errors.R016.format(found=vocab.vectors_length, wanted=width))
    out = numpy.zeros((len(forms), width), dtype="f")
    for i, form in enumerate(forms if width else []):
        if (key := _key_of(vocab.vectors, form)) is not None:
            out[i] = to_numpy(vocab.vectors[key])
    return out


def _key_of(vectors: Any, form: str) -> Any:
    """Under what the vector of a form is found, None if it has none."""
    keys = (get_string_id(spelling) for spelling in (form, form.lower(), normalize(form)))
    return next((key for key in keys if key in vectors), None)


class VectorWatch(Shared):
    """Tells whether the vectors of words are still the same: `vocab.set_vector` writes into the
    table and tells nobody.
    """

    def __init__(self) -> None:
        super().__init__()
        self._start(None)

    def _start(self, vectors: Any) -> None:
        self._vectors, self._n_keys = vectors, getattr(vectors, "n_keys", 0)
        self._rows: Dict[int, int] = {}  # of a form in what was seen
        self._seen: Any = None
        self._places = numpy.zeros(0, dtype="i8")  # of what was seen, in the table
        self._version = object()

    def version(self, vocab: Vocab, orths: Ints1d) -> object:
        """The same for as long as the vectors stay that it was asked about.

        orths (Ints1d): Hash of each token's form. *Shape:* ``(N,)``
        """
        forms = set(orths.tolist())
        with self._lock:
            if self._is_over(vocab.vectors) or self._has_changed(forms):
                self._start(vocab.vectors)
            if vocab.vectors.mode == "default" and len(vocab.vectors.data):
                self._look_at(vocab, list(forms.difference(self._rows)))
            return self._version

    def _is_over(self, vectors: Any) -> bool:
        """Whether there is another table, or one with other words, or too much was seen."""
        same = vectors is self._vectors and vectors.n_keys == self._n_keys
        return not same or len(self._rows) > MAX_WATCHED

    def _has_changed(self, forms: Set[int]) -> bool:
        rows = numpy.fromiter(map(self._rows.get, forms, repeat(-1)), "i8", len(forms))
        seen = rows[rows >= 0]
        if not len(seen):
            return False
        data = self._vectors.data
        places, seen = map(get_array_module(data).asarray, (self._places[seen], seen))
        return bool((data[places] != self._seen[seen]).any())

    def _look_at(self, vocab: Vocab, new: List[int]) -> None:
        """Remember the vectors of forms. A form without one has the last, which is no harm."""
        if not new:
            return
        keys = [_key_of(vocab.vectors, vocab.strings[form]) for form in new]
        places = [-1 if key is None else int(vocab.vectors.key2row[key]) for key in keys]
        used = len(self._rows)
        self._seen = grown(self._seen, used, vocab.vectors.data[places])
        self._places = numpy.append(self._places, places)
        self._rows.update(zip(new, range(used, used + len(new))))
