"""`spacy rnn report`: what a pipeline gets right and wrong on a data set, as page and JSON."""

# ruff: noqa: B008 - options are defaults of arguments, as in spaCy's own commands

import json
from importlib.util import find_spec
from pathlib import Path
from timeit import default_timer
from typing import Any, Dict, List, Optional, Sequence, Set, Tuple

import srsly
from spacy.cli._util import Arg, Opt, setup_gpu
from spacy.language import Language
from spacy.training import Corpus, Example
from wasabi import msg

from ..errors import DataError, Errors
from ..evaluation import calibration
from ..evaluation.docs import adopt_label, mentions, pairs_of, read_docs
from ..evaluation.entities import (
    ERRORS,
    Kind,
    Mention,
    Pair,
    Score,
    confusion,
    score,
    score_seen,
    score_types,
)
from .page import write_text
from .pipelines import confidence_extension, load
from .report_page import render_page

EXAMPLES = 10  # errors of each kind that are shown
CONTEXT = 60  # characters of text to each side of them
Quoted = Tuple[str, Pair]  # a pair and the text of its document


def report_cli(
    model: str = Arg(..., help="Pipeline: a folder or an installed package"),
    data_path: Path = Arg(..., help="Annotated documents (.spacy)", exists=True, dir_okay=False),
    output_path: Path = Opt(
        ..., "--output", "-o", help="Folder for report.html and report.json", file_okay=False
    ),
    train_path: Optional[Path] = Opt(
        None,
        "--train",
        "-t",
        help="What the pipeline was trained on (.spacy), to tell seen from unseen entities",
        exists=True,
        dir_okay=False,
    ),
    log_path: Optional[Path] = Opt(
        None,
        "--log",
        "-l",
        help="The 'output_file' of spacy.ConsoleLogger.v3, for the curve of training",
        exists=True,
        dir_okay=False,
    ),
    gpu_id: int = Opt(-1, "--gpu-id", "-g", help="GPU, or -1 for the CPU"),
) -> None:
    """
    Write a page on the entities that a pipeline finds: scores by type, kinds of error with
    examples, types that are confused, how far confidences can be trusted, and speed.
    """
    setup_gpu(gpu_id)
    try:
        found = report(model, data_path, output_path, train_path=train_path, log_path=log_path)
    except DataError as err:
        msg.fail(str(err), exits=1)
    msg.good(f"{output_path / 'report.html'}: F1 {100 * found['scores']['all']['f1']:.1f}")


def report(
    model: str,
    data_path: Path,
    output_path: Path,
    *,
    train_path: Optional[Path] = None,
    log_path: Optional[Path] = None,
) -> Dict[str, Any]:
    """Write report.html and report.json.

    model (str): The folder or the package of a pipeline that sets `doc.ents`.
    data_path (Path): Annotated documents (.spacy) that it was not trained on.
    output_path (Path): The folder to write to.
    train_path (Optional[Path]): What it was trained on (.spacy).
    log_path (Optional[Path]): What spacy.ConsoleLogger.v3 wrote in training.
    RETURNS (Dict[str, Any]): What stands in report.json.
    RAISES (DataError): If a file cannot be read or written, the model cannot be loaded, or
        matplotlib is missing.
    """
    if find_spec("matplotlib") is None:
        raise DataError(Errors.R144)
    curve = None if log_path is None else read_log(log_path)
    nlp = load(model)
    known = None if train_path is None else known_forms(train_path, nlp)
    examples, speed = predict_timed(nlp, data_path)
    extension = confidence_extension(nlp)
    quoted = [(eg.reference.text, pair) for eg in examples for pair in pairs_of(eg, extension)]
    found = {
        "model": str(model),
        "data": str(data_path),
        "documents": len(examples),
        "words": sum(len(eg.predicted) for eg in examples),
        "words_per_second": speed,
        **measure(quoted),
        "seen": None if known is None else seen(quoted, known),
        "curve": curve,
    }
    numbers = json.dumps(found, indent=2, ensure_ascii=False)  # srsly would round them
    write_text(output_path / "report.json", numbers)
    write_text(output_path / "report.html", render_page(found, nlp.lang))
    return found


def predict_timed(nlp: Language, data_path: Path) -> Tuple[List[Example], float]:
    """The examples of a data set with predictions filled in.

    RETURNS (Tuple[List[Example], float]): The examples, and words per second from tokens
        to entities, as `spacy evaluate` counts them.
    """
    docs = read_docs(data_path, nlp.vocab)
    examples = list(Corpus(data_path).make_examples(nlp, docs))
    start = default_timer()
    predicted = list(nlp.pipe(eg.predicted for eg in examples))
    seconds = default_timer() - start
    for eg, doc in zip(examples, predicted):
        eg.predicted = doc
    adopt_label([*docs, *predicted], nlp)
    return examples, sum(map(len, predicted)) / seconds


def read_log(path: Path) -> List[Dict[str, float]]:
    """F on the development data by step, in order of the steps.

    RETURNS (List[Dict[str, float]]): Objects with `step` and `f1`, 0 to 1.
    RAISES (DataError): If a line lacks them, or there is none.
    """
    curve = []
    for n, line in enumerate(path.read_text("utf8", errors="replace").splitlines() or [""], 1):
        try:
            row = srsly.json_loads(line)
            curve.append({"step": int(row["step"]), "f1": float(row["scores"]["ents_f"]) / 100})
        except (ValueError, KeyError, TypeError) as err:
            where = f"{path}:{n}"
            raise DataError(Errors.R143.format(where=where, why=repr(err))) from err
    return curve


def measure(quoted: Sequence[Quoted]) -> Dict[str, Any]:
    """All numbers that need nothing but the pairs."""
    pairs = [pair for _, pair in quoted]
    types = score_types(pairs)
    return {
        "scores": {
            "all": as_dict(score(pairs)),
            "per_type": {label: as_dict(of_type) for label, of_type in types.items()},
        },
        "errors": {kind.value: errors_of(quoted, kind) for kind in ERRORS},
        "confusion": confusion_table(pairs, list(types)),
        "calibration": calibrate(pairs),
    }


def as_dict(of: Score) -> Dict[str, float]:
    shares = {"precision": of.precision, "recall": of.recall, "f1": of.f1}
    return {**shares, **of._asdict()}


def errors_of(quoted: Sequence[Quoted], kind: Kind) -> Dict[str, Any]:
    """How many errors of a kind there are, and the ones that the model is surest of."""
    found = [(text, pair) for text, pair in quoted if pair.kind is kind]
    surest = sorted(found, key=lambda item: -(confidence_of(item[1]) or 0.0))
    return {"count": len(found), "examples": [quote(*item) for item in surest[:EXAMPLES]]}


def confidence_of(pair: Pair) -> Optional[float]:
    return None if pair.predicted is None else pair.predicted.confidence


def quote(text: str, pair: Pair) -> Dict[str, Any]:
    """An error with the text around it."""
    both = [mention for mention in pair if mention is not None]
    start, end = min(m.start for m in both), max(m.end for m in both)
    before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    return {
        "before": before if start <= CONTEXT else f"…{before}",
        "marked": text[start:end],
        "after": after if end + CONTEXT >= len(text) else f"{after}…",
        "gold": named(pair.gold),
        "predicted": named(pair.predicted),
        "confidence": confidence_of(pair),
    }


def named(mention: Optional[Mention]) -> Optional[Dict[str, str]]:
    return None if mention is None else {"text": mention.text, "label": mention.label}


def confusion_table(pairs: Sequence[Pair], types: List[str]) -> Dict[str, Any]:
    """Rows are gold types, columns predicted ones; None, the last, is no entity."""
    counts, labels = confusion(pairs), [*types, None]
    return {"labels": labels, "counts": [[counts.get((g, p), 0) for p in labels] for g in labels]}


def calibrate(pairs: Sequence[Pair]) -> Optional[Dict[str, Any]]:
    """Confidence against truth, None if no predicted entity has a confidence."""
    sure, right = calibration.confidences_of(pairs)
    if not len(sure):
        return None
    return {
        "entities": len(sure),
        "expected_calibration_error": calibration.expected_calibration_error(sure, right),
        "auroc": calibration.auroc(sure, right),
        "bins": [of._asdict() for of in calibration.bins(sure, right)],
    }


def known_forms(train_path: Path, nlp: Language) -> Set[Tuple[str, str]]:
    """The lower-cased texts and labels of all entities of the training data."""
    docs = read_docs(train_path, nlp.vocab)
    adopt_label(docs, nlp)
    return {m.form for doc in docs for m in mentions(doc)}


def seen(quoted: Sequence[Quoted], known: Set[Tuple[str, str]]) -> Dict[str, Any]:
    """The scores of entities that stand in the training data and of those that do not."""
    scores = score_seen([pair for _, pair in quoted], known)
    return {name: as_dict(of) for name, of in zip(("seen", "unseen"), scores)}
