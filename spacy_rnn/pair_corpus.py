"""Training examples of pairs, and of any documents whose annotation is in part given.

spaCy's own way from a file to examples, `spacy.Corpus.v1`, makes the document to be predicted
anew, from the text: what a component is to read and no other component finds, such as gold tags
for a lemmatizer or the form that is asked of an inflected word, is then only on the annotated
side. Here it is on both. And pairs are read as people have them.
"""

import warnings
from copy import copy
from pathlib import Path
from typing import Callable, Iterator, List, Optional, Sequence

from spacy import attrs
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Corpus, Example
from spacy.training.corpus import walk_corpus
from spacy.util import ensure_path, registry

from .data.pair_docs import TARGET, pair_doc
from .data.pairs import EMPTY, FEATURES, merge_pairs, read_pairs
from .data.source import read_lines
from .errors import Errors, Warnings
from .extensions import EXTENSION

ATTRS = ("tag", "pos", "morph", "lemma", "norm", "sent_start")
OF_DOC = ("cats", "tensor")
SPANS = "spans"


@registry.readers("spacy_rnn.PairCorpus.v1")
def create_pair_corpus(
    path: Optional[Path],
    target: str = TARGET,
    level: str = "doc",
    columns: Optional[List[str]] = None,
    given: List[str] = [EXTENSION + FEATURES],
) -> Callable[[Language], Iterator[Example]]:
    """Sources and their targets for `[corpora.train]` and `[corpora.dev]`. Both documents of an
    example have the same tokens.

    path (Optional[Path]): A .spacy file or a folder of them; or a table with TABs, a .jsonl file
        or a lexicon, as `spacy rnn convert` reads them.
    target (str): The extension for the targets of a file that is not .spacy.
    level (str): What of a document has it: the "doc", the "sent" that is all of it, or the one
        "token" that is the source.
    columns (Optional[List[str]]): The columns of a table, see `convert`.
    given (List[str]): What the document to be predicted has beforehand: "tag", "pos", "morph",
        "lemma", "norm", "sent_start", "cats", "tensor", "spans", or "_.NAME" for an extension of
        the document, its spans or its tokens.
    RETURNS (Callable[[Language], Iterator[Example]]): The reader.
    RAISES (ValueError): If there is no path, or something else is to be given.
    RAISES (DataError): On reading, if the file is not of this form.
    """
    if path is None:
        raise ValueError(Errors.R195)
    for name in given:
        if name not in (*ATTRS, *OF_DOC, SPANS) and not name.startswith(EXTENSION):
            raise ValueError(Errors.R196.format(name=name))
    file = ensure_path(path)

    def read(nlp: Language) -> Iterator[Example]:
        is_corpus = file.is_dir() or file.suffix == ".spacy"
        pairs = _saved(nlp, file) if is_corpus else _pairs(nlp, file, target, level, columns)
        for reference in pairs:
            yield Example(given_doc(reference, given), reference)

    return read


def _saved(nlp: Language, path: Path) -> Iterator[Doc]:
    yield from Corpus(path).read_docbin(nlp.vocab, walk_corpus(path, ".spacy"))


def _pairs(
    nlp: Language, path: Path, target: str, level: str, columns: Optional[Sequence[str]]
) -> Iterator[Doc]:
    pairs = read_pairs(path, read_lines(path), columns, level == "token")
    merged, notes = merge_pairs(path, pairs)
    empty = notes.get(EMPTY, [])
    if empty:
        text = Warnings.RW37.format(path=path, n=len(empty), first=empty[0])
        warnings.warn(text, stacklevel=2)
    for pair in merged:
        yield pair_doc(pair, nlp, level, target)


def given_doc(reference: Doc, given: Sequence[str]) -> Doc:
    """A document with the words of another, and so much of its annotation.

    given (Sequence[str]): "tag" and the like, or "_.NAME", see `create_pair_corpus`.
    """
    words, spaces = [t.text for t in reference], [bool(t.whitespace_) for t in reference]
    doc = Doc(reference.vocab, words=words, spaces=spaces)
    for name in given:
        if name in ATTRS:
            key = attrs.IDS[name.upper()]
            doc.from_array(key, reference.to_array(key))
        elif name in OF_DOC:
            setattr(doc, name, copy(getattr(reference, name)))
        elif name == SPANS:
            doc.spans.update({key: spans.copy(doc) for key, spans in reference.spans.items()})
    extensions = {name.removeprefix(EXTENSION) for name in given}
    for place, value in reference.user_data.items():
        # An extension stands under ("._.", name, first character, end)
        if isinstance(place, tuple) and place[0] == "._." and place[1] in extensions:
            doc.user_data[place] = value
    return doc
