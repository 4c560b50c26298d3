"""`spacy rnn explain`: texts with each word shaded by its share of the attention, and for what
`rnn_seq2seq` writes a matrix.
"""

# ruff: noqa: B008 - options are defaults of arguments, as in spaCy's own commands

import sys
from functools import partial
from pathlib import Path
from typing import Any, List, Optional, Sequence

from spacy.cli._util import Arg, Opt
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc
from wasabi import msg
from wasabi.util import color

from ..errors import DataError, Errors
from ..levels import key_of, texts_of
from .classified import Reading, caution, heading, read
from .explain_strings import answers, answers_page, print_answers, writers
from .finding import shorten
from .page import explained_page, write_text
from .pipelines import ATTENTION, classifiers, load, take
from .shading import (
    draw,
    draw_legend,
    has_colours,
    largest,
    number,
    number_legend,
    paint,
    paint_legend,
    plain,
)


def explain_cli(
    model: str = Arg(..., help="Pipeline: a folder or an installed package"),
    texts: List[str] = Arg(..., help="Texts, or - for one from each line of stdin"),
    output_path: Optional[Path] = Opt(
        None, "--output", "-o", help="HTML file to write instead of printing", dir_okay=False
    ),
    component: Optional[str] = Opt(
        None, "--component", "-c", help="Its name, if not the first that can be explained"
    ),
) -> None:
    """
    Draw texts with each word shaded by its share of the attention, and with their classes; or
    for rnn_seq2seq a matrix of what was written by what was read.
    """
    try:
        explain(model, texts, output_path, component=component)
    except ValueError as err:
        msg.fail(str(err), exits=1)


def explain(
    model: str,
    texts: Sequence[str],
    output_path: Optional[Path] = None,
    *,
    component: Optional[str] = None,
) -> None:
    """Print texts, or write them to a page.

    model (str): The folder or the package of a pipeline.
    texts (Sequence[str]): What to read; "-" stands for the lines of stdin.
    output_path (Optional[Path]): The page; None prints to the terminal.
    component (Optional[str]): Which component; None takes the first that classifies texts, or
        else the first that writes sequences.
    RAISES (ValueError): If there is no text, no such component or no attention, or the page
        cannot be written.
    """
    texts = gather(texts)
    nlp = load(model)
    pipe = choose(nlp, model, component)
    docs = list(nlp.pipe(texts))
    found: Sequence[Any]
    if pipe.name in writers(nlp):
        found = answers(docs, pipe)
        printed, page = partial(print_answers, found), partial(answers_page, found)
    else:
        found = read_all(docs, pipe)
        printed, page = partial(print_readings, found, caution(pipe)), partial(make_page, found)
    if output_path is None:
        printed()
    else:
        write_text(output_path, page(pipe, model, nlp.lang))
        msg.good(f"{output_path}: {len(found)} text(s)")


def gather(texts: Sequence[str]) -> List[str]:
    """The texts, those of stdin among them, without blank ones.

    RAISES (DataError): If there is none, or stdin is not UTF-8.
    """
    found: List[str] = []
    for text in texts:
        found += read_stdin() if text == "-" else [text]
    found = [text for text in found if text.strip()]
    if not found:
        raise DataError(Errors.R182)
    return found


def read_stdin() -> List[str]:
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise DataError(Errors.R184.format(why=err)) from err
    return [line.rstrip("\r") for line in text.split("\n")]


def choose(nlp: Language, model: str, component: Optional[str] = None) -> TrainablePipe:
    """The component to explain, which keeps its attention from now on.

    RAISES (ValueError): If there is no such component, or its model does not attend.
    """
    classify, write = classifiers(nlp), writers(nlp)
    names = [*classify, *write]
    if not names:
        there = ", ".join(nlp.pipe_names) or "no component"
        raise DataError(Errors.R180.format(model=model, there=there))
    name = component or names[0]
    if name not in names:
        there = ", ".join(names)
        raise DataError(Errors.R181.format(name=name, model=model, there=there))
    pipe = take(nlp, name) if name in classify else nlp.get_pipe(name)
    pipe.keep_attention(pipe.attention or ATTENTION)
    return pipe


def read_all(docs: Sequence[Doc], pipe: TrainablePipe) -> List[Reading]:
    """What was found in each text, sentence or span. Documents without a span are counted.

    RAISES (DataError): If no document has one.
    """
    found = [texts_of(doc, pipe.level) for doc in docs]
    without = [doc for doc, some in zip(docs, found) if not some]
    if without:
        error = Errors.R183.format(
            name=pipe.name,
            key=key_of(pipe.level),
            n=len(without),
            all=len(docs),
            text=shorten(without[0].text),
        )
        if len(without) == len(docs):
            raise DataError(error)
        msg.warn(error)
    return [read(text, pipe) for some in found for text in some]


def print_readings(readings: Sequence[Reading], note: str) -> None:
    """Print texts, in colours if a terminal reads them."""
    colours = has_colours()
    for reading in readings:
        title = plain(heading(reading))
        print(color(title, bold=True) if colours else title)
        print((paint if colours else number)(reading.words).rstrip())
        if largest(reading.words):
            print(paint_legend(reading.words) if colours else number_legend(reading.words))
        print()
    print(note)


def make_page(readings: Sequence[Reading], pipe: TrainablePipe, model: str, lang: str) -> str:
    """The page as HTML that needs no other file."""
    sections = [(heading(r), f"{draw(r.words)}\n{draw_legend(r.words)}") for r in readings]
    what = {"lang": lang, "model": model, "component": pipe.name}
    return explained_page(sections, "texts", note=caution(pipe), **what)
