"""What `rnn_tagger` learns from, and its labels."""

import numpy
import pytest
import spacy
from numpy.testing import assert_array_equal
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from ..helpers import weights_of
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
    tagger_config,
    train,
    trained_nlp,
)


@pytest.fixture
def trained():
    return trained_nlp()


@pytest.fixture
def nlp():
    return copy_of(trained_nlp())


# Learning


def loss_of(nlp, examples):
    tagger = nlp.get_pipe("rnn_tagger")
    scores, _ = tagger.model.begin_update([eg.predicted for eg in examples])
    return tagger.get_loss(examples, scores)


def test_training_lowers_the_loss():
    assert train(make_nlp(), 40) < 0.1 * train(make_nlp(), 1)


def test_a_tagger_that_smooths_labels_is_less_sure():
    sure = []
    for smoothing in (0.0, 0.3):
        nlp = make_nlp(label_smoothing=smoothing, confidence="sure")
        train(nlp, 40)
        sure.append([token._.sure for doc in nlp.pipe(WORDS) for token in doc])
    assert min(sure[0]) > 0.85
    assert 0.6 < min(sure[1]) <= max(sure[1]) < 0.8


@pytest.mark.parametrize("value", [-0.1, 1.5])
def test_label_smoothing_is_a_share(value):
    with pytest.raises(ValueError, match="'label_smoothing'.*0 to 1"):
        make_nlp(label_smoothing=value)


def test_a_crf_has_no_label_smoothing():
    with pytest.raises(ValueError, match="rnn_tagger.*'label_smoothing' is 0.1.*softmax"):
        make_nlp(decoding="crf", label_smoothing=0.1)


@each_decoding
@each_attribute
def test_missing_annotation_teaches_nothing(attribute, decoding):
    nlp = random_nlp(attribute=attribute, decoding=decoding)
    examples = [Example(nlp.make_doc(text), nlp.make_doc(text)) for text in WORDS]
    value, d_scores = loss_of(nlp, examples)
    assert value == pytest.approx(0, abs=1e-9)
    assert all(numpy.abs(d).max() < 1e-6 for d in d_scores[:4])


def test_a_missing_tag_among_others_teaches_nothing():
    nlp = random_nlp()
    _, d_scores = loss_of(nlp, [make_example(nlp, ["Anna", "sees", "Rome"], ["NNP", "", "NNP"])])
    assert (numpy.abs(d_scores.emissions).max(axis=1) > 1e-3).tolist() == [True, False, True]


def gold_of(nlp, predicted, words, tags):
    """The gold tags by name, None where nothing is known."""
    spaces = [False] * len(words)
    reference = Doc(nlp.vocab, words=words, spaces=spaces, tags=tags)
    predicted = Doc(nlp.vocab, words=predicted, spaces=[False] * len(predicted))
    tagger = nlp.get_pipe("rnn_tagger")
    names = {-1: None, **dict(enumerate(tagger.labels))}
    return [names[i] for i in tagger._gold(Example(predicted, reference)).tolist()]


@pytest.mark.parametrize(
    "predicted,expected",
    [
        (["Mr.Smith", "sees"], [None, "VBZ"]),
        (["Mr.", "Smith", "sees"], ["NN", "NNP", "VBZ"]),
        (["Mr.", "Sm", "ith", "sees"], ["NN", "NNP", "NNP", "VBZ"]),
        (["Mr.Sm", "ithsees"], [None, None]),
    ],
)
def test_tags_of_other_tokens_are_aligned(trained, predicted, expected):
    """As spaCy's tagger does."""
    words, tags = ["Mr.", "Smith", "sees"], ["NN", "NNP", "VBZ"]
    assert gold_of(trained, predicted, words, tags) == expected


def test_alignment_agrees_with_spacys(trained):
    words, tags = ["New", "York", "is", "n't", "n't"], ["NNP", "NNP", "VBZ", "RB", "RB"]
    cut = ["NewYork", "isn", "'t", "n't"]
    reference = Doc(trained.vocab, words=words, spaces=[False] * 5, tags=tags)
    example = Example(Doc(trained.vocab, words=cut, spaces=[False] * 4), reference)
    known = set(trained.get_pipe("rnn_tagger").labels)
    theirs = [t if t in known else None for t in example.get_aligned("TAG", as_string=True)]
    assert gold_of(trained, cut, words, tags) == theirs


def test_a_tag_can_be_ruled_out(nlp):
    assert predictions(nlp, ["Bob"])[0] == ["NNP"]
    train(nlp, 20, [make_example(nlp, ["Bob"], ["!NNP"])])
    assert predictions(nlp, ["Bob"])[0] != ["NNP"]
    assert not [label for label in nlp.get_pipe("rnn_tagger").labels if "!" in label]


def test_initialize_takes_labels():
    nlp = spacy.blank("en")
    tagger = nlp.add_pipe("rnn_tagger", config=tagger_config())
    tagger.initialize(lambda: make_examples(nlp), nlp=nlp, labels=["Z", "A"])
    assert tagger.labels == ("Z", "A")


def test_label_data_is_what_initialize_takes(trained):
    nlp = spacy.blank("en")
    again = nlp.add_pipe("rnn_tagger", config=tagger_config())
    label_data = trained.get_pipe("rnn_tagger").label_data
    again.initialize(lambda: make_examples(nlp), nlp=nlp, labels=label_data)
    assert again.labels == trained.get_pipe("rnn_tagger").labels


@pytest.mark.parametrize("attribute", ["tag", "pos"])
@pytest.mark.parametrize("n", [0, 1, 3])
def test_initialize_needs_a_label(attribute, n):
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_tagger", config=tagger_config(attribute=attribute))
    bare = [Example(nlp.make_doc("a text"), nlp.make_doc("a text")) for _ in range(n)]
    wanted = rf"'rnn_tagger': no label in token.{attribute} of {n} document.*\[paths.train\]"
    with pytest.raises(ValueError, match=wanted):
        nlp.initialize(lambda: iter(bare))


def test_without_data_a_label_has_to_be_added():
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_tagger", config=tagger_config())
    with pytest.raises(ValueError, match="call add_label before"):
        nlp.initialize()


@pytest.mark.parametrize("wrong", [None, [], "text"])
def test_initialize_takes_functions_only(wrong):
    tagger = spacy.blank("en").add_pipe("rnn_tagger", config=tagger_config())
    with pytest.raises(TypeError):
        tagger.initialize(wrong)


def test_the_same_seed_trains_the_same_weights():
    def trained_weights():
        nlp = make_nlp()
        fix_random_seed(1)
        train(nlp, 3, drop=0.3)
        return weights_of(nlp.get_pipe("rnn_tagger").model)

    first, second = trained_weights(), trained_weights()
    assert all((first[name] == second[name]).all() for name in first)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_empty_documents_in_a_training_batch(position):
    nlp = make_nlp()
    examples = make_examples(nlp)[:2]
    examples.insert(position, Example.from_dict(nlp.make_doc(""), {"tags": []}))
    losses = nlp.update(examples, sgd=Adam(0.01), losses={})
    assert numpy.isfinite(losses["rnn_tagger"]) and losses["rnn_tagger"] > 0


def test_rehearsal_holds_what_was_known(nlp):
    optimizer = nlp.resume_training()
    train(nlp, 3, [make_example(nlp, ["Rex", "barks"], ["JJ", "NN"])])
    seen = []
    for _ in range(60):
        losses = {}
        nlp.rehearse(make_examples(nlp), sgd=optimizer, losses=losses)
        seen.append(losses["rnn_tagger"])
    assert 0 < seen[-1] < seen[0] / 2


# Labels


@pytest.mark.parametrize("wrong", [1, None, b"NN", ["NN"]])
def test_a_label_is_a_string(nlp, wrong):
    with pytest.raises(ValueError):
        nlp.get_pipe("rnn_tagger").add_label(wrong)


@pytest.mark.parametrize("wrong", ["!NN", "", " ", "N\tN"])
def test_what_cannot_be_a_label_is_refused(nlp, wrong):
    with pytest.raises(ValueError, match="cannot be a label"):
        nlp.get_pipe("rnn_tagger").add_label(wrong)


def test_a_new_label_keeps_the_old_scores(nlp):
    tagger = nlp.get_pipe("rnn_tagger")
    docs, K = [nlp.make_doc(text) for text in WORDS], len(tagger.labels)
    before = tagger.model.predict(docs)
    assert (tagger.add_label("NEW"), tagger.add_label("NEW")) == (1, 0)
    after = tagger.model.predict(docs)
    assert_array_equal(after.emissions[:, :K], before.emissions)
    assert predictions(nlp) == GOLD["tag"]


def test_a_new_label_is_saved(nlp, tmp_path):
    nlp.get_pipe("rnn_tagger").add_label("NEW")
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert loaded.get_pipe("rnn_tagger").labels[-1] == "NEW"
    assert predictions(loaded) == GOLD["tag"]


@each_decoding
def test_labels_met_in_training_are_added(decoding):
    nlp = copy_of(trained_nlp(decoding=decoding))
    nlp.resume_training()
    old = nlp.get_pipe("rnn_tagger").labels
    train(nlp, 40, [*make_examples(nlp), make_example(nlp, ["Wow", "!"], ["UH", "."])])
    assert nlp.get_pipe("rnn_tagger").labels == (*old, "UH")
    assert predictions(nlp, [*WORDS, "Wow !"]) == [*GOLD["tag"], ["UH", "."]]
