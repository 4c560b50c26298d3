import json
from base64 import b64decode
from xml.etree import ElementTree

import pytest
import spacy
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2
from spacy.cli._util import app
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Corpus, iob_utils
from typer.testing import CliRunner

from spacy_rnn.cli.pipelines import confidence_extension
from spacy_rnn.cli.report import quote, read_log, report
from spacy_rnn.errors import DataError
from spacy_rnn.evaluation.entities import Mention, Pair

from ..helpers import TRAIN, make_examples, make_nlp, run_python, train
from .test_visualize import Page

# What the ruler below finds in it: right, boundary, type, both, missed, spurious
WORDS = "Anna met Bob Ray in Rome , New York , Eve and May .".split()
GOLD = [(0, 1, "PER"), (2, 4, "PER"), (5, 6, "LOC"), (7, 9, "LOC"), (10, 11, "PER")]
PATTERNS = [("PER", "Anna"), ("PER", "Bob"), ("ORG", "Rome"), ("ORG", "York"), ("PER", "May")]
KINDS = ("wrong boundary", "wrong type", "wrong boundary and type", "missed", "spurious")
STEPS = [(200, 41.5), (400, 66.25), (600, 64.0)]


def make_doc(words=WORDS, entities=GOLD):
    doc = Doc(spacy.blank("en").vocab, words=words)
    doc.set_ents([Span(doc, *entity) for entity in entities])
    return doc


def log_line(step, f):
    return json.dumps({"epoch": 0, "step": step, "losses": {}, "scores": {"ents_f": f}, "score": 1})


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Makes every kind of error once, and has no confidences."""
    nlp = spacy.blank("en")
    patterns = [{"label": label, "pattern": text} for label, text in PATTERNS]
    nlp.add_pipe("entity_ruler").add_patterns(patterns)
    path = tmp_path_factory.mktemp("ruler")
    nlp.to_disk(path)
    return str(path)


@pytest.fixture(scope="module")
def rnn_model(tmp_path_factory):
    """Has confidences, and finds every name of its training data."""
    nlp = make_nlp()
    train(nlp, 60)
    path = tmp_path_factory.mktemp("rnn")
    nlp.to_disk(path)
    return str(path)


@pytest.fixture
def data(tmp_path):
    DocBin(docs=[make_doc()]).to_disk(tmp_path / "dev.spacy")
    return tmp_path / "dev.spacy"


@pytest.fixture
def train_data(tmp_path):
    docs = [make_doc(["ANNA", "saw", "Rome"], [(0, 1, "PER"), (2, 3, "PER")])]
    DocBin(docs=docs).to_disk(tmp_path / "train.spacy")
    return tmp_path / "train.spacy"


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text("".join(f"{log_line(*at)}\n" for at in STEPS), encoding="utf8")
    return path


@pytest.fixture
def rnn_data(tmp_path):
    """The training data without the entities of one sentence, which become spurious."""
    docs = [eg.reference for eg in make_examples(spacy.blank("en"), TRAIN)]
    docs[1].set_ents([])
    DocBin(docs=docs).to_disk(tmp_path / "rnn.spacy")
    return tmp_path / "rnn.spacy"


@pytest.fixture
def write(tmp_path):
    """Write a report and give the page."""

    def write(model, data, **settings):
        report(model, data, tmp_path / "out", **settings)
        return Page((tmp_path / "out" / "report.html").read_text(encoding="utf8"))

    return write


@pytest.fixture
def found(model, data, tmp_path):
    return report(model, data, tmp_path / "out")


# The numbers


def test_scores_agree_with_seqeval(rnn_model, rnn_data, tmp_path):
    ours = report(rnn_model, rnn_data, tmp_path)["scores"]
    nlp = spacy.load(rnn_model)
    gold = list(DocBin().from_disk(rnn_data).get_docs(nlp.vocab))
    tags = [
        [iob_utils.biluo_to_iob(iob_utils.doc_to_biluo_tags(doc)) for doc in docs]
        for docs in (gold, nlp.pipe(doc.text for doc in gold))
    ]
    theirs = classification_report(
        *tags, mode="strict", scheme=IOB2, output_dict=True, zero_division=0
    )
    assert 0 < theirs["micro avg"]["f1-score"] < 1  # neither end tells much
    for name, of in [*ours["per_type"].items(), ("micro avg", ours["all"])]:
        for our_key, key in [("precision",) * 2, ("recall",) * 2, ("f1", "f1-score")]:
            assert of[our_key] == pytest.approx(theirs[name][key], abs=1e-9)


def test_where_one_label_is_all_there_is_boundaries_count(rnn_data, tmp_path):
    """As in `spacy evaluate`."""
    nlp = make_nlp(scheme="IO")
    train(nlp, 60)
    ruler = nlp.add_pipe("entity_ruler", before="rnn_ner")  # its labels do not count either
    ruler.add_patterns([{"label": "PLACE", "pattern": "Rome"}])
    nlp.to_disk(tmp_path / "io")
    found = report(str(tmp_path / "io"), rnn_data, tmp_path, train_path=rnn_data)
    scores = nlp.evaluate(list(Corpus(rnn_data)(nlp)))
    ours = [found["scores"]["all"][key] for key in ("precision", "recall", "f1")]
    assert ours == [scores[key] for key in ("ents_p", "ents_r", "ents_f")]
    assert found["errors"]["wrong type"]["count"] == 0 < found["errors"]["spurious"]["count"]
    assert list(found["scores"]["per_type"]) == found["confusion"]["labels"][:-1] == ["ENTITY"]
    assert found["seen"]["seen"]["gold"] == found["scores"]["all"]["gold"]


def test_scores_count_what_is_right(found):
    scores = found["scores"]
    assert [scores["all"][key] for key in ("right", "predicted", "gold")] == [1, 5, 5]
    assert {label: of["gold"] for label, of in scores["per_type"].items()} == {
        "LOC": 2,
        "ORG": 0,
        "PER": 3,
    }


def test_each_kind_of_error_is_counted(found):
    assert {kind: of["count"] for kind, of in found["errors"].items()} == dict.fromkeys(KINDS, 1)


@pytest.mark.parametrize(
    "kind, marked, gold, predicted",
    [
        ("wrong boundary", "Bob Ray", ("Bob Ray", "PER"), ("Bob", "PER")),
        ("wrong type", "Rome", ("Rome", "LOC"), ("Rome", "ORG")),
        ("wrong boundary and type", "New York", ("New York", "LOC"), ("York", "ORG")),
        ("missed", "Eve", ("Eve", "PER"), None),
        ("spurious", "May", None, ("May", "PER")),
    ],
)
def test_errors_have_examples(found, kind, marked, gold, predicted):
    (example,) = found["errors"][kind]["examples"]
    assert example["marked"] == marked
    for of, wanted in [(example["gold"], gold), (example["predicted"], predicted)]:
        assert (of and (of["text"], of["label"])) == wanted


def test_examples_are_the_errors_that_the_model_is_surest_of(rnn_model, rnn_data, tmp_path):
    spurious = report(rnn_model, rnn_data, tmp_path)["errors"]["spurious"]["examples"]
    sure = [example["confidence"] for example in spurious]
    assert len(sure) > 1 and sure == sorted(sure, reverse=True)


def test_confusion_is_gold_by_predicted(found):
    assert found["confusion"]["labels"] == ["LOC", "ORG", "PER", None]
    assert found["confusion"]["counts"] == [[0, 2, 0, 0], [0] * 4, [0, 0, 2, 1], [0, 0, 1, 0]]


def test_seen_goes_by_text_and_label(model, data, train_data, tmp_path):
    seen = report(model, data, tmp_path, train_path=train_data)["seen"]
    assert [seen["seen"][key] for key in ("right", "predicted", "gold")] == [1, 1, 1]
    assert [seen["unseen"][key] for key in ("right", "predicted", "gold")] == [0, 4, 4]


def test_without_training_data_nothing_is_seen(found):
    assert found["seen"] is None


def test_without_confidences_there_is_no_calibration(found):
    assert found["calibration"] is None


def test_every_predicted_entity_is_calibrated(rnn_model, rnn_data, tmp_path):
    found = report(rnn_model, rnn_data, tmp_path)
    calibration, predicted = found["calibration"], found["scores"]["all"]["predicted"]
    assert calibration["entities"] == sum(of["entities"] for of in calibration["bins"]) == predicted
    assert 0.0 < calibration["expected_calibration_error"] < 1.0


def test_confidence_is_under_the_name_of_the_setting():
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config={"confidence": "how_sure"})
    assert confidence_extension(nlp) == "how_sure"
    Span.remove_extension("how_sure")
    assert confidence_extension(nlp) is None


def test_speed_is_positive(found):
    assert found["words_per_second"] > 0
    assert found["words"] == len(WORDS)


def test_json_has_the_same_numbers(model, data, train_data, log, tmp_path):
    found = report(model, data, tmp_path, train_path=train_data, log_path=log)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf8")) == found


# Context


def quoted(text, start, end):
    return quote(text, Pair(Mention(start, end, "X", text[start:end]), None))


def test_short_text_is_quoted_whole():
    found = quoted("Anna left.", 0, 4)
    assert [found[key] for key in ("before", "marked", "after")] == ["", "Anna", " left."]


def test_long_text_is_cut_to_both_sides():
    found = quoted("a" * 100 + "Anna" + "b" * 100, 100, 104)
    assert found["before"] == "…" + "a" * 60
    assert found["after"] == "b" * 60 + "…"


# The log


def test_log_becomes_a_curve(log):
    assert [(at["step"], at["f1"]) for at in read_log(log)] == [
        (step, pytest.approx(f / 100)) for step, f in STEPS
    ]


def test_log_of_spacy_is_read(tmp_path):
    """What its logger really writes."""
    from io import StringIO

    from spacy.training.loggers import console_logger_v3

    nlp = make_nlp()
    nlp.config["training"]["score_weights"] = {"ents_f": 1.0}
    logger = console_logger_v3(console_output=False, output_file=tmp_path / "log.jsonl")
    log_step, finalize = logger(nlp, StringIO(), StringIO())
    losses, scores = {"rnn_ner": 2.0}, {"ents_f": 0.625}
    log_step({"epoch": 0, "step": 20, "losses": losses, "other_scores": scores, "score": 0.625})
    finalize()
    assert read_log(tmp_path / "log.jsonl") == [{"step": 20, "f1": 0.625}]


@pytest.mark.parametrize(
    "line", ["", "no json", "[]", "{}", '{"step": 1, "scores": {}}', log_line(None, 1), "\ufffd"]
)
def test_a_bad_line_of_the_log_is_named(tmp_path, line):
    path = tmp_path / "log.jsonl"
    path.write_text(f"{log_line(1, 2)}\n{line}\n", encoding="utf8")
    with pytest.raises(DataError, match=r"log.jsonl:2: .*output_file"):
        read_log(path)


def test_an_empty_log_is_named(tmp_path):
    (tmp_path / "log.jsonl").touch()
    with pytest.raises(DataError, match=r"log.jsonl:1: .*output_file"):
        read_log(tmp_path / "log.jsonl")


# The page


def test_page_shows_the_scores(write, model, data):
    text = write(model, data).text
    assert "all 20.0 20.0 20.0 5 5 1" in text
    assert "PER 33.3 33.3 33.3 3 3 1" in text


def test_page_shows_every_kind_of_error(write, model, data):
    page = write(model, data)
    assert all(f"1 {kind}" in page.text for kind in KINDS)
    assert page.count("mark", None) == len(KINDS)


def test_page_shows_the_confusion(write, model, data):
    assert "LOC ORG PER none LOC 2 ORG PER 2 1 none 1" in write(model, data).text


def test_page_shows_seen_and_unseen(write, model, data, train_data):
    text = write(model, data, train_path=train_data).text
    assert "seen 100.0 100.0 100.0 1 1 1 unseen 0.0 0.0 0.0 4 4 0" in text


@pytest.mark.parametrize("part", ["Seen and unseen", "Confidence", "Training"])
def test_page_leaves_out_what_it_does_not_know(write, model, data, part):
    assert part not in write(model, data).text


def test_page_shows_calibration(write, rnn_model, rnn_data):
    page = write(rnn_model, rnn_data)
    assert "calibration error" in page.text
    assert page.count("img", None) == 1


def images(path):
    html = path.read_text(encoding="utf8")
    packed = [part.partition('"')[0] for part in html.split('src="')[1:]]
    head = "data:image/svg+xml;base64,"
    assert all(image.startswith(head) for image in packed)
    return [ElementTree.fromstring(b64decode(image[len(head) :])) for image in packed]


def test_figures_are_images_inside_of_the_page(rnn_model, rnn_data, log, tmp_path):
    report(rnn_model, rnn_data, tmp_path, log_path=log)
    tags = [image.tag for image in images(tmp_path / "report.html")]
    assert tags == ["{http://www.w3.org/2000/svg}svg"] * 2


def test_page_needs_no_other_file(rnn_model, rnn_data, log, tmp_path):
    report(rnn_model, rnn_data, tmp_path, log_path=log, train_path=rnn_data)
    html = (tmp_path / "report.html").read_text(encoding="utf8")
    assert "http" not in html and "<link" not in html and "<script" not in html
    assert html.count("src=") == html.count('src="data:')


def test_text_and_labels_are_escaped(write, model, tmp_path):
    doc = make_doc(["<b>", "&", "x"], [(0, 2, "<i>")])
    DocBin(docs=[doc]).to_disk(tmp_path / "a & b.spacy")
    page = write(model, tmp_path / "a & b.spacy")
    assert "<b> &" in page.text and "<i>" in page.text and "a & b.spacy" in page.text


# The command


def run(*arguments):
    result = CliRunner().invoke(app, ["rnn", "report", *map(str, arguments)])
    return result.exit_code, " ".join(result.output.split())


def test_command_says_what_it_wrote(model, data, tmp_path):
    code, output = run(model, data, "--output", tmp_path / "new" / "out")
    assert code == 0
    assert "report.html: F1 20.0" in output
    assert {path.name for path in (tmp_path / "new" / "out").iterdir()} == {
        "report.html",
        "report.json",
    }


def test_command_takes_training_data_and_log(model, data, train_data, log, tmp_path):
    code, _ = run(model, data, "-o", tmp_path, "--train", train_data, "--log", log)
    found = json.loads((tmp_path / "report.json").read_text(encoding="utf8"))
    assert code == 0
    assert found["seen"]["seen"]["gold"] == 1
    assert [at["step"] for at in found["curve"]] == [step for step, _ in STEPS]


def test_no_model_is_an_error(data, tmp_path):
    code, output = run("no_such_model", data, "-o", tmp_path / "out")
    assert code == 1
    assert "'no_such_model' cannot be loaded" in output
    assert not (tmp_path / "out").exists()


def test_no_entity_is_an_error(model, tmp_path):
    DocBin(docs=[make_doc(entities=[])]).to_disk(tmp_path / "a.spacy")
    code, output = run(model, tmp_path / "a.spacy", "-o", tmp_path / "out")
    assert code == 1
    assert "no entity in 1 document" in output


def test_missing_data_is_an_error(model, tmp_path):
    assert run(model, tmp_path / "no.spacy", "-o", tmp_path / "out")[0] == 2


def test_without_matplotlib_the_message_says_what_to_install(monkeypatch, model, data, tmp_path):
    monkeypatch.setattr("spacy_rnn.cli.report.find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"pip install 'spacy-rnn\[report\]'"):
        report(model, data, tmp_path)


def test_commands_bring_no_matplotlib():
    code = "import sys, spacy_rnn.cli; assert 'matplotlib' not in sys.modules"
    assert run_python(code).returncode == 0
