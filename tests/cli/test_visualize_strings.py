import re

import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import DocBin
from spacy.training import Example
from typer.testing import CliRunner

from spacy_rnn.cli.visualize import visualize
from spacy_rnn.cli.visualize_strings import (
    Written,
    draw_strings,
    line,
    number,
    only_writer,
    read,
    rows_of,
    show_strings,
    summarize,
)

from ..helpers import ner_config, stir_model
from ..pair_helpers import (
    TEXTS,
    blank,
    doc_examples,
    lemma_examples,
    make_docs_nlp,
    make_nlp,
    model_config,
    part_example,
)
from ..text_helpers import classifier_config
from .test_visualize import Page

SETTINGS = {"lang": "en", "title": "a & b"}
KNOWN = {"strategy": ["dictionary", "decoder"]}  # what it was initialized with, it has right
DATES = [("May 3", "05-03"), ("June 4", "06-04"), ("July 5", "07-05"), ("May 8", "05-08")]


def row_of(text="cat", right=("cat",), score=-0.5, cut=False, source="cats", times=1):
    return Written(source, text, right, score, cut, times)


def run(*arguments):
    result = CliRunner().invoke(app, ["rnn", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def rows_on(html):
    """Source, written, gold, score and what stands behind it, with the outcome before."""
    rows = re.findall(r'<tr class="(\w+)">(.*?)</tr>', html, re.S)
    return [[kind, *re.findall(r">([^<>]*)</td>", row)[1:]] for kind, row in rows]


def gold_docs(nlp):
    """Lemmas, "dogs" with a wrong one in the first text of two."""
    docs = [eg.reference for eg in lemma_examples(nlp, [*TEXTS, "dogs and hats"])]
    docs[0][2].lemma_ = "wolf"
    return docs


@pytest.fixture(scope="module")
def nlp():
    """Knows the lemmas of the texts."""
    return make_nlp(KNOWN)


@pytest.fixture(scope="module")
def model(nlp, tmp_path_factory):
    path = tmp_path_factory.mktemp("strings") / "model"
    nlp.to_disk(path)
    return path


@pytest.fixture
def data(nlp, tmp_path):
    DocBin(docs=gold_docs(nlp)).to_disk(tmp_path / "a.spacy")
    return tmp_path / "a.spacy"


@pytest.fixture
def page(model, data, tmp_path):
    assert visualize(str(model), data, tmp_path / "a.html") == (1, 5)
    return (tmp_path / "a.html").read_text(encoding="utf8")


@pytest.fixture(scope="module")
def dates():
    """Knows some dates, and writes the others in its sleep."""
    nlp = make_docs_nlp(DATES, KNOWN)
    stir_model(nlp.get_pipe("pairs").model)
    return nlp


def predicted(nlp, data):
    return [Example(nlp(eg.text), eg.reference) for eg in doc_examples(nlp, data)]


# What is right


@pytest.mark.parametrize(
    "text, right, is_right",
    [("a", ("a",), True), ("b", ("a", "b"), True), ("", ("a",), False), ("a", (), None)],
)
def test_any_right_string_is_right(text, right, is_right):
    assert row_of(text, right).is_right is is_right


def test_every_token_is_read_with_its_score(nlp):
    (example,) = lemma_examples(nlp, ["cats saw unheard"])
    example.predicted = nlp(example.predicted)
    pipe = nlp.get_pipe("pairs")
    cats, saw, unheard = read(example, pipe)
    assert cats == Written("cats", "cat", ("cat",), 0.0, False)
    assert saw.is_right and unheard.is_right is False
    assert unheard.score == example.predicted.user_data["pairs_scores"][2] < 0


@pytest.mark.parametrize("level", ["sent", "doc", "span:parts"])
def test_parts_are_read_with_what_was_written_for_each(level):
    nlp = blank({"level": level, "target": "_.written"})
    example, right = part_example(nlp)
    nlp.initialize(lambda: [example])
    pipe = nlp.get_pipe("pairs")
    example.predicted = pipe(example.predicted)
    parts, rows = pipe.place.parts(example.predicted), read(example, pipe)
    assert [(r.source, r.text) for r in rows] == [(p.text, p._.written) for p in parts]
    assert [r.right for r in rows] == [(text,) for text in right]
    assert [r.score for r in rows] == example.predicted.user_data["pairs_scores"]


def test_a_span_that_stands_twice_does_not_shift_what_was_cut_short():
    settings = {"level": "span:parts", "target": "_.written", "max_source": 7}
    nlp = blank({**settings, "strategy": ["dictionary", "decoder"]})
    example, _ = part_example(nlp)
    nlp.initialize(lambda: [example])
    for doc in (example.predicted, example.reference):
        doc.spans["parts"] = [doc[:2], doc[:2], doc[1:6]]
    with pytest.warns(UserWarning, match="max_source"):
        example.predicted = nlp(example.predicted)
    rows = read(example, nlp.get_pipe("pairs"))
    assert [row.truncated for row in rows] == [False, False, True]


def test_a_token_that_is_cut_otherwise_has_no_score(nlp):
    reference = spacy.tokens.Doc(nlp.vocab, ["ca", "ts", "dogs"], spaces=[False, True, False])
    for token, lemma in zip(reference, ["cat", "s", "dog"]):
        token.lemma_ = lemma
    rows = read(Example(nlp("cats dogs"), reference), nlp.get_pipe("pairs"))
    assert [(r.text, r.score, r.is_right) for r in rows] == [
        ("", None, False),
        ("", None, False),
        ("dog", 0.0, True),
    ]


def test_what_has_no_gold_is_neither_right_nor_wrong(nlp):
    examples = [Example(nlp("cats \n dogs"), nlp.make_doc("cats \n dogs"))]
    rows = read(examples[0], nlp.get_pipe("pairs"))
    assert [(r.source, r.is_right) for r in rows] == [("cats", None), ("dogs", None)]
    html, differing = draw_strings(nlp.get_pipe("pairs"), examples, SETTINGS)
    assert differing == 0 and "accuracy – (lemma_acc)" in html
    assert [row[0] for row in rows_on(html)] == ["unknown"] * 2


def test_equal_tokens_are_one_row():
    first, second = row_of(), row_of("x")
    least = row_of(score=-2.0, cut=True)
    by_document = [[first, second], [row_of(), least, row_of(score=None)]]
    assert rows_of(by_document, "token") == [least._replace(times=4), second]
    assert rows_of(by_document, "doc") == [row for rows in by_document for row in rows]


@pytest.mark.parametrize(
    "scores, text",
    [
        (
            {"lemma_acc": 0.5, "lemma_char_acc": 0.75, "tag_acc": 1.0},
            "accuracy 50.0 (lemma_acc), characters right 75.0 (lemma_char_acc)",
        ),
        (
            {"lemma_acc": None, "lemma_unit_acc": None, "lemma_bleu": 0.1, "lemma_chrf": 0.2},
            "accuracy – (lemma_acc), units right – (lemma_unit_acc), BLEU 10.0 (lemma_bleu), "
            "chrF 20.0 (lemma_chrf)",
        ),
        ({}, ""),
    ],
)
def test_scores_have_their_names(scores, text):
    assert summarize(scores, "lemma") == text


@pytest.mark.parametrize("score, text", [(-0.001, "0.00"), (-1.237, "-1.24"), (None, "–")])
def test_number(score, text):
    assert number(score) == text


# Showing


@pytest.mark.parametrize(
    "row, text",
    [
        (row_of(), "✓ -0.50 cats → cat"),
        (row_of("cats", times=3, cut=True), "✗ -0.50 cats → cats, gold cat (3 times, cut short)"),
        (row_of("", ("a", "b")), "✗ -0.50 cats → (nothing), gold a or b"),
        (row_of(right=()), "· -0.50 cats → cat"),
        (row_of(source="a\n\x1b[2J\tb"), "✓ -0.50 a⏎\ufffd[2J⇥b → cat"),
        (row_of(source="x" * 99), f"✓ -0.50 {'x' * 60}… → cat"),
    ],
)
def test_line(row, text):
    assert line(row) == text


def test_show_prints_the_scores(model, data):
    printed = run("show", model, data)
    assert "accuracy 93.3 (lemma_acc), characters right" in printed and "P  " not in printed


def test_show_prints_right_and_wrong_sources(model, data):
    lines = run("show", model, data, "-n", "4").splitlines()
    assert [text for text in lines if "✗" in text] == ["  ✗ 0.00 dogs → dog, gold wolf"]
    assert sum(bool(re.match("  ✓ 0.00 ([a-z]+?)s? → \\1", text)) for text in lines) == 3


@pytest.mark.parametrize("n, shown", [(0, 0), (1, 1), (100, 13)])
def test_show_prints_so_many_different_ones(model, data, n, shown):
    lines = run("show", model, data, "-n", n).splitlines()
    sources = [text.split()[2:] for text in lines if text.startswith(("  ✓", "  ✗"))]
    assert len(sources) == len(set(map(tuple, sources))) == shown


def test_half_of_those_shown_are_wrong(dates):
    unknown = [(f"Monday the {i}", "x") for i in range(6)]
    examples = predicted(dates, [*unknown[:3], *DATES, *unknown[3:]])
    _, _, *lines = show_strings(dates.get_pipe("pairs"), examples, 4)
    assert [text[0] for text in lines] == ["✗", "✓", "✓", "✗"]
    assert "Monday the 1 → " in lines[0] and lines[0].count(", gold x") == 1


# The page


def test_page_shows_wrong_ones_first_with_their_gold(page):
    first, *others = rows_on(page)
    assert first == ["wrong", "dogs", "dog", "wolf", "0.00", "1", ""]
    assert len(others) == 12
    assert all(kind == "right" and gold == "" for kind, _, _, gold, *_ in others)
    assert ["right", "and", "and", "", "0.00", "2", ""] in others


def test_page_counts(page):
    text = Page(page).text
    assert "5 documents, 1 where prediction and gold differ; 15 tokens, 1 of them wrong" in text
    assert "accuracy 93.3 (lemma_acc)" in text and "Component pairs writes lemma." in text
    assert "cut short" not in text


def test_page_has_the_least_sure_of_the_wrong_first(dates):
    examples = predicted(dates, [*DATES, *((f"{'on ' * i}March {i}", "x") for i in range(9))])
    html, differing = draw_strings(dates.get_pipe("pairs"), examples, SETTINGS)
    rows = rows_on(html)
    assert [row[0] for row in rows] == ["wrong"] * 9 + ["right"] * 4 and differing == 9
    scores = [float(row[4]) for row in rows[:9]]
    assert len(set(scores)) > 3 and scores == sorted(scores)
    assert "13 documents, 9 where" in Page(html).text and ">times<" not in html


def test_page_names_what_was_cut_short(dates):
    examples = predicted(dates, [("on Monday", "x"), DATES[0]])
    examples[0].predicted.user_data["pairs_truncated"] = [0]
    html, _ = draw_strings(dates.get_pipe("pairs"), examples, SETTINGS)
    assert [row[-1] for row in rows_on(html)] == ["cut short", ""]
    assert "; 1 cut short: longer than" in Page(html).text


def test_alternatives_are_right_and_shown(dates):
    examples = predicted(dates, [("May 3", "3 May"), ("June 4", "4 June")])
    for eg, other in zip(examples, ["05-03", "no"]):
        eg.reference.user_data["._.", "written_alternatives", None, None] = [other]
    html, differing = draw_strings(dates.get_pipe("pairs"), examples, SETTINGS)
    assert differing == 1 and "accuracy 50.0 (written_acc)" in html
    assert [row[:4] for row in rows_on(html)] == [
        ["wrong", "June 4", "06-04", "4 June or no"],
        ["right", "May 3", "05-03", "3 May or 05-03"],
    ]


@pytest.mark.parametrize("level, kind", [("sent", "sentences"), ("span:parts", "spans")])
def test_page_of_parts(level, kind):
    nlp = blank({"level": level, "target": "_.written", **KNOWN})
    example, _ = part_example(nlp)
    nlp.initialize(lambda: [example])
    pipe = nlp.get_pipe("pairs")
    example.predicted = pipe(example.predicted)
    pipe.place.parts(example.reference)[1]._.written = "other"
    html, differing = draw_strings(pipe, [example], SETTINGS)
    assert differing == 1 and [row[0] for row in rows_on(html)] == ["wrong", "right"]
    assert f"1 documents, 1 where prediction and gold differ; 2 {kind}, 1 of" in Page(html).text


def test_texts_are_escaped(dates):
    examples = predicted(dates, [("<b>&", "<i>")])
    html, _ = draw_strings(dates.get_pipe("pairs"), examples, SETTINGS)
    assert "<b>" not in html and "<i>" not in html and "<b>&" in Page(html).text


def test_page_needs_no_other_file(page):
    assert not re.search(r"http|src=|<link|url\(", page)


def test_an_empty_document_is_no_row(nlp):
    html, differing = draw_strings(
        nlp.get_pipe("pairs"), [Example(nlp(""), nlp.make_doc(""))], SETTINGS
    )
    assert differing == 0 and rows_on(html) == [] and "1 documents, 0 where" in html


# Which pipelines


def test_entities_and_classes_come_first(nlp):
    assert only_writer(nlp) is nlp.get_pipe("pairs")
    assert only_writer(spacy.blank("en")) is None
    for factory, config in [
        ("rnn_ner", ner_config()),
        ("rnn_sentiment", {"model": classifier_config()}),
    ]:
        both = spacy.blank("en")
        both.add_pipe("rnn_seq2seq", config={"model": model_config()})
        both.add_pipe(factory, config=config)
        assert only_writer(both) is None


def test_command_says_what_it_wrote(model, data, tmp_path):
    printed = " ".join(run("visualize", model, data, tmp_path / "c.html").split())
    assert "c.html: 5 documents, 1 with a difference" in printed
