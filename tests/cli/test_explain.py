import re

import pytest
import spacy
from spacy.cli._util import app
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from typer.testing import CliRunner

from spacy_rnn.cli import explain as module
from spacy_rnn.cli.classified import Reading, caution, heading, read
from spacy_rnn.cli.explain import choose, explain, gather, make_page, read_all
from spacy_rnn.cli.shading import Word, number
from spacy_rnn.errors import DataError

from ..helpers import stir_model
from ..text_helpers import CATS, classifier_config, make_nlp, random_nlp
from .test_visualize import Page

TEXT = "a dull film , cold and dull"
OTHER = "warm and funny"


def run(*arguments, stdin=None):
    return CliRunner().invoke(app, ["rnn", "explain", *map(str, arguments)], input=stdin)


def printed(*arguments, **settings):
    result = run(*arguments, **settings)
    assert result.exit_code == 0, result.output
    return result.output


def failed(*arguments, **settings):
    """The message, on one line."""
    result = run(*arguments, **settings)
    assert result.exit_code == 1 and "Traceback" not in result.output
    return " ".join(result.output.split())


@pytest.fixture(scope="module")
def nlp():
    return random_nlp()


@pytest.fixture(scope="module")
def model(nlp, tmp_path_factory):
    path = tmp_path_factory.mktemp("explain") / "model"
    nlp.to_disk(path)
    return path


@pytest.fixture
def save(tmp_path):
    def save(nlp, name="other"):
        nlp.to_disk(tmp_path / name)
        return tmp_path / name

    return save


def parts_nlp(level, before=None, settings={}):
    """Sentences or spans are classified, by random weights."""
    nlp = spacy.blank("en")
    if before:
        nlp.add_pipe(before, config=settings)
    nlp.add_pipe("rnn_sentiment", config={"model": classifier_config(), "level": level})
    examples = [Example.from_dict(nlp.make_doc(word), {}) for word in ("warm", "dull")]
    for eg, cats in zip(examples, CATS["exclusive"]):
        eg.reference[0].is_sent_start = True
        eg.reference[:]._.cats = cats
        eg.reference.spans["x"] = [eg.reference[:]]
    nlp.initialize(lambda: examples)
    stir_model(nlp.get_pipe("rnn_sentiment").model)
    return nlp


@pytest.fixture
def with_spans(save):
    """A model that classifies the spans that a ruler finds."""
    nlp = parts_nlp("span:x", "span_ruler", {"spans_key": "x"})
    patterns = [{"label": "ANY", "pattern": words} for words in ("cold film", "warm plot")]
    nlp.get_pipe("span_ruler").add_patterns(patterns)
    return save(nlp)


# In the terminal


def test_prints_classes_and_shares(nlp, model):
    pipe = choose(nlp, "m")
    doc = nlp(TEXT)
    title, text, legend, *_ = printed(model, TEXT).splitlines()
    assert re.fullmatch(r"(pos|neg) 0\.\d\d, (pos|neg) 0\.\d\d; sentiment [+-]\d\.\d\d", title)
    assert all(f"{label} {p:.2f}" in title for label, p in doc.cats.items())
    assert f"sentiment {doc._.sentiment:+.2f}" in title
    assert text == number(read(doc, pipe).words) and f"({max(doc._.attention):.2f})" in text
    assert "if all 7 tokens counted the same: 0.14 each" in legend


def test_the_most_probable_class_is_first(nlp):
    for text in (TEXT, OTHER, "fine jokes"):
        cats = nlp(text).cats
        title = heading(read(nlp(text), nlp.get_pipe("texts")))
        assert title.startswith(max(cats, key=cats.get))


def test_paints_where_there_are_colours(model, monkeypatch):
    monkeypatch.setattr(module, "has_colours", lambda: True)
    explain(str(model), [TEXT])
    painted = CliRunner().invoke(app, ["rnn", "explain", str(model), TEXT], color=True).output
    assert "\x1b[38;5;16;48;5;" in painted
    bare = re.sub(r"\x1b\[[0-9;]*m", "", painted)
    assert TEXT in bare.splitlines()


def test_prints_several_texts(model):
    lines = printed(model, TEXT, OTHER).splitlines()
    assert sum("sentiment" in line for line in lines) == 2
    assert sum("counted the same" in line for line in lines) == 2
    assert sum("not why" in line for line in lines) == 1


def test_reads_lines_of_stdin(model):
    given = f"\ufeff{TEXT}\r\n\n  \n{OTHER}\n"
    assert printed(model, "-", stdin=given.encode()) == printed(model, TEXT, OTHER)


def test_stdin_goes_between_other_texts(model):
    found = printed(model, OTHER, "-", "film", stdin=TEXT)
    assert found == printed(model, OTHER, TEXT, "film")


def test_blank_texts_are_left_out(monkeypatch):
    assert gather(["", TEXT, " \n"]) == [TEXT]


def test_one_class_of_many_is_not_lost_among_them():
    numbers = {str(i): i / 100 for i in range(12)}
    pipe = random_nlp().get_pipe("texts")
    pipe.cfg["labels"] = list(numbers)
    doc = Doc(pipe.vocab, words=["a"])
    doc.cats = {**numbers, "of another": 1.0}
    title = heading(read(doc, pipe)).split(";")[0]
    assert title == "11 0.11, 10 0.10, 9 0.09, 8 0.08, 7 0.07, 7 more"


@pytest.mark.parametrize(
    "head, title",
    [
        ("multilabel", r"\w+ 0\.\d\d, \w+ 0\.\d\d"),
        ("ordinal", r"\d 0\.\d\d, \d 0\.\d\d, \d 0\.\d\d; sentiment .*"),
        ("regression", r"stars -?\d+\.\d\d; sentiment .*"),
    ],
)
def test_every_head_has_a_title(head, title):
    nlp = random_nlp(head)
    assert re.fullmatch(title, heading(read(nlp(TEXT), choose(nlp, "m"))))


@pytest.mark.parametrize(
    "sentiment, end",
    [
        (0.346, "; sentiment +0.35"),
        (-1.0, "; sentiment -1.00"),
        (-0.001, "; sentiment +0.00"),
        (None, ""),
    ],
)
def test_sentiment_has_a_sign(sentiment, end):
    assert heading(Reading([], {"pos": 0.5}, sentiment)) == f"pos 0.50{end}"


def test_no_classes():
    assert heading(Reading([], {}, None)) == "no classes"


# What it says of itself


@pytest.mark.parametrize(
    "settings, rest",
    [
        ({"pooling": ["attention"], "ngrams": 0}, "."),
        ({"pooling": ["attention"]}, "; the n-grams beside it, which have a say too, do not show."),
        (
            {"pooling": ["max", "attention", "last"]},
            "; its max pool, its last pool and the n-grams beside it, which have a say too, do not"
            " show.",
        ),
    ],
)
def test_says_what_does_not_show(settings, rest):
    pipe = make_nlp(**settings).get_pipe("texts")
    assert caution(pipe) == f"Shades show where the net looked, not why it answered as it did{rest}"


# On a page


def test_page_of_one_text(nlp, model, tmp_path):
    out = tmp_path / "new" / "a.html"
    assert "a.html: 1 text(s)" in " ".join(printed(model, TEXT, "-o", out).split())
    html = out.read_text(encoding="utf8")
    page, title = Page(html), heading(read(nlp(TEXT), choose(nlp, "m")))
    assert f"<title>{title}</title>" in html and f"<h1>{title}</h1>" in html
    assert TEXT in page.text and page.count("h2", None) == 0
    assert "0.14 each" in page.text and "not why" in page.text and "component texts" in page.text
    assert page.count("span", "s5") >= 1


def test_page_of_several_texts(model, tmp_path):
    printed(model, TEXT, OTHER, "-o", tmp_path / "a.html")
    page = Page((tmp_path / "a.html").read_text(encoding="utf8"))
    assert page.count("h2", None) == page.count("section", None) == 2
    assert page.text.startswith("2 texts")


def test_page_needs_no_other_file(model, tmp_path):
    printed(model, TEXT, "-o", tmp_path / "a.html")
    html = (tmp_path / "a.html").read_text(encoding="utf8")
    assert not re.search(r"http|src=|<link|<script|url\(|@import", html)


def test_page_escapes_everything(nlp):
    pipe = choose(nlp, "m")
    reading = read(nlp(TEXT), pipe)._replace(
        cats={"<i>": 0.5}, words=[Word("<script>", " ", 1.0), Word("&lt;", "", 0.0)]
    )
    html = make_page([reading, reading], pipe, "<u>", "en")
    assert Page(html).words.count("<script>") == Page(html).words.count("&lt;") == 2
    assert not re.search("<(script|i|u)>", html)


# Sentences and spans


def test_sentences_are_drawn_by_themselves():
    nlp = parts_nlp("sent", "sentencizer")
    pipe = choose(nlp, "m")
    doc = nlp("A cold film. So warm and funny!")
    readings = read_all([doc], pipe)
    assert [[word.text for word in r.words] for r in readings] == [
        ["A", "cold", "film", "."],
        ["So", "warm", "and", "funny", "!"],
    ]
    for reading, sent in zip(readings, doc.sents):
        assert reading.cats == sent._.cats and reading.sentiment == sent._.sentiment
        assert sum(word.share for word in reading.words) == pytest.approx(1)
    assert readings[0].cats != readings[1].cats


def test_spans_are_drawn_by_themselves(with_spans):
    lines = printed(with_spans, "A cold film and a warm plot").splitlines()
    bare = [re.sub(r"\[(.*?)\]\([\d.]+\)", r"\1", line) for line in lines]
    assert [line for line in bare if line in ("cold film", "warm plot")] == bare[1:8:4]


def test_texts_without_a_span_are_counted(with_spans):
    found = " ".join(printed(with_spans, "A cold film", OTHER, "dull").split())
    assert "doc.spans['x'], and 2 of 3 text(s) have none; the first is 'warm and funny'" in found
    assert "all 2 tokens" in found


def test_no_span_at_all_is_an_error(with_spans):
    assert "1 of 1 text(s) have none" in failed(with_spans, OTHER)


def test_no_sentences_is_an_error(save):
    path = save(parts_nlp("sent"))
    assert "has no sentences" in failed(path, OTHER)


# Which component


def two_classifiers():
    nlp = spacy.blank("en")
    for name, factory in [("one", "rnn_sentiment"), ("two", "rnn_sentiment_multilabel")]:
        head = "exclusive" if name == "one" else "multilabel"
        nlp.add_pipe(factory, name, config={"model": classifier_config(head=head)})
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {label: 1.0, other: 0.0}})
        for text, label, other in [("warm", "pos", "neg"), ("dull", "neg", "pos")]
    ]
    nlp.initialize(lambda: examples)
    for name in ("one", "two"):
        stir_model(nlp.get_pipe(name).model)
    return nlp


def test_the_first_classifier_or_the_one_that_is_named(save):
    nlp = two_classifiers()
    path = save(nlp)
    titles = {}
    for name in ("one", "two"):
        with nlp.select_pipes(enable=[name]):
            titles[name] = heading(read(nlp(TEXT), nlp.get_pipe(name)))
    assert titles["one"] != titles["two"]
    assert printed(path, TEXT).splitlines()[0] == titles["one"]
    assert printed(path, TEXT, "-c", "two").splitlines()[0] == titles["two"]


def test_an_extension_that_the_component_names_is_read():
    nlp = random_nlp(config={"attention": "looked_at"})
    pipe = choose(nlp, "m")
    assert pipe.attention == "looked_at"
    assert [word.share for word in read(nlp(TEXT), pipe).words] == nlp(TEXT)._.looked_at


# Errors


def test_a_pipeline_without_a_classifier(save):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    assert "has no 'rnn_sentiment'" in (found := failed(save(nlp), TEXT))
    assert "It has: sentencizer." in found


def test_an_empty_pipeline():
    with pytest.raises(DataError, match="It has: no component"):
        choose(Language(), "m")


def test_a_component_that_is_no_classifier(model):
    assert "Write one of: texts." in failed(model, TEXT, "--component", "ner")


def test_a_model_that_does_not_attend(save):
    path = save(make_nlp(pooling=["max", "mean"]))
    assert "Component 'texts' keeps no attention" in failed(path, TEXT)


def test_the_mlp_does_not_attend(save):
    path = save(make_nlp(architecture="MLPClassifier"))
    assert "Component 'texts' keeps no attention" in failed(path, TEXT)


@pytest.mark.parametrize("texts", [[""], ["-"], [" ", "-"]])
def test_no_text(model, texts):
    assert "No text to explain" in failed(model, *texts, stdin="\n \n")


def test_stdin_that_is_not_text(model):
    assert "is not UTF-8" in failed(model, "-", stdin=b"caf\xe9\n")


def test_no_such_model(tmp_path):
    assert "cannot be loaded" in failed(tmp_path / "no", TEXT)


def test_a_text_is_needed(model):
    assert run(model).exit_code == 2
