"""`spacy rnn explain` for what `rnn_seq2seq` writes."""

import re

import pytest

from spacy_rnn.cli import explain_strings as module
from spacy_rnn.cli.explain import choose, explain
from spacy_rnn.cli.explain_strings import Answer, answers, matrix_of, title
from spacy_rnn.cli.matrix import GLYPHS, LONGEST, Matrix, draw_matrix, label, matrix_lines
from spacy_rnn.components.written import Look, Transduced
from spacy_rnn.errors import DataError
from spacy_rnn.units import STOP

from ..pair_helpers import random_nlp
from .test_explain import failed, printed, two_classifiers
from .test_visualize import Page

TEXT = "unheard cats"
SMALL = Matrix(["a", " ", STOP], ["<", STOP], [[1.0, 0.0, 0.0], [0.05, 0.35, 0.6]])


@pytest.fixture(scope="module")
def nlp():
    return random_nlp({"strategy": ["dictionary", "decoder"], "beam_width": 2}, copy=True)


@pytest.fixture(scope="module")
def model(nlp, tmp_path_factory):
    path = tmp_path_factory.mktemp("explain") / "model"
    nlp.to_disk(path)
    return path


# The matrix


def test_a_matrix_in_a_terminal():
    assert matrix_lines(SMALL, False, 80) == [
        "           <",
        "           s",
        "           t",
        "           o",
        "           p",
        "       a ␣ >",
        f"     < {GLYPHS[5] * 2}",
        f"<stop>   {GLYPHS[2] * 2}{GLYPHS[3] * 2}",
    ]


def test_a_wide_matrix_comes_in_blocks():
    wide = Matrix(list("abcdef"), ["x"], [[0, 0, 0, 0, 0, 1.0]])
    lines = matrix_lines(wide, False, 8)
    assert lines == ["  a b c", "x", "", "  d e f", f"x     {GLYPHS[5] * 2}"]


def test_colours_where_there_are_some():
    lines = matrix_lines(SMALL, True, 80)
    assert "\x1b[38;5;16;48;5;" in lines[6]
    bare = [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in lines]
    assert bare[:6] == matrix_lines(SMALL, False, 80)[:6]


def test_a_matrix_on_a_page():
    html = draw_matrix(SMALL)
    assert html.count("<td") == 6 and html.count('class="s5"') == 1
    assert "&lt;stop&gt;" in html and "<stop>" not in html and 'title="a 1.00"' in html


def test_symbols_can_be_seen_and_give_no_orders():
    assert [label(s) for s in (" ", "\n", "\x1b")] == ["␣", "⏎", "\ufffd"]
    assert len(label("x" * 50)) == LONGEST


def test_nothing_is_drawn_of_nothing():
    assert matrix_of(None) is None
    assert matrix_lines(Matrix([], [], []), False, 80) == []


# What is said of a source


@pytest.mark.parametrize(
    "found,expected",
    [
        (Transduced("cat", -0.25, False, "decoder"), "cats → cat, -0.25"),
        (Transduced("cat", -0.1, False, "edits"), "cats → cat, by an edit"),
        (Transduced("cat", 0.0, False, "dictionary"), "cats → cat, from the dictionary of"),
        (Transduced("", 0.0, False), "cats → (nothing), nobody knew"),
        (Transduced("ca", -2.0, True, "decoder"), "cats → ca, -2.00, cut short"),
    ],
)
def test_the_title_says_who_knew(found, expected):
    assert title(Answer("cats", found)).startswith(expected)


def test_equal_words_are_explained_once(nlp):
    pipe = choose(nlp, "m")
    found = answers([nlp("cats unheard cats"), nlp("cats")], pipe)
    assert [a.source for a in found] == ["cats", "unheard"]
    assert found[0].found.look is None and isinstance(found[1].found.look, Look)


# The command


def test_prints_a_matrix_for_what_the_decoder_wrote(nlp, model):
    lines = printed(model, TEXT).splitlines()
    pipe = choose(nlp, "m")
    (answer, known) = answers([nlp(TEXT)], pipe)
    assert lines[0] == title(answer) and title(known) in lines
    height = len(STOP)
    assert lines[height][-15:] == "u n h e a r d >"
    assert len(lines[height + 1 :]) > len(answer.found.look.written)
    assert "share of the attention" in lines[-2] and "not why" in lines[-1]


def test_paints_where_there_are_colours(model, monkeypatch):
    monkeypatch.setattr(module, "has_colours", lambda: True)
    explain(str(model), [TEXT])


def test_writes_a_page_that_needs_no_other_file(model, tmp_path):
    path = tmp_path / "new" / "page.html"
    assert "2 text(s)" in " ".join(printed(model, TEXT, "-o", path).split())
    html = path.read_text(encoding="utf8")
    page = Page(html)
    assert html.count("<section>") == 2 and html.count("<table>") == 1
    assert "src=" not in html and "href=" not in html and page


def test_a_script_in_a_text_is_text(tmp_path):
    nlp = random_nlp({"attention": "looked"}, copy=True)
    nlp.to_disk(tmp_path / "m")
    printed(tmp_path / "m", "<script>", "-o", tmp_path / "page.html")
    assert "<script" not in (tmp_path / "page.html").read_text(encoding="utf8")


def test_classifiers_come_first_and_both_can_be_named():
    nlp = two_classifiers()
    writer = random_nlp()
    nlp.add_pipe("pairs", source=writer)
    with pytest.raises(DataError, match="Write one of: one, two, pairs"):
        choose(nlp, "m", "other")
    assert choose(nlp, "m", "pairs").attention == "attention"
    assert choose(nlp, "m").name == "one"


def test_a_decoder_that_does_not_look(tmp_path):
    random_nlp(attention="none").to_disk(tmp_path)
    assert "'pairs' keeps no attention" in failed(tmp_path, TEXT)
