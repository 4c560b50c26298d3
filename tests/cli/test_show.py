import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_rnn.cli.visualize_entities import calibration_lines, mark

from ..helpers import TRAIN, make_examples, run_python


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


@pytest.fixture
def refused(tmp_path):
    """Run a command that fails, and give what it prints."""

    def refused(command, model):
        DocBin(docs=[spacy.blank("en")("Nobody came")]).to_disk(tmp_path / "a.spacy")
        page = [str(tmp_path / "page.html")] if command == "visualize" else []
        arguments = ["rnn", command, str(model), str(tmp_path / "a.spacy"), *page]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 1 and not (tmp_path / "page.html").exists()
        return " ".join(result.output.split())

    return refused


@pytest.mark.parametrize("command", ["show", "visualize"])
def test_no_such_model(refused, tmp_path, command):
    assert "no' cannot be loaded" in refused(command, tmp_path / "no")


@pytest.mark.parametrize("command", ["show", "visualize"])
def test_a_pipeline_that_finds_nothing_to_show_is_refused(refused, tmp_path, command):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path / "model")
    printed = refused(command, tmp_path / "model")
    assert "so there is nothing to show. It has: sentencizer." in printed


def test_entities_of_a_component_that_does_not_announce_them_are_shown(tmp_path):
    nlp = spacy.blank("en")
    config = {"annotate_ents": True, "spans_key": None}
    nlp.add_pipe("span_ruler", config=config).add_patterns([{"label": "PER", "pattern": "Bob"}])
    nlp.to_disk(tmp_path / "model")
    DocBin(docs=[nlp("Bob came")]).to_disk(tmp_path / "a.spacy")
    arguments = ["rnn", "show", str(tmp_path / "model"), str(tmp_path / "a.spacy")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0 and "[Bob](PER) came" in result.output


# Bad input


@pytest.fixture(scope="module")
def saved(nlp, tmp_path_factory):
    path = tmp_path_factory.mktemp("show") / "model"
    nlp.to_disk(path)
    return path


@pytest.mark.parametrize("command", ["show", "visualize"])
@pytest.mark.parametrize("data", ["foreign.spacy", "empty.spacy", "text.txt", "folder"])
def test_data_without_a_document_are_refused(saved, tmp_path, command, data):
    (tmp_path / "foreign.spacy").write_bytes(b"no DocBin")
    DocBin().to_disk(tmp_path / "empty.spacy")
    (tmp_path / "text.txt").write_text("Nobody came.")
    (tmp_path / "folder").mkdir()
    page = [str(tmp_path / "page.html")] if command == "visualize" else []
    arguments = ["rnn", command, str(saved), str(tmp_path / data), *page]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1 and not (tmp_path / "page.html").exists()
    assert f"{data}: cannot be read as annotated documents" in " ".join(result.output.split())


def test_output_that_is_not_utf8_gets_question_marks(saved, tmp_path):
    DocBin(docs=[spacy.load(saved)("Bob met Zoë")]).to_disk(tmp_path / "a.spacy")
    arguments = ["rnn", "show", str(saved), str(tmp_path / "a.spacy")]
    code = f"import sys, spacy.cli; sys.argv[1:] = {arguments}; spacy.cli.setup_cli()"
    result = run_python(code, PYTHONIOENCODING="ascii")
    assert result.returncode == 0, result.stderr
    assert "[Bob](PER) met Zo?" in result.stdout
