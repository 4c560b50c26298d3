"""The page of `spacy rnn report`."""

from typing import Any, Dict

from jinja2 import Environment

from .page import percent
from .report_plots import plot_curve, plot_reliability

PAGE = """<!DOCTYPE html>
<html lang="{{ lang }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ model }} on {{ data }}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2.5rem auto;
  padding: 0 1rem; color: #222; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.6rem 0 .3rem; }
p { max-width: 44rem; margin: .3rem 0 .8rem; }
.note, .none, th { color: #667; }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.4rem 0; }
.tiles div { border: 1px solid #e2e5ea; border-radius: .5rem; padding: .5rem 1rem; }
.tiles b { display: block; font-size: 1.5rem; font-weight: 600; }
.tiles span { color: #667; font-size: .85rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { font-weight: normal; font-size: .85rem; }
td, th { padding: .3rem .9rem .3rem 0; text-align: right; }
tr + tr td, tr + tr th { border-top: 1px solid #eef0f3; }
td:first-child, th:first-child, .errors td, .errors th { text-align: left; }
tr.all td { font-weight: 600; }
.confusion td, .confusion th { padding: .35rem .9rem; }
.errors { width: 100%; font-size: .9rem; table-layout: fixed; overflow-wrap: anywhere; }
.errors td { vertical-align: top; }
.errors td:first-child { color: #556; }
.errors th:first-child { width: 52%; }
.errors th:last-child { width: 5rem; }
.errors td:last-child, .errors th:last-child { text-align: right; padding-right: 0; }
mark { background: #fff0c2; color: #222; border-radius: .2rem; padding: .1rem .15rem; }
.label { color: #667; font-size: .75rem; }
details { border-top: 1px solid #e2e5ea; padding: .5rem 0; }
summary { cursor: pointer; }
summary b { display: inline-block; min-width: 3rem; }
img { max-width: 100%; }
</style>
</head>
<body>
{% macro scores(rows) %}
<table>
<tr><th></th><th>precision</th><th>recall</th><th>F1</th><th>gold</th><th>predicted</th>
<th>right</th></tr>
{% for name, of, kind in rows %}
<tr class="{{ kind }}"><td>{{ name }}</td><td>{{ of.precision|percent }}</td>
<td>{{ of.recall|percent }}</td><td>{{ of.f1|percent }}</td><td>{{ of.gold }}</td>
<td>{{ of.predicted }}</td><td>{{ of.right }}</td></tr>
{% endfor %}
</table>
{% endmacro %}
{% macro tile(value, name) %}<div><b>{{ value }}</b><span>{{ name }}</span></div>{% endmacro %}
{% macro entity(of) %}
{% if of %}{{ of.text }} <span class="label">{{ of.label }}</span>
{% else %}<span class="none">none</span>{% endif %}
{% endmacro %}
<h1>{{ model }}</h1>
<p class="note">on {{ data }}: {{ "{:,}".format(documents) }} documents,
{{ "{:,}".format(words) }} words</p>
<div class="tiles">
{% set all = numbers.scores.all %}
{{ tile(all.f1|percent, "F1") }}
{{ tile(all.precision|percent, "precision") }}
{{ tile(all.recall|percent, "recall") }}
{% if calibration %}
{{ tile(calibration.expected_calibration_error|percent, "calibration error") }}
{{ tile("–" if calibration.auroc is none else "%.3f"|format(calibration.auroc), "AUROC") }}
{% endif %}
{{ tile("{:,.0f}".format(words_per_second), "words/s") }}
</div>
<p class="note">Shares are in percent. Speed is from tokens to entities, on the machine that
wrote this page.</p>

<h2>Scores by type</h2>
<p class="note">An entity is right if its boundaries and its type are those of gold.</p>
{{ scores(score_rows) }}

{% if seen %}
<h2>Seen and unseen</h2>
<p class="note">An entity is seen if its text stands in the training data with its label, in
whatever case.</p>
{{ scores([("seen", seen.seen, ""), ("unseen", seen.unseen, "")]) }}
{% endif %}

<h2>Errors</h2>
<p class="note">Each gold entity has at most one partner that overlaps it, so every error counts
once.{% if calibration %} The errors that the model is surest of come first.{% endif %}</p>
{% for kind, of in errors.items() %}
<details{% if loop.first %} open{% endif %}>
<summary><b>{{ of.count }}</b> {{ kind }}</summary>
{% if of.examples %}
<table class="errors">
<tr><th>in context</th><th>gold</th><th>predicted</th>
<th>{% if calibration %}confidence{% endif %}</th></tr>
{% for e in of.examples %}
<tr><td>{{ e.before }}<mark>{{ e.marked }}</mark>{{ e.after }}</td><td>{{ entity(e.gold) }}</td>
<td>{{ entity(e.predicted) }}</td>
<td>{% if e.confidence is not none %}{{ "%.3f"|format(e.confidence) }}{% endif %}</td></tr>
{% endfor %}
</table>
{% endif %}
</details>
{% endfor %}

<h2>Confusion of types</h2>
<p class="note">Rows are gold, columns predicted; whatever the boundaries. Darker is a larger
share of the row.</p>
<table class="confusion">
<tr><th></th>{% for label in confusion.labels %}
<th>{{ label if label is not none else "none" }}</th>{% endfor %}</tr>
{% for row in confusion.counts %}
{% set right = loop.index0 %}
<tr><td>{{ confusion.labels[right] if not loop.last else "none" }}</td>
{% for n in row %}
<td style="background: rgba({{ "76,120,168" if loop.index0 == right else "230,140,60" }},
{{ (0.6 * n / (row|sum or 1))|round(2) }})">{{ n or "" }}</td>
{% endfor %}</tr>
{% endfor %}
</table>

{% if calibration %}
<h2>Confidence</h2>
<p class="note">Of the entities at confidence 0.8, 80 in 100 should be right: the bars should end on
the dashed line. The calibration error is their mean distance from it, weighed by entities
({{ calibration.entities }} in all); AUROC says how often a right entity is surer than a wrong one,
0.5 is chance.</p>
<img src="{{ reliability }}" alt="Reliability diagram: share that is right by confidence" />
{% endif %}

{% if curve %}
<h2>Training</h2>
<img src="{{ curve }}" alt="F1 on the development data by step of training" />
{% endif %}
</body>
</html>
"""


def render_page(numbers: Dict[str, Any], lang: str) -> str:
    """The page as HTML that needs no other file.

    numbers (Dict[str, Any]): What stands in report.json.
    lang (str): The language of the texts.
    """
    scores, calibration, curve = (numbers[key] for key in ("scores", "calibration", "curve"))
    env = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    env.filters["percent"] = percent
    settings = {
        **numbers,
        "numbers": numbers,
        "lang": lang,
        "score_rows": [
            *((label, of, "") for label, of in scores["per_type"].items()),
            ("all", scores["all"], "all"),
        ],
        "reliability": plot_reliability(calibration["bins"]) if calibration else None,
        "curve": plot_curve(curve) if curve else None,
    }
    return env.from_string(PAGE).render(settings)
