"""The parts of `spacy rnn visualize` and `show` that look at what `rnn_generator` writes."""

from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.training import Corpus, Example

from ..components.rnn_generator import RNNGenerator
from ..evaluation.generation import slot_errors
from ..extensions import extension_of
from ..pair_corpus import create_pair_corpus
from ..slots import read_slots
from .outcomes import MARKS, NAMES, choose
from .page import percent, render_page
from .pipelines import first_of
from .visualize_strings import NOTHING, number, short

WIDTH = 240  # characters of a text that is printed

PAGE = """{% extends "base" %}
{% block style %}
body { max-width: 75rem; }
td, th { text-align: left; vertical-align: top; padding: .25rem 1rem .25rem 0; }
td { border-top: 1px solid #ddd; }
td.text { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 9rem; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
tr.wrong .mark { color: #b3261e; }
tr.right .mark { color: #2b6e2f; }
{% endblock %}
{% block body %}
<p>{{ summary }}</p>
<p>{{ documents }} documents{% if asked %}; {{ differing }} texts leave out a value or say it
twice{% if differing %}, these come first{% endif %}{% endif %}. What is written
need not be the text in the data, which is one of many; whether it says what is not copied word for
word is left to the reader.</p>
<p class="note">Component {{ component }} writes {{ output }}. The score is the mean log probability
of a unit; 0 is certain.</p>
<table>
<tr><th></th><th>for</th><th>written</th><th>in the data</th><th class="number">score</th><th></th>
</tr>
{% for row in rows %}
<tr class="{{ row.outcome }}"><td class="mark">{{ row.mark }}</td>
<td class="text" dir="auto">{{ row.condition }}</td>
<td class="text" dir="auto">{{ row.text }}</td>
<td class="text" dir="auto">{{ row.gold }}</td>
<td class="number">{{ row.score }}</td>
<td>{{ row.notes }}</td></tr>
{% endfor %}
</table>
{% endblock %}
"""


class Composed(NamedTuple):
    """What was written for a document.

    condition (str): What for, in words.
    text (str): What was written.
    gold (str): The text in the data.
    score (Optional[float]): How sure the component is; None if it wrote nothing.
    notes (Tuple[str, ...]): What is odd about it.
    is_right (Optional[bool]): Whether each value that is copied stands in it once; None if there
        is none.
    """

    condition: str
    text: str
    gold: str
    score: Optional[float]
    notes: Tuple[str, ...]
    is_right: Optional[bool]


def only_composer(nlp: Language) -> Optional[RNNGenerator]:
    """The `rnn_generator` that is shown, if one is: see `first_of`."""
    return first_of(nlp, RNNGenerator.factory)


def reader(nlp: Language, data_path: Path) -> Callable[[Language], Iterator[Example]]:
    """Reads a data set as spaCy does; if an `rnn_generator` is shown, its documents have the
    conditions of the data.
    """
    pipe = only_composer(nlp)
    if pipe is None:
        return Corpus(data_path)
    return create_pair_corpus(data_path, given=[pipe.condition] if pipe.condition else [])


def read(example: Example, pipe: RNNGenerator) -> Composed:
    """What was written for a document, and whether it says what it should."""
    doc = example.predicted
    text = doc._.get(extension_of(pipe.output)) or ""
    values = pipe.slots_of(doc)
    missing = doc.user_data.get(f"{pipe.name}_missing") or []
    notes = [f"without {', '.join(missing)}"] if missing else []
    notes += ["cut short"] if doc.user_data.get(f"{pipe.name}_truncated") else []
    wrong = slot_errors([(text, values)], pipe.model.attrs["units"])[1]
    if wrong > len(missing):
        notes.append("a value too often")
    score = doc.user_data.get(f"{pipe.name}_score")
    condition = in_words(pipe.conditions.read(doc), doc.text if pipe.prefix else "")
    is_right = not wrong if values else None
    return Composed(condition, text, gold(example, pipe), score, tuple(notes), is_right)


def gold(example: Example, pipe: RNNGenerator) -> str:
    """The text in the data."""
    doc = example.reference
    return str(doc.text if pipe.target == "text" else doc._.get(extension_of(pipe.target)) or "")


def in_words(condition: Any, prefix: str) -> str:
    """A condition: `act=remind, name=Ana Lind`, or `formal, short 0.30`, or `12 numbers`"""
    slots = read_slots(condition) if condition is not None else []
    if slots is not None:
        named = [f"{slot}={value}" for slot, value in slots]
    elif isinstance(condition, dict):
        named = [f"{k} {v:.2f}" if v != 1 else str(k) for k, v in condition.items() if v]
    else:
        named = [f"numbers of shape {condition.shape}"]
    return ", ".join([*named, *([f"{prefix} …"] if prefix else [])]) or NOTHING


def summarize(scores: Dict[str, Any], name: str) -> str:
    """The scores with the names that they have in a config."""
    prob, said = (scores.get(f"{name}_{key}") for key in ("prob", "slot_acc"))
    parts = [f"probability of a unit {percent(prob)} ({name}_prob)"]
    if said is not None:
        error = percent(1 - said)
        parts.append(f"slot error {error} % (values said {percent(said)}, {name}_slot_acc)")
    if (bleu := scores.get(f"{name}_bleu")) is not None:
        parts.append(f"BLEU {percent(bleu)} ({name}_bleu)")
    return ", ".join(parts)


def _summary(pipe: RNNGenerator, examples: Sequence[Example]) -> str:
    return summarize(pipe.score(examples), extension_of(pipe.output))


# A page


def draw_generated(
    pipe: RNNGenerator, examples: Sequence[Example], settings: Dict[str, str]
) -> Tuple[str, int]:
    """The page of what was written, and how many documents have a value missing or twice."""
    rows = sorted((read(eg, pipe) for eg in examples), key=lambda row: row.is_right is not False)
    differing = sum(row.is_right is False for row in rows)
    html = render_page(
        PAGE,
        summary=_summary(pipe, examples),
        documents=len(rows),
        differing=differing,
        asked=any(row.is_right is not None for row in rows),
        component=pipe.name,
        output=pipe.output,
        rows=[cells(row) for row in rows],
        **settings,
    )
    return html, differing


def cells(row: Composed) -> Dict[str, Any]:
    """What the page shows of a row."""
    return {
        "outcome": NAMES[row.is_right],
        "mark": MARKS[row.is_right],
        "condition": row.condition,
        "text": row.text or NOTHING,
        "gold": row.gold,
        "score": number(row.score),
        "notes": ", ".join(row.notes),
    }


# In a terminal


def show_generated(pipe: RNNGenerator, examples: Sequence[Example], n: int) -> List[str]:
    """The scores, and some of what was written below them."""
    rows = choose([read(eg, pipe) for eg in examples], n)
    return [_summary(pipe, examples), "", *(line for row in rows for line in lines(row))]


def lines(row: Composed) -> List[str]:
    """What was asked for, and below it what was written:

    ✗ -0.21 act=remind, name=Ana Lind, time=9:30 (without time)
      Hello Ana Lind, do not forget!
    """
    notes = f" ({', '.join(row.notes)})" if row.notes else ""
    asked, text = (short(part, WIDTH) for part in (row.condition, row.text))
    return [f"{MARKS[row.is_right]} {number(row.score)} {asked}{notes}", f"  {text or NOTHING}"]
