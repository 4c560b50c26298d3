import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_rnn.cli.visualize import calibration_lines, mark

from ..helpers import TRAIN, make_examples


@pytest.fixture(scope="module")
def nlp():
    """Finds Anna and Bob."""
    nlp = spacy.blank("en")
    patterns = [{"label": "PER", "pattern": name} for name in ("Anna Smith", "Bob")]
    nlp.add_pipe("entity_ruler").add_patterns(patterns)
    return nlp


@pytest.fixture
def show(nlp, tmp_path):
    """Run the command and give what it prints."""

    def show(*settings):
        nlp.to_disk(tmp_path / "model")
        docs = [eg.reference for eg in make_examples(nlp, TRAIN)]
        DocBin(docs=docs).to_disk(tmp_path / "a.spacy")
        arguments = ["rnn", "show", str(tmp_path / "model"), str(tmp_path / "a.spacy")]
        result = CliRunner().invoke(app, [*arguments, *settings])
        assert result.exit_code == 0, result.output
        return result.output

    return show


@pytest.mark.parametrize(
    "text, marked",
    [
        ("Anna Smith met Bob.", "[Anna Smith](PER) met [Bob](PER)."),
        ("Nobody met  Eve .", "Nobody met  Eve ."),
        ("Bob", "[Bob](PER)"),
        ("", ""),
    ],
)
def test_mark(nlp, text, marked):
    assert mark(nlp(text)) == marked


def test_prints_the_scores(show):
    printed = " ".join(show().split())
    assert "all 100.0 33.3 50.0" in printed
    assert "LOC 0.0 0.0 0.0 PER 100.0 100.0 100.0" in printed


def test_prints_sentences_with_entities(show):
    lines = [line.strip() for line in show().splitlines()]
    assert "[Anna Smith](PER) lives in Paris ." in lines
    assert "She met [Bob](PER) in New York ." in lines
    assert not any("Nobody" in line for line in lines)


@pytest.mark.parametrize("n", [0, 1])
def test_prints_so_many_sentences(show, n):
    assert show("-n", str(n)).count("](PER)") == n


@pytest.mark.parametrize(
    "scores, lines",
    [
        ({"ents_ece": 0.0512, "ents_auroc": 0.875}, ["calibration error 5.1 %, AUROC 0.875"]),
        ({"ents_ece": 0.0, "ents_auroc": None}, ["calibration error 0.0 %"]),
        ({"ents_ece": None, "ents_auroc": None}, []),
        ({}, []),
    ],
)
def test_says_whether_confidence_can_be_trusted(scores, lines):
    assert calibration_lines(scores) == lines
