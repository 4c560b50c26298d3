"""`spacy rnn prepare`: a corpus of the project, ready for training."""

# ruff: noqa: B008 - options are defaults of arguments, as in spaCy's own commands

from pathlib import Path
from typing import List, Optional

from spacy.cli._util import Arg, Opt
from wasabi import msg

from ..data.corpora import SAMPLE, SHARES, corpus_assets, provide
from ..errors import DataError
from .convert import convert
from .prepare_samples import MAKERS
from .prepare_texts import WAYS
from .summary import Summary, print_summary

# The pre-release of UNER's train part has labels that the release drops
LABELS = {"uner": ["LOC", "ORG", "PER"]}


def prepare_cli(
    corpus: str = Arg(
        ...,
        help="A corpus of project.yml: sample, wnut17, uner, wikigold, ud_english_ewt, polarity, "
        "movie_reviews, ud_turkish_framenet, rnnlg_restaurant, rnnlg_laptop, names, "
        "tinyshakespeare",
    ),
    output_path: Path = Arg(..., help="Folder for train.spacy, dev.spacy and test.spacy"),
    project: Path = Opt(Path("."), "--project", help="Folder with project.yml"),
    task: str = Opt(
        "ner", "--task", help="Whose sample is meant: ner, sentiment, seq2seq, generator"
    ),
) -> None:
    """
    Find a corpus in the folder that SPACY_RNN_DATA names, or fetch it, and convert it. The
    sample for seq2seq is generated: dates, times, numbers and amounts, and in doc._.normal their
    normal form; and so is that for generator: messages about appointments, and in doc._.slots what
    they have to say.
    """
    try:
        for summary in prepare(corpus, output_path, project=project, task=task):
            print_summary(summary)
    except DataError as err:
        msg.fail(str(err), exits=1)


def prepare(
    corpus: str, output_path: Path, *, project: Path = Path("."), task: str = "ner"
) -> List[Summary]:
    """Bring a corpus into the format that spaCy trains on.

    task (str): Whose sample is meant by the corpus "sample".
    RETURNS (List[Summary]): What was converted, by file.
    RAISES (DataError): If a file cannot be found, fetched or read.
    """
    if corpus == SAMPLE and task in MAKERS:
        return MAKERS[task](output_path)
    labels = LABELS.get(corpus)
    files = [provide(project, asset) for asset in corpus_assets(project, corpus, task)]
    if corpus in WAYS:
        return [WAYS[corpus](files, output_path)]
    return [_convert_part(file, output_path, labels) for file in files]


def _convert_part(file: Path, output_path: Path, labels: Optional[List[str]]) -> Summary:
    if file.stem == "all":
        return convert(file, output_path, split=SHARES, labels=labels, progress=True)
    part = output_path / f"{file.stem}.spacy"
    return convert(file, part, labels=labels, progress=True)
