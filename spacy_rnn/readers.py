"""Training examples that are sequences of numbers.

spaCy's own way from a file to examples loses the numbers twice: a `.spacy` file (DocBin) does
not keep `doc.tensor`, and `spacy.Corpus.v1` makes the document to be predicted from the text of
the annotated one. `doc.user_data` can be kept in the file, but still only the annotated side has
it, so an augmenter would have to carry it over. And who has signals has arrays, not documents.
So: one file of arrays, as `numpy.savez` writes it.
"""

from itertools import accumulate
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import ensure_path, registry
from spacy.vocab import Vocab
from thinc.types import Floats2d, Ints1d

from .errors import DataError, Errors

WORD = "_"  # stands for a row of numbers


class Recordings(NamedTuple):
    """B sequences of N rows in all, one after the other."""

    vectors: Floats2d  # (N, W) float32
    lengths: Ints1d  # (B,)
    labels: List[str]  # (B,)


@registry.readers("spacy_rnn.TensorCorpus.v1")
def create_tensor_corpus(path: Optional[Path]) -> Callable[[Language], Iterator[Example]]:
    """Labelled sequences of numbers for `[corpora.train]` and `[corpora.dev]`. Both documents of
    an example have one row of `doc.tensor` a token; the reference has its label in `doc.cats`,
    beside the other labels of the file with 0.

    path (Optional[Path]): A file that numpy.savez wrote, with the arrays `vectors` (N, W), the
        rows of all sequences one after the other; `lengths` (B,), the rows of each; and
        `labels` (B,), strings.
    RETURNS (Callable[[Language], Iterator[Example]]): The reader.
    RAISES (ValueError): If there is no path.
    RAISES (DataError): On reading, if the file is not of this form.
    """
    if path is None:
        raise ValueError(Errors.R176)

    def read(nlp: Language) -> Iterator[Example]:
        yield from examples(nlp.vocab, read_recordings(ensure_path(path)))

    return read


def examples(vocab: Vocab, recordings: Recordings) -> Iterator[Example]:
    """Documents to be predicted beside documents with their labels."""
    known = sorted(set(recordings.labels))
    ends = accumulate(recordings.lengths.tolist())
    for length, end, label in zip(recordings.lengths.tolist(), ends, recordings.labels):
        predicted = doc_of_tensor(vocab, recordings.vectors[end - length : end])
        reference = predicted.copy()
        reference.cats = {name: float(name == label) for name in known}
        yield Example(predicted, reference)


def doc_of_tensor(vocab: Vocab, array: Floats2d) -> Doc:
    """A document for `spacy_rnn.TensorEmbed.v1`: a token for each row of numbers, without words.

    vocab (Vocab): The pipeline's.
    array (Floats2d): Any real numbers, also on a GPU. *Shape:* ``(tokens, W)``
    RETURNS (Doc): The document, with the array as `doc.tensor`.
    RAISES (ValueError): If the array has another form.
    """
    shape, dtype = getattr(array, "shape", None), getattr(array, "dtype", None)
    if shape is None or len(shape) != 2 or getattr(dtype, "kind", None) not in tuple("biuf"):
        raise ValueError(Errors.R179.format(kind=type(array).__name__, shape=shape, dtype=dtype))
    doc = Doc(vocab, words=[WORD] * len(array))
    doc.tensor = array
    return doc


# Reading a file


def read_recordings(path: Path) -> Recordings:
    """Read a file that numpy.savez wrote. Nothing in it is ever executed.

    RAISES (DataError): If the file or an array of it is not as `create_tensor_corpus` says.
    """
    arrays = _load(path)
    for name, (ndim, kinds, wanted) in FORMS.items():
        array = arrays[name]
        if array.ndim != ndim or array.dtype.kind not in kinds:
            found = f"has the shape {array.shape} and holds {array.dtype}"
            raise _error(path, name, found, wanted)
    vectors, lengths, labels = (arrays[name] for name in FORMS)
    _check_sizes(path, vectors, lengths, labels)
    with numpy.errstate(over="ignore"):  # what float32 cannot hold is refused as infinite
        vectors = vectors.astype("float32", copy=False)
    _check_finite(path, vectors, lengths)
    return Recordings(vectors, lengths, labels.tolist())


FORMS = {  # dimensions, kinds of dtype and the same in words
    "vectors": (2, "biuf", "be real numbers, a row for each step of all sequences"),
    "lengths": (1, "iu", "be whole numbers, one for each sequence"),
    "labels": (1, "U", "be strings, one for each sequence: numpy.array(labels, dtype=str)"),
}


def _load(path: Path) -> Dict[str, Any]:
    try:
        with path.open("rb") as raw:
            file = numpy.load(raw, allow_pickle=False)
            names = list(getattr(file, "files", []))
            if missing := [name for name in FORMS if name not in names]:
                raise ValueError(f"no array {missing[0]!r} in it, only {names}")
            return {name: file[name] for name in FORMS}
    except OSError as e:
        raise DataError(Errors.R101.format(path=path, why=e.strerror or e)) from e
    except Exception as e:  # zip, zlib and NumPy have many for a damaged file
        raise DataError(Errors.R177.format(path=path, why=e)) from e


def _check_sizes(path: Path, vectors: Any, lengths: Any, labels: Any) -> None:
    """Whether the arrays fit each other."""
    if len(labels) != len(lengths):
        found = f"has {len(labels)} of them"
        raise _error(path, "labels", found, f"have one for each of the {len(lengths)} 'lengths'")
    if not len(labels):
        raise _error(path, "labels", "is empty", "have one for each sequence")
    if not all(label.strip() for label in labels.tolist()):
        raise _error(path, "labels", "has an empty one", "name a label for each sequence")
    if min(lengths.tolist()) < 0 or sum(lengths.tolist()) != len(vectors):
        found = f"adds up to {sum(lengths.tolist())}, the smallest {min(lengths.tolist())}"
        wanted = f"be at least 0 and add up to the {len(vectors)} rows of 'vectors'"
        raise _error(path, "lengths", found, wanted)


def _check_finite(path: Path, vectors: Floats2d, lengths: Ints1d) -> None:
    rows, columns = numpy.nonzero(~numpy.isfinite(vectors))
    if len(rows):
        starts = numpy.cumsum(lengths) - lengths
        i = int(numpy.searchsorted(starts, rows[0], side="right")) - 1
        where = f"{path}: array 'vectors', sequence {i + 1}"
        row = int(rows[0]) - int(starts[i])
        raise DataError(Errors.R174.format(where=where, row=row, column=columns[0]))


def _error(path: Path, name: str, found: str, wanted: str) -> DataError:
    return DataError(Errors.R178.format(path=path, name=name, found=found, wanted=wanted))
