"""Labels that come late: what was known stays as it was, and training can learn them."""

import numpy
import pytest
import spacy
from spacy.tokens import Span
from thinc.api import Adam, fix_random_seed

from ..helpers import TEXTS, TRAIN, entities, gold_entities, make_examples, make_nlp, train

NEW = [("Rex is a dog .", {"entities": [(0, 3, "ANIMAL")]})]
each_decoding = pytest.mark.parametrize("decoding", ["crf", "softmax"])


def begun(**config):
    """A pipeline that has begun to learn, and is not sure."""
    nlp = make_nlp(**config)
    train(nlp, 15)
    return nlp


def sure(nlp):
    """Entities and how sure they are, to five digits."""
    found = nlp.get_pipe("rnn_ner").predict([nlp.make_doc(text) for text in TEXTS])
    return [(*entity, round(p, 5)) for doc in found for entity, p in doc]


@each_decoding
def test_a_new_label_changes_neither_answers_nor_confidence(decoding):
    nlp = begun(decoding=decoding)
    before = sure(nlp)
    assert any(before)
    for i in range(20):
        nlp.get_pipe("rnn_ner").add_label(f"NEW{i}")
    assert sure(nlp) == before


def test_nobody_reads_a_label_that_training_has_not_met():
    nlp = begun()
    ner, doc = nlp.get_pipe("rnn_ner"), nlp.make_doc(TEXTS[0])
    K = len(ner.tags)
    ner.add_label("NEW")
    assert (ner.predict_proba([doc])[0][:, K:] == 0).all()
    labels = {e.label_ for reading in ner.kbest(doc, 1000) for e in reading.entities}
    assert labels == {"LOC", "PER"}


@each_decoding
def test_training_can_learn_it(decoding):
    nlp = begun(decoding=decoding)
    nlp.get_pipe("rnn_ner").add_label("ANIMAL")
    train(nlp, 60, [*TRAIN, *NEW])
    assert entities(nlp(NEW[0][0])) == [("Rex", "ANIMAL")]
    assert [entities(doc) for doc in nlp.pipe(TEXTS)] == gold_entities()


def test_what_is_learnt_without_it_is_what_was_learnt_before():
    """Training that does not meet a label takes no notice of it."""
    plain, other = begun(), begun()
    other.get_pipe("rnn_ner").add_label("NEW")
    for nlp in (plain, other):
        fix_random_seed(1)
        nlp.update(make_examples(nlp), sgd=Adam(0.02))
    assert sure(other) == sure(plain)


def test_whether_it_was_met_is_saved(tmp_path):
    nlp = begun()
    nlp.get_pipe("rnn_ner").add_label("NEW")
    before = sure(nlp)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert sure(loaded) == before
    train(loaded, 60, [*TRAIN, ("Rex is a dog .", {"entities": [(0, 3, "NEW")]})])
    loaded.to_disk(tmp_path)
    assert entities(spacy.load(tmp_path)("Rex is a dog .")) == [("Rex", "NEW")]


def test_preset_entities_of_it_are_kept():
    nlp = begun()
    nlp.get_pipe("rnn_ner").add_label("NEW")
    doc = nlp.make_doc(TEXTS[0])
    doc.set_ents([Span(doc, 2, 4, label="NEW")], default="missing")
    found = {e.label_: e._.confidence for e in nlp(doc).ents}
    assert "NEW" in found and numpy.isfinite([p for p in found.values() if p is not None]).all()


def test_labels_known_before_there_are_weights_are_met():
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("rnn_ner")
    ner.add_label("PER")
    nlp.initialize(lambda: make_examples(nlp))
    assert ner.tags.met.all()
    ner.add_label("NEW")
    assert ner.cfg["unmet"] == ["NEW"]
    nlp.initialize(lambda: make_examples(nlp))
    assert ner.tags.met.all() and ner.labels == ("PER", "LOC", "NEW")
