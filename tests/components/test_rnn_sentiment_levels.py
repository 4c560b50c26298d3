"""Sentences, spans, sentiment, attention, calibration."""

import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.tokens import Doc, Span
from spacy.tokens.underscore import Underscore
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from spacy_rnn.callbacks import calibrate_pipeline

from ..helpers import EMBED, stir_model, tok2vec_config
from ..text_helpers import (
    CATS,
    HEADS,
    LISTENER,
    MANY,
    TEXTS,
    cats_of,
    classifier_config,
    data_of,
    firsts,
    make_examples,
    make_nlp,
    random_nlp,
    train,
)

LEVELS = ["sent", "span:parts"]
every_level = pytest.mark.parametrize("level", LEVELS)


def texts_of(nlp):
    return nlp.get_pipe("texts")


def joined(nlp, which):
    """A document with several of the texts, each a sentence and a span, and their places."""
    parts = [nlp.make_doc(TEXTS[i]) for i in which]
    doc = Doc.from_docs(parts) if parts else Doc(nlp.vocab)
    starts = numpy.cumsum([0, *map(len, parts)])
    for token in doc:
        token.is_sent_start = token.i in starts
    doc.spans["parts"] = [Span(doc, a, b) for a, b in zip(starts.tolist(), starts[1:].tolist())]
    return doc


def part_examples(nlp, batches=((0, 1, 2), (3, 4), (5,))):
    """Examples whose sentences and spans have cats."""
    examples = []
    for which in batches:
        reference, predicted = joined(nlp, which), joined(nlp, which)
        for span, i in zip(reference.spans["parts"], which):
            span._.cats = dict(CATS["exclusive"][i])
        examples.append(Example(predicted, reference))
    return examples


def make_parts(level, tok2vec=None, **settings):
    """An initialized pipeline over sentences or spans."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    if tok2vec is LISTENER:
        nlp.add_pipe("tok2vec", config={"model": tok2vec_config()})
    config = {"level": level, "model": classifier_config(tok2vec, **settings)}
    nlp.add_pipe("rnn_sentiment", "texts", config=config)
    nlp.initialize(lambda: part_examples(nlp))
    return nlp


def found_in(doc, level):
    spans = doc.sents if level == "sent" else doc.spans["parts"]
    return [span._.cats for span in spans]


@every_level
@pytest.mark.parametrize("tok2vec", [None, LISTENER], ids=["own", "listener"])
def test_parts_are_learnt_and_found(level, tok2vec):
    nlp = make_parts(level, tok2vec)
    optimizer = Adam(0.02)
    for _ in range(40):
        nlp.update(part_examples(nlp), sgd=optimizer)
    scores = nlp.evaluate(part_examples(nlp))
    docs = list(nlp.pipe([joined(nlp, (4, 0)), joined(nlp, ()), joined(nlp, (2,))]))
    first = [max(cats, key=cats.get) for doc in docs for cats in found_in(doc, level)]
    assert first == ["neg", "pos", "pos"]
    assert not any(doc.cats for doc in docs)
    assert level != "sent" or scores["cats_acc"] == 1.0


@every_level
@pytest.mark.parametrize("tok2vec", [None, LISTENER], ids=["own", "listener"])
def test_batches_without_anything_to_classify(level, tok2vec):
    nlp = make_parts(level, tok2vec)
    stir_model(texts_of(nlp).model)
    empty = [Example(joined(nlp, ()), joined(nlp, ()))]
    bare = joined(nlp, (0, 1))
    del bare.spans["parts"]
    unannotated = [Example(bare.copy(), bare)]
    for batch in (empty, unannotated, [*empty, *unannotated]):
        assert nlp.update(batch, sgd=Adam(0.01), losses={})["texts"] == 0.0
    assert nlp.update([*part_examples(nlp), *unannotated], losses={})["texts"] > 0
    assert texts_of(nlp).calibrate(unannotated) == []
    if tok2vec is None:  # spaCy's listeners take no part in rehearsal
        nlp.resume_training()
        assert nlp.rehearse(unannotated, sgd=Adam(0.01), losses={})["texts"] >= 0.0
    if level != "sent":
        assert not nlp(bare).user_data


def test_overlapping_spans_each_get_their_own():
    nlp = make_parts("span:parts")
    stir_model(texts_of(nlp).model)
    doc = nlp.make_doc(TEXTS[0])
    ends = [(0, 3), (2, 6), (0, 7), (1, 2)]
    doc.spans["parts"] = [Span(doc, a, b) for a, b in ends]
    together = [dict(cats) for cats in found_in(nlp(doc), "span:parts")]
    for (a, b), cats in zip(ends, together):
        alone = nlp.make_doc(TEXTS[0])
        alone.spans["parts"] = [Span(alone, a, b)]
        assert found_in(nlp(alone), "span:parts")[0] == pytest.approx(cats, abs=1e-5)
    assert len({round(cats["pos"], 4) for cats in together}) == 4


def test_a_span_that_is_the_document_scores_as_the_document():
    nlp, parts = random_nlp(), make_parts("span:parts")
    config = nlp.config["components"]["texts"]
    nlp.add_pipe("rnn_sentiment", "parts", config={"level": "span:x", "model": config["model"]})
    nlp.get_pipe("parts").from_bytes(texts_of(nlp).to_bytes())
    doc = nlp.make_doc(TEXTS[0])
    doc.spans["x"] = [doc[:]]
    doc = nlp(doc)
    assert doc.spans["x"][0]._.cats == pytest.approx(doc.cats, abs=1e-5)
    assert parts.pipe_names == ["texts"]


def test_a_label_of_a_span_is_its_class():
    nlp = spacy.blank("en")
    config = {"level": "span:parts", "model": classifier_config()}
    nlp.add_pipe("rnn_sentiment", "texts", config=config)
    reference = nlp.make_doc(TEXTS[2])
    reference.spans["parts"] = [Span(reference, 0, 2, "pos"), Span(reference, 3, 5, "neg")]
    nlp.initialize(lambda: [Example(nlp.make_doc(TEXTS[2]), reference)])
    assert texts_of(nlp).labels == ("neg", "pos")


def test_two_of_them_keep_apart_in_a_span():
    nlp = make_parts("span:parts")
    settings = nlp.config["components"]["texts"]
    config = {"level": "span:parts", "model": settings["model"]}
    nlp.add_pipe("rnn_sentiment", "topics", config=config).add_label("a")
    nlp.get_pipe("topics").add_label("b")
    nlp.get_pipe("topics").initialize(lambda: part_examples(nlp), labels=["a", "b"])
    (cats,) = found_in(nlp(joined(nlp, (0,))), "span:parts")
    assert {"neg", "pos", "a", "b"} <= cats.keys()


@every_level
def test_parts_are_rehearsed_though_only_the_reference_has_them(level):
    nlp = make_parts(level)
    nlp.resume_training()
    stir_model(texts_of(nlp).model)
    bare, losses = [Example(nlp.make_doc(eg.text), eg.reference) for eg in part_examples(nlp)], {}
    nlp.rehearse(bare, sgd=Adam(0.01), losses=losses)
    assert losses["texts"] > 0
    without = [Example(eg.predicted, nlp.make_doc(eg.text)) for eg in bare]
    assert nlp.rehearse(without, sgd=Adam(0.01), losses={})["texts"] == 0.0


@pytest.mark.parametrize("setting", ["level", "attention"])
def test_an_extension_that_keeps_nothing_is_refused(monkeypatch, setting):
    extensions = {"cats" if setting == "level" else "look": (None, None, len, None)}
    monkeypatch.setattr(Underscore, "span_extensions", extensions)
    config = {"level": "span:parts", "model": classifier_config()}
    config |= {"attention": "look"} if setting == "attention" else {}
    with pytest.raises(ValueError, match=f"'{setting}' is '(cats|look)'.*of Span has a getter"):
        spacy.blank("en").add_pipe("rnn_sentiment", "texts", config=config)


def test_a_reference_without_sentences_is_not_annotated():
    nlp = make_parts("sent")
    examples = part_examples(nlp)
    bare = Example(joined(nlp, (0, 1)), Doc(nlp.vocab, words=["no", "sentences", "here"]))
    scores = nlp.evaluate(examples)
    assert scores["cats_acc"] is not None
    assert nlp.evaluate([*examples, bare])["cats_acc"] == scores["cats_acc"]
    assert nlp.update([bare], sgd=Adam(0.01), losses={})["texts"] == 0.0
    assert nlp.update([*examples, bare], losses={})["texts"] > 0


def test_sentences_need_something_that_finds_them():
    nlp = make_parts("sent")
    with pytest.raises(ValueError, match="'a fine film.*no sentences.*'sentencizer'"):
        nlp(TEXTS[0])
    nlp.add_pipe("sentencizer", before="texts")
    assert all(sent._.cats for sent in nlp("A fine film. A dull one.").sents)


# Sentiment


def test_sentiment_is_the_difference_of_positive_and_negative():
    nlp = random_nlp()
    for doc in nlp.pipe(MANY):
        assert doc._.sentiment == pytest.approx(doc.cats["pos"] - doc.cats["neg"], abs=1e-6)


def test_a_given_polarity_wins():
    nlp = random_nlp("multilabel", config={"polarity": {"fine": 0.5, "cold": -1.0}})
    doc = nlp(TEXTS[0])
    assert doc._.sentiment == pytest.approx(0.5 * doc.cats["fine"] - doc.cats["cold"], abs=1e-6)
    assert random_nlp("multilabel")(TEXTS[0])._.sentiment is None


def test_steps_climb_from_bad_to_good():
    doc = random_nlp("ordinal")(TEXTS[0])
    assert doc._.sentiment == pytest.approx(doc.cats["3"] - doc.cats["1"], abs=1e-6)


def test_a_number_is_placed_between_the_ends_of_training():
    nlp = make_nlp("regression")
    doc = nlp(TEXTS[0])
    assert doc._.sentiment == pytest.approx((doc.cats["stars"] - 1) / 4.5 - 1)


def test_a_positive_label_says_what_is_good():
    data = [(text, {"good": cats["pos"], "bad": cats["neg"]}) for text, cats in data_of()]
    nlp = make_nlp(data=data)
    assert nlp(TEXTS[0])._.sentiment is None
    examples = make_examples(nlp, data)
    texts_of(nlp).initialize(lambda: examples, nlp=nlp, positive_label="good")
    doc = nlp(TEXTS[0])
    assert doc._.sentiment == pytest.approx(doc.cats["good"] - doc.cats["bad"], abs=1e-6)
    assert "F (good)" in nlp.evaluate(examples)["cats_score_desc"]


# Attention


@pytest.fixture
def attending():
    return random_nlp(config={"attention": "shares"})


def test_attention_is_a_share_for_each_token(attending):
    for doc in attending.pipe(MANY):
        assert len(doc._.shares) == len(doc)
        assert all(type(share) is float for share in doc._.shares)
        assert not len(doc) or sum(doc._.shares) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("size", [1, 3, 64])
def test_attention_does_not_depend_on_the_batch(attending, size):
    alone = [attending(text)._.shares for text in MANY]
    for doc, shares in zip(attending.pipe(MANY, batch_size=size), alone):
        assert doc._.shares == pytest.approx(shares, abs=1e-5)
    assert numpy.ptp(alone[0]) > 0.01


def test_attention_can_be_asked_for_later():
    nlp = random_nlp()
    assert "of_later" not in nlp(TEXTS[0]).user_data
    texts_of(nlp).keep_attention("of_later")
    assert sum(nlp(TEXTS[0])._.of_later) == pytest.approx(1)


@pytest.mark.parametrize("both", [True, False])
def test_tokens_that_were_not_read_get_no_attention(both):
    nlp = random_nlp(config={"attention": "shares"}, max_length=3, head_and_tail=both)
    shares = numpy.array(nlp(TEXTS[0])._.shares)
    read = [0, 1, 6] if both else [0, 1, 2]
    assert numpy.flatnonzero(shares).tolist() == read and shares.sum() == pytest.approx(1)


def test_attention_of_sentences():
    nlp = make_parts("sent")
    texts_of(nlp).keep_attention("shares")
    for sent in nlp(joined(nlp, (0, 1))).sents:
        assert len(sent._.shares) == len(sent) and sum(sent._.shares) == pytest.approx(1)


# Calibration


def mean_surety(nlp):
    return float(cats_of(nlp).max(axis=1).mean())


def contradicted():
    """Half of what training says is wrong here."""
    return [*data_of(), *((text, {"pos": c["neg"], "neg": c["pos"]}) for text, c in data_of())]


@pytest.mark.parametrize("ngrams", [0, 2])
def test_probabilities_come_to_be_honest(ngrams, tmp_path):
    nlp = make_nlp(ngrams=ngrams, tok2vec=tok2vec_config({**EMBED, "unknown_rate": 0.0}))
    train(nlp, 40, data_of())
    found = firsts(nlp)
    assert mean_surety(nlp) > 0.9
    calibrate_pipeline(nlp, make_examples(nlp, contradicted() * 10))
    assert mean_surety(nlp) < 0.65
    weights = texts_of(nlp).cfg["branch_weights"]
    assert len(weights) == (2 if ngrams else 1) and max(weights) < 0.5
    nlp.to_disk(tmp_path)
    assert_allclose(cats_of(spacy.load(tmp_path)), cats_of(nlp), atol=1e-6)
    calibrate_pipeline(nlp, make_examples(nlp, data_of()))
    assert firsts(nlp) == found and mean_surety(nlp) > 0.9


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("data", [[], [("", {})], [(TEXTS[0], {})]])
def test_nothing_to_judge_by_leaves_the_probabilities(head, data):
    nlp = random_nlp(head)
    before = cats_of(nlp)
    calibrate_pipeline(nlp, make_examples(nlp, data))
    assert_allclose(cats_of(nlp), before, atol=1e-6)


def test_numbers_are_not_calibrated():
    nlp = random_nlp("regression")
    assert texts_of(nlp).calibrate(make_examples(nlp, data_of("regression"))) == []


def test_a_new_beginning_forgets_the_calibration():
    nlp = make_nlp()
    examples = make_examples(nlp, contradicted())
    assert texts_of(nlp).calibrate(examples) != []
    nlp.initialize(lambda: examples)
    assert texts_of(nlp).cfg["branch_weights"] == []
