"""The parts of `spacy rnn visualize` and `show` that look at what `rnn_seq2seq` writes."""

import math
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple, Union

from spacy.language import Language
from spacy.tokens import Doc, Span, Token
from spacy.training import Example

from ..components.rnn_seq2seq import RNNSeq2Seq
from ..evaluation.strings import string_parts
from .finding import WIDTH, shorten
from .outcomes import MARKS, NAMES, choose
from .page import percent, render_page
from .pipelines import first_of
from .shading import plain

SCORES = {
    "acc": "accuracy",
    "char_acc": "characters right",
    "unit_acc": "units right",
    "seen_acc": "of forms seen in training",
    "unseen_acc": "of unseen ones",
    "bleu": "BLEU",
    "chrf": "chrF",
}
KINDS = {"token": "tokens", "sent": "sentences", "doc": "documents"}
NOTHING = "(nothing)"
VISIBLE = str.maketrans({"\n": "⏎", "\t": "⇥"})  # on one line

PAGE = """{% extends "base" %}
{% block style %}
td, th { text-align: left; vertical-align: top; padding: .25rem 1rem .25rem 0; }
td { border-top: 1px solid #ddd; }
td.text { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 5rem; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.note { white-space: nowrap; }
tr.wrong .mark { color: #b3261e; }
tr.right .mark { color: #2b6e2f; }
{% endblock %}
{% block body %}
<p>{{ summary }}</p>
<p>{{ documents }} documents, {{ differing }} where prediction and gold differ{% if level != "doc"
%}; {{ parts }} {{ kind }}, {{ wrong }} of them wrong{% endif %}. The wrong ones come first, and
the least sure of them{% if level == "token" %}; equal ones stand in one row{% endif %}.</p>
<p class="note">Component {{ component }} writes {{ target }}. The score is the log probability by
length; 0 is certain, or known from the training data. Gold is left out where it is the same{% if
cut %}; {{ cut }} cut short: longer than the training data make likely{% endif %}.</p>
<table>
<tr><th></th><th>source</th><th>written</th><th>gold</th><th class="number">score</th>
{% if level == "token" %}
<th class="number">times</th>
{% endif %}
<th></th></tr>
{% for row in rows %}
<tr class="{{ row.outcome }}"><td class="mark">{{ row.mark }}</td>
<td class="text" dir="auto">{{ row.source }}</td>
<td class="text" dir="auto">{{ row.text }}</td>
<td class="text" dir="auto">{{ row.gold }}</td>
<td class="number">{{ row.score }}</td>
{% if level == "token" %}
<td class="number">{{ row.times }}</td>
{% endif %}
<td class="note">{{ "cut short" if row.truncated }}</td></tr>
{% endfor %}
</table>
{% endblock %}
"""


class Written(NamedTuple):
    """What was written for a source, beside what is right.

    source (str): What was read.
    text (str): What was written.
    right (Tuple[str, ...]): All that is right; empty where it is not known.
    score (Optional[float]): How sure the component is, 0 at most; None if it did not see the
        source, because gold and prediction cut the text differently.
    truncated (bool): Whether it was cut short.
    times (int): How many there are of the kind.
    """

    source: str
    text: str
    right: Tuple[str, ...]
    score: Optional[float]
    truncated: bool
    times: int = 1

    @property
    def is_right(self) -> Optional[bool]:
        return self.text in self.right if self.right else None


def only_writer(nlp: Language) -> Optional[RNNSeq2Seq]:
    """The `rnn_seq2seq` that is shown, if one is: see `first_of`."""
    return first_of(nlp, RNNSeq2Seq.factory)


def read(example: Example, pipe: RNNSeq2Seq) -> List[Written]:
    """What was written for the parts of a document, in its order, without white space for
    which nothing should be.
    """
    doc, place = example.predicted, pipe.place
    bounds = list(map(_bounds, place.parts(doc)))
    scores = dict(zip(bounds, doc.user_data[f"{pipe.name}_scores"]))
    cut = {bounds[i] for i in doc.user_data[f"{pipe.name}_truncated"]}
    found = []
    units = pipe.model.attrs["target_units"]
    for ours, gold, text, right in string_parts(example, place.level, place.target, units):
        at = (-1, -1) if ours is None else _bounds(ours)
        if right or gold.text.strip():
            row = Written(gold.text, text, tuple(right), scores.get(at), at in cut)
            found.append(row)
    return found


def _bounds(part: Union[Token, Span, Doc]) -> Tuple[int, int]:
    """The tokens of a part."""
    if isinstance(part, Token):
        return part.i, part.i + 1
    return (part.start, part.end) if isinstance(part, Span) else (0, len(part))


def rows_of(by_document: Iterable[Sequence[Written]], level: str) -> List[Written]:
    """All that was written, where each first stands. Equal tokens are one, as sure as the
    least sure of them.
    """
    everything = [row for rows in by_document for row in rows]
    if level != "token":
        return everything
    rows: Dict[Tuple[Any, ...], Written] = {}
    for row in everything:
        key = row.source, row.text, row.right
        before = rows.get(key)
        if before is not None:
            score = min((row.score, before.score), key=sureness)
            cut = row.truncated or before.truncated
            row = row._replace(score=score, truncated=cut, times=before.times + 1)
        rows[key] = row
    return list(rows.values())


def sureness(score: Optional[float]) -> float:
    """Where no score is, the component did not write: the last to look at."""
    return math.inf if score is None else score


def summarize(scores: Dict[str, Any], name: str) -> str:
    """The scores of a target, with the names that they have in a config."""
    keys = {f"{name}_{key}": word for key, word in SCORES.items()}
    return ", ".join(
        f"{word} {percent(scores[key])} ({key})" for key, word in keys.items() if key in scores
    )


# A page


def draw_strings(
    pipe: RNNSeq2Seq, examples: Sequence[Example], settings: Dict[str, str]
) -> Tuple[str, int]:
    """The page of what was written, and how many documents have a difference."""
    by_document = [read(eg, pipe) for eg in examples]
    wrong = [sum(row.is_right is False for row in rows) for rows in by_document]
    level, differing = pipe.place.level, sum(map(bool, wrong))
    everything = [row for rows in by_document for row in rows]
    rows = sorted(rows_of(by_document, level), key=_order)
    html = render_page(
        PAGE,
        summary=summarize(pipe.score(examples), pipe.place.name),
        documents=len(examples),
        differing=differing,
        level=level,
        kind=KINDS.get(level, "spans"),
        parts=len(everything),
        wrong=sum(wrong),
        cut=sum(row.truncated for row in everything),
        component=pipe.name,
        target=pipe.place.target,
        rows=[cells(row) for row in rows],
        **settings,
    )
    return html, differing


def _order(row: Written) -> Tuple[int, float]:
    """Wrong ones, then those of which nothing is known, then right ones."""
    return [False, None, True].index(row.is_right), sureness(row.score)


def cells(row: Written) -> Dict[str, Any]:
    """What the page shows of a row."""
    return {
        "outcome": NAMES[row.is_right],
        "mark": MARKS[row.is_right],
        "source": row.source,
        "text": row.text or NOTHING,
        "gold": "" if row.right == (row.text,) else " or ".join(row.right),
        "score": number(row.score),
        "times": row.times,
        "truncated": row.truncated,
    }


def number(score: Optional[float]) -> str:
    return "–" if score is None else f"{score:z.2f}"


# In a terminal


def show_strings(pipe: RNNSeq2Seq, examples: Sequence[Example], n: int) -> List[str]:
    """The scores, and some of what was written below them."""
    level, name = pipe.place.level, pipe.place.name
    rows = rows_of([read(eg, pipe) for eg in examples], level)
    found = [line(row) for row in choose(rows, n)]
    return [summarize(pipe.score(examples), name), "", *found]


def line(row: Written) -> str:
    """What was written, on one line: `✗ -0.31 mice → mices, gold mouse (3 times, cut short)`"""
    gold = f", gold {' or '.join(map(short, row.right))}" if row.is_right is False else ""
    notes = [f"{row.times} times"] if row.times > 1 else []
    notes += ["cut short"] if row.truncated else []
    more = f" ({', '.join(notes)})" if notes else ""
    text = short(row.text) or NOTHING
    return f"{MARKS[row.is_right]} {number(row.score)} {short(row.source)} → {text}{gold}{more}"


def short(text: str, width: int = WIDTH) -> str:
    """A text on a part of a line, that gives a terminal no orders."""
    return plain(shorten(text, width).translate(VISIBLE))
