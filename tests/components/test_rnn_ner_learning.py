"""What `rnn_ner` learns from, and its labels."""

import warnings

import numpy
import pytest
import spacy
from numpy.testing import assert_array_equal
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.api import Adam

from ..helpers import (
    TEXTS,
    TRAIN,
    entities,
    gold_entities,
    make_examples,
    make_nlp,
    ner_config,
    train,
    weights_of,
)
from ..ner_helpers import NEW, copy_of, predictions, trained_nlp


@pytest.fixture
def trained():
    return trained_nlp()


@pytest.fixture
def nlp():
    return copy_of(trained_nlp())


# Learning


def test_labels_are_found_in_the_data():
    assert make_nlp().get_pipe("rnn_ner").labels == ("LOC", "PER")


def test_initialize_takes_labels():
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("rnn_ner", config=ner_config())
    ner.initialize(lambda: make_examples(nlp), nlp=nlp, labels=["Z", "A"])
    assert ner.labels == ("Z", "A")


def test_label_data_is_what_initialize_takes():
    ner = make_nlp().get_pipe("rnn_ner")
    nlp = spacy.blank("en")
    again = nlp.add_pipe("rnn_ner", config=ner_config())
    again.initialize(lambda: make_examples(nlp), nlp=nlp, labels=ner.label_data)
    assert again.labels == ner.labels


@pytest.mark.parametrize("wrong", [None, [], {}, "text"])
def test_initialize_takes_functions_only(wrong):
    ner = spacy.blank("en").add_pipe("rnn_ner", config=ner_config())
    with pytest.raises(TypeError):
        ner.initialize(wrong)


def test_initialize_without_data_works():
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config())
    nlp.initialize()
    assert predictions(nlp) == [[], [], [], []]


@pytest.mark.parametrize("scheme", ["BIO", "IO"])
@pytest.mark.parametrize("gold", [{}, {"entities": []}])
def test_a_corpus_without_entities_is_refused(gold, scheme):
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config(scheme=scheme))
    data = [(text, gold) for text in TEXTS]
    with pytest.raises(ValueError, match=r"no entity in 4 document.*\[paths.train\]"):
        nlp.initialize(lambda: make_examples(nlp, data))


def test_labels_that_are_given_need_no_entity():
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config()).add_label("PER")
    nlp.initialize(lambda: make_examples(nlp, [(TEXTS[2], {"entities": []})]))
    assert nlp.get_pipe("rnn_ner").labels == ("PER",)


def test_the_same_seed_gives_the_same_weights():
    first, second = (weights_of(make_nlp().get_pipe("rnn_ner").model) for _ in range(2))
    assert all((first[name] == second[name]).all() for name in first)


def test_the_same_seed_trains_the_same_weights():
    def trained_weights():
        nlp = make_nlp()
        spacy.util.fix_random_seed(1)
        train(nlp, 3, drop=0.3)
        return weights_of(nlp.get_pipe("rnn_ner").model)

    first, second = trained_weights(), trained_weights()
    assert all((first[name] == second[name]).all() for name in first)


def test_training_lowers_the_loss():
    nlp = make_nlp()
    assert train(nlp, 60) < 0.1 * train(make_nlp(), 1)


def test_losses_are_kept_without_anything_to_learn():
    nlp = make_nlp()
    losses = nlp.update([Example.from_dict(nlp.make_doc(""), {})], losses={})
    assert losses == {"rnn_ner": 0.0}


@pytest.mark.parametrize("position", [0, 1, 2])
def test_empty_documents_in_a_training_batch(position):
    nlp = make_nlp()
    examples = make_examples(nlp)[:2]
    examples.insert(position, Example.from_dict(nlp.make_doc(""), {"entities": []}))
    losses = nlp.update(examples, sgd=Adam(0.01), losses={})
    assert numpy.isfinite(losses["rnn_ner"]) and losses["rnn_ner"] > 0


@pytest.mark.parametrize("default,learns", [("missing", False), ("outside", True)])
def test_missing_annotation_is_not_o(default, learns):
    """Far from an annotated entity, what is missing teaches next to nothing."""
    nlp = make_nlp()
    reference = nlp.make_doc(TEXTS[0])
    reference.set_ents([Span(reference, 0, 2, label="PER")], default=default)
    _, d_scores = loss_of(nlp, [Example(nlp.make_doc(TEXTS[0]), reference)])
    near, far = numpy.abs(d_scores.emissions[[0, -1]]).max(axis=1)
    assert near > 0.1
    assert (far > 0.1) == learns
    assert (far < 0.01) != learns


def loss_of(nlp, examples):
    ner = nlp.get_pipe("rnn_ner")
    scores, _ = ner.model.begin_update([eg.predicted for eg in examples])
    return ner.get_loss(examples, scores)


def test_no_annotation_teaches_nothing():
    nlp = make_nlp()
    examples = [Example.from_dict(nlp.make_doc(text), {}) for text in TEXTS]
    value, d_scores = loss_of(nlp, examples)
    assert value == pytest.approx(0, abs=1e-9)
    assert all(numpy.abs(d).max() < 1e-6 for d in d_scores[:4])


def misaligned(nlp, n=2):
    """One token of the prediction covers a name and something else, n times."""
    examples = []
    for _ in range(n):
        reference = Doc(nlp.vocab, words=["Mr.", "Smith", "slept"], spaces=[False, True, False])
        reference.set_ents([Span(reference, 1, 2, label="PER")])
        predicted = Doc(nlp.vocab, words=["Mr.Smith", "slept"], spaces=[True, False])
        examples.append(Example(predicted, reference))
    return examples


@pytest.mark.parametrize("n", [1, 3])
def test_annotation_that_cannot_be_aligned_is_said_once_with_the_count(n):
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        nlp.initialize(lambda: misaligned(nlp, n))
    messages = [str(w.message) for w in caught if "rnn_ner" in str(w.message)]
    assert len(messages) == 1
    assert f"{n} token(s)" in messages[0]


def test_annotation_that_cannot_be_aligned_is_missing():
    nlp = make_nlp()
    _, d_scores = loss_of(nlp, misaligned(nlp, 1))
    known = nlp.get_pipe("rnn_ner").tags.gold(misaligned(nlp, 1)[0])
    assert known.tolist() == [-1, 0]
    assert numpy.isfinite(d_scores.emissions).all()


def test_good_annotation_raises_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make_nlp()


def test_rehearsal_holds_what_was_known(nlp):
    optimizer = nlp.resume_training()
    ner = nlp.get_pipe("rnn_ner")
    before = ner.model.predict([nlp.make_doc(t) for t in TEXTS]).emissions.copy()
    new = [("Rex barks .", {"entities": [(0, 3, "PER")]})]
    train(nlp, 3, new)
    losses = {}
    nlp.rehearse(make_examples(nlp), sgd=optimizer, losses=losses)
    first = losses["rnn_ner"]
    for _ in range(20):
        losses = {}
        nlp.rehearse(make_examples(nlp), sgd=optimizer, losses=losses)
    after = ner.model.predict([nlp.make_doc(t) for t in TEXTS]).emissions
    assert 0 < losses["rnn_ner"] < first / 2
    assert not numpy.array_equal(after, before)


def test_averaged_weights_are_used_and_given_back(nlp):
    optimizer = Adam(0.05, use_averages=True)
    for _ in range(3):
        nlp.update(make_examples(nlp), sgd=optimizer)
    ner = nlp.get_pipe("rnn_ner")
    own = ner.model.predict([nlp.make_doc(TEXTS[0])]).emissions.copy()
    with nlp.use_params(optimizer.averages):
        averaged = ner.model.predict([nlp.make_doc(TEXTS[0])]).emissions.copy()
    assert not numpy.allclose(averaged, own)
    assert_array_equal(ner.model.predict([nlp.make_doc(TEXTS[0])]).emissions, own)


def test_evaluate_uses_spacys_keys(trained):
    scores = trained.evaluate(make_examples(trained))
    assert scores["ents_f"] == 1.0
    assert scores["ents_per_type"]["LOC"]["f"] == 1.0


# Labels


def test_adding_a_label():
    ner = make_nlp().get_pipe("rnn_ner")
    assert (ner.add_label("NEW"), ner.add_label("NEW")) == (1, 0)
    assert ner.labels == ("LOC", "PER", "NEW")


@pytest.mark.parametrize("wrong", [1, None, b"PER", ["PER"]])
def test_a_label_is_a_string(wrong):
    with pytest.raises(ValueError):
        make_nlp().get_pipe("rnn_ner").add_label(wrong)


def test_a_label_with_an_exclamation_mark_is_refused():
    with pytest.raises(ValueError, match="'!PER'"):
        make_nlp().get_pipe("rnn_ner").add_label("!PER")


def test_a_new_label_keeps_the_old_scores(nlp):
    ner = nlp.get_pipe("rnn_ner")
    docs = [nlp.make_doc(text) for text in TEXTS]
    before, K = ner.model.predict(docs), len(ner.tags)
    ner.add_label("NEW")
    after = ner.model.predict(docs)
    assert_array_equal(after.emissions[:, :K], before.emissions)
    assert_array_equal(after.transitions[:K, :K], before.transitions)


def test_a_new_label_keeps_the_answers(nlp):
    for i in range(20):
        nlp.get_pipe("rnn_ner").add_label(f"NEW{i}")
    assert predictions(nlp) == gold_entities()


def test_a_new_label_is_saved(nlp, tmp_path):
    nlp.get_pipe("rnn_ner").add_label("NEW")
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert loaded.get_pipe("rnn_ner").labels[-1] == "NEW"
    assert predictions(loaded) == gold_entities()


def test_labels_met_in_training_are_added(nlp):
    train(nlp, 40, [*TRAIN, *NEW])
    assert nlp.get_pipe("rnn_ner").labels == ("LOC", "PER", "ANIMAL")
    assert entities(nlp(NEW[0][0])) == [("Rex", "ANIMAL")]
    assert predictions(nlp) == gold_entities()
