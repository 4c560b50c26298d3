"""What `rnn_tagger` writes: any attribute, on documents of every kind."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from spacy.scorer import Scorer
from spacy.tokens import Token
from spacy.training import Example

from ..tagger_helpers import (
    GOLD,
    WORDS,
    copy_of,
    each_attribute,
    each_decoding,
    make_example,
    make_examples,
    make_nlp,
    predictions,
    random_nlp,
    reference,
    tagger_config,
    trained_nlp,
    values,
)


@pytest.fixture
def trained():
    return trained_nlp()


@pytest.fixture
def nlp():
    return copy_of(trained_nlp())


@pytest.fixture
def knowing():
    """Pipelines that know an attribute. Not to be changed."""
    return lambda attribute: trained_nlp(attribute=attribute)


# Attributes


@each_decoding
@each_attribute
def test_it_learns_any_attribute(attribute, decoding):
    nlp = trained_nlp(attribute=attribute, decoding=decoding)
    assert predictions(nlp, attribute=attribute) == GOLD[attribute]


@each_attribute
def test_it_writes_that_attribute_only(attribute, knowing):
    doc = knowing(attribute)(WORDS[0])
    written = [name for name in GOLD if any(values([doc], name)[0])]
    assert written == [attribute]


@each_attribute
def test_labels_are_found_in_the_data(attribute):
    found = {value for gold in GOLD[attribute] for value in gold}
    tagger = make_nlp(attribute=attribute).get_pipe("rnn_tagger")
    assert tagger.labels == tuple(sorted(found))


@each_attribute
def test_a_value_that_is_there_is_kept(attribute, knowing):
    nlp = knowing(attribute)
    doc = reference(nlp, WORDS[0].split(), ["", GOLD[attribute][0][0]], attribute)
    expected = [*GOLD[attribute][0]]
    expected[1] = GOLD[attribute][0][0]
    assert values([nlp(doc)], attribute) == [expected]


@each_attribute
def test_a_value_that_is_there_can_be_overwritten(attribute, knowing):
    nlp = make_nlp(attribute=attribute, overwrite=True)
    nlp.from_bytes(knowing(attribute).to_bytes())
    doc = reference(nlp, WORDS[0].split(), ["", GOLD[attribute][0][0]], attribute)
    assert values([nlp(doc)], attribute) == [GOLD[attribute][0]]


@each_attribute
def test_the_score_has_the_name_of_the_attribute(attribute, knowing):
    nlp = knowing(attribute)
    key = f"{attribute.removeprefix('_.')}_acc"
    examples = make_examples(nlp, attribute)
    assert nlp.evaluate(examples)[key] == 1.0
    wrong = [make_example(nlp, WORDS[2].split(), [GOLD[attribute][0][0]] * 3, attribute)]
    assert nlp.evaluate(wrong)[key] == nlp.evaluate(wrong)["rnn_tagger_acc"] < 1.0


def test_the_score_of_tags_is_spacys(trained):
    examples = make_examples(trained)[:2]
    examples[0].reference[1].tag_ = "OTHER"
    examples[1].reference[1].tag_ = ""
    predicted = [Example(trained(eg.predicted), eg.reference) for eg in examples]
    found = trained.get_pipe("rnn_tagger").score(predicted)
    assert found.pop("rnn_tagger_acc") == 8 / 9
    assert found == Scorer.score_token_attr(predicted, "tag") == {"tag_acc": 8 / 9}


def test_an_extension_that_is_there_is_left_alone():
    Token.set_extension("ready_made", default="as it was", force=True)
    make_nlp(attribute="tag").add_pipe("rnn_tagger", "other", config={"attribute": "_.ready_made"})
    assert Token.get_extension("ready_made")[0] == "as it was"


def test_the_value_that_an_extension_begins_with_gives_way():
    nlp = random_nlp(attribute="_.kind", confidence="sure")
    doc = nlp.make_doc(WORDS[0])
    doc[1]._.kind = "mine"
    wanted = [token._.kind for token in nlp(doc.copy())]
    default = Token.get_extension("kind")[0]
    Token.set_extension("kind", default="none yet", force=True)
    assert [token._.kind for token in nlp(doc)] == wanted
    assert [token._.sure is None for token in doc] == [word == "mine" for word in wanted]
    Token.set_extension("kind", default=default, force=True)


@pytest.mark.parametrize("wrong", ["TAG", "lemma", "", "_.", "kind", "_.two words"])
def test_a_wrong_attribute_is_named_with_the_right_ones(wrong):
    with pytest.raises(ValueError, match=f"'attribute' is '{wrong}'.*morph"):
        make_nlp(attribute=wrong)


@pytest.mark.parametrize("value", [7, True, ["N"]])
def test_an_extension_that_is_no_string_is_refused(value):
    nlp = make_nlp(attribute="_.kind")
    doc = nlp.make_doc("one two")
    doc[1]._.kind = value
    with pytest.raises(ValueError, match="'_.kind' of the token 'two'.*must be a string"):
        nlp.update([Example(nlp.make_doc("one two"), doc)])


def test_a_label_that_is_no_part_of_speech_is_refused():
    with pytest.raises(ValueError, match="'NNP' is no coarse part of speech.*PROPN"):
        make_nlp(attribute="pos").get_pipe("rnn_tagger").add_label("NNP")


def test_predict_leaves_the_document_alone(nlp):
    docs = [nlp.make_doc(text) for text in WORDS]
    nlp.get_pipe("rnn_tagger").predict(docs)
    assert not any(doc.has_annotation("TAG") for doc in docs)


def test_white_space_is_tagged_like_any_token(nlp):
    """As spaCy's tagger does."""
    (found,) = predictions(nlp, ["Anna  sees \n\n Rome"])
    assert len(found) == 5 and all(found)


def test_before_initialize_spacy_says_what_to_do():
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_tagger", config=tagger_config())
    with pytest.raises(ValueError, match="E109"):
        nlp("a text")


# How sure it is


@pytest.fixture(params=["softmax", "crf"])
def unsure(request):
    return random_nlp(decoding=request.param, confidence="sure_of_tag")


def test_confidence_is_a_probability(unsure):
    found = [token._.sure_of_tag for doc in unsure.pipe(WORDS) for token in doc]
    assert all(0 < p <= 1 for p in found) and len(set(found)) > 5


def test_confidence_of_a_softmax_is_its_largest_value():
    nlp = random_nlp(confidence="sure_of_tag")
    doc = nlp.make_doc(WORDS[0])
    emissions = nlp.get_pipe("rnn_tagger").model.predict([doc]).emissions.astype("f8")
    largest = 1 / numpy.exp(emissions - emissions.max(1, keepdims=True)).sum(1)
    assert_allclose([token._.sure_of_tag for token in nlp(doc)], largest, rtol=1e-5)


def test_confidence_does_not_depend_on_the_batch(unsure):
    alone = [[t._.sure_of_tag for t in unsure(text)] for text in WORDS]
    batch = [[t._.sure_of_tag for t in doc] for doc in unsure.pipe(WORDS)]
    assert all(numpy.allclose(a, b, rtol=1e-5) for a, b in zip(alone, batch))


def test_a_tag_that_stays_has_no_confidence_of_ours(unsure):
    doc = unsure.make_doc(WORDS[0])
    doc[0].tag_ = "preset"
    doc = unsure(doc)
    assert doc[0].tag_ == "preset" and doc[0]._.sure_of_tag is None
    assert all(token._.sure_of_tag for token in doc[1:])


def test_without_the_setting_there_is_no_confidence(trained):
    assert trained.get_pipe("rnn_tagger").confidence is None
    assert not trained(WORDS[0]).user_data


# Documents of every kind


def test_empty_documents_anywhere(nlp):
    texts = ["", WORDS[0], "", "", WORDS[1], ""]
    first, second = GOLD["tag"][:2]
    assert predictions(nlp, texts) == [[], first, [], [], second, []]


@pytest.mark.parametrize("texts", [[], [""], ["", "", ""]])
def test_only_empty_documents(nlp, texts):
    assert predictions(nlp, texts) == [[] for _ in texts]


@each_decoding
@pytest.mark.parametrize("size", [1, 2, 100])
def test_answers_do_not_depend_on_the_batch(decoding, size):
    nlp = random_nlp(decoding=decoding)
    texts = [*WORDS, "Bob", "", " ".join(WORDS), "Rome in Rome"]
    alone = [values([nlp(text)])[0] for text in texts]
    assert len({tag for tags in alone for tag in tags}) > 2
    assert values(nlp.pipe(texts, batch_size=size)) == alone
    assert predictions(nlp, reversed(texts)) == alone[::-1]


def test_threads_give_the_answers_of_one(trained):
    docs = [trained.make_doc(text) for text in WORDS * 20]
    with ThreadPoolExecutor(8) as pool:
        assert values(pool.map(trained, docs)) == GOLD["tag"] * 20


SEVERAL_PROCESSES = """
import sys, spacy

if __name__ == "__main__":
    path, *texts = sys.argv[1:]
    nlp = spacy.load(path)
    alone = [[token.tag_ for token in doc] for doc in nlp.pipe(texts)]
    docs = nlp.pipe(texts * 5, n_process=2, batch_size=4)
    assert any(alone)
    assert [[token.tag_ for token in doc] for doc in docs] == alone * 5
"""


def test_several_processes(trained, tmp_path):
    trained.to_disk(tmp_path / "nlp")
    script = tmp_path / "script.py"
    script.write_text(SEVERAL_PROCESSES)
    command = [sys.executable, str(script), str(tmp_path / "nlp"), *WORDS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
