"""Edits, by themselves and as a part of `rnn_seq2seq`."""

import copy
import json
import pickle

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from thinc.api import Adam

from spacy_rnn.checksums import write_sums
from spacy_rnn.components.edits import (
    FIRST_TREE,
    IDENTITY,
    LEAST,
    LONGEST,
    LOWER,
    NONE,
    Edits,
    learn_edits,
)
from spacy_rnn.errors import CorruptModelError

from ..helpers import weights_of
from ..pair_helpers import (
    MANY,
    blank,
    copy_of,
    doc_examples,
    lemma_examples,
    lemmas_of,
    make_docs_nlp,
    make_nlp,
    pairs_of,
    random_nlp,
    train,
)

PLURALS = [("cats", "cat"), ("dogs", "dog"), ("hats", "hat"), ("mice", "mouse"), ("Cat", "cat")]
EDITS = {"strategy": ["edits", "decoder"]}


# The edits


def test_what_explains_several_pairs_becomes_an_edit():
    assert learn_edits(PLURALS) == ["cats\tcat"]
    assert learn_edits(PLURALS[1:]) == [] and LEAST == 3


def test_a_pair_that_stands_there_often_counts_once():
    assert learn_edits([("mice", "mouse")] * 5) == []


def test_the_most_frequent_comes_first():
    verbs = [(f"{stem}ed", stem) for stem in ("walk", "talk", "bark", "work")]
    assert learn_edits([*PLURALS, *verbs]) == ["walked\twalk", "cats\tcat"]


@pytest.mark.parametrize(
    "form,target,edit",
    [
        ("cat", "cat", IDENTITY),
        ("Cat", "cat", LOWER),
        ("birds", "bird", FIRST_TREE),
        ("mice", "mouse", NONE),
        ("", "cat", NONE),
        ("cats", "", NONE),
        ("x" * (LONGEST + 1) + "s", "x" * (LONGEST + 1), NONE),
    ],
)
def test_a_pair_has_one_edit(form, target, edit):
    edits = Edits(["cats\tcat"])
    assert edits.find(form, target) == edit and len(edits) == FIRST_TREE + 1
    assert edit == NONE or edits.apply(edit, form) == target


@pytest.mark.parametrize("form", ["bird", "s", ""])
def test_what_does_not_fit_is_not_made(form):
    assert Edits(["cats\tcat"]).apply(FIRST_TREE, form) is None


WORDS = st.text(st.characters(exclude_characters="\t", exclude_categories=["Cs"]), min_size=1)


@given(st.lists(st.tuples(WORDS, WORDS), max_size=8), WORDS)
def test_an_edit_of_a_pair_makes_its_target(pairs, ending):
    pairs = [*pairs, *[(f"{form}{ending}", form) for form, _ in pairs]]
    edits = Edits(learn_edits(pairs))
    for form, target in pairs:
        edit = edits.find(form, target)
        assert edit == NONE or edits.apply(edit, form) == target


# In the component


def words_nlp(config=EDITS, **model):
    """Plurals in s, words of their own, and rare ones."""
    stems = ["cat", "dog", "hat", "bird", "pot", "cap", "ant", "car"]
    data = [*((f"{s}s", s) for s in stems), *((s, s) for s in stems)]
    data += [("Cat", "cat"), ("Dog", "dog"), ("Hat", "hat"), ("mice", "mouse")]
    nlp = make_docs_nlp(data, config, width=32, **model)
    return nlp, data


@pytest.fixture(scope="module")
def trained():
    nlp, data = words_nlp()
    loss = train(nlp, 60, doc_examples(nlp, data))
    assert loss < 0.2
    return nlp, data


def test_edits_and_decoder_learn_together(trained):
    nlp, data = trained
    assert [nlp(text)._.written for text, _ in data] == [text for _, text in data]
    pipe = pairs_of(nlp)
    sources = pipe.place.sources(nlp.make_doc("birds"), pipe.units)
    sources += pipe.place.sources(nlp.make_doc("mice"), pipe.units)
    by = [t.by for t in pipe.transduce(sources).values()]
    assert by == ["edits", "decoder"]


def test_a_new_word_is_edited(trained):
    nlp, _ = trained
    assert nlp("tarts")._.written == "tart"
    (score,) = nlp("tarts").user_data["pairs_scores"]
    assert -1.0 < score <= 0.0


def test_edits_alone_write_only_what_they_are_sure_of(trained):
    nlp, data = trained
    other = copy_of(nlp)
    pairs_of(other).strategy = ["edits"]
    assert other("birds")._.written == "bird" and other("mice")._.written == ""


def test_the_dictionary_may_come_first():
    nlp, _ = words_nlp({"strategy": ["dictionary", "edits", "decoder"]})
    assert nlp("mice")._.written == "mouse" and nlp("mice").user_data["pairs_scores"] == [0.0]


def test_without_them_in_the_strategy_there_is_no_classifier():
    nlp, _ = words_nlp({"strategy": ["decoder"]})
    assert not any("edits" in name for name in weights_of(pairs_of(nlp).model))
    pairs_of(nlp).strategy = ["edits", "decoder"]
    assert nlp("cats").user_data["pairs_scores"][0] < 0.0


def test_strings_do_not_depend_on_the_batch():
    nlp = random_nlp({"strategy": ["edits", "decoder"], "beam_width": 2}, copy=True)
    alone = []
    for text in MANY:
        with pairs_of(nlp).model.use_params({}):
            alone += lemmas_of(nlp, [text])
    for size in (1, 3, 64):
        with pairs_of(nlp).model.use_params({}):
            assert lemmas_of(nlp, MANY[::-1], batch_size=size) == alone[::-1]


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp)), copy_of]
)
def test_a_copy_edits_the_same(trained, duplicate):
    nlp, data = trained
    other = duplicate(nlp)
    for text in [*dict(data), "tarts", "Tarts"]:
        assert other(text)._.written == nlp(text)._.written
        assert other(text).user_data == nlp(text).user_data


def test_edits_stand_in_the_file_as_text(trained, tmp_path):
    nlp, _ = trained
    nlp.to_disk(tmp_path)
    cfg = json.loads((tmp_path / "pairs" / "cfg").read_text(encoding="utf8"))
    assert cfg["edits"] == ["cats\tcat"]
    assert spacy.load(tmp_path)("tarts")._.written == "tart"


@pytest.mark.parametrize("edits", [None, [], ["cats\tcat", "mice\tmouse"], ["mice\tmouse"]])
def test_edits_that_do_not_fit_the_weights_are_refused(trained, tmp_path, edits):
    nlp = copy_of(trained[0])
    pairs_of(nlp).to_disk(tmp_path)
    cfg = json.loads((tmp_path / "cfg").read_text(encoding="utf8"))
    (tmp_path / "cfg").write_text(json.dumps({**cfg, "edits": edits}), encoding="utf8")
    write_sums(tmp_path)
    with pytest.raises(CorruptModelError):
        pairs_of(nlp).from_disk(tmp_path)
    assert nlp("tarts")._.written == "tart"


def test_a_pipeline_without_edits_takes_those_of_a_file(trained):
    other, _ = words_nlp({"strategy": ["decoder"]})
    pairs_of(other).from_bytes(pairs_of(trained[0]).to_bytes())
    pairs_of(other).strategy = ["edits"]
    assert other("tarts")._.written == "tart"


def test_labels_carry_the_edits(trained):
    nlp, data = trained
    labels = pairs_of(nlp).label_data
    assert labels["edits"] == ["cats\tcat"]
    other = blank({"level": "doc", "target": "_.written", **EDITS})
    pairs_of(other).initialize(lambda: doc_examples(other, data[:3]), labels=labels)
    assert pairs_of(other).label_data == labels


@pytest.mark.parametrize("wrong", ["cats", "cats\t", "a\tb\tc"])
def test_edits_that_are_no_pairs_are_refused(wrong):
    labels = {**pairs_of(make_nlp()).label_data, "edits": ["a\tb", wrong]}
    nlp = blank(EDITS)
    with pytest.raises(ValueError, match="'pairs': 1 of the 'edits'.*init labels"):
        pairs_of(nlp).initialize(lambda: lemma_examples(nlp), labels=labels)


def test_training_makes_it_forget_edits():
    nlp, data = words_nlp()
    before = [nlp(text)._.written for text, _ in data]
    train(nlp, 60, doc_examples(nlp, data))
    assert [nlp(text)._.written for text, _ in data] != before


def test_rehearsal_holds_edits_too(trained):
    nlp = copy_of(trained[0])
    optimizer = nlp.resume_training()
    examples = doc_examples(nlp, [(text, None) for text, _ in trained[1]])
    losses = nlp.rehearse(examples, sgd=Adam(0.01), losses={})
    assert_allclose(losses["pairs"], 0.0, atol=1e-8)
    assert optimizer is not None
