"""Learning, and the dictionary. Answers and the pipeline have files of their own."""

import itertools

import numpy
import pytest
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from spacy_rnn.errors import NonFiniteError
from spacy_rnn.models.seq2seq import build
from spacy_rnn.units import SPECIAL

from ..helpers import weights_of
from ..pair_helpers import (
    LEVELS,
    TEXTS,
    blank,
    doc_examples,
    gold_lemmas,
    lemma_examples,
    lemmas_of,
    make_docs_nlp,
    make_nlp,
    pairs_of,
    part_example,
    random_nlp,
    train,
)

every_level = pytest.mark.parametrize("level", LEVELS)
REVERSED = [(text, text[::-1]) for text in ["ab", "abc", "cab", "bb", "c"]]
STYLES = [
    {"attention": "additive", "feeding": "none", "copy": True},
    {"attention": "none", "cell": "gru"},
    {"attention": "dot", "cell": "rnn", "feeding": "output", "tied": True},
    {"shared": True, "tied": True},
]


def scores_of(doc):
    return doc.user_data["pairs_scores"]


@pytest.fixture(scope="module")
def trained():
    """A pipeline that knows its training data. Not to be changed."""
    nlp = make_nlp(width=32)
    train(nlp, 45, lemma_examples(nlp))
    return nlp


# Learning


def test_plurals_become_singulars(trained):
    assert lemmas_of(trained) == gold_lemmas()


def test_a_rule_is_learnt_not_only_words():
    words = ["".join(letters) for letters in itertools.product("abcd", repeat=3)]
    data = [(word, word[0] + "x" + word[1:]) for word in words]
    unseen = [pair for pair in data if pair[0] in ("abc", "cba", "bac")]
    nlp = make_docs_nlp(data, width=32)
    train(nlp, 50, doc_examples(nlp, [pair for pair in data if pair not in unseen]))
    assert [nlp(text)._.written for text, _ in unseen] == [text for _, text in unseen]


@pytest.mark.parametrize("style", STYLES, ids=str)
def test_every_style_learns_to_reverse(style):
    nlp = make_docs_nlp(REVERSED, width=32, **style)
    train(nlp, 60, doc_examples(nlp, REVERSED))
    assert [nlp(text)._.written for text, _ in REVERSED] == [text for _, text in REVERSED]


@pytest.mark.parametrize("beam_width", [1, 3])
def test_words_become_words(beam_width):
    data = [("one two", "two one"), ("two two one", "one two two"), ("one", "uno mas")]
    nlp = make_docs_nlp(data, {"beam_width": beam_width}, units="word")
    train(nlp, 80, doc_examples(nlp, data))
    assert [nlp(text)._.written for text, _ in data] == [text for _, text in data]
    assert "uno" in pairs_of(nlp).labels


def test_letters_become_phonemes():
    data = [("cat", ["K", "AE1", "T"]), ("tack", ["T", "AE1", "K"])]
    nlp = make_docs_nlp(data, units="char", target_units="word")
    train(nlp, 60, doc_examples(nlp, data))
    assert [nlp(text)._.written for text, _ in data] == ["K AE1 T", "T AE1 K"]
    assert pairs_of(nlp).labels == ("AE1", "K", "T")


@every_level
def test_every_level_is_learnt_and_written(level):
    nlp = blank({"level": level, "target": "_.written"})
    example, expected = part_example(nlp)
    nlp.initialize(lambda: [example])
    train(nlp, 60, [example])
    doc = pairs_of(nlp)(example.predicted)
    assert [part._.written for part in pairs_of(nlp).place.parts(doc)] == expected
    assert len(scores_of(doc)) == len(expected)


@pytest.mark.parametrize("target", ["lemma", "norm", "tag", "pos", "morph", "_.kind_of"])
def test_every_target_is_learnt_and_written(target):
    nlp = blank({"target": target})
    values = ["NOUN", "VERB"] if target == "pos" else ["A=b", "A=c"]
    doc = nlp.make_doc("a b")
    pairs_of(nlp).place.write(doc, values, overwrite=True)
    examples = [Example(nlp.make_doc("a b"), doc)]
    nlp.initialize(lambda: examples)
    train(nlp, 50, examples)
    found = pairs_of(nlp).place.pairs(Example(nlp.make_doc("a b"), nlp("a b")), pairs_of(nlp).units)
    assert [text for _, text in found] == values


def test_training_lowers_the_loss_which_smoothing_keeps_up():
    losses = []
    for smoothing in (0.0, 0.3):
        nlp = make_nlp({"label_smoothing": smoothing})
        first, last = (train(nlp, n, lemma_examples(nlp)) for n in (1, 40))
        assert last < 0.7 * first
        losses.append(last)
    assert losses[1] > losses[0] + 0.3


def test_dropout_is_that_of_the_call():
    nlp = random_nlp()
    first, second, dropped = (
        pairs_of(nlp).update(lemma_examples(nlp), drop=drop)["pairs"] for drop in (0.0, 0.0, 0.5)
    )
    assert first == second != dropped


def test_what_has_no_target_teaches_nothing():
    nlp = random_nlp()
    before = weights_of(pairs_of(nlp).model)
    examples = [Example(nlp.make_doc(text), nlp.make_doc(text)) for text in [*TEXTS, ""]]
    assert nlp.update(examples, sgd=Adam(0.1), losses={}) == {"pairs": 0.0}
    assert nlp.update([], sgd=Adam(0.1), losses={}) == {}
    after = weights_of(pairs_of(nlp).model)
    assert all((after[name] == array).all() for name, array in before.items())


def test_a_pair_that_a_batch_repeats_counts_once():
    nlp = random_nlp()
    texts = ["cats dogs"], ["cats cats dogs", "cats"]
    once, often = (pairs_of(nlp).update(lemma_examples(nlp, t)) for t in texts)
    assert once == pytest.approx(often)


def test_equal_sources_may_have_different_targets():
    nlp = make_docs_nlp([("a", "x"), ("a", "y")])
    examples = doc_examples(nlp, [("a", "x"), ("a", "y")])
    assert train(nlp, 60, examples) == pytest.approx(numpy.log(2) / 2, abs=0.05)


def test_a_symbol_never_seen_is_counted_and_does_not_stop_learning():
    nlp = make_nlp()
    example = lemma_examples(nlp, ["☃ Ω"])
    with pytest.warns(UserWarning, match=r"'pairs': 2 unit\(s\).*never write them"):
        assert 0 < train(nlp, 1, example) < 100
    train(nlp, 1, example)  # said once
    assert pairs_of(nlp).unknown_units == 4


def test_a_symbol_never_seen_that_can_be_copied_is_learnt():
    nlp = make_nlp(copy=True)
    assert 0 < train(nlp, 2, lemma_examples(nlp, ["☃ Ω"])) < 100
    assert pairs_of(nlp).unknown_units == 0


def test_what_stands_beside_a_symbol_never_seen_is_learnt():
    data = [("a", "x"), ("b", "y")]
    nlp = make_docs_nlp(data, width=32)
    with pytest.warns(UserWarning, match="1 unit"):
        train(nlp, 60, doc_examples(nlp, [("a", "x☃x"), ("b", "y")]))
    assert "x" in nlp("a")._.written and nlp("b")._.written == "y"


def test_alternatives_are_learnt_too():
    nlp = make_docs_nlp([("a", "x"), ("b", "y")], width=32)
    examples = doc_examples(nlp, [("a", "x"), ("b", "y")])
    examples[0].reference.user_data[("._.", "written_alternatives", None, None)] = ["y", ["y", "x"]]
    pipe = pairs_of(nlp)
    found = [text for eg in examples for _, text in pipe.place.pairs(eg, pipe.units)]
    assert found == ["x", "y", "y x", "y"]
    with pytest.warns(UserWarning, match="1 unit"):  # the space
        train(nlp, 50, examples)
    (best,) = pipe.nbest(nlp.make_doc("a"), 2)
    assert {h.text for h in best} >= {"x", "y"}


def test_copying_writes_symbols_never_seen():
    data = [(text, text) for text in ["ab", "ba", "cab", "abc", "bca", "acb", "b", "c"]]
    nlp = make_docs_nlp(data, copy=True, width=32)
    pairs_of(nlp).cfg["source_units"] = pairs_of(nlp).cfg["labels"] = [*SPECIAL, "a"]
    pairs_of(nlp)._rebuild()
    build(pairs_of(nlp).model)
    train(nlp, 60, doc_examples(nlp, data))
    assert [nlp(text)._.written for text in ["ab", "☃", "a☃"]] == ["ab", "☃", "a☃"]


def test_the_same_seed_trains_the_same_weights():
    def trained_weights():
        nlp = make_nlp()
        train(nlp, 2, lemma_examples(nlp), drop=0.3)
        return weights_of(pairs_of(nlp).model)

    first, second = trained_weights(), trained_weights()
    assert all((first[name] == second[name]).all() for name in first)


@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf])
def test_a_loss_that_is_not_finite_is_skipped_and_then_stops(bad):
    nlp = make_nlp({"max_bad_steps": 2})
    pairs_of(nlp).model.shims[0].module.decoder.output.bias.data[0] = bad
    before = weights_of(pairs_of(nlp).model)
    assert train(nlp, 1, lemma_examples(nlp)) == 0.0
    after = weights_of(pairs_of(nlp).model)
    assert all(numpy.array_equal(after[n], before[n], equal_nan=True) for n in before)
    with pytest.raises(NonFiniteError, match="'pairs'.*2 times"):
        train(nlp, 1, lemma_examples(nlp))


# The dictionary


def test_the_dictionary_is_asked_first():
    nlp = make_nlp({"strategy": ["dictionary", "decoder"]})
    doc = nlp("cats xyz")
    assert doc[0].lemma_ == "cat" and scores_of(doc)[0] == 0.0
    assert scores_of(doc)[1] < 0.0
    pairs_of(nlp).strategy = ["decoder", "dictionary"]
    assert scores_of(nlp("cats xyz"))[0] < 0.0


def test_the_dictionary_alone_leaves_out_what_it_does_not_know():
    nlp = make_nlp({"strategy": ["dictionary"]})
    assert lemmas_of(nlp, ["cats xyz"]) == [["cat", ""]]
    assert not nlp("xyz").has_annotation("LEMMA")


def test_without_it_in_the_strategy_no_dictionary_is_kept():
    assert pairs_of(make_nlp()).cfg["dictionary"] == {}


def test_the_most_frequent_target_is_the_one_of_the_dictionary():
    data = [("a", "x"), ("a", "y"), ("a", "y")]
    nlp = make_docs_nlp(data, {"strategy": ["dictionary", "decoder"]})
    assert nlp("a")._.written == "y"


def test_texts_of_the_same_letters_are_different_words():
    data = [("ab c", "one"), ("a bc", "two")]
    nlp = make_docs_nlp(data, {"strategy": ["dictionary"]}, units="word")
    assert [nlp(text)._.written for text, _ in data] == ["one", "two"]
    assert nlp("a  bc")._.written == "two"


def test_the_dictionary_knows_features_and_forms_without():
    nlp = blank({"features": ["pos"], "strategy": ["dictionary"]})
    examples = lemma_examples(nlp, ["saws saws saws"])
    for token, pos, lemma in zip(
        examples[0].reference, ["NOUN", "VERB", "VERB"], ["saw", "see", "see"]
    ):
        token.pos_, token.lemma_ = pos, lemma
    nlp.initialize(lambda: examples)
    doc = Doc(nlp.vocab, ["saws"] * 4, pos=["NOUN", "VERB", "", "ADJ"])
    assert [token.lemma_ for token in nlp(doc)] == ["saw", "see", "see", ""]
