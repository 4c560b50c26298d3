"""What the pages of several commands have in common. None needs another file."""

from pathlib import Path
from typing import Any, Sequence, Tuple

from jinja2 import DictLoader, Environment

from ..errors import DataError, Errors
from .shading import STYLE

BASE = """<!DOCTYPE html>
<html lang="{{ lang }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ title }}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #222; background: #fff; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: .6rem 0 .3rem; }
table { border-collapse: collapse; margin: 1rem 0; }
td, th { padding: .2rem .8rem .2rem 0; text-align: right; }
td:first-child, th:first-child { text-align: left; }
section { border-top: 1px solid #ddd; padding: .6rem 0; }
.legend, .note { color: #595959; font-size: .85rem; }
{% block style %}{% endblock %}
</style>
</head>
<body>
<h1>{{ title }}</h1>
{% block body %}{% endblock %}
</body>
</html>
"""

# Predictions beside gold: `sections` has a pair (whether they differ, HTML) for each
COMPARISON = """{% extends "base" %}
{% block style %}
#different:checked ~ section.same { display: none; }
{% block own_style %}{% endblock %}
{% endblock %}
{% block body %}
{% if scores %}
<table>
<tr><th>label</th><th>precision</th><th>recall</th><th>F</th></tr>
{% for label, p, r, f in scores %}
<tr><td>{{ label }}</td><td>{{ p }}</td><td>{{ r }}</td><td>{{ f }}</td></tr>
{% endfor %}
</table>
{% endif %}
{% block above %}{% endblock %}
{% if differing %}
<input type="checkbox" id="different"> <label for="different">only where they differ</label>
{% endif %}
{% for section in sections %}
{% block section scoped %}{% endblock %}
{% endfor %}
{% endblock %}
"""


# Texts, each with what a component made of it: `sections` has a pair (heading, HTML) for each
EXPLAINED = """{% extends "base" %}
{% block style %}
{{ shading|safe }}
{{ own_style|safe }}
{% endblock %}
{% block body %}
{% for heading, html in sections %}
<section>
{% if sections|length > 1 %}
<h2>{{ heading }}</h2>
{% endif %}
{{ html|safe }}
</section>
{% endfor %}
{{ legend|safe }}
<p class="note">{{ note }}</p>
<p class="note">{{ model }}, component {{ component }}</p>
{% endblock %}
"""


def explained_page(sections: Sequence[Tuple[str, str]], many: str, **settings: str) -> str:
    """The page of texts that are explained.

    sections (Sequence[Tuple[str, str]]): The heading and the HTML of each; the only one gives its
        heading to the page.
    many (str): What they are called otherwise.
    settings (str): lang, note, model, component, and perhaps own_style and legend.
    """
    title = sections[0][0] if len(sections) == 1 else f"{len(sections)} {many}"
    return render_page(EXPLAINED, title=title, sections=sections, **settings)


def render_page(template: str, **settings: Any) -> str:
    """The page as HTML; text is escaped where the template does not say `safe`.

    template (str): What extends "base" or "comparison".
    settings (Any): What it reads, among it `lang` and `title`.
    """
    loader = DictLoader({"base": BASE, "comparison": COMPARISON, "page": template})
    env = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return env.get_template("page").render(shading=STYLE, **settings)


def write_text(path: Path, text: str) -> None:
    """Write a file, and the folders that it stands in.

    RAISES (DataError): If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf8")
    except OSError as err:
        raise DataError(Errors.R101.format(path=path, why=err.strerror or err)) from err


Row = Tuple[str, str, str, str]  # a label, or all, with precision, recall and F


def percent(value: Any) -> str:
    """A share with one digit, or a dash."""
    return "–" if value is None else f"{100 * value:.1f}"
