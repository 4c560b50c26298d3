"""`spacy rnn prepare`: a corpus of the project, ready for training."""

# ruff: noqa: B008 - options are defaults of arguments, as in spaCy's own commands

from pathlib import Path
from typing import Dict, List, Optional

import spacy
from spacy.cli._util import Arg, Opt
from spacy.tokens import Doc
from wasabi import msg

from ..data.corpora import GENERATED, SAMPLE, SHARES, corpus_assets, provide
from ..data.dates import make_dates
from ..data.pair_docs import pair_doc
from ..data.pairs import Pair
from ..errors import DataError
from .convert import convert
from .prepare_texts import WAYS
from .summary import Summary, print_summary, summarize_pairs
from .writing import write_all

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
    task: str = Opt("ner", "--task", help="Whose sample is meant: ner, sentiment, seq2seq"),
) -> None:
    """
    Find a corpus in the folder that SPACY_RNN_DATA names, or fetch it, and convert it. The
    sample for seq2seq is generated: dates, times, numbers and amounts, and in doc._.normal their
    normal form.
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
    if (corpus, task) == (SAMPLE, GENERATED):
        return _generate(output_path)
    labels = LABELS.get(corpus)
    files = [provide(project, asset) for asset in corpus_assets(project, corpus, task)]
    if corpus in WAYS:
        return [WAYS[corpus](files, output_path)]
    return [_convert_part(file, output_path, labels) for file in files]


def _generate(output_path: Path) -> List[Summary]:
    """Write the demo set of `rnn_seq2seq`. The name of its format stands in `doc._.format`."""
    nlp = spacy.blank("en")
    if not Doc.has_extension("format"):
        Doc.set_extension("format", default=None)
    parts: Dict[str, List[Doc]] = {}
    for part, found in make_dates().items():
        parts[part] = [pair_doc(Pair("", *w[:2]), nlp, target="_.normal") for w in found]
        for doc, written in zip(parts[part], found):
            doc._.format = written.format
    files = write_all(output_path, parts)
    where = "normal form in doc._.normal, generated"
    return [summarize_pairs(where, {}, {path: docs}) for path, docs in files.items()]


def _convert_part(file: Path, output_path: Path, labels: Optional[List[str]]) -> Summary:
    if file.stem == "all":
        return convert(file, output_path, split=SHARES, labels=labels, progress=True)
    part = output_path / f"{file.stem}.spacy"
    return convert(file, part, labels=labels, progress=True)
