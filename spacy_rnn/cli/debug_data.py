"""`spacy rnn debug data`: what is wrong with a corpus before time is spent on training."""

# ruff: noqa: B008 - options are defaults of arguments, as in spaCy's own commands

from pathlib import Path
from typing import Iterator, List, Sequence

from spacy.cli._util import Arg, Opt
from spacy.language import Language
from spacy.tokens import Doc, Span
from typer import Typer
from wasabi import msg

from ..errors import DataError, Errors
from ..evaluation.annotation import (
    count_labels,
    count_overlapping,
    count_unannotated,
    find_ambiguous,
    find_misaligned,
    find_punctuated,
    find_repeated,
    find_spaced,
    find_unmarked,
    sentences,
)
from ..evaluation.docs import has_any, load_docs, require
from .debug_cats import check_cats, check_same_texts, print_cats
from .finding import FEW, SHOWN, Finding, shorten
from .pipelines import blank

TOP = 10  # texts that are labelled in several ways
CONTEXT = 25  # characters to each side of an entity that is one

debug_cli = Typer(name="debug", help="Find what is wrong before training.", no_args_is_help=True)


@debug_cli.command("data")
def debug_data_cli(
    train_path: Path = Arg(..., help="Training data (.spacy)", exists=True, dir_okay=False),
    dev_path: Path = Arg(..., help="Development data (.spacy)", exists=True, dir_okay=False),
    lang: str = Opt("en", "--lang", "-l", help="Language whose tokenizer will cut the text"),
) -> None:
    """
    Check a corpus of entities, or of texts with labels: labels with few examples,
    entities that no model can find, sentences of dev that stand in train, labels that
    contradict each other.
    """
    try:
        warnings = debug_data(train_path, dev_path, lang)
    except DataError as err:
        msg.fail(str(err), exits=1)
    msg.divider("Summary")
    if warnings:
        msg.warn(f"{warnings} warning{'s' if warnings > 1 else ''}")
    else:
        msg.good("Nothing found")


def debug_data(train_path: Path, dev_path: Path, lang: str = "en") -> int:
    """Print what is found.

    train_path (Path): The training data.
    dev_path (Path): The development data.
    lang (str): The language of the tokenizer.
    RETURNS (int): How many warnings there were.
    RAISES (DataError): If nothing can be trained on it.
    """
    nlp = blank(lang)
    train, dev = (load_docs(path, nlp.vocab) for path in (train_path, dev_path))
    kinds = [kind for kind in ("ents", "cats") if has_any([*train, *dev], kind)]
    if not kinds:
        raise DataError(Errors.R222.format(path=train_path, n=len(train)))
    for kind in kinds:
        require(train_path, train, kind)
        require(dev_path, dev, kind)
    print_counts(train, dev)
    if "cats" in kinds:
        print_cats(train, dev)
    findings = list(find_all(train, dev, nlp, kinds))
    msg.divider("Checks")
    for finding in findings:
        msg.warn(finding.message)
        for example in finding.examples:
            print(f"    {example}")
    return len(findings) + print_ambiguous([*train, *dev])


def find_all(
    train: List[Doc], dev: List[Doc], nlp: Language, kinds: Sequence[str]
) -> Iterator[Finding]:
    """The checks of the kinds of annotation that the corpus has."""
    if "cats" in kinds:
        yield from check_cats(train, dev)
    if "ents" in kinds:
        yield from check_labels(train, dev)
        yield from check_docs("train", train, nlp)
        yield from check_docs("dev", dev, nlp)
        yield from check_repeated(train, dev)
        yield from check_unmarked([*train, *dev])
    else:
        yield from check_same_texts(train, dev)


def print_counts(train: List[Doc], dev: List[Doc]) -> None:
    """The sizes of the corpus, and its labels."""
    msg.divider("Corpus")
    sizes = [("documents", *map(len, (train, dev)))]
    sizes += [("words", *(sum(map(len, docs)) for docs in (train, dev)))]
    in_train, in_dev = count_labels(train), count_labels(dev)
    labels = sorted({*in_train, *in_dev})
    rows = [(label, in_train.get(label, 0), in_dev.get(label, 0)) for label in labels]
    table = [(name, f"{a:,}", f"{b:,}") for name, a, b in [*sizes, *rows]]
    msg.table(table, header=("", "train", "dev"), divider=True, aligns=("l", "r", "r"))


def check_labels(train: List[Doc], dev: List[Doc]) -> Iterator[Finding]:
    counts = count_labels(train)
    if few := [f"{label}: {n}" for label, n in counts.items() if n < FEW]:
        yield Finding(f"train has fewer than {FEW} entities of {len(few)} label(s)", few)
    if absent := sorted(set(count_labels(dev)) - set(counts)):
        yield Finding(f"dev has labels that train lacks: {', '.join(absent)}")


def check_docs(part: str, docs: List[Doc], nlp: Language) -> Iterator[Finding]:
    """What is wrong inside of one file."""
    if n := count_unannotated(docs):
        yield Finding(f"{part}: {n:,} of {len(docs):,} documents have no annotation of entities")
    if ents := find_misaligned(docs, nlp):
        text = f"{part}: {len(ents):,} entities do not begin and end where tokens of '{nlp.lang}'"
        yield Finding(f"{text} do, and cannot be learnt", shown(ents))
    if ents := find_spaced(docs):
        text = f"{part}: {len(ents):,} entities begin or end with white space"
        yield Finding(f"{text}, and cannot be found", shown(ents))
    if ents := find_punctuated(docs):
        text = f"{part}: {len(ents):,} entities begin or end with punctuation"
        yield Finding(text, shown(ents))
    for name, n in count_overlapping(docs).items():
        yield Finding(f"{part}: {n:,} spans of doc.spans['{name}'] overlap others: no doc.ents")


def check_repeated(train: List[Doc], dev: List[Doc]) -> Iterator[Finding]:
    if found := find_repeated(train, dev):
        text = f"{len(found):,} of {sum(1 for _ in sentences(dev)):,} sentences of dev stand in "
        yield Finding(f"{text}train too, so scores flatter", [shorten(found[0])])


def check_unmarked(docs: List[Doc]) -> Iterator[Finding]:
    if found := find_unmarked(docs):
        text = f"{len(found):,} texts are entities in most places and nothing in others"
        examples = [f"{shorten(text)}: {n} and {lost}" for text, n, lost in found[:TOP]]
        yield Finding(f"{text}: forgotten, or up to the context", examples)


def print_ambiguous(docs: List[Doc]) -> int:
    """The texts with several labels.

    RETURNS (int): 1 if there are any, which is worth a warning.
    """
    found = find_ambiguous(docs)
    if not found:
        return 0
    msg.warn(f"{len(found):,} texts carry several labels: noise, or up to the context")
    rows = [
        (shorten(text), ", ".join(f"{label} {n}" for label, n in labels.items()))
        for text, labels in found[:TOP]
    ]
    msg.table(rows, header=("text", "labels"), divider=True)
    return 1


def shown(ents: Sequence[Span]) -> List[str]:
    """Some entities in brackets, with the text around them."""
    return [quote(ent) for ent in ents[:SHOWN]]


def quote(ent: Span) -> str:
    text, start, end = ent.doc.text, ent.start_char, ent.end_char
    before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    return " ".join(f"{before}[{ent.text}]({ent.label_}){after}".split())
