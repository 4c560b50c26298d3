"""`spacy rnn convert`: annotated text to the format that spaCy trains on."""

# ruff: noqa: B008 - options are defaults of arguments, as in spaCy's own commands

from enum import Enum
from pathlib import Path
from typing import List, Optional, Union

from spacy.cli._util import Arg, Opt
from wasabi import msg

from ..data.detect import detect_format
from ..data.docs import parse_shares
from ..data.source import read_lines
from ..errors import DataError, Errors
from .convert_acts import convert_acts
from .convert_pairs import Places, convert_pairs
from .convert_tags import AUTO, TagSettings, convert_tags
from .convert_texts import Columns, convert_texts
from .pipelines import blank
from .summary import Summary, print_summary, summarize, summarize_pairs, summarize_texts
from .writing import write_all


class Format(str, Enum):
    auto = AUTO
    columns = "columns"
    conllu = "conllu"
    iob2 = "iob2"
    inline = "inline"
    jsonl = "jsonl"
    texts = "texts"
    pairs = "pairs"
    acts = "acts"


class Level(str, Enum):
    doc = "doc"
    sent = "sent"
    token = "token"


class Scheme(str, Enum):
    auto = AUTO
    iob1 = "iob1"
    iob2 = "iob2"
    biluo = "biluo"
    iobes = "iobes"


def convert_cli(
    input_path: Path = Arg(..., help="File to read; may be packed (.gz, .xz)"),
    output_path: Path = Arg(..., help="File to write (.spacy), or folder with --split"),
    format: Format = Opt(Format.auto, "--format", "-f", help="Format of the input"),
    scheme: Scheme = Opt(Scheme.auto, "--scheme", "-s", help="Scheme of the tags"),
    lang: str = Opt("en", "--lang", "-l", help="Language, for the tokens of text"),
    n_sents: int = Opt(1, "--n-sents", "-n", help="Sentences per Doc, 0 for whole documents"),
    token_column: int = Opt(0, "--token-column", help="Column of the token, from 0, for columns"),
    tag_column: int = Opt(-1, "--tag-column", help="Column of the tag, from 0; -1 is the last"),
    split: Optional[str] = Opt(
        None, "--split", help="Shares of train, dev and test by document, such as 0.8,0.1,0.1"
    ),
    labels: Optional[str] = Opt(
        None,
        "--labels",
        help="The labels to keep, such as PER,LOC,ORG; the others become O, and texts are left out",
    ),
    text_column: Optional[str] = Opt(
        None, "--text-column", help="Name of the column of texts; from 0 if there are no names"
    ),
    label_column: Optional[str] = Opt(
        None, "--label-column", help="Name of the column of their labels; from 0 without names"
    ),
    numbers: bool = Opt(False, "--numbers", help="The labels are numbers to learn, not classes"),
    target: Optional[str] = Opt(
        None, "--target", help="Extension for the targets of pairs, _.target if not named"
    ),
    level: Level = Opt(Level.doc, "--level", help="What of a Doc has the target; token: one word"),
    columns: Optional[str] = Opt(
        None,
        "--columns",
        help="Columns of pairs in their order: source, target, features, - for each not read, and "
        "at the end target* for several targets, such as source,target,- or source,target*",
    ),
) -> None:
    """
    Convert annotated text into .spacy files for training.

    Reads columns (CoNLL-2003, WikiGold, WNUT-17), CoNLL-U, .iob2 of Universal NER, text
    with entities in brackets ("[Virat Kohli](PER) won.", one document a line), and jsonl
    with "text" and "entities" or "spans". Texts with labels are read from csv, tsv, jsonl
    with "text" and "label" or "cats", and from a zip with a folder or a file for each class.
    Pairs for rnn_seq2seq are read from tsv, jsonl with "source" and "target", and, with
    --level token, from a lexicon ("word  P H O N", one a line). Sentences with slots for
    rnn_generator are read from jsonl with "text" and "slots", and from the JSON of RNNLG.
    Stops with file, line and reason at what it cannot read.
    """
    try:
        summary = convert(
            input_path,
            output_path,
            format=format.value,
            scheme=scheme.value,
            lang=lang,
            n_sents=n_sents,
            token_column=token_column,
            tag_column=tag_column,
            split=split,
            labels=labels.split(",") if labels else None,
            text_column=text_column,
            label_column=label_column,
            numbers=numbers,
            target=target,
            level=level.value,
            columns=[name.strip() for name in columns.split(",")] if columns else None,
            progress=True,
        )
    except DataError as err:
        msg.fail(str(err), exits=1)
    else:
        print_summary(summary)


def convert(
    input_path: Union[str, Path],
    output_path: Union[str, Path],
    *,
    format: str = AUTO,
    scheme: str = AUTO,
    lang: str = "en",
    n_sents: int = 1,
    token_column: int = 0,
    tag_column: int = -1,
    split: Optional[str] = None,
    labels: Optional[List[str]] = None,
    text_column: Optional[str] = None,
    label_column: Optional[str] = None,
    numbers: bool = False,
    target: Optional[str] = None,
    level: str = "doc",
    columns: Optional[List[str]] = None,
    progress: bool = False,
) -> Summary:
    """Convert a file. Nothing is written before all of it was read.

    input_path (Union[str, Path]): The file, packed if its name ends in .gz or .xz.
    output_path (Union[str, Path]): The .spacy file, or with ``split`` the folder.
    format (str): One of `Format`; "auto" goes by the name and the first lines.
    scheme (str): One of `Scheme`; "auto" goes by all tags of the file.
    lang (str): The language whose tokenizer cuts text.
    n_sents (int): Sentences in a `Doc`, 0 for whole documents.
    token_column (int): Where the token is in columns, from 0, or from -1 backwards.
    tag_column (int): Where the tag is.
    split (Optional[str]): The shares of train, dev and test, such as "0.8,0.1,0.1".
        Documents are dealt out by a hash of their text; a file without document
        breaks is split by sentence.
    labels (Optional[List[str]]): The labels to keep; None keeps all.
    text_column (Optional[str]): The column of texts, by name, or as a number from 0 in a
        file without names; None for a usual name. It makes "auto" the format "texts".
    label_column (Optional[str]): The column of their labels.
    numbers (bool): The labels are numbers to be learnt, not classes.
    target (Optional[str]): The extension for the targets of pairs, None for "_.target". It
        makes "auto" the format "pairs", as ``columns`` and a ``level`` other than "doc" do.
    level (str): What of a `Doc` has the target: the "doc", the "sent" that is all of it, or
        the one "token" that is the source.
    columns (Optional[List[str]]): What the columns of a table of pairs are, in their order:
        "source", "target", "features", or "-" for one that is not read; at the end "target*" for
        one target or more.
    progress (bool): Show bars where the work is long.
    RETURNS (Summary): What was converted.
    RAISES (DataError): If a setting is wrong, or the file cannot be read.
    """
    path, output = Path(input_path), Path(output_path)
    _check_settings(output, format, scheme, n_sents, split)
    nlp = blank(lang)
    if format == AUTO:
        is_texts = text_column or label_column or numbers
        is_pairs = target or columns or level != "doc"
        named = "texts" if is_texts else "pairs" if is_pairs else None
        format = named or detect_format(path, read_lines(path))
    lines = read_lines(path, progress)
    if format == "texts":
        where = Columns(text_column, label_column, numbers)
        texts, notes = convert_texts(path, lines, nlp, where, split, labels, progress)
        return summarize_texts(notes, write_all(output, texts))
    if format == "pairs":
        places = Places(target, level, columns)
        made, notes = convert_pairs(path, lines, nlp, places, split, progress)
        return summarize_pairs(places.described(), notes, write_all(output, made))
    if format == "acts":
        made, notes = convert_acts(path, lines, nlp, split)
        return summarize_pairs("slots in doc._.slots", notes, write_all(output, made), format)
    how = TagSettings(format, scheme, n_sents, token_column, tag_column)
    scheme, sentences, docs = convert_tags(path, lines, nlp, how, split, labels, progress)
    return summarize(format, scheme, sentences, write_all(output, docs))


def _check_settings(
    output: Path, format: str, scheme: str, n_sents: int, split: Optional[str]
) -> None:
    """Raise before the work, not after it."""
    Format(format), Scheme(scheme)  # both raise ValueError at what they do not have
    if n_sents < 0:
        raise DataError(Errors.R124.format(n=n_sents))
    if split is not None:
        parse_shares(split)
    is_file_name = output.suffix == ".spacy" and not output.is_dir()
    if output.is_file() if split is not None else not is_file_name:
        raise DataError(Errors.R122.format(path=output))
