import copy
import pickle
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import spacy
from numpy.testing import assert_allclose, assert_array_equal
from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import Doc, Token
from spacy.training import Example
from thinc.api import Adam, ConfigValidationError, fix_random_seed

from ..helpers import EMBED, ENCODER, stir_model, tok2vec_config, weights_of

WORDS = ["Anna sees old Rome .", "She met Bob there .", "Nobody sings .", "Old Rome sings ."]
TAGS = ["NNP VBZ JJ NNP .", "PRP VBD NNP RB .", "NN VBZ .", "JJ NNP VBZ ."]
POS = ["PROPN VERB ADJ PROPN PUNCT", "PRON VERB PROPN ADV PUNCT", "NOUN VERB PUNCT"]
POS.append("ADJ PROPN VERB PUNCT")
NAMES = "Case=Nom|Number=Sing"
MORPHS = [[NAMES if tag == "NNP" else "_" for tag in tags.split()] for tags in TAGS]
GOLD = {
    "tag": [tags.split() for tags in TAGS],
    "pos": [pos.split() for pos in POS],
    "morph": MORPHS,
    "_.kind": [[f"kind {tag}" for tag in tags.split()] for tags in TAGS],
}
each_attribute = pytest.mark.parametrize("attribute", list(GOLD))
each_decoding = pytest.mark.parametrize("decoding", ["softmax", "crf"])


def tagger_config(decoding="softmax", tok2vec=None, **settings):
    model = {
        "@architectures": "spacy_rnn.SequenceLabeler.v1",
        "decoding": decoding,
        "tok2vec": tok2vec or tok2vec_config(EMBED, ENCODER),
    }
    return {"model": model, **settings}


def value_of(token, attribute):
    """What a token carries, as a string."""
    if attribute.startswith("_."):
        return token._.get(attribute[2:]) or ""
    if attribute == "morph":
        return token.doc.vocab.strings[token.morph.key]
    return getattr(token, f"{attribute}_")


def values(docs, attribute="tag"):
    return [[value_of(token, attribute) for token in doc] for doc in docs]


def predictions(nlp, texts=WORDS, attribute="tag"):
    return values(nlp.pipe(texts), attribute)


def reference(nlp, words, gold, attribute="tag"):
    """A document whose tokens carry the attribute."""
    doc = Doc(nlp.vocab, words=words)
    for token, value in zip(doc, gold):
        if not value:
            continue  # set_morph takes "" for a word that has no features
        if attribute.startswith("_."):
            token._.set(attribute[2:], value)
        elif attribute == "morph":
            token.set_morph(value)
        else:
            setattr(token, f"{attribute}_", value)
    return doc


def make_example(nlp, words, gold, attribute="tag"):
    return Example(nlp.make_doc(" ".join(words)), reference(nlp, words, gold, attribute))


def make_examples(nlp, attribute="tag"):
    return [make_example(nlp, w.split(), g, attribute) for w, g in zip(WORDS, GOLD[attribute])]


def make_nlp(**config):
    """A pipeline with an initialized `rnn_tagger`."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_tagger", config=tagger_config(**config))
    nlp.initialize(lambda: make_examples(nlp, config.get("attribute", "tag")))
    return nlp


def train(nlp, steps, examples=None, **kwargs):
    """Take steps on all examples at once and give the last loss."""
    examples = examples or make_examples(nlp, nlp.get_pipe("rnn_tagger").attribute)
    optimizer, losses = Adam(0.03), {}
    for _ in range(steps):
        losses = nlp.update(examples, sgd=optimizer, losses={}, **kwargs)
    return losses["rnn_tagger"]


def trained_nlp(**config):
    nlp = make_nlp(**config)
    train(nlp, 40)
    return nlp


def random_nlp(**config):
    """A pipeline with random weights: its answers are wild."""
    nlp = make_nlp(**config)
    stir_model(nlp.get_pipe("rnn_tagger").model, 1.0)
    return nlp


@pytest.fixture(scope="module")
def trained():
    """A pipeline that knows its training data. Not to be changed."""
    nlp = trained_nlp()
    assert predictions(nlp) == GOLD["tag"]
    return nlp


@pytest.fixture
def nlp(trained):
    """The same to be changed."""
    return copy_of(trained)


def copy_of(nlp):
    return spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())


@pytest.fixture(scope="module")
def knowing():
    """Pipelines that know an attribute, each trained once. Not to be changed."""
    found = {}

    def knowing(attribute):
        if attribute not in found:
            found[attribute] = trained_nlp(attribute=attribute)
        return found[attribute]

    return knowing


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


# Learning


def loss_of(nlp, examples):
    tagger = nlp.get_pipe("rnn_tagger")
    scores, _ = tagger.model.begin_update([eg.predicted for eg in examples])
    return tagger.get_loss(examples, scores)


def test_training_lowers_the_loss():
    assert train(make_nlp(), 40) < 0.1 * train(make_nlp(), 1)


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
    nlp = trained_nlp(decoding=decoding)
    nlp.resume_training()
    old = nlp.get_pipe("rnn_tagger").labels
    train(nlp, 40, [*make_examples(nlp), make_example(nlp, ["Wow", "!"], ["UH", "."])])
    assert nlp.get_pipe("rnn_tagger").labels == (*old, "UH")
    assert predictions(nlp, [*WORDS, "Wow !"]) == [*GOLD["tag"], ["UH", "."]]


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
    nlp = trained_nlp()
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
