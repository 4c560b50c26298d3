import re

import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import DocBin
from spacy.training import Example
from typer.testing import CliRunner

from spacy_rnn.cli.classified import read
from spacy_rnn.cli.outcomes import choose
from spacy_rnn.cli.pipelines import only_classifier
from spacy_rnn.cli.visualize import predict, visualize
from spacy_rnn.cli.visualize_texts import (
    Judged,
    draw_texts,
    judge,
    label_rows,
    line,
    names,
    show_texts,
    summarize,
)
from spacy_rnn.levels import register

from ..helpers import ner_config
from ..text_helpers import CATS, TEXTS, classifier_config, data_of, make_nlp, random_nlp, train
from .test_visualize import Page

SETTINGS = {"lang": "en", "title": "a & b"}
WRONG = {0: {"pos": 0.0, "neg": 1.0}, 4: {"pos": 1.0, "neg": 0.0}}


def gold_docs(nlp, all_cats):
    docs = list(map(nlp.make_doc, TEXTS))
    for doc, cats in zip(docs, all_cats):
        doc.cats = cats
    return docs


def predicted(nlp, head):
    return [Example(nlp(doc.text), doc) for doc in gold_docs(nlp, CATS[head])]


def run(*arguments):
    result = CliRunner().invoke(app, ["rnn", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def nlp():
    """Knows the texts by heart."""
    nlp = make_nlp()
    train(nlp, 25, data_of())
    return nlp


@pytest.fixture(scope="module")
def model(nlp, tmp_path_factory):
    path = tmp_path_factory.mktemp("texts") / "model"
    nlp.to_disk(path)
    return path


@pytest.fixture
def data(nlp, tmp_path):
    """The texts, two of them with wrong gold."""
    cats = [WRONG.get(i, right) for i, right in enumerate(CATS["exclusive"])]
    DocBin(docs=gold_docs(nlp, cats)).to_disk(tmp_path / "a.spacy")
    return tmp_path / "a.spacy"


@pytest.fixture
def page(model, data, tmp_path):
    assert visualize(str(model), data, tmp_path / "a.html") == (2, 6)
    return (tmp_path / "a.html").read_text(encoding="utf8")


def judged_of(head, found, gold, threshold=0.5):
    """What is made of a text with such predictions and such annotation."""
    nlp = make_nlp(head, config={"threshold": threshold})
    example = Example(nlp.make_doc("dull"), nlp.make_doc("dull"))
    example.predicted.cats, example.reference.cats = found, gold
    (judged,) = judge(example, nlp.get_pipe("texts"))
    return judged


def outcomes(*right):
    return [Judged(i, {}, None, is_right, 0.0) for i, is_right in enumerate(right)]


# What is right


@pytest.mark.parametrize(
    "found, gold, is_right, sure",
    [
        ({"pos": 0.7, "neg": 0.3}, {"pos": 1.0, "neg": 0.0}, True, 0.7),
        ({"pos": 0.3, "neg": 0.7}, {"pos": 1.0}, False, 0.7),
        ({"pos": 0.4, "neg": 0.6}, {}, None, 0.6),
        ({"pos": 0.4, "neg": 0.6}, {"pos": 0.0, "neg": 0.0}, None, 0.6),
        ({"pos": 0.4, "neg": 0.6}, {"another": 1.0}, None, 0.6),
    ],
)
def test_one_label_of_several(found, gold, is_right, sure):
    judged = judged_of("exclusive", found, gold)
    assert (judged.is_right, judged.sure) == (is_right, sure)
    assert (judged.gold is None) == (is_right is None)
    assert len(judged.found) == 1


@pytest.mark.parametrize(
    "found, gold, is_right, sure",
    [
        ({"fine": 0.9, "cold": 0.6}, {"fine": 1.0, "cold": 1.0}, True, 0.1),
        ({"fine": 0.9, "cold": 0.45}, {"fine": 1.0, "cold": 1.0}, False, 0.05),
        ({"fine": 0.1, "cold": 0.2}, {"fine": 0.0, "cold": 0.0}, True, 0.3),
        ({"fine": 0.9, "cold": 0.8}, {"fine": 1.0}, True, 0.3),  # cold is not known
        ({"fine": 0.9, "cold": 0.8}, {}, None, 0.3),
    ],
)
def test_labels_that_may_each_hold(found, gold, is_right, sure):
    judged = judged_of("multilabel", found, gold)
    assert (judged.is_right, judged.sure) == (is_right, pytest.approx(sure))


def test_the_threshold_of_the_component_counts():
    cats = {"fine": 0.5, "cold": 0.3}
    assert judged_of("multilabel", cats, {}, threshold=0.6).found == {}
    assert judged_of("multilabel", cats, {}, threshold=0.3).found == cats


def test_numbers_are_not_right_or_wrong():
    far, near = (judged_of("regression", {"stars": 7.0}, {"stars": s}) for s in (2.0, 6.5))
    assert far.is_right is near.is_right is None and far.sure < near.sure
    unknown = judged_of("regression", {"stars": 7.0}, {})
    assert unknown.sure > near.sure and unknown.gold is None


# Scores


def test_the_table_of_labels():
    prf = {"p": 1.0, "r": 0.5, "f": 2 / 3}
    assert label_rows({"cats_f_per_type": {"b": prf, "a": prf}}) == [
        ("b", "100.0", "50.0", "66.7"),
        ("a", "100.0", "50.0", "66.7"),
    ]
    assert label_rows({"cats_score": 0.5}) == []


@pytest.mark.parametrize(
    "scores, text",
    [
        (
            {"cats_score": 0.5, "cats_score_desc": "macro F", "cats_acc": 0.25, "cats_ece": None},
            "macro F 50.0 (cats_score), accuracy 25.0 (cats_acc), calibration error – (cats_ece)",
        ),
        (
            {"cats_score": 0.5, "cats_score_desc": "R2", "cats_r2": 0.5, "cats_mae": 1.25},
            "R2 50.0 (cats_score), mean absolute error 1.250 (cats_mae)",
        ),
        ({}, ""),
    ],
)
def test_scores_have_their_names(scores, text):
    assert summarize(scores) == text


@pytest.mark.parametrize(
    "cats, head, text",
    [
        ({"a": 0.5, "b": 0.3}, "multilabel", "a + b"),
        ({}, "multilabel", "none"),
        ({"stars": 3.14159}, "regression", "stars 3.14"),
    ],
)
def test_names(cats, head, text):
    assert names(cats, head) == text


# Showing


def test_show_prints_the_scores(model, data):
    printed = " ".join(run("show", model, data).split())
    assert "P R F" in printed
    assert "pos 66.7 66.7 66.7" in printed and "neg 66.7 66.7 66.7" in printed
    assert "macro F 66.7 (cats_score), accuracy 66.7 (cats_acc), calibration error" in printed


def test_show_prints_right_and_wrong_texts(nlp, model, data):
    lines = run("show", model, data, "-n", "4").splitlines()
    right = [text for text in lines if text.startswith("  ✓ ")]
    wrong = [text for text in lines if text.startswith("  ✗ ")]
    assert len(right) == len(wrong) == 2
    p = nlp(TEXTS[0]).cats["pos"]
    assert wrong[0] == f"  ✗ pos {p:.2f}, gold neg: {TEXTS[0]}"
    assert all(re.search(r"(pos|neg) 0\.\d\d, gold \1: ", text) for text in right)


@pytest.mark.parametrize("n, shown", [(0, 0), (1, 1), (100, 6)])
def test_show_prints_so_many(model, data, n, shown):
    lines = run("show", model, data, "-n", n).splitlines()
    assert sum(text.startswith(("  ✓", "  ✗")) for text in lines) == shown


@pytest.mark.parametrize(
    "right, n, chosen",
    [
        ([False] * 10 + [True] * 10, 4, [2, 7, 12, 17]),
        ([True] * 10, 2, [2, 7]),
        ([True, False, True, True, True, True], 4, [0, 1, 3, 5]),
        ([False, False, False, True], 4, [0, 1, 2, 3]),
        ([None, False, None, None], 2, [1, 2]),
        ([], 5, []),
    ],
)
def test_some_are_chosen_from_all_over_the_file(right, n, chosen):
    assert [judged.reading for judged in choose(outcomes(*right), n)] == chosen


def test_a_line_is_short_and_orders_nothing(nlp):
    pipe = nlp.get_pipe("texts")
    reading = read(nlp("dull\n\n \x1b[2J" + " film" * 100), pipe)
    text = line(Judged(reading, {"neg": 0.9}, None, None, 0.9), "exclusive")
    assert text.startswith("· neg 0.90: dull \x1b[2J film film") and text.endswith("…")
    example = Example(nlp("dull \x1b[2J"), nlp.make_doc("dull \x1b[2J"))
    assert "\x1b" not in "".join(show_texts(pipe, [example], 5)[1])


def test_show_writes_numbers_of_regression():
    nlp = random_nlp("regression")
    examples = predicted(nlp, "regression")
    rows, (summary, _, *lines) = show_texts(nlp.get_pipe("texts"), examples, 1)
    assert rows == [] and summary.startswith("R2 ") and "cats_mae" in summary
    assert re.match(r"· stars -?\d+\.\d\d, gold stars \d+: ", lines[0])


# The page


def test_page_shows_every_text_with_its_classes(nlp, page):
    read_page = Page(page)
    assert "6 documents, 2 where prediction and gold differ; the least sure" in read_page.text
    assert read_page.count("section", "differ wrong") == 2
    assert read_page.count("section", "same right") == 4
    for text in TEXTS:
        p = nlp(text).cats
        first, second = sorted(p, key=p.get, reverse=True)
        assert f"{first} {p[first]:.2f}, {second} {p[second]:.2f}; sentiment" in read_page.text
        assert text in read_page.text


def test_page_shows_gold_beside_predicted(page):
    text = Page(page).text
    assert text.count("✗ pos, gold neg") == text.count("✗ neg, gold pos") == 1
    assert text.count("✓ pos, gold pos") == text.count("✓ neg, gold neg") == 2


def test_page_has_the_least_sure_first(page):
    sections = page.split("<section")[1:]
    sure = [float(re.search(r"(?:pos|neg) (\d\.\d\d), ", section)[1]) for section in sections]
    assert len(set(sure)) > 1 and sure == sorted(sure)


def test_page_shows_attention(page):
    assert Page(page).count("span", "s5") >= 6
    assert "not why" in page and "10%" in page


def test_page_needs_no_other_file(page):
    assert not re.search(r"http|src=|<link|url\(", page)


def test_page_shows_the_scores(page):
    assert "accuracy 66.7 (cats_acc)" in page and "pos 66.7 66.7 66.7" in Page(page).text


def test_page_without_attention(tmp_path, data):
    nlp = random_nlp(pooling=["mean"])
    nlp.to_disk(tmp_path / "mean")
    visualize(str(tmp_path / "mean"), data, tmp_path / "b.html")
    page = Page((tmp_path / "b.html").read_text(encoding="utf8"))
    assert page.count("section", "same right") + page.count("section", "differ wrong") == 6
    assert page.count("span", "s5") == 0 and "not why" not in page.text


def test_page_of_numbers_has_the_largest_error_first():
    nlp = random_nlp("regression")
    examples = predicted(nlp, "regression")
    html, differing = draw_texts(nlp.get_pipe("texts"), examples, SETTINGS)
    pairs = re.findall(r"stars (-?[\d.]+), gold stars ([\d.]+)", html)
    errors = [abs(float(found) - float(gold)) for found, gold in pairs]
    assert len(errors) == 6 and errors == sorted(errors, reverse=True)
    assert differing == 0 and "checkbox" not in html and "the largest error first" in html


def test_page_of_several_labels():
    nlp = random_nlp("multilabel", config={"threshold": 0.5})
    examples = predicted(nlp, "multilabel")
    for eg in examples:
        eg.predicted.cats = {"fine": 0.9, "cold": 0.8}
    html, differing = draw_texts(nlp.get_pipe("texts"), examples, SETTINGS)
    assert Page(html).text.count("fine + cold, gold none") == 1  # a dull film
    assert differing == 6


def test_page_of_sentences():
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("rnn_sentiment", config={"model": classifier_config(), "level": "sent"})
    gold = nlp.get_pipe("sentencizer")(nlp.make_doc("A dull film. Fine jokes!"))
    for sent, cats in zip(gold.sents, [{"neg": 1.0, "pos": 0.0}, {"neg": 0.0, "pos": 1.0}]):
        sent._.cats = cats
    nlp.initialize(lambda: [Example(nlp.make_doc(gold.text), gold)])
    pipe = only_classifier(nlp)
    html, differing = draw_texts(pipe, [Example(nlp(gold.text), gold)], SETTINGS)
    assert "2 sentences, " in Page(html).text and html.count("<section") == 2
    assert "gold neg" in html and "gold pos" in html and differing <= 1


@pytest.mark.parametrize("head", CATS)
def test_a_span_that_the_pipeline_did_not_find_has_no_class(head):
    nlp = make_nlp(head)
    pipe = nlp.get_pipe("texts")
    pipe.level = "span:x"
    register(pipe.level, None)
    example = Example(nlp.make_doc("dull"), nlp.make_doc("dull"))
    example.reference.spans["x"] = [example.reference[:]]
    example.reference.spans["x"][0]._.cats = CATS[head][0]
    (judged,) = judge(example, pipe)
    assert judged.found == {} and judged.is_right is (None if head == "regression" else False)
    assert "none, gold " in line(judged, head)


# Which pipelines


def test_entities_come_first(nlp):
    both = random_nlp()
    both.add_pipe("rnn_ner", config=ner_config())
    assert only_classifier(both) is None
    assert only_classifier(spacy.blank("en")) is None
    assert only_classifier(nlp) is nlp.get_pipe("texts")


def test_predictions_are_kept_with_their_attention(nlp, data):
    pipe = only_classifier(nlp)
    for eg in predict(nlp, data):
        assert sum(word.share for word in read(eg.predicted, pipe).words) == pytest.approx(1)


def test_command_says_what_it_wrote(model, data, tmp_path):
    printed = " ".join(run("visualize", model, data, tmp_path / "c.html").split())
    assert "c.html: 6 documents, 2 with a difference" in printed
