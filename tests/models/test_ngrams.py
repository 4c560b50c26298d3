"""N-grams against sets and loops in plain Python."""

from collections import Counter

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from spacy_rnn.models.embed import HINT
from spacy_rnn.models.forms import word_key
from spacy_rnn.models.ngrams import (
    bags,
    frequent,
    learn_ngrams,
    ngram_keys,
    start_from_counts,
    table_rows,
)
from spacy_rnn.models.passages import whole
from spacy_rnn.types import Passages

from ..helpers import stir_model
from ..text_helpers import CATS, TEXTS, VOCAB, make_docs, make_model

few = settings(deadline=None, max_examples=60)
some_texts = st.lists(st.lists(st.sampled_from(["a", "b", "B", "c", "é"]), max_size=6), max_size=4)


def docs_of(texts):
    return [Doc(VOCAB, words=words) for words in texts]


def grams_by_hand(words, longest):
    lower = [word.lower() for word in words]
    return {
        tuple(lower[i : i + n]) for n in range(1, longest + 1) for i in range(len(lower) - n + 1)
    }


def keys_by_text(passages, longest):
    keys, owners = ngram_keys(passages, longest)
    assert owners.tolist() == sorted(owners.tolist())
    return [keys[owners == i].tolist() for i in range(len(passages.starts))]


def agree(found, expected):
    """Keys and n-grams are the same sets under other names."""
    assert [len(keys) for keys in found] == [len(grams) for grams in expected]
    for keys, grams in zip(found, expected):
        assert len(set(keys)) == len(keys)
        shared = [len(set(keys) & set(others)) for others in found]
        assert shared == [len(grams & others) for others in expected]


@few
@given(some_texts, st.integers(0, 4))
def test_keys_are_the_set_of_ngrams(texts, longest):
    found = keys_by_text(whole(docs_of(texts)), longest)
    agree(found, [grams_by_hand(words, longest) for words in texts])


@few
@given(st.lists(st.sampled_from("abc"), min_size=4, max_size=8), st.data())
def test_passages_have_their_own_ngrams(words, data):
    """None reaches over a border of a passage."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(words)), min_size=2, max_size=4)))
    starts, ends = numpy.array(cuts[:-1]), numpy.array(cuts[1:])
    passages = Passages(docs_of([["a", "a"], words]), starts * 0 + 1, starts, ends)
    expected = [grams_by_hand(words[a:b], 3) for a, b in zip(cuts, cuts[1:])]
    agree(keys_by_text(passages, 3), expected)


def test_order_counts_and_so_does_length():
    one, two, three = keys_by_text(whole(docs_of([["a", "b"], ["b", "a"], ["a", "a"]])), 2)
    assert len(set(one) & set(two)) == 2 and len({*one, *two, *three}) == 5


def test_keys_are_those_of_any_batch():
    docs = make_docs()
    together = keys_by_text(whole(docs), 3)
    assert together == [keys_by_text(whole([doc]), 3)[0] for doc in docs]


# The table


def texts_by_gram(texts, longest):
    return Counter(gram for words in texts for gram in grams_by_hand(words, longest))


@few
@given(some_texts, st.integers(0, 5))
def test_the_most_frequent_ngrams_are_kept(texts, most):
    table = frequent(ngram_keys(whole(docs_of(texts)), 2)[0], most)
    wanted = sorted(texts_by_gram(texts, 2).values(), reverse=True)[:most]
    assert table.tolist() == sorted(set(table.tolist()))
    found = Counter(ngram_keys(whole(docs_of(texts)), 2)[0].tolist())
    assert sorted((found[key] for key in table.tolist()), reverse=True) == wanted


@few
@given(
    st.lists(st.lists(st.integers(-9, 9), unique=True), max_size=4),
    st.lists(st.integers(-9, 9), unique=True),
)
def test_rows_of_a_table(texts, table):
    table = sorted(table)
    keys = numpy.array([key for text in texts for key in text], dtype="i8")
    owners = numpy.array([i for i, text in enumerate(texts) for _ in text], dtype="i8")
    rows, starts = table_rows(keys, owners, numpy.array(table, dtype="i8"), len(texts))
    expected = [[table.index(key) for key in text if key in table] for text in texts]
    assert rows.tolist() == [row for text in expected for row in text]
    assert starts.tolist() == [sum(map(len, expected[:i])) for i in range(len(texts))]


def test_a_model_reads_the_ngrams_that_it_learnt():
    model = make_model(ngrams=2)
    words = [[token.text for token in doc] for doc in make_docs()]
    known = set(texts_by_gram(words, 2))
    assert len(model.shims[0].module.ngrams.keys) == len(known)
    texts = [*words, ["dull", "unheard", "film"]]
    found = bags(model, whole(docs_of(texts)))
    sizes = numpy.diff([*found.starts.tolist(), len(found.rows)])
    assert sizes.tolist() == [len(grams_by_hand(text, 2) & known) for text in texts]


def test_the_table_has_no_more_rows_than_asked_for():
    model = make_model(ngrams=2, ngram_rows=4)
    assert len(model.shims[0].module.ngrams.keys) == 4


@pytest.mark.parametrize("settings", [{"ngrams": 0}, {"ngram_rows": 0}])
def test_without_ngrams_there_are_no_bags(settings):
    model = make_model(**settings)
    assert bags(model, whole(make_docs())) is None
    assert model.predict(make_docs()).branches.shape == (1, len(TEXTS), 3)


# What counting says


def counted(head="exclusive", known=None, labels=("neg", "pos"), **config):
    """A model that began with what counting says, and its keys."""
    model = make_model(len(labels), head=head, **config)
    stir_model(model, 0.0)
    passages = whole(make_docs())
    gold = numpy.array([[cats.get(label, 0.0) for label in labels] for cats in CATS[head]], "f")
    table = learn_ngrams(model, passages)
    start_from_counts(model, passages, gold, gold * 0 + 1 if known is None else known, table)
    return model


def branch(model, texts):
    return model.predict(make_docs(texts)).branches[1]


def test_words_of_a_class_speak_for_it():
    found = branch(counted(), ["fine", "warm", "dull", "cold", "film", "unheard"])
    assert ((found[:, 1] - found[:, 0])[:2] > 0).all() and (
        (found[:, 1] - found[:, 0])[2:4] < 0
    ).all()
    assert (found[-1] == 0).all()
    assert abs(found[4]).max() < abs(found[0]).max()


def test_words_of_high_steps_climb_the_ladder():
    low, high = branch(counted("ordinal", labels=("1", "2", "3")), ["cold", "warm"])
    assert (high > low).all()


def test_what_is_not_annotated_is_not_counted():
    """It would speak against all classes."""
    known = numpy.ones((len(TEXTS), 2), "f")
    known[[1, 4, 5], 1] = 0.0  # nobody said whether dull or cold texts are cold
    found = branch(counted("multilabel", known, ("fine", "cold")), ["dull", "warm"])
    assert found[0, 0] < 0 and abs(found[0, 1]) < abs(found[0, 0])


def test_numbers_are_not_counted():
    assert (branch(counted("regression", labels=("stars",)), TEXTS) == 0).all()


def row_of(model, word):
    """The row of a word in the embedding, row 0 if it has none of its own."""
    node = next(node for node in model.walk() if node.name == "word_embed")
    table = node.attrs["memory"].words(node.shims[0].module.keys)
    return node.shims[0].module.words.weight[table.rows.get(word_key(word), 0)].detach().numpy()


def test_words_of_several_texts_begin_with_what_counting_says():
    model = counted()
    words = ["fine", "dull", "cold", "film", "warm"]
    hints = numpy.stack([row_of(model, word) for word in words])
    scores = branch(model, words)[:, numpy.arange(hints.shape[1]) % 2]
    signs = numpy.sign(hints[0] / scores[0])
    factor = hints[0, 0] / scores[0, 0] * signs[0]  # the branch does not start too sure
    numpy.testing.assert_allclose(hints, scores * signs * factor, rtol=1e-4)
    assert factor >= HINT and hints.any()


def test_a_word_of_one_text_gets_no_hint():
    assert (branch(counted(), ["jokes"]) != 0).any()
    assert (row_of(counted(), "jokes") == 0).all()
