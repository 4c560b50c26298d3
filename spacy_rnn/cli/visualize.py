"""`spacy rnn visualize` and `show`: predictions, gold beside them where they differ."""

# ruff: noqa: B008 - options are defaults of arguments, as in spaCy's own commands

from itertools import islice
from pathlib import Path
from typing import List, Tuple

from spacy.cli._util import Arg, Opt, setup_gpu
from spacy.language import Language
from spacy.training import Example
from wasabi import msg

from ..errors import DataError, Errors
from .page import write_text
from .pipelines import load, only_classifier, require_entities
from .visualize_entities import draw_entities, show_entities
from .visualize_generated import draw_generated, only_composer, reader, show_generated
from .visualize_strings import draw_strings, only_writer, show_strings
from .visualize_texts import draw_texts, show_texts


def visualize_cli(
    model: str = Arg(..., help="Pipeline: a folder or an installed package"),
    data_path: Path = Arg(..., help="Annotated documents (.spacy)", exists=True),
    output_path: Path = Arg(..., help="HTML file to write", dir_okay=False),
    limit: int = Opt(0, "--limit", "-n", help="Documents on the page, 0 for all", min=0),
    gpu_id: int = Opt(-1, "--gpu-id", "-g", help="GPU, or -1 for the CPU"),
) -> None:
    """
    Draw the entities of a data set on one page, gold beside predicted where they differ;
    or its texts with their classes, if the pipeline classifies texts and finds no entities;
    or what its rnn_seq2seq or its rnn_generator writes.
    """
    setup_gpu(gpu_id)
    try:
        differing, total = visualize(model, data_path, output_path, limit=limit)
    except DataError as err:
        msg.fail(str(err), exits=1)
    msg.good(f"{output_path}: {total} documents, {differing} with a difference")


def visualize(model: str, data_path: Path, output_path: Path, *, limit: int = 0) -> Tuple[int, int]:
    """Write the page.

    RETURNS (Tuple[int, int]): Documents with a difference, and all documents.
    RAISES (DataError): If the model cannot be loaded or does nothing that is drawn, or a file
        cannot be read or written.
    """
    nlp = load(model)
    pipe, writer, composer = only_classifier(nlp), only_writer(nlp), only_composer(nlp)
    examples = predict(nlp, data_path, limit)
    settings = {"lang": nlp.lang, "title": f"{model} on {data_path}"}
    if pipe is not None:
        html, differing = draw_texts(pipe, examples, settings)
    elif writer is not None:
        html, differing = draw_strings(writer, examples, settings)
    elif composer is not None:
        html, differing = draw_generated(composer, examples, settings)
    else:
        require_entities(nlp, model, examples)
        html, differing = draw_entities(nlp, examples, settings)
    write_text(output_path, html)
    return differing, len(examples)


def predict(nlp: Language, data_path: Path, limit: int = 0) -> List[Example]:
    """The examples of a data set with the predictions of a pipeline filled in, which
    `nlp.evaluate` does in copies only.

    data_path (Path): A .spacy file, or a folder with some.
    RAISES (DataError): If there is no document in it.
    """
    try:
        examples = list(islice(reader(nlp, data_path)(nlp), limit or None))
        if not examples:
            raise ValueError("no document in it")
    except Exception as err:  # see `load_docs`
        raise DataError(Errors.R140.format(path=data_path, why=err)) from err
    for eg, doc in zip(examples, nlp.pipe(eg.predicted for eg in examples)):
        eg.predicted = doc
    return examples


def show_cli(
    model: str = Arg(..., help="Pipeline: a folder or an installed package"),
    data_path: Path = Arg(..., help="Annotated documents (.spacy)", exists=True),
    n: int = Opt(5, "--number", "-n", help="How many sentences or texts to show", min=0),
) -> None:
    """
    Print the scores on a data set and its first sentences with entities marked, or some of
    its texts with their classes or with what rnn_seq2seq writes, right and wrong ones, or
    some of its conditions with what rnn_generator writes for them.
    """
    try:
        show(model, data_path, n)
    except DataError as err:
        msg.fail(str(err), exits=1)


def show(model: str, data_path: Path, n: int) -> None:
    """Print scores and texts.

    RAISES (DataError): If the model cannot be loaded or does nothing that is shown, or the data
        cannot be read.
    """
    nlp = load(model)
    pipe, writer, composer = only_classifier(nlp), only_writer(nlp), only_composer(nlp)
    examples = predict(nlp, data_path)
    if pipe is not None:
        rows, lines = show_texts(pipe, examples, n)
    elif writer is not None:
        rows, lines = [], show_strings(writer, examples, n)
    elif composer is not None:
        rows, lines = [], show_generated(composer, examples, n)
    else:
        require_entities(nlp, model, examples)
        rows, lines = show_entities(nlp, examples, n)
    if rows:
        msg.table(rows, header=("", "P", "R", "F"), aligns=("l", "r", "r", "r"))
    for line in lines:
        print(f"  {line}".rstrip())
    print()
