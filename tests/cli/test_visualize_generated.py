import re

import numpy
import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import DocBin
from spacy.training import Example
from typer.testing import CliRunner

from spacy_rnn.cli.visualize import predict, visualize
from spacy_rnn.cli.visualize_generated import (
    Composed,
    draw_generated,
    in_words,
    lines,
    only_composer,
    read,
    show_generated,
    summarize,
)

from ..generator_helpers import (
    NAMES,
    SENTENCES,
    blank,
    doc_of,
    knowing_sentences,
    make_examples,
    make_nlp,
    model_config,
)
from ..helpers import ner_config
from ..text_helpers import classifier_config
from .test_visualize import Page

SETTINGS = {"lang": "en", "title": "a & b"}
ASKED = "name=joe s, food=thai, kids=yes"


def row_of(text="hi Bo", score=-0.5, notes=(), is_right=True, condition="name=Bo"):
    return Composed(condition, text, "gold", score, tuple(notes), is_right)


def run(*arguments):
    result = CliRunner().invoke(app, ["rnn", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def rows_on(html):
    """What stands in each row, with the outcome before."""
    rows = re.findall(r'<tr class="(\w+)">(.*?)</tr>', html, re.S)
    return [[kind, *re.findall(r">([^<>]*)</td>", row)[1:]] for kind, row in rows]


def save(docs, path):
    DocBin(docs=docs, store_user_data=True).to_disk(path)
    return path


@pytest.fixture(scope="module")
def nlp():
    """Knows sentences with slots. Not to be changed."""
    return knowing_sentences()


@pytest.fixture(scope="module")
def model(nlp, tmp_path_factory):
    path = tmp_path_factory.mktemp("generated") / "model"
    nlp.to_disk(path)
    return path


@pytest.fixture
def data(nlp, tmp_path):
    return save([eg.reference for eg in make_examples(nlp, SENTENCES)], tmp_path / "a.spacy")


@pytest.fixture
def curt(nlp, model):
    """The same that stops after one word or value."""
    nlp = spacy.load(model)
    nlp.get_pipe("writer").max_length = 1
    return nlp


# What was asked for and written


def test_each_document_gets_the_condition_of_the_data(nlp, data):
    pipe = nlp.get_pipe("writer")
    examples = predict(nlp, data)
    assert [eg.predicted._.generated for eg in examples] == [text for text, _ in SENTENCES]
    assert read(examples[0], pipe)[:3] == (ASKED, "joe s serves thai", "joe s serves thai")
    assert all(read(eg, pipe).is_right for eg in examples)
    assert len(predict(nlp, data, limit=3)) == 3


def test_what_a_text_leaves_out_is_told(curt, data):
    pipe = curt.get_pipe("writer")
    row = read(predict(curt, data)[0], pipe)
    left_out = {"joe s": "food", "thai": "name"}[row.text]
    assert row.is_right is False and row.notes == (f"without {left_out}", "cut short")


def test_what_a_text_says_twice_is_told(nlp):
    pipe = nlp.get_pipe("writer")
    doc = nlp(doc_of(nlp, "", SENTENCES[0][1], "_.slots"))
    doc._.generated = "joe s serves thai thai"
    row = read(Example(doc, nlp.make_doc("gold")), pipe)
    assert row.is_right is False and row.notes == ("a value too often",) and row.gold == "gold"


def test_where_nothing_is_copied_nothing_is_right_or_wrong(tmp_path):
    nlp = make_nlp()
    docs = [eg.reference for eg in make_examples(nlp, NAMES)]
    pipe = nlp.get_pipe("writer")
    examples = predict(nlp, save(docs, tmp_path / "a.spacy"))
    rows = [read(eg, pipe) for eg in examples]
    assert [(row.condition, row.gold) for row in rows] == [(of, text) for text, of in NAMES]
    assert {row.is_right for row in rows} == {None} and all(row.score < 0 for row in rows)
    html, differing = draw_generated(pipe, examples, SETTINGS)
    assert differing == 0 and "leave out" not in html
    assert "slot error" not in show_generated(pipe, examples, 3)[0]


def test_a_document_without_a_condition_is_shown_without_a_text(nlp, tmp_path):
    nlp = spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())
    pipe = nlp.get_pipe("writer")
    with pytest.warns(UserWarning, match="without a condition"):
        (example,) = predict(nlp, save([nlp.make_doc("gold")], tmp_path / "a.spacy"))
    assert read(example, pipe) == Composed("(nothing)", "", "gold", None, (), None)
    assert lines(read(example, pipe)) == ["· – (nothing)", "  (nothing)"]


def test_a_prefix_and_a_target_of_another_name_are_shown(tmp_path):
    nlp = blank({"condition": None, "prefix": True, "target": "_.wanted"})
    examples = make_examples(nlp, [("ab", None), ("xy", None)])
    for eg in examples:
        eg.reference._.wanted = eg.text * 2
    nlp.initialize(lambda: examples)
    pipe = nlp.get_pipe("writer")
    path = save([eg.reference for eg in examples], tmp_path / "a.spacy")
    row = read(predict(nlp, path)[0], pipe)
    assert row.condition == "ab …" and row.gold == "abab" and row.text.startswith("ab")


@pytest.mark.parametrize(
    "condition, prefix, text",
    [
        ([["name", "Bo"], ("act", "ask")], "", "name=Bo, act=ask"),
        ({"name": ["Bo", "Al"]}, "", "name=Bo, name=Al"),
        ({"short": 1.0, "formal": 0.3, "new": 0.0}, "", "short, formal 0.30"),
        ({"short": 1.0}, "Once", "short, Once …"),
        (numpy.zeros((2, 3)), "", "numbers of shape (2, 3)"),
        ((), "", "(nothing)"),
        (None, "", "(nothing)"),
    ],
)
def test_conditions_in_words(condition, prefix, text):
    assert in_words(condition, prefix) == text


@pytest.mark.parametrize(
    "scores, text",
    [
        (
            {"said_prob": 0.5, "said_slot_acc": 0.98, "rnn_generator_prob": 0.5},
            "probability of a unit 50.0 (said_prob), slot error 2.0 % (values said 98.0, "
            "said_slot_acc)",
        ),
        (
            {"said_prob": None, "said_slot_acc": None, "said_bleu": 0.7},
            "probability of a unit – (said_prob), BLEU 70.0 (said_bleu)",
        ),
    ],
)
def test_scores_have_their_names(scores, text):
    assert summarize(scores, "said") == text


# Showing


@pytest.mark.parametrize(
    "row, text",
    [
        (row_of(), ["✓ -0.50 name=Bo", "  hi Bo"]),
        (row_of("hi", -2.0, ["without name"], False), ["✗ -2.00 name=Bo (without name)", "  hi"]),
        (row_of("a\n\x1b[2J", condition="\t"), ["✓ -0.50 ⇥", "  a⏎\ufffd[2J"]),
        (row_of("x" * 999), ["✓ -0.50 name=Bo", f"  {'x' * 240}…"]),
        (row_of("", None, is_right=None), ["· – name=Bo", "  (nothing)"]),
    ],
)
def test_lines(row, text):
    assert lines(row) == text


def test_show_prints_scores_and_texts(model, data):
    printed = run("show", model, data, "-n", 2)
    assert "slot error 0.0 % (values said 100.0, generated_slot_acc)" in printed
    assert printed.count("✓") == 2 and "P  " not in printed
    (asked, text), _ = re.findall(r"✓ -?\d\.\d\d (.*)\n    (.*)\n", printed)
    slots = [pair.split("=") for pair in asked.split(", ")]
    assert (text, slots) in SENTENCES


@pytest.mark.parametrize("n, shown", [(0, 0), (1, 1), (100, len(SENTENCES))])
def test_show_prints_so_many(model, data, n, shown):
    assert run("show", model, data, "-n", n).count("kids=") == shown


def test_half_of_those_shown_are_wrong(curt, data):
    pipe = curt.get_pipe("writer")
    examples = predict(curt, data)
    wrong = [eg for eg in examples if read(eg, pipe).is_right is False]
    for eg in examples[:6]:
        eg.predicted._.generated = eg.reference.text
    found = show_generated(pipe, examples, 4)[2:]
    assert (
        len(wrong) == len(examples)
        and [text[0] for text in found] == ["✓", " "] * 2 + ["✗", " "] * 2
    )


# The page


def test_page_shows_wrong_ones_first(curt, data):
    pipe = curt.get_pipe("writer")
    examples = predict(curt, data)
    examples[0].predicted._.generated = "joe s serves thai"
    html, differing = draw_generated(pipe, examples, SETTINGS)
    rows = rows_on(html)
    assert differing == len(SENTENCES) - 1
    assert [row[0] for row in rows] == ["wrong"] * differing + ["right"]
    assert rows[-1][1:4] == [ASKED, "joe s serves thai", "joe s serves thai"]
    assert (
        f"12 documents; {differing} texts leave out a value or say it twice, these"
        in Page(html).text
    )


def test_page_is_written(model, data, tmp_path):
    assert visualize(str(model), data, tmp_path / "a.html", limit=5) == (0, 5)
    html = (tmp_path / "a.html").read_text(encoding="utf8")
    assert len(rows_on(html)) == 5 and "Component writer writes _.generated." in Page(html).text
    assert not re.search(r"http|src=|<link|url\(", html)


def test_texts_are_escaped(nlp):
    pipe = nlp.get_pipe("writer")
    slots = [["name", "<b>&"], ["food", "thai"], ["kids", "yes"]]
    example = Example(nlp(doc_of(nlp, "", slots, "_.slots")), nlp.make_doc("<i>"))
    html, _ = draw_generated(pipe, [example], SETTINGS)
    assert "<b>" not in html and "<i>" not in html and "name=<b>&" in Page(html).text


# Which pipelines


def test_entities_and_classes_come_first(nlp):
    assert only_composer(nlp) is nlp.get_pipe("writer")
    assert only_composer(spacy.blank("en")) is None
    for factory, config in [
        ("rnn_ner", ner_config()),
        ("rnn_sentiment", {"model": classifier_config()}),
    ]:
        both = spacy.blank("en")
        both.add_pipe("rnn_generator", config={"model": model_config()})
        both.add_pipe(factory, config=config)
        assert only_composer(both) is None
