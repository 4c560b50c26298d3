import re
from html.parser import HTMLParser

import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_rnn.cli.page import percent
from spacy_rnn.cli.visualize import visualize
from spacy_rnn.cli.visualize_entities import (
    COLOURS,
    colours,
    render,
    rows_of,
    score_rows,
    spans,
)
from spacy_rnn.errors import DataError

from ..helpers import make_nlp, train

VOCAB = Vocab()
VOID = {"meta", "input", "br"}
PER, LOC = (0, 2, "PER"), (3, 4, "LOC")


class Page(HTMLParser):
    """Reads a page and fails where a tag is not closed or closed twice."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs).get("class")))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data.split()

    @property
    def text(self):
        return " ".join(self.words)

    def count(self, tag, kind):
        return self.tags.count((tag, kind))


def make_doc(entities, words=("Anna", "Silva", "left", "Rome")):
    doc = Doc(VOCAB, words=list(words))
    doc.set_ents([Span(doc, start, end, label) for start, end, label in entities])
    return doc


def make_example(predicted, gold, **settings):
    return Example(make_doc(predicted, **settings), make_doc(gold, **settings))


def rows(example):
    return rows_of(example, colours([example]))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A pipeline that finds every name of its training data."""
    nlp = make_nlp()
    train(nlp, 60)
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return path


@pytest.fixture
def data(tmp_path):
    """A sentence that the model has right, and one whose gold is wrong."""
    docs = [
        make_doc([(0, 2, "PER"), (4, 5, "LOC")], "Anna Smith lives in Paris .".split()),
        make_doc([(0, 1, "LOC")], "London and Rome are old .".split()),
    ]
    DocBin(docs=docs).to_disk(tmp_path / "a.spacy")
    return tmp_path / "a.spacy"


@pytest.fixture
def page(model, data, tmp_path):
    visualize(str(model), data, tmp_path / "new" / "a.html")
    return Page((tmp_path / "new" / "a.html").read_text(encoding="utf8"))


def test_agreement_is_one_row():
    assert [who for who, _ in rows(make_example([PER, LOC], [PER, LOC]))] == [""]


@pytest.mark.parametrize(
    "predicted", [[PER], [PER, LOC, (2, 3, "LOC")], [PER, (3, 4, "ORG")], [(0, 1, "PER"), LOC]]
)
def test_a_difference_is_two_rows(predicted):
    assert [who for who, _ in rows(make_example(predicted, [PER, LOC]))] == ["gold", "predicted"]


def test_rows_are_not_swapped():
    (_, gold), (_, predicted) = rows(make_example([PER], [LOC]))
    assert ("LOC" in gold, "PER" in gold) == (True, False)
    assert ("LOC" in predicted, "PER" in predicted) == (False, True)


def test_other_tokens_are_no_difference():
    other = make_doc([(0, 1, "PER"), (2, 3, "LOC")], ["Anna Silva", "left", "Rome"])
    assert len(rows(Example(other, make_doc([PER, LOC])))) == 1


def test_spans_are_places_in_the_text():
    assert spans(make_doc([LOC])) == {(16, 20, "LOC")}


def test_text_is_escaped():
    words = ["<b>", "&", '"Bo"', "<script>"]
    page = Page(render(make_doc([(0, 2, "PER")], words), {}))
    assert page.text == '<b> & PER "Bo" <script>'
    assert {tag for tag, _ in page.tags} == {"div", "mark", "b", "i"}


def test_labels_are_escaped():
    page = Page(render(make_doc([(0, 2, "<b>&")]), {}))
    assert page.text == "Anna Silva <b>& left Rome"


def test_a_document_without_entities_is_drawn():
    assert Page(render(make_doc([]), {})).text == "Anna Silva left Rome"


def test_each_label_has_a_colour():
    example = make_example([PER, LOC], [(0, 2, "org")])
    palette = colours([example])
    assert len(palette) == len(set(palette.values())) == 3
    assert all(palette[label] in COLOURS for label in ("PER", "LOC", "ORG"))


@pytest.mark.parametrize("label", ["PER", "per", "a&b"])
def test_entities_have_the_colour_of_their_label(label):
    example = make_example([(0, 1, label)], [(0, 1, label)])
    assert f"background: {COLOURS[0]}" in rows(example)[0][1]


def test_colours_start_again_when_they_are_used_up():
    many = [(i, i + 1, f"L{i}") for i in range(len(COLOURS) + 1)]
    example = make_example(many, [], words=[f"w{i}" for i in range(len(COLOURS) + 1)])
    assert len(colours([example])) == len(COLOURS) + 1


def test_scores_begin_with_all_labels():
    prf = {"p": 1.0, "r": 0.5, "f": 2 / 3}
    scores = {"ents_p": 0.9, "ents_r": 0.8, "ents_f": 0.847, "ents_per_type": {"B": prf, "A": prf}}
    assert score_rows(scores) == [
        ("all", "90.0", "80.0", "84.7"),
        ("A", "100.0", "50.0", "66.7"),
        ("B", "100.0", "50.0", "66.7"),
    ]


@pytest.mark.parametrize("scores", [{}, {"ents_f": None, "ents_per_type": None}])
def test_no_scores_are_dashes(scores):
    assert score_rows(scores) == [("all", "–", "–", "–")]


@pytest.mark.parametrize("value, written", [(0, "0.0"), (1, "100.0"), (0.1234, "12.3")])
def test_percent(value, written):
    assert percent(value) == written


def test_page_shows_every_document(page):
    assert "2 documents, 1 where prediction and gold differ." in page.text
    assert page.count("section", "same") == page.count("section", "differ") == 1


def test_page_shows_gold_only_where_it_differs(page):
    assert page.count("div", "row") == 3
    assert page.words.count("gold") == 1 + 1  # in a row, and where differences are counted


def test_page_shows_the_scores(page):
    assert "all 75.0 100.0 85.7" in page.text
    assert "PER 100.0 100.0 100.0" in page.text


def test_page_needs_no_other_file(model, data, tmp_path):
    visualize(str(model), data, tmp_path / "a.html")
    html = (tmp_path / "a.html").read_text(encoding="utf8")
    assert "http" not in html and "src=" not in html and "<link" not in html


def test_limit(model, data, tmp_path):
    assert visualize(str(model), data, tmp_path / "a.html", limit=1) == (0, 1)


def test_names_of_files_are_escaped(model, data, tmp_path):
    odd = data.rename(tmp_path / "a & <i>.spacy")
    visualize(str(model), odd, tmp_path / "a.html")
    assert "a & <i>.spacy" in Page((tmp_path / "a.html").read_text(encoding="utf8")).text


def test_labels_are_escaped_everywhere(model, tmp_path):
    docs = [make_doc([(0, 2, "<b>")])]
    DocBin(docs=docs).to_disk(tmp_path / "a.spacy")
    visualize(str(model), tmp_path / "a.spacy", tmp_path / "a.html")
    page = Page((tmp_path / "a.html").read_text(encoding="utf8"))
    assert page.words.count("<b>") == 2  # in the table and in the text


def test_labels_that_a_model_cannot_tell_are_no_difference(data, tmp_path):
    nlp = make_nlp(scheme="IO")
    train(nlp, 60)
    nlp.to_disk(tmp_path / "io")
    assert visualize(str(tmp_path / "io"), data, tmp_path / "a.html") == (1, 2)
    assert "PER" not in (tmp_path / "a.html").read_text(encoding="utf8")


def test_page_works_with_any_pipeline_that_sets_entities(data, tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "LOC", "pattern": "London"}])
    nlp.to_disk(tmp_path / "ruler")
    assert visualize(str(tmp_path / "ruler"), data, tmp_path / "a.html") == (1, 2)


def test_command_says_what_it_wrote(model, data, tmp_path):
    arguments = ["rnn", "visualize", str(model), str(data), str(tmp_path / "a.html")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert "a.html: 2 documents, 1 with a difference" in " ".join(result.output.split())
    assert Page((tmp_path / "a.html").read_text(encoding="utf8")).count("div", "row") == 3


def test_a_page_that_cannot_be_written_is_named(model, data, tmp_path):
    (tmp_path / "file").write_text("")
    for page in (tmp_path, tmp_path / "file" / "page.html"):
        with pytest.raises(DataError, match=f"{re.escape(str(page))}: cannot be opened"):
            visualize(str(model), data, page)


def test_text_from_right_to_left_is_drawn_so():
    doc = Doc(spacy.blank("ar").vocab, words=["مرحبا"])
    assert "direction: rtl" in render(doc, {})


def test_command_needs_data(model, tmp_path):
    arguments = ["rnn", "visualize", str(model), str(tmp_path / "no.spacy"), "a.html"]
    assert CliRunner().invoke(app, arguments).exit_code == 2


# Confidence


def sure_of(confidence):
    """A document with one entity, and how sure a component was of it."""
    Span.set_extension("certain", default=None, force=True)
    doc = make_doc([LOC])
    doc.ents[0]._.certain = confidence
    return render(doc, {"LOC": "#aabbcc"}, "certain")


def opacity(html):
    return int(re.search("#aabbcc(..)", html)[1], 16)


def test_an_entity_fades_with_its_confidence():
    assert opacity(sure_of(1.0)) == 255
    assert opacity(sure_of(0.2)) < opacity(sure_of(0.6)) < opacity(sure_of(0.9))
    assert "0.20" in Page(sure_of(0.2)).text


def test_without_confidence_nothing_fades():
    assert 'background: #aabbcc"' in sure_of(None)


def test_the_least_sure_come_first(model, data, tmp_path):
    visualize(str(model), data, tmp_path / "a.html")
    html = (tmp_path / "a.html").read_text(encoding="utf8")
    shown = [
        min(map(float, found))
        for section in html.split("<section")[1:]
        if (found := re.findall(r"<i>(\d\.\d\d)</i>", section))
    ]
    assert len(shown) > 1 and shown == sorted(shown)
