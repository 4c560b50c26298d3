"""The parts of `spacy rnn visualize` and `show` that look at texts with classes."""

import math
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from spacy.pipeline import TrainablePipe
from spacy.training import Example

from ..data.cats import same_text
from ..levels import Cats, annotated
from .classified import Reading, caution, heading, ranked, read
from .finding import shorten
from .outcomes import MARKS, choose
from .page import Row, percent, render_page
from .pipelines import attends
from .shading import STEPS, draw, plain

WIDTH = 90  # characters of a text that is printed
SHARES = {"cats_acc": "accuracy", "cats_ece": "calibration error"}
NUMBERS = {"cats_qwk": "quadratic weighted kappa", "cats_mae": "mean absolute error"}

PAGE = """{% extends "comparison" %}
{% block own_style %}
{{ shading|safe }}
.answer { margin: 0 0 .2rem; }
.answer .note { margin-left: .8rem; }
.wrong .mark { color: #b3261e; }
.right .mark { color: #2b6e2f; }
{% endblock %}
{% block above %}
<p>{{ summary }}</p>
<p>{{ sections|length }} {{ kind }}{% if graded %}, the largest error first{% else %},
{{ differing }} where prediction and gold differ; the least sure come first{% endif %}.</p>
{% if note %}
<p class="legend">The shades:
{% for step in range(1, steps + 1) %}
<span class="swatch s{{ step }}">{{ (100 * (step - 0.5) / steps)|round|int }}%</span>
{% endfor %}
and more of the largest share of attention in the text. {{ note }}</p>
{% endif %}
{% endblock %}
{% block section %}
<section class="{{ 'differ wrong' if section.is_right == false else 'same right' }}">
<p class="answer"><span class="mark">{{ section.mark }}</span> {{ section.names }}{% if
section.gold %}, gold {{ section.gold }}{% endif %}
<span class="note">{{ section.heading }}</span></p>
{{ section.text|safe }}
</section>
{% endblock %}
"""


class Judged(NamedTuple):
    """What was found in a text, beside its annotation.

    reading (Reading): What was found.
    found (Cats): The labels that hold, with their probabilities, or all numbers.
    gold (Optional[Cats]): The annotation in the same way; None where there is none.
    is_right (Optional[bool]): None for numbers, and without annotation.
    sure (float): The lower, the more there is to look at.
    """

    reading: Reading
    found: Cats
    gold: Optional[Cats]
    is_right: Optional[bool]
    sure: float


def judge(example: Example, pipe: TrainablePipe) -> List[Judged]:
    """What was found in the texts of a document, beside the annotation."""
    pairs = annotated(example, pipe.level)
    return [_judge(read(text, pipe), gold, pipe) for text, gold in pairs]


def _judge(reading: Reading, annotation: Cats, pipe: TrainablePipe) -> Judged:
    gold = {label: value for label, value in annotation.items() if label in pipe.labels}
    found = answer(reading.cats, pipe)
    if pipe.head == "regression":
        errors = [abs(found.get(label, 0.0) - value) for label, value in gold.items()]
        return Judged(reading, found, gold or None, None, -max(errors, default=-math.inf))
    right = {label: value for label, value in gold.items() if value}
    sure = sureness(reading.cats, pipe)
    if not gold or (pipe.head != "multilabel" and not right):
        return Judged(reading, found, None, None, sure)
    # Where each label may hold or not, nothing is known of one that is not named
    known = gold.keys() if pipe.head == "multilabel" else pipe.labels
    return Judged(reading, found, right, found.keys() & set(known) == right.keys(), sure)


def answer(cats: Cats, pipe: TrainablePipe) -> Cats:
    """The labels that hold by what was found, the most probable first; numbers all do."""
    if pipe.head == "regression":
        return cats
    if pipe.head == "multilabel":
        return {label: p for label, p in ranked(cats) if p >= pipe.cfg["threshold"]}
    return dict(ranked(cats)[:1])


def sureness(cats: Cats, pipe: TrainablePipe) -> float:
    """The probability of the first label; where each may hold or not, how far the nearest is
    from the threshold.
    """
    if pipe.head == "multilabel":
        return min((abs(p - pipe.cfg["threshold"]) for p in cats.values()), default=0.0)
    return max(cats.values(), default=0.0)


# Scores


def label_rows(scores: Dict[str, Any]) -> List[Row]:
    """The table of scores by label; empty for numbers."""
    found = scores.get("cats_f_per_type") or {}
    return [
        (label, percent(s["p"]), percent(s["r"]), percent(s["f"])) for label, s in found.items()
    ]


def summarize(scores: Dict[str, Any]) -> str:
    """The scores of all labels together, with the names that they have in a config."""
    shares = {"cats_score": scores.get("cats_score_desc") or "score", **SHARES}
    parts = [f"{name} {percent(scores[k])} ({k})" for k, name in shares.items() if k in scores]
    for key, name in NUMBERS.items():
        if scores.get(key) is not None:
            parts.append(f"{name} {scores[key]:.3f} ({key})")
    return ", ".join(parts)


# A page


def draw_texts(
    pipe: TrainablePipe, examples: Sequence[Example], settings: Dict[str, str]
) -> Tuple[str, int]:
    """The page of texts, and how many documents have a difference."""
    scores = pipe.score(examples)
    by_document = [judge(eg, pipe) for eg in examples]
    judged = sorted((j for some in by_document for j in some), key=lambda j: j.sure)
    html = render_page(
        PAGE,
        scores=label_rows(scores),
        summary=summarize(scores),
        kind={"doc": "documents", "sent": "sentences"}.get(pipe.level, "spans"),
        graded=pipe.head == "regression",
        differing=sum(j.is_right is False for j in judged),
        note=caution(pipe) if attends(pipe) else "",
        steps=STEPS,
        sections=[section(j, pipe.head) for j in judged],
        **settings,
    )
    return html, sum(any(j.is_right is False for j in some) for some in by_document)


def section(judged: Judged, head: str) -> Dict[str, Any]:
    """What the page shows of a text."""
    return {
        "is_right": judged.is_right,
        "mark": MARKS[judged.is_right],
        "names": names(judged.found, head),
        "gold": "" if judged.gold is None else names(judged.gold, head),
        "heading": heading(judged.reading),
        "text": draw(judged.reading.words),
    }


def names(cats: Cats, head: str) -> str:
    """Labels, or numbers with theirs: `pos + funny`"""
    numbers = [f"{label} {round(value, 2):g}" for label, value in cats.items()]
    return " + ".join(numbers if head == "regression" else cats) or "none"


# In a terminal


def show_texts(
    pipe: TrainablePipe, examples: Sequence[Example], n: int
) -> Tuple[List[Row], List[str]]:
    """The table of scores, and lines to print below it."""
    scores = pipe.score(examples)
    judged = choose([j for eg in examples for j in judge(eg, pipe)], n)
    found = [plain(line(j, pipe.head)) for j in judged]
    return label_rows(scores), [summarize(scores), "", *found]


def line(judged: Judged, head: str) -> str:
    """A text on one line: `✗ pos 0.61, gold neg: A dull film`"""
    text = same_text("".join(word.text + word.space for word in judged.reading.words))
    found = " + ".join(f"{label} {value:.2f}" for label, value in judged.found.items()) or "none"
    gold = "" if judged.gold is None else f", gold {names(judged.gold, head)}"
    return f"{MARKS[judged.is_right]} {found}{gold}: {shorten(text, WIDTH)}"
