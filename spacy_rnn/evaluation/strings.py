"""How well strings are written: characters and units right, BLEU and chrF."""

from typing import Any, Container, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from spacy.training import Example

from ..errors import Errors
from ..extensions import ALTERNATIVES, EXTENSION, register
from ..levels import aligned, spans_of

Pair = Tuple[str, List[str]]  # found, and all that is right


def string_pairs(
    examples: Iterable[Example], level: str, target: str, units: str = "char"
) -> Iterator[Pair]:
    """What was written beside what is right, where that is known: the target of the reference,
    and what it has in NAME_alternatives. Nothing written is the empty string. Sentences and
    spans whose ends are no ends of tokens of the pipeline's do not count; others that it has not
    found, and a token that it cuts otherwise, count as nothing written, as in spaCy.

    level (str): "token", "sent", "doc" or "span:KEY".
    target (str): "_.NAME", or an attribute of tokens such as "lemma".
    units (str): "word" if it does not matter what white space is between words.
    """
    for eg in examples:
        for _, _, found, right in string_parts(eg, level, target, units):
            if right:
                yield found, right


def string_parts(
    eg: Example, level: str, target: str, units: str = "char"
) -> Iterator[Tuple[Any, Any, str, List[str]]]:
    """The same for all parts of one example, each with the predicted document's part, if
    there is one, and the reference's. What is right is empty where it is not known.
    """
    for ours, gold in _parts(eg, level):
        found = "" if ours is None else _value(ours, target)
        right = [_plain(text, units) for text in _right(gold, target)]
        yield ours, gold, _plain(found, units), right


def _parts(eg: Example, level: str) -> Iterable[Tuple[Any, Any]]:
    if level == "doc":
        return [(eg.predicted, eg.reference)]
    if level == "sent" and not eg.reference.has_annotation("SENT_START"):
        return []  # nobody has said what its sentences should become
    if level != "token":
        return aligned(eg, spans_of(eg.reference, level))
    there, back = eg.alignment.y2x, eg.alignment.x2y
    found = [there[i] for i in range(len(eg.reference))]
    same = [len(ids) == 1 and len(back[int(ids[0])]) == 1 for ids in found]
    ours = [eg.predicted[int(ids[0])] if s else None for ids, s in zip(found, same)]
    return zip(ours, eg.reference)


def _value(owner: Any, target: str) -> str:
    if target.startswith(EXTENSION):
        return as_string(owner._.get(target.removeprefix(EXTENSION)), target, owner)
    return str(owner.morph) if target == "morph" else str(getattr(owner, f"{target}_"))


def _plain(text: str, units: str) -> str:
    """Words have one space between them, as the decoder writes them."""
    return " ".join(text.split()) if units == "word" else text


def _right(gold: Any, target: str) -> List[str]:
    first = _value(gold, target)
    if not first or not target.startswith(EXTENSION):
        return [first] if first else []
    return [first, *alternatives(gold, target)]


def alternatives(part: Any, target: str) -> List[str]:
    """What else is right for a part of a reference: NAME_alternatives has a string, or a list of
    strings and of lists of units.

    target (str): An extension, "_.NAME".
    RAISES (ValueError): If it is something else.
    """
    name = target.removeprefix(EXTENSION) + ALTERNATIVES
    register(type(part), name)  # a file has the values, but not the extension
    value = part._.get(name)
    several = value if isinstance(value, (list, tuple)) else [value]
    return [text for text in (as_string(v, name, part) for v in several) if text]


def as_string(value: Any, target: str, part: Any) -> str:
    """What an extension says as a string, "" for None. It may be a list of units.

    RAISES (ValueError): If it is something else.
    """
    units = value if isinstance(value, (list, tuple)) else [value or ""]
    if not all(isinstance(unit, str) for unit in units):
        what = {"target": target, "text": part.text[:40], "value": repr(value)}
        raise ValueError(Errors.R049.format(**what))
    return " ".join(units)


def score_pairs(pairs: Sequence[Pair], name: str, units: str) -> Dict[str, Optional[float]]:
    """Shares from 0 to 1 of what is right, each by the nearest of the right strings:
    `NAME_acc`, the share of strings that are, and `NAME_char_acc`, 1 - character error rate,
    or for words `NAME_unit_acc`, 1 - word or phoneme error rate. An error rate is the number
    of units to be changed, put in or taken out by the number of units that there should be.

    pairs (Sequence[Pair]): What was written beside what is right.
    units (str): "word", or something else for characters.
    RETURNS (Dict[str, Optional[float]]): The scores, None if there are no pairs.
    """
    key = f"{name}_unit_acc" if units == "word" else f"{name}_char_acc"
    if not pairs:
        return {f"{name}_acc": None, key: None}
    split = str.split if units == "word" else list
    errors = total = 0
    for found, right in pairs:
        distances = [(edit_distance(split(found), split(r)), len(split(r))) for r in right]
        nearest, length = min(distances, key=lambda pair: pair[0])
        errors, total = errors + nearest, total + length
    exact = sum(found in right for found, right in pairs) / len(pairs)
    return {f"{name}_acc": exact, key: max(0.0, 1 - errors / total) if total else None}


def score_seen(
    examples: Iterable[Example],
    level: str,
    target: str,
    seen: Container[str],
    units: str = "char",
) -> Dict[str, Optional[float]]:
    """`NAME_seen_acc` and `NAME_unseen_acc`: the share of strings that are right where training
    had the source, and where it did not; None if there are none.

    seen (Container[str]): The sources that training had.
    """
    exact: Dict[bool, List[bool]] = {True: [], False: []}
    for eg in examples:
        for _, gold, found, right in string_parts(eg, level, target, units):
            if right:
                exact[gold.text in seen].append(found in right)
    names = {True: "seen", False: "unseen"}
    return {
        f"{target.removeprefix('_.')}_{names[known]}_acc": sum(of) / len(of) if of else None
        for known, of in exact.items()
    }


def edit_distance(a: Sequence[Any], b: Sequence[Any]) -> int:
    """The smallest number of units to change, put in or take out that makes one sequence the
    other (Levenshtein, 1966).
    """
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    row = list(range(len(b) + 1))  # from the units of a so far to each beginning of b
    for i, unit in enumerate(a, 1):
        before, row = row, [i]
        for j, other in enumerate(b):
            change = before[j] + (unit != other)
            row.append(min(change, before[j + 1] + 1, row[j] + 1))
    return row[-1]


def score_translations(pairs: Sequence[Pair], name: str) -> Dict[str, Optional[float]]:
    """`NAME_bleu` and `NAME_chrf` of all strings together, from 0 to 1, as sacrebleu counts
    them with its own settings.

    RAISES (ImportError): If sacrebleu is not installed.
    """
    try:
        from sacrebleu import corpus_bleu, corpus_chrf
    except ImportError as e:
        raise ImportError(Errors.R197) from e
    if not pairs:
        return {f"{name}_bleu": None, f"{name}_chrf": None}
    found = [text for text, _ in pairs]
    most = max(len(right) for _, right in pairs)
    # One list for the first right string of each, one for the second; "" is none
    right = [[(*r, *[""] * most)[i] for _, r in pairs] for i in range(most)]
    bleu, chrf = corpus_bleu(found, right), corpus_chrf(found, right)
    return {f"{name}_bleu": bleu.score / 100, f"{name}_chrf": chrf.score / 100}
