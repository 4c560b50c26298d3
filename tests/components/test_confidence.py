"""How sure `rnn_ner` is: probabilities that mean what they say."""

import itertools
import pickle

import numpy
import pytest
import spacy
from spacy.cli.find_threshold import find_threshold
from spacy.tokens import Doc, DocBin, Span, Token
from thinc.api import ConfigValidationError

from ..helpers import TEXTS, entities, make_examples, make_nlp, run_python, stir_model, train

every_scheme = pytest.mark.parametrize(
    "config", [{"scheme": "BIO"}, {"scheme": "BILUO"}, {"decoding": "softmax"}]
)
SHORT = ["Anna met Bob", "Paris", "a b c d", "", "x"]


def random_nlp(**config):
    """A pipeline with random weights, whose answers are wild and never quite sure."""
    nlp = make_nlp(**config)
    stir_model(nlp.get_pipe("rnn_ner").model, 0.5)
    return nlp


@pytest.fixture(scope="module")
def trained():
    """A pipeline that has begun to learn. Not to be changed."""
    nlp = make_nlp()
    train(nlp, 15)
    assert any(doc.ents for doc in nlp.pipe(TEXTS))
    return nlp


def confidences(docs):
    return [[ent._.confidence for ent in doc.ents] for doc in docs]


def triples(spans):
    return {(span.start, span.end, span.label_) for span in spans}


# Spans


@every_scheme
def test_a_net_whose_scores_overflow_reads_legally_and_knows_how_sure_it_is(config):
    nlp = random_nlp(**config)
    ner = nlp.get_pipe("rnn_ner")
    labeler = ner.model.shims[0].module
    labeler.output.weight.data *= 3e38
    assert not numpy.isfinite(ner.model.predict([nlp.make_doc(t) for t in TEXTS]).emissions).all()
    for doc in (*nlp.pipe(TEXTS), nlp(TEXTS[0])):
        assert all(0 <= ent._.confidence <= 1 for ent in doc.ents)
        assert numpy.isfinite(ner.predict_proba([nlp.make_doc(doc.text)])[0]).all()
        assert all(0 <= reading.probability <= 1 for reading in ner.kbest(doc, 3))


@every_scheme
def test_confidence_is_the_sum_of_all_readings_with_the_span(config):
    nlp = random_nlp(**config)
    ner, seen = nlp.get_pipe("rnn_ner"), 0
    for text in SHORT:
        readings = ner.kbest(nlp.make_doc(text), 100_000)
        assert sum(r.probability for r in readings) == pytest.approx(1)
        for ent in nlp(text).ents:
            where = (ent.start, ent.end, ent.label_)
            wanted = sum(r.probability for r in readings if where in triples(r.entities))
            assert ent._.confidence == pytest.approx(wanted, abs=1e-6)
            seen += 1
    assert seen


def test_confidence_does_not_depend_on_the_batch():
    nlp = random_nlp()
    texts = [*TEXTS, "", *SHORT]
    alone = confidences(nlp(text) for text in texts)
    for size in (1, 3, 100):
        together = confidences(nlp.pipe(texts, batch_size=size))
        for one, other in zip(alone, together):
            assert other == pytest.approx(one, abs=1e-6)


def test_confidence_travels(trained):
    docs = list(trained.pipe(TEXTS))
    wanted = confidences(docs)
    assert all(0 < c <= 1 for c in itertools.chain(*wanted))
    assert confidences(Doc(trained.vocab).from_bytes(d.to_bytes()) for d in docs) == wanted
    binned = DocBin(docs=docs, store_user_data=True).to_bytes()
    assert confidences(DocBin().from_bytes(binned).get_docs(trained.vocab)) == wanted
    assert confidences(trained.pipe(TEXTS, n_process=2)) == wanted


def test_confidence_travels_into_joined_documents(trained):
    docs = list(trained.pipe(["", *TEXTS, " \n", TEXTS[0] + " ", TEXTS[1]]))
    wanted = [p for of_doc in confidences(docs) for p in of_doc]
    for ensure_whitespace in (True, False):
        joined = Doc.from_docs(docs, ensure_whitespace=ensure_whitespace)
        assert confidences([joined]) == [wanted]
    assert confidences([docs[1].copy()]) == confidences([docs[1]])


def test_only_what_was_predicted_has_a_confidence(trained):
    doc = trained.make_doc(TEXTS[0])
    doc.set_ents([Span(doc, 0, 2, label="LOC")], default="missing")
    found = {ent.start: ent._.confidence for ent in trained(doc).ents}
    assert found.pop(0) is None
    assert found and None not in found.values()


@pytest.mark.parametrize("owner", [Doc, Token])
def test_what_is_said_of_tokens_and_documents_under_the_same_name_stays(trained, owner):
    """As by an `rnn_tagger` before, with the setting of its own."""
    owner.set_extension("confidence", default=None, force=True)
    doc = trained.make_doc(TEXTS[0])
    part = doc if owner is Doc else doc[0]
    part._.confidence = 0.25
    assert trained(doc).ents[0]._.confidence and part._.confidence == 0.25
    owner.remove_extension("confidence")


@pytest.mark.parametrize("name", ["sure", None])
def test_the_extension_has_the_name_of_the_setting(name):
    nlp = make_nlp(confidence=name)
    train(nlp, 30)
    ents = nlp(TEXTS[0]).ents
    assert ents and all(ent._.confidence is None for ent in ents)
    if name:
        assert all(ent._.sure > 0 for ent in ents)


def test_an_extension_that_is_there_stays():
    Span.set_extension("mine", default="own", force=True)
    make_nlp(confidence="mine")
    assert Span.get_extension("mine")[0] == "own"


@pytest.mark.parametrize("name", ["", "_.confidence", "how sure"])
def test_a_name_that_no_extension_can_have_is_refused(name):
    with pytest.raises(ValueError, match=f"'confidence' is '{name}'.*span._.confidence"):
        make_nlp(confidence=name)


def test_an_extension_that_would_swallow_it_is_refused():
    Span.set_extension("computed", getter=len, force=True)
    with pytest.raises(ValueError, match="'confidence' is 'computed'.*Span has a getter"):
        make_nlp(confidence="computed")


# Threshold


@pytest.mark.parametrize("threshold", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("confidence", ["confidence", None])
def test_a_threshold_drops_what_is_less_sure(threshold, confidence):
    kept, everything = random_nlp(threshold=threshold, confidence=confidence), random_nlp()
    dropped = 0
    for text in [*TEXTS, *SHORT]:
        sure = [e for e in everything(text).ents if e._.confidence >= threshold]
        assert triples(kept(text).ents) == triples(sure)
        dropped += len(everything(text).ents) - len(sure)
    assert dropped


@pytest.mark.parametrize("threshold", [-0.1, 1.1])
def test_a_threshold_is_a_probability(threshold):
    with pytest.raises((ValueError, ConfigValidationError), match="threshold"):
        make_nlp(threshold=threshold)


def test_spacys_find_threshold_finds_one(trained, tmp_path, capsys):
    trained.to_disk(tmp_path / "model")
    references = [eg.reference for eg in make_examples(trained)]
    DocBin(docs=references).to_disk(tmp_path / "dev.spacy")
    args = (str(tmp_path / "model"), tmp_path / "dev.spacy", "rnn_ner", "threshold", "ents_f")
    best, score, scores = find_threshold(*args, n_trials=5)
    assert score == max(scores.values()) > min(scores.values())
    assert scores[1.0] == 0.0 and best in scores


def test_of_entities_that_are_gone_nothing_is_left(trained):
    doc = next(doc for doc in trained.pipe(TEXTS) if doc.ents)
    doc.ents = []
    ner = trained.get_pipe("rnn_ner")
    ner.set_annotations([doc], [[]])
    assert not [key for key in doc.user_data if key[1] == "confidence"]


def test_what_others_say_of_spans_is_left_alone(trained):
    doc = trained.make_doc(TEXTS[0])
    doc.spans["sc"] = [Span(doc, 1, 5, label="LIST")]
    doc.spans["sc"][0]._.confidence = 0.25
    assert [span._.confidence for span in trained(doc).spans["sc"]] == [0.25]


def test_entities_that_stay_keep_their_confidence(trained):
    doc = next(doc for doc in trained.pipe(TEXTS) if doc.ents)
    before = confidences([doc])
    trained.get_pipe("rnn_ner").set_annotations([doc], [[]])
    assert confidences([doc]) == before


# Marginals and readings


@every_scheme
def test_marginals_are_those_of_all_readings(config):
    nlp = random_nlp(**config)
    ner = nlp.get_pipe("rnn_ner")
    docs = [nlp.make_doc(text) for text in SHORT]
    for doc, found in zip(docs, ner.predict_proba(docs)):
        wanted = numpy.zeros((len(doc), len(ner.tags)))
        for reading in ner.kbest(doc, 100_000):
            tags = numpy.zeros(len(doc), dtype=int)
            for span in reading.entities:
                tags[span.start : span.end] = ner.tags.span_tags(span.label_, len(span))
            wanted[numpy.arange(len(doc)), tags] += reading.probability
        numpy.testing.assert_allclose(found, wanted, atol=1e-6)


def test_preset_entities_are_taken_for_granted(trained):
    ner, doc = trained.get_pipe("rnn_ner"), trained.make_doc(TEXTS[3])
    doc.set_ents([Span(doc, 1, 2, label="PER")], default="missing")
    (chances,) = ner.predict_proba([doc])
    assert chances[1, ner.tags.ids["B", "PER"]] == pytest.approx(1)
    assert all((1, 2, "PER") in triples(r.entities) for r in ner.kbest(doc, 5))


@every_scheme
@pytest.mark.parametrize("label", ["ENTITY", "PER", "DATE"])
def test_readings_have_what_is_preset_as_it_stands(config, label):
    """Whether or not the label is one of the model's."""
    nlp = random_nlp(**config)
    doc = nlp.make_doc(SHORT[2])
    preset = Span(doc, 0, 1, label=label, kb_id="Q1")
    doc.set_ents([preset], default="missing")
    best, *others = nlp.get_pipe("rnn_ner").kbest(doc, 100_000)
    for reading in (best, *others):
        assert reading.entities[0] == preset and reading.entities[0].kb_id_ == "Q1"
    assert triples(best.entities) == triples(nlp(doc).ents)


@pytest.mark.parametrize("k", [0, -1])
def test_there_is_no_such_number_of_readings(trained, k):
    with pytest.raises(ValueError, match=f"{k} is no number of answers.*kbest"):
        trained.get_pipe("rnn_ner").kbest(trained.make_doc(TEXTS[0]), k)


def test_readings_differ_in_more_than_white_space():
    nlp = random_nlp()
    ner = nlp.get_pipe("rnn_ner")
    readings = ner.kbest(nlp.make_doc("Anna \n met Bob \n\n x"), 100_000)
    spans = [tuple(sorted(triples(r.entities))) for r in readings]
    assert len(set(spans)) == len(spans)
    doc = nlp.make_doc("Anna \n met Bob \n\n x")
    assert not any(doc[e - 1].is_space or doc[s].is_space for of in spans for s, e, _ in of)
    assert sum(r.probability for r in readings) == pytest.approx(1)


def test_the_best_reading_is_the_prediction(trained):
    for text in TEXTS:
        readings = trained.get_pipe("rnn_ner").kbest(trained.make_doc(text), 4)
        chances = [r.probability for r in readings]
        assert [(e.text, e.label_) for e in readings[0].entities] == entities(trained(text))
        assert len(readings) == 4 and chances == sorted(chances, reverse=True)


def test_an_empty_document_has_one_reading(trained):
    assert trained.get_pipe("rnn_ner").kbest(trained.make_doc(""), 3) == [(1.0, [])]
    assert trained.get_pipe("rnn_ner").predict_proba([trained.make_doc("")])[0].shape[0] == 0


# Temperature


def test_a_temperature_moves_confidence_and_no_entity(tmp_path):
    nlp = make_nlp()
    train(nlp, 60)
    before = list(nlp.pipe(TEXTS))
    nlp.get_pipe("rnn_ner").cfg["temperature"] = 100.0
    nlp.to_disk(tmp_path)
    after = list(spacy.load(tmp_path).pipe(TEXTS))
    assert [entities(doc) for doc in after] == [entities(doc) for doc in before]
    assert min(itertools.chain(*confidences(before))) > 0.5
    assert max(itertools.chain(*confidences(after))) < 0.3


UNPICKLED = """
import pickle

with open({path!r}, "rb") as file:
    doc = pickle.load(file)({text!r})
assert doc.ents and all(ent._.confidence > 0 for ent in doc.ents)
"""


def test_a_pickled_pipeline_wakes_in_a_new_process(trained, tmp_path):
    text = next(doc.text for doc in trained.pipe(TEXTS) if doc.ents)
    (tmp_path / "nlp").write_bytes(pickle.dumps(trained))
    done = run_python(UNPICKLED.format(path=str(tmp_path / "nlp"), text=text))
    assert done.returncode == 0, done.stderr
