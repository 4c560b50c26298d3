"""The part of `spacy rnn visualize` and `show` for entities."""

import math
from html import escape
from typing import Any, Dict, List, Optional, Set, Tuple

from spacy import displacy
from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.training import Example

from ..evaluation.docs import adopt_label
from .page import Row, percent, render_page
from .pipelines import confidence_extension

# Soft, apart from each other, and readable under black text
COLOURS = ("#ffd8a8", "#a5d8ff", "#b2f2bb", "#eebefa", "#ffec99", "#ffc9c9", "#c3fae8")

# Our own, because displaCy's fades nothing
ENTITY = (
    '<mark class="entity" style="background: {bg}" title="{label} {sure}">{text}'
    "<b>{label}</b><i>{sure}</i></mark>"
)

PAGE = """{% extends "comparison" %}
{% block own_style %}
section div.entities { line-height: 2.4 !important; }
mark.entity { padding: .35em .5em; border-radius: .35em; color: inherit;
  -webkit-box-decoration-break: clone; box-decoration-break: clone; }
mark.entity b { font-size: .65em; margin-left: .6em; }
mark.entity i { font-size: .65em; margin-left: .4em; color: #555; font-style: normal; }
.row { display: flex; gap: 1rem; align-items: baseline; }
.who { flex: 0 0 5.5rem; color: #777; font-size: .8rem; }
{% endblock %}
{% block above %}
<p>{{ documents }} documents, {{ differing }} where prediction and gold differ.
{% if ranked %}The paler an entity, the less sure the model is of it; the least sure come first,
which is where an annotator finds most to mend.{% endif %}</p>
{% endblock %}
{% block section %}
<section class="{{ 'same' if section|length == 1 else 'differ' }}">
{% for who, html in section %}
<div class="row"><span class="who">{{ who }}</span>{{ html|safe }}</div>
{% endfor %}
</section>
{% endblock %}
"""


def draw_entities(
    nlp: Language, examples: List[Example], settings: Dict[str, str]
) -> Tuple[str, int]:
    """The page of entities, and how many documents have a difference."""
    adopt_label([doc for eg in examples for doc in (eg.reference, eg.predicted)], nlp)
    palette = colours(examples)
    extension = confidence_extension(nlp)
    examples = sorted(examples, key=lambda eg: least_sure(eg.predicted, extension))
    sections = [rows_of(eg, palette, extension) for eg in examples]
    differing = sum(len(rows) == 2 for rows in sections)
    html = render_page(
        PAGE,
        scores=score_rows(Scorer(nlp).score(examples)),
        documents=len(examples),
        differing=differing,
        ranked=bool(extension),
        sections=sections,
        **settings,
    )
    return html, differing


def colours(examples: List[Example]) -> Dict[str, str]:
    """A colour for each label as `render` writes it."""
    docs = [doc for eg in examples for doc in (eg.reference, eg.predicted)]
    labels = sorted({ent.label_ for doc in docs for ent in doc.ents})
    return {escape(label).upper(): COLOURS[i % len(COLOURS)] for i, label in enumerate(labels)}


def least_sure(doc: Doc, extension: Optional[str]) -> float:
    """The lowest confidence of an entity, infinite if none has one."""
    sure = [ent._.get(extension) for ent in doc.ents] if extension else []
    return min((c for c in sure if c is not None), default=math.inf)


def rows_of(
    example: Example, palette: Dict[str, str], extension: Optional[str] = None
) -> List[Tuple[str, str]]:
    """One row if prediction and gold agree, otherwise two. Each is a name and HTML."""
    predicted = render(example.predicted, palette, extension)
    if spans(example.predicted) == spans(example.reference):
        return [("", predicted)]
    return [("gold", render(example.reference, palette)), ("predicted", predicted)]


def spans(doc: Doc) -> Set[Tuple[int, int, str]]:
    """The entities by characters, since gold and prediction may cut tokens differently."""
    return {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}


def render(doc: Doc, palette: Dict[str, str], extension: Optional[str] = None) -> str:
    """The document as displaCy draws it, an entity the paler the less sure it is. displaCy
    escapes the text, but not the labels.
    """
    found = {}
    for ent in doc.ents:
        sure = ent._.get(extension) if extension else None
        found[ent.start_char, ent.end_char, ent.label_] = sure
    entities = [
        {"start": start, "end": end, "label": escape(label), "params": shade(label, sure, palette)}
        for (start, end, label), sure in sorted(found.items())
    ]
    settings = displacy.get_doc_settings(doc)  # from right to left, if the language is
    data = {"text": doc.text, "ents": entities, "title": None, "settings": settings}
    options = {"template": ENTITY}
    return str(displacy.render(data, style="ent", manual=True, jupyter=False, options=options))


def shade(label: str, sure: Optional[float], palette: Dict[str, str]) -> Dict[str, str]:
    """The colour of an entity and its confidence in words."""
    colour = palette.get(escape(label).upper(), "#dddddd")
    if sure is None:
        return {"bg": colour, "sure": ""}
    return {"bg": f"{colour}{round(255 * (0.15 + 0.85 * sure)):02x}", "sure": f"{sure:.2f}"}


def score_rows(scores: Dict[str, Any]) -> List[Row]:
    """The table of scores, all labels together first."""
    keys = ("ents_p", "ents_r", "ents_f")
    p, r, f = (percent(scores.get(key)) for key in keys)
    rows = [("all", p, r, f)]
    for label, prf in sorted((scores.get("ents_per_type") or {}).items()):
        p, r, f = (percent(prf[key]) for key in "prf")
        rows.append((label, p, r, f))
    return rows


def calibration_lines(scores: Dict[str, Any]) -> List[str]:
    """Whether confidence can be trusted, in a line; none if nothing tells."""
    error, auroc = scores.get("ents_ece"), scores.get("ents_auroc")
    if error is None:
        return []
    rank = "" if auroc is None else f", AUROC {auroc:.3f}"
    return [f"calibration error {percent(error)} %{rank}"]


def mark(doc: Doc) -> str:
    """The text with its entities in brackets: `[Virat Kohli](PER) bats.`"""
    text, at, parts = doc.text, 0, []
    for ent in doc.ents:
        parts += [text[at : ent.start_char], f"[{ent.text}]({ent.label_})"]
        at = ent.end_char
    return "".join([*parts, text[at:]])


def show_entities(nlp: Language, examples: List[Example], n: int) -> Tuple[List[Row], List[str]]:
    """The table of scores, and lines to print below it."""
    scores = Scorer(nlp).score(examples)
    lines = [mark(eg.predicted) for eg in examples if eg.predicted.ents][:n]
    return score_rows(scores), [*calibration_lines(scores), *lines]
