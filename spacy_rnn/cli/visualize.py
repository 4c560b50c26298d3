"""`spacy rnn visualize` and `show`: predictions, gold beside them where they differ."""

# ruff: noqa: B008 - options are defaults of arguments, as in spaCy's own commands

import math
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any, Dict, List, Optional, Set, Tuple

from spacy import displacy
from spacy.cli._util import Arg, Opt, setup_gpu
from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import Doc, Span
from spacy.training import Example
from wasabi import msg

from ..errors import DataError
from .classified import only_classifier, require_entities
from .page import percent, render_page
from .report import load
from .visualize_generated import draw_generated, only_composer, reader, show_generated
from .visualize_strings import draw_strings, only_writer, show_strings
from .visualize_texts import draw_texts, show_texts

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
mark.entity { padding: .35em .5em; border-radius: .35em; color: inherit; white-space: nowrap; }
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


def visualize_cli(
    model: str = Arg(..., help="Pipeline: a folder or an installed package"),
    data_path: Path = Arg(..., help="Annotated documents (.spacy)", exists=True),
    output_path: Path = Arg(..., help="HTML file to write"),
    limit: int = Opt(0, "--limit", "-n", help="Documents on the page, 0 for all"),
    gpu_id: int = Opt(-1, "--gpu-id", "-g", help="GPU, or -1 for the CPU"),
) -> None:
    """
    Draw the entities of a data set on one page, gold beside predicted where they differ;
    or its texts with their classes, if the pipeline classifies texts and finds no entities;
    or what its rnn_seq2seq or its rnn_generator writes.
    """
    setup_gpu(gpu_id)
    try:
        differing, total = visualize(model, data_path, output_path, limit=limit)
    except DataError as err:
        msg.fail(str(err), exits=1)
    msg.good(f"{output_path}: {total} documents, {differing} with a difference")


def visualize(model: str, data_path: Path, output_path: Path, *, limit: int = 0) -> Tuple[int, int]:
    """Write the page.

    RETURNS (Tuple[int, int]): Documents with a difference, and all documents.
    RAISES (DataError): If the model cannot be loaded, or does nothing that is drawn.
    """
    nlp = load(model)
    pipe, writer, composer = only_classifier(nlp), only_writer(nlp), only_composer(nlp)
    examples = predict(nlp, data_path, limit)
    settings = {"lang": nlp.lang, "title": f"{model} on {data_path}"}
    if pipe is not None:
        html, differing = draw_texts(pipe, examples, settings)
    elif writer is not None:
        html, differing = draw_strings(writer, examples, settings)
    elif composer is not None:
        html, differing = draw_generated(composer, examples, settings)
    else:
        require_entities(nlp, model, examples)
        html, differing = draw_entities(nlp, examples, settings)
    output_path.parent.mkdir(parents=True, exist_ok=True)
    output_path.write_text(html, encoding="utf8")
    return differing, len(examples)


def draw_entities(
    nlp: Language, examples: List[Example], settings: Dict[str, str]
) -> Tuple[str, int]:
    """The page of entities, and how many documents have a difference."""
    palette = colours(examples)
    extension = extension_of(nlp)
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


def predict(nlp: Language, data_path: Path, limit: int = 0) -> List[Example]:
    """The examples of a data set with the predictions of a pipeline filled in, which
    `nlp.evaluate` does in copies only.
    """
    examples = list(islice(reader(nlp, data_path)(nlp), limit or None))
    for eg, doc in zip(examples, nlp.pipe(eg.predicted for eg in examples)):
        eg.predicted = doc
    return examples


def colours(examples: List[Example]) -> Dict[str, str]:
    """A colour for each label as `render` writes it."""
    docs = [doc for eg in examples for doc in (eg.reference, eg.predicted)]
    labels = sorted({ent.label_ for doc in docs for ent in doc.ents})
    return {escape(label).upper(): COLOURS[i % len(COLOURS)] for i, label in enumerate(labels)}


def extension_of(nlp: Language) -> str:
    """The extension under which entities have a confidence; "" if nothing writes one."""
    names = [getattr(pipe, "confidence", None) for _, pipe in nlp.pipeline]
    return next((name for name in names if name and Span.has_extension(name)), "")


def least_sure(doc: Doc, extension: str) -> float:
    """The lowest confidence of an entity, infinite if none has one."""
    sure = [ent._.get(extension) for ent in doc.ents] if extension else []
    return min((c for c in sure if c is not None), default=math.inf)


def rows_of(
    example: Example, palette: Dict[str, str], extension: str = ""
) -> List[Tuple[str, str]]:
    """One row if prediction and gold agree, otherwise two. Each is a name and HTML."""
    predicted = render(example.predicted, palette, extension)
    if spans(example.predicted) == spans(example.reference):
        return [("", predicted)]
    return [("gold", render(example.reference, palette)), ("predicted", predicted)]


def spans(doc: Doc) -> Set[Tuple[int, int, str]]:
    """The entities by characters, since gold and prediction may cut tokens differently."""
    return {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}


def render(doc: Doc, palette: Dict[str, str], extension: str = "") -> str:
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
    data = {"text": doc.text, "ents": entities, "title": None}
    options = {"template": ENTITY}
    return str(displacy.render(data, style="ent", manual=True, jupyter=False, options=options))


def shade(label: str, sure: Optional[float], palette: Dict[str, str]) -> Dict[str, str]:
    """The colour of an entity and its confidence in words."""
    colour = palette.get(escape(label).upper(), "#dddddd")
    if sure is None:
        return {"bg": colour, "sure": ""}
    return {"bg": f"{colour}{round(255 * (0.15 + 0.85 * sure)):02x}", "sure": f"{sure:.2f}"}


def score_rows(scores: Dict[str, Any]) -> List[Tuple[str, str, str, str]]:
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


def show_cli(
    model: str = Arg(..., help="Pipeline: a folder or an installed package"),
    data_path: Path = Arg(..., help="Annotated documents (.spacy)", exists=True),
    n: int = Opt(5, "--number", "-n", help="How many sentences or texts to show"),
) -> None:
    """
    Print the scores on a data set and its first sentences with entities marked, or some of
    its texts with their classes or with what rnn_seq2seq writes, right and wrong ones, or
    some of its conditions with what rnn_generator writes for them.
    """
    try:
        show(model, data_path, n)
    except DataError as err:
        msg.fail(str(err), exits=1)


def show(model: str, data_path: Path, n: int) -> None:
    """Print scores and texts.

    RAISES (DataError): If the model cannot be loaded, or does nothing that is shown.
    """
    nlp = load(model)
    pipe, writer, composer = only_classifier(nlp), only_writer(nlp), only_composer(nlp)
    examples = predict(nlp, data_path)
    if pipe is not None:
        rows, lines = show_texts(pipe, examples, n)
    elif writer is not None:
        rows, lines = [], show_strings(writer, examples, n)
    elif composer is not None:
        rows, lines = [], show_generated(composer, examples, n)
    else:
        require_entities(nlp, model, examples)
        scores = Scorer(nlp).score(examples)
        rows = score_rows(scores)
        lines = [mark(eg.predicted) for eg in examples if eg.predicted.ents][:n]
        lines = [*calibration_lines(scores), *lines]
    if rows:
        msg.table(rows, header=("", "P", "R", "F"), aligns=("l", "r", "r", "r"))
    for line in lines:
        print(f"  {line}".rstrip())
    print()
