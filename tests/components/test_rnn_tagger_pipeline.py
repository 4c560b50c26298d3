"""`rnn_tagger` among others: copied, saved, sourced, frozen, listening; and its settings."""

import copy
import pickle
import warnings

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Token
from spacy.training import Example
from thinc.api import Adam, ConfigValidationError, fix_random_seed

from ..helpers import tok2vec_config
from ..tagger_helpers import (
    GOLD,
    WORDS,
    copy_of,
    each_attribute,
    make_examples,
    make_nlp,
    predictions,
    random_nlp,
    tagger_config,
    train,
    trained_nlp,
    values,
)


@pytest.fixture
def trained():
    return trained_nlp()


@pytest.fixture
def nlp():
    return copy_of(trained_nlp())


# The pipeline


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp)), copy_of],
    ids=["deepcopy", "pickle", "bytes"],
)
def test_a_copy_of_the_pipeline_says_the_same(trained, duplicate):
    assert predictions(duplicate(trained)) == GOLD["tag"]


def test_a_pickled_component_says_the_same(nlp):
    tagger = pickle.loads(pickle.dumps(nlp.get_pipe("rnn_tagger")))
    assert values([tagger(nlp.make_doc(text)) for text in WORDS]) == GOLD["tag"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_component_makes_its_extensions_in_the_process_that_unpickles_it(overwrite):
    nlp = make_nlp(attribute="_.kind", overwrite=overwrite, confidence="sure")
    examples = make_examples(nlp, "_.kind")
    pickled = pickle.dumps(nlp)
    for steps in (lambda nlp: nlp(WORDS[0]), lambda nlp: nlp.update(examples)):
        kept = [(name, Token.remove_extension(name)) for name in ("kind", "sure")]
        steps(pickle.loads(pickled))
        assert Token.has_extension("kind")
        for name, (default, *_) in kept:
            Token.set_extension(name, default=default, force=True)


@each_attribute
def test_disk_keeps_everything(attribute, tmp_path):
    nlp = random_nlp(attribute=attribute, overwrite=True, confidence="sure")
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert predictions(loaded, attribute=attribute) == predictions(nlp, attribute=attribute)
    assert loaded.to_bytes() == nlp.to_bytes()
    tagger = loaded.get_pipe("rnn_tagger")
    assert (tagger.attribute, tagger.overwrite, tagger.confidence) == (attribute, True, "sure")


def test_weights_of_other_labels_are_refused(nlp, tmp_path):
    nlp.to_disk(tmp_path)
    other = make_nlp()
    other.get_pipe("rnn_tagger").add_label("NEW")
    with pytest.raises(ValueError, match="holds"):
        other.get_pipe("rnn_tagger").from_disk(tmp_path / "rnn_tagger", exclude=["cfg"])


def test_an_untrained_pipeline_can_be_saved(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_tagger", config=tagger_config())
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path).pipe_names == ["rnn_tagger"]


def test_it_can_be_sourced_under_another_name(trained):
    nlp = spacy.blank("en")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nlp.add_pipe("rnn_tagger", source=trained, name="other")
    assert predictions(nlp) == GOLD["tag"]


def test_frozen_it_does_not_learn(nlp):
    before = nlp.get_pipe("rnn_tagger").to_bytes(exclude=["vocab"])
    optimizer = Adam(0.01)
    nlp.update(make_examples(nlp), sgd=optimizer, exclude=["rnn_tagger"])
    assert nlp.get_pipe("rnn_tagger").to_bytes(exclude=["vocab"]) == before


SEEN = []


@Language.component("note_tags")
def note_tags(doc):
    SEEN.extend(values([doc]))
    return doc


def test_others_can_build_on_it_in_training(nlp):
    nlp.add_pipe("note_tags")
    SEEN.clear()
    nlp.update(make_examples(nlp), sgd=Adam(0.0), annotates=["rnn_tagger", "note_tags"])
    assert SEEN == GOLD["tag"]


def make_shared():
    """A `tok2vec` that `rnn_tagger` listens to."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": tok2vec_config()})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 12}
    nlp.add_pipe("rnn_tagger", config=tagger_config(tok2vec=listener))
    nlp.initialize(lambda: make_examples(nlp))
    return nlp


@pytest.fixture(scope="module")
def shared():
    """What such a pipeline learnt."""
    nlp = make_shared()
    train(nlp, 60)
    return nlp.to_bytes()


@pytest.fixture
def listening(shared):
    """A trained one, to be changed."""
    return make_shared().from_bytes(shared)


def test_it_learns_through_a_listener(listening, tmp_path):
    assert predictions(listening) == GOLD["tag"]
    listening.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == GOLD["tag"]


def test_listeners_can_be_replaced(listening, tmp_path):
    listening.replace_listeners("tok2vec", "rnn_tagger", ["model.tok2vec"])
    listening.remove_pipe("tok2vec")
    assert predictions(listening) == GOLD["tag"]
    listening.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == GOLD["tag"]


def test_two_of_them_share_a_pipeline():
    nlp = copy_of(trained_nlp())
    nlp.add_pipe("rnn_tagger", "pos", config=tagger_config(attribute="pos"))
    examples = [
        Example.from_dict(nlp.make_doc(words), {"tags": tags, "pos": pos})
        for words, tags, pos in zip(WORDS, GOLD["tag"], GOLD["pos"])
    ]
    with nlp.select_pipes(enable="pos"):
        nlp.initialize(lambda: examples)
    optimizer = Adam(0.03)
    for _ in range(40):
        nlp.update(examples, sgd=optimizer, exclude=["rnn_tagger"])
    assert predictions(nlp) == GOLD["tag"]
    assert predictions(nlp, attribute="pos") == GOLD["pos"]


# Settings


def test_the_factory_works_without_a_config():
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_tagger")
    nlp.initialize(lambda: make_examples(nlp))
    assert nlp.update(make_examples(nlp), sgd=Adam(0.001), losses={})["rnn_tagger"] > 0


def test_without_a_scorer_there_are_no_scores():
    nlp = make_nlp(scorer=None)
    assert "tag_acc" not in nlp.evaluate(make_examples(nlp))


def test_an_unknown_setting_is_refused():
    with pytest.raises(ConfigValidationError, match="overwritte"):
        make_nlp(overwritte=True)


def test_a_sigmoid_is_refused():
    with pytest.raises(ValueError, match="rnn_tagger.*sigmoid.*softmax"):
        make_nlp(decoding="sigmoid")


def test_another_attribute_that_cannot_take_the_labels_is_named(trained, tmp_path):
    trained.to_disk(tmp_path)
    with pytest.raises(ValueError, match=r"'rnn_tagger': '\.' is no coarse.*attribute \"tag\""):
        spacy.load(tmp_path, config={"components.rnn_tagger.attribute": "pos"})


@pytest.mark.parametrize("setting,value", [("confidence", "computed"), ("attribute", "_.computed")])
def test_an_extension_that_swallows_what_is_written_is_refused(setting, value):
    Token.set_extension("computed", getter=len, force=True)
    with pytest.raises(ValueError, match=f"'{setting}' is '{value}'.*Token has a getter"):
        make_nlp(**{setting: value})


@pytest.mark.parametrize("name", ["", "_.confidence", "how sure"])
def test_a_name_that_no_extension_can_have_is_refused(name):
    with pytest.raises(ValueError, match=f"'confidence' is '{name}'.*token._.confidence"):
        make_nlp(confidence=name)
