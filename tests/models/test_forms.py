import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from spacy.strings import get_string_id

from spacy_rnn.models import forms
from spacy_rnn.models.forms import (
    FEATURES,
    MAX_BYTES,
    FormMemory,
    ProductMemory,
    WordTable,
    feature_rows,
    form_bytes,
    normalize,
    shape,
    word_key,
)
from spacy_rnn.types import FormVectors

anything = st.text(st.characters())  # lone surrogates too


@pytest.mark.parametrize(
    "form,expected",
    [
        ("London", "Xxxx"),
        ("1999", "ddd"),
        ("U.S.", "X.X."),
        ("", ""),
        ("iOS5", "xXXd"),
        ("--", "--"),
    ],
)
def test_shape(form, expected):
    assert shape(form) == expected


@pytest.mark.parametrize("form", ["1999", "2024", "0000"])
def test_digits_are_alike(form):
    assert normalize(form) == "0000"


@pytest.mark.parametrize("name,expected", [("prefix", "Lon"), ("suffix", "don"), ("case", "Xx")])
def test_features(name, expected):
    assert FEATURES[name]("London") == expected


def test_case_tells_capitals_from_a_capital():
    assert len({FEATURES["case"](form) for form in ("LONDON", "London", "london")}) == 3


@given(anything.filter(lambda s: s.isprintable()), st.integers(1, 50))
def test_hashed_features_stay_in_their_tables(form, rows):
    found = feature_rows(form, tuple(FEATURES), rows)
    assert len(found) == len(FEATURES)
    assert all(0 <= row < rows for row in found)


@given(anything)
def test_bytes_stand_before_zeros(form):
    row = form_bytes(form)
    data = form.encode("utf8", "surrogatepass")
    n = min(len(data), MAX_BYTES)
    assert row.shape == (MAX_BYTES,)
    assert (row[:n] > 0).all() and (row[n:] == 0).all()


@given(st.text(max_size=8))
def test_short_forms_keep_all_bytes(form):
    row = form_bytes(form)
    assert bytes(row[row > 0] - 1).decode("utf8") == form


def test_long_forms_keep_both_ends():
    row = bytes(form_bytes("a" * 40 + "b" * 40) - 1)
    assert row == b"a" * 16 + b"b" * 16


@given(st.text())
def test_word_keys_are_never_0_and_fit_the_table(form):
    key = word_key(form)
    assert key != 0
    assert torch.tensor([key], dtype=torch.int64).item() == key


def test_words_are_looked_up_without_case_and_digits():
    assert word_key("Mai 2024") == word_key("mAI 1999") != word_key("Mai 99")


# The table of words


@pytest.fixture
def table():
    return WordTable(torch.zeros(4, dtype=torch.int64))


def test_rows_are_given_out_in_order(table):
    assert [table.learn(key) for key in (70, 50, 70, 60)] == [1, 2, 1, 3]


def test_a_full_table_has_row_0_for_the_rest(table):
    assert [table.learn(key) for key in (1, 2, 3, 4, 5, 2)] == [1, 2, 3, 0, 0, 2]


def test_the_keys_are_written_into_the_weights(table):
    table.learn(70)
    table.learn(-50)
    assert table.keys.tolist() == [0, 70, -50, 0]


def test_a_table_is_read_back_from_its_keys(table):
    for key in (70, 50):
        table.learn(key)
    again = WordTable(table.keys.clone())
    assert [again.learn(key) for key in (50, 70, 60)] == [2, 1, 3]


def test_a_word_is_rare_until_it_is_met_in_two_documents(table):
    assert table.is_rare(7, first=1, last=1)
    assert table.is_rare(7, first=1, last=1)  # the same document in the next epoch
    assert not table.is_rare(7, first=2, last=2)
    assert not table.is_rare(7, first=1, last=1)


def test_a_word_in_two_documents_of_a_batch_is_not_rare(table):
    assert not table.is_rare(7, first=1, last=2)


def test_words_learned_before_are_not_rare():
    assert not WordTable(torch.tensor([0, 7])).is_rare(7, first=1, last=1)


# The memory


def orths(*forms_):
    return numpy.array([get_string_id(form) for form in forms_], dtype="uint64")


def recall(memory, *args):
    """The vector of each token."""
    table, rows, _ = memory.lookup(*args)
    return table[rows]


class Counter:
    """Computes a vector of each form and counts how often."""

    def __init__(self):
        self.asked = []

    def __call__(self, hashes):
        self.asked += hashes
        return numpy.array([[h % 1000, h % 7] for h in hashes], dtype="f")


def test_each_form_is_computed_once():
    memory, compute = FormMemory(), Counter()
    first = recall(memory, orths("a", "b", "a"), compute, 0)
    second = recall(memory, orths("b", "a", "c"), compute, 0)
    assert len(compute.asked) == len(set(compute.asked)) == 3
    numpy.testing.assert_array_equal(first, Counter()(orths("a", "b", "a").tolist()))
    numpy.testing.assert_array_equal(second, Counter()(orths("b", "a", "c").tolist()))


def test_another_stamp_forgets_everything():
    memory, compute = FormMemory(), Counter()
    recall(memory, orths("a"), compute, 0)
    recall(memory, orths("a"), compute, 1)
    assert len(compute.asked) == 2


def test_an_answer_is_not_overwritten_by_the_next():
    memory = FormMemory()
    first = recall(memory, orths("a", "b"), Counter(), 0)
    before = first.copy()
    first[:] = 0  # nor does who reads it write into the memory
    again = recall(memory, orths("a", "b"), Counter(), 0)
    numpy.testing.assert_array_equal(again, before)


def test_the_memory_grows():
    memory, many = FormMemory(), [f"w{i}" for i in range(5_000)]
    for start in range(0, 5_000, 700):
        recall(memory, orths(*many[start : start + 700]), Counter(), 0)
    found = recall(memory, orths(*many), Counter(), 0)
    numpy.testing.assert_array_equal(found, Counter()(orths(*many).tolist()))


def test_the_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(forms, "MAX_FORMS", 10)
    memory, compute = FormMemory(), Counter()
    for i in range(100):
        recall(memory, orths(f"w{i}", "a"), compute, 0)
    assert len(memory._rows) <= 12
    assert compute.asked.count(orths("a").tolist()[0]) <= 10


def test_a_failure_leaves_the_memory_usable():
    def fail(hashes):
        raise RuntimeError

    memory = FormMemory()
    with pytest.raises(RuntimeError):
        recall(memory, orths("a"), fail, 0)
    assert recall(memory, orths("a"), Counter(), 0).shape == (1, 2)


def test_threads_share_a_memory():
    memory, many = FormMemory(), [f"w{i}" for i in range(3_000)]
    rng = numpy.random.default_rng(0)
    queries = [orths(*rng.choice(many, 200)) for _ in range(100)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda q: recall(memory, q, Counter(), 0), queries))
    for query, answer in zip(queries, answers):
        numpy.testing.assert_array_equal(answer, Counter()(query.tolist()))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_starts_empty(duplicate):
    memory, compute = FormMemory(), Counter()
    recall(memory, orths("a"), compute, 0)
    recall(duplicate(memory), orths("a"), compute, 0)
    assert len(compute.asked) == 2


def test_features_are_worked_out_once():
    memory = FormMemory()
    first = memory.features(7, "London", ("suffix",), 10)
    assert memory.features(7, "London", ("suffix",), 10) is first
    assert first.hashed == feature_rows("London", ("suffix",), 10)


# Products


def forms_of(memory, words, version=0):
    vectors = FormVectors()
    vectors.table, vectors.rows, vectors.stamp = memory.lookup(orths(*words), Counter(), version)
    return vectors


def double(calls):
    def compute(table):
        calls.append(len(table))
        return table * 2

    return compute


def of_tokens(products, forms, calls):
    return products.lookup(forms, double(calls), 0)[forms.rows]


def test_each_product_is_computed_once():
    memory, products, calls = FormMemory(), ProductMemory(), []
    first = of_tokens(products, forms_of(memory, ["a", "b", "a"]), calls)
    second = of_tokens(products, forms_of(memory, ["c", "a"]), calls)
    assert sum(calls) == 3
    numpy.testing.assert_array_equal(first, 2 * recall(memory, orths("a", "b", "a"), Counter(), 0))
    numpy.testing.assert_array_equal(second, 2 * recall(memory, orths("c", "a"), Counter(), 0))


@pytest.mark.parametrize("versions", [(1, 0), (0, 1)])
def test_products_are_dropped_with_either_weights(versions):
    """Those of the embedding, or those that the products are made with."""
    memory, products, calls = FormMemory(), ProductMemory(), []
    products.lookup(forms_of(memory, ["a"]), double(calls), 0)
    products.lookup(forms_of(memory, ["a"], versions[0]), double(calls), versions[1])
    assert calls == [1, 1]


def test_older_forms_still_find_their_products():
    memory, products, calls = FormMemory(), ProductMemory(), []
    older = forms_of(memory, ["a"])
    products.lookup(forms_of(memory, ["b", "c"]), double(calls), 0)
    found = of_tokens(products, older, calls)
    numpy.testing.assert_array_equal(found, 2 * older.table[older.rows])
