"""The parts of `spacy rnn explain` that look at what `rnn_seq2seq` writes: what became of each
part of a text, and where the decoder looked.
"""

import shutil
from typing import Any, List, NamedTuple, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc
from wasabi.util import color

from ..components.rnn_seq2seq import RNNSeq2Seq
from ..components.written import Look, Transduced
from ..errors import DataError, Errors
from ..levels import SPAN, key_of
from .matrix import (
    STYLE,
    Matrix,
    draw_matrix,
    draw_matrix_legend,
    matrix_legend,
    matrix_lines,
)
from .page import explained_page
from .pipelines import of_factories
from .shading import has_colours
from .visualize_strings import NOTHING, number, short

KNOWN = {
    "dictionary": "from the dictionary of the training data",
    "edits": "by an edit",
    "": "nobody knew",
}
NOTE = (
    "Rows are what was written, columns what was read; shades show where the decoder looked, not "
    "why it wrote what it did."
)


class Answer(NamedTuple):
    """What became of a source: a token, sentence, span or document.

    source (str): Its text.
    found (Transduced): What was written, by whom and where the decoder looked.
    """

    source: str
    found: Transduced


def writers(nlp: Language) -> List[str]:
    """The names of the components that write sequences."""
    return of_factories(nlp, RNNSeq2Seq.factory)


def answers(docs: Sequence[Doc], pipe: TrainablePipe) -> List[Answer]:
    """What is written for each part of documents, equal ones once, white space left out.

    RAISES (DataError): If spans are read and no document has one.
    """
    parts = [pipe.place.parts(doc) for doc in docs]
    if docs and not any(parts) and pipe.place.level.startswith(SPAN):
        key, n, text = key_of(pipe.place.level), len(docs), short(docs[0].text)
        raise DataError(Errors.R183.format(name=pipe.name, key=key, n=n, all=n, text=text))
    found = pipe.predict(docs)
    rows = {
        (part.text, transduced.text, transduced.by): Answer(part.text, transduced)
        for of_doc, written in zip(parts, found)
        for part, transduced in zip(of_doc, written)
        if part.text.strip()
    }
    return list(rows.values())


def title(answer: Answer) -> str:
    """`cats → cat, -0.02` or `cats → cat, from the dictionary of the training data`"""
    text = short(answer.found.text) or NOTHING
    more = KNOWN.get(answer.found.by, number(answer.found.score))
    cut = ", cut short" if answer.found.truncated else ""
    return f"{short(answer.source)} → {text}, {more}{cut}"


def matrix_of(look: Optional[Look]) -> Optional[Matrix]:
    """What can be drawn; None if nobody looked."""
    if look is None or not look.shares.size:
        return None
    return Matrix(look.source, look.written, look.shares.tolist())


def print_answers(found: Sequence[Answer]) -> None:
    """Print matrices, in colours if a terminal reads them."""
    colours, width = has_colours(), shutil.get_terminal_size((100, 24)).columns
    for answer, matrix in _with_matrices(found):
        print(color(title(answer), bold=True) if colours else title(answer))
        if matrix:
            print("\n".join(matrix_lines(matrix, colours, width)))
        print()
    if any(matrix for _, matrix in _with_matrices(found)):
        print(matrix_legend(colours))
        print(NOTE)


def _with_matrices(found: Sequence[Answer]) -> List[Tuple[Answer, Optional[Matrix]]]:
    return [(answer, matrix_of(answer.found.look)) for answer in found]


def answers_page(found: Sequence[Answer], pipe: Any, model: str, lang: str) -> str:
    """The page as HTML that needs no other file."""
    rows = _with_matrices(found)
    sections = [(title(a), draw_matrix(matrix) if matrix else "") for a, matrix in rows]
    drawn = any(matrix for _, matrix in rows)
    said = {"legend": draw_matrix_legend(), "note": NOTE} if drawn else {}
    what = {"lang": lang, "model": model, "component": pipe.name}
    return explained_page(sections, "sequences", own_style=STYLE, **said, **what)
