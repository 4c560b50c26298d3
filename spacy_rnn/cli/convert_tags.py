"""The part of `spacy rnn convert` that makes documents of sentences with entities."""

from functools import partial
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from spacy.language import Language
from spacy.tokens import Doc

from ..data.columns import read_columns
from ..data.conllu import read_conllu, read_iob2
from ..data.docs import group, split_documents, to_doc
from ..data.inline import read_inline
from ..data.jsonl import read_jsonl
from ..data.schemes import detect_scheme, keep_labels
from ..data.sentence import Lines, Sentence
from ..errors import DataError, Errors
from .summary import TEXT
from .writing import make_all

AUTO = "auto"
Group = List[Sentence]  # what becomes one Doc


class TagSettings(NamedTuple):
    """How the file is read and what becomes a document, see `convert`."""

    format: str
    scheme: str
    n_sents: int
    token_column: int
    tag_column: int


def convert_tags(
    path: Path,
    lines: Lines,
    nlp: Language,
    how: TagSettings,
    split: Optional[str],
    labels: Optional[List[str]],
    progress: bool,
) -> Tuple[str, List[Sentence], Dict[str, List[Doc]]]:
    """Make documents with entities.

    lines (Iterable[Tuple[int, str]]): The lines with their numbers.
    RETURNS (Tuple[str, List[Sentence], Dict[str, List[Doc]]]): The scheme of the tags, what the
        file has, and the documents by part, all of them part "" without a split.
    RAISES (DataError): If the file cannot be read.
    """
    sentences = list(_read(path, lines, nlp, how))
    if not sentences:
        raise DataError(Errors.R119.format(path=path))
    if labels is not None:
        sentences = [keep_labels(sentence, labels) for sentence in sentences]
    scheme = _choose_scheme(how.format, how.scheme, sentences)
    mark = how.format not in TEXT
    make = partial(to_doc, scheme=scheme, path=path, vocab=nlp.vocab, mark=mark)
    parts = _deal_out(sentences, how.n_sents, split, path)
    return scheme, sentences, make_all(parts, make, progress)


def _read(path: Path, lines: Lines, nlp: Language, how: TagSettings) -> Iterator[Sentence]:
    format = how.format
    if format == "columns":
        return read_columns(path, lines, how.token_column, how.tag_column)
    if format == "inline":
        return read_inline(path, lines, nlp.tokenizer)
    if format == "jsonl":
        return read_jsonl(path, lines, nlp.tokenizer)
    return read_iob2(path, lines) if format == "iob2" else read_conllu(path, lines)


def _choose_scheme(format: str, scheme: str, sentences: List[Sentence]) -> str:
    """The readers of text make their own tags; a file of tags has one scheme."""
    if format in TEXT:
        return "biluo"
    if scheme != AUTO:
        return scheme
    return "iob2" if format == "iob2" else detect_scheme(s.tags for s in sentences)


def _deal_out(
    sentences: List[Sentence], n_sents: int, split: Optional[str], path: Path
) -> Dict[str, List[Group]]:
    """What becomes one `Doc` each, by part; all of it is part "" without a split."""
    if split is None:
        return {"": list(group(sentences, n_sents))}
    documents = list(group(sentences, 0))
    if len(documents) == 1:
        return split_documents(list(group(sentences, n_sents)), split, path)
    parts = split_documents(documents, split, path)
    return {
        part: [taken for document in found for taken in group(document, n_sents)]
        for part, found in parts.items()
    }
