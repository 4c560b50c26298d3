"""Sequences of numbers from a file, and what is wrong with one."""

import random
from pathlib import Path

import numpy
import pytest
import spacy
from numpy.testing import assert_array_equal
from spacy.tokens import DocBin
from spacy.training import Corpus
from spacy.util import registry

from spacy_rnn.errors import DataError
from spacy_rnn.readers import doc_of_tensor

NLP = spacy.blank("en")
LENGTHS = [2, 0, 3, 1]
ROWS = numpy.random.default_rng(0).normal(size=(6, 4))
GOOD = {
    "vectors": ROWS,
    "lengths": numpy.array(LENGTHS),
    "labels": numpy.array(["up", "down", "up", "still"]),
}


def read(path):
    return list(registry.readers.get("spacy_rnn.TensorCorpus.v1")(path)(NLP))


@pytest.fixture
def write(tmp_path):
    """Write a file of arrays, the good ones unless others are named; None leaves one out."""

    def write(save=numpy.savez, **arrays):
        path = tmp_path / "signals.npz"
        save(path, **{name: a for name, a in {**GOOD, **arrays}.items() if a is not None})
        return path

    return write


@pytest.mark.parametrize("save", [numpy.savez, numpy.savez_compressed])
def test_both_documents_carry_the_rows(write, save):
    found = read(write(save))
    for doc in [d for eg in found for d in (eg.predicted, eg.reference)]:
        assert doc.tensor.dtype == "float32" and len(doc.tensor) == len(doc)
    assert [len(eg.predicted) for eg in found] == [len(eg.reference) for eg in found] == LENGTHS
    for side in ("predicted", "reference"):
        rows = [getattr(eg, side).tensor for eg in found]
        assert_array_equal(numpy.concatenate(rows), ROWS.astype("float32"))


def test_the_reference_alone_has_the_label_beside_all_others(write):
    found = read(write())
    assert [eg.predicted.cats for eg in found] == [{}] * 4
    cats = [("down", 0.0), ("still", 0.0), ("up", 1.0)]  # one order, whatever the run
    assert list(found[0].reference.cats.items()) == cats
    gold = [[name for name, value in eg.reference.cats.items() if value] for eg in found]
    assert gold == [["up"], ["down"], ["up"], ["still"]]
    assert {type(name) for eg in found for name in eg.reference.cats} == {str}


def test_it_can_be_read_again_and_again(write):
    reader = registry.readers.get("spacy_rnn.TensorCorpus.v1")(str(write()))
    assert [len(list(reader(NLP))) for _ in range(3)] == [4, 4, 4]


def test_what_is_written_on_one_side_stays_there(write):
    eg = read(write())[0]
    eg.predicted.tensor[:] = 9
    assert_array_equal(eg.reference.tensor, ROWS[:2].astype("float32"))


@pytest.mark.parametrize("dtype", ["int32", "uint8", "float64", ">f4", "bool"])
def test_any_real_numbers_will_do(write, dtype):
    rows = numpy.array([[1, 0]] * 6, dtype=dtype)
    assert read(write(vectors=rows))[0].predicted.tensor.tolist() == [[1, 0], [1, 0]]


def test_why_not_spacys_own_files(tmp_path):
    """The day that this fails, the reader can go."""
    doc = doc_of_tensor(NLP.vocab, ROWS.astype("float32"))
    doc.user_data["rows"] = doc.tensor
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "a.spacy")
    (eg,) = Corpus(tmp_path / "a.spacy")(NLP)
    assert eg.reference.tensor.size == eg.predicted.tensor.size == 0
    assert "rows" not in eg.predicted.user_data


# What it refuses, with file, array and mend


def refused(path):
    with pytest.raises(DataError) as error:
        read(path)
    assert str(path) in str(error.value)
    return str(error.value)


def test_no_path_at_all():
    with pytest.raises(ValueError, match="--paths.train FILE"):
        read(None)


def test_a_file_that_is_not_there(tmp_path):
    assert "cannot be opened (No such file" in refused(tmp_path / "nowhere.npz")


@pytest.mark.parametrize("name", GOOD)
def test_an_array_that_is_missing(write, name):
    message = refused(write(**{name: None}, other=ROWS))
    assert f"no array '{name}'" in message and "other" in message and "numpy.savez(" in message


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04", b"\x93NUMPY"])
def test_another_kind_of_file(tmp_path, data):
    path = tmp_path / "signals.npz"
    path.write_bytes(data)
    assert "not a whole .npz file" in refused(path)


def test_a_single_array(tmp_path):
    path = tmp_path / "signals.npy"
    numpy.save(path, ROWS)
    assert "no array 'vectors'" in refused(path)


@pytest.mark.parametrize("save", [numpy.savez, numpy.savez_compressed])
def test_a_damaged_file_is_refused_or_was_not_damaged_where_it_matters(write, save):
    path = write(save)
    whole, random_ = path.read_bytes(), random.Random(0)
    refusals = 0
    for _ in range(300):
        data = bytearray(whole)
        if random_.random() < 0.5:
            data = data[: random_.randrange(len(data))]
        else:
            data[random_.randrange(len(data))] ^= 1 << random_.randrange(8)
        path.write_bytes(data)
        try:
            assert len(read(path)) == len(LENGTHS)
        except DataError:
            refusals += 1
    assert refusals > 200


def test_pickles_are_never_loaded(write):
    labels = numpy.array([Bomb()] * 4, dtype=object)
    assert "labels=numpy.array(labels, dtype=str)" in refused(write(labels=labels))


class Bomb:
    def __reduce__(self):
        return exec, ("raise SystemExit('the file ran code')",)


@pytest.mark.parametrize(
    "name, array, words",
    [
        ("vectors", ROWS[0], ["(4,)", "be real numbers"]),
        ("vectors", ROWS.reshape(6, 2, 2), ["(6, 2, 2)"]),
        ("vectors", ROWS.astype(complex), ["complex128"]),
        ("vectors", ROWS.astype("U5"), ["<U5"]),
        ("vectors", ROWS[:5], ["add up to the 5 rows of 'vectors'"]),
        ("lengths", numpy.array([2.0, 0, 3, 1]), ["float64", "whole numbers"]),
        ("lengths", numpy.array(6), ["()"]),
        ("lengths", numpy.array([2, 0, 3, 2]), ["adds up to 7", "6 rows"]),
        ("lengths", numpy.array([3, -1, 3, 1]), ["the smallest -1", "at least 0"]),
        ("lengths", numpy.array([2, 3, 1]), ["'labels' has 4", "each of the 3"]),
        ("labels", numpy.array([0, 1, 0, 2]), ["int64", "dtype=str"]),
        ("labels", numpy.array([b"a"] * 4), ["|S1", "dtype=str"]),
        ("labels", numpy.array([["a"]] * 4), ["(4, 1)"]),
        ("labels", numpy.array(["a", "b", "c"]), ["'labels' has 3", "each of the 4"]),
        ("labels", numpy.array(["a", " ", "b", "c"]), ["'labels' has an empty one"]),
    ],
)
def test_an_array_of_another_form(write, name, array, words):
    message = refused(write(**{name: array}))
    assert name in message and all(word in message for word in words), message


def test_nothing_in_it(write):
    nothing = {"vectors": ROWS[:0], "lengths": numpy.array([], int), "labels": numpy.array([], "U")}
    assert "'labels' is empty" in refused(write(**nothing))


@pytest.mark.parametrize("value", [numpy.nan, -numpy.inf, 1e300])
@pytest.mark.parametrize("row", [0, 1])
def test_what_is_not_finite(write, value, row):
    rows = ROWS.copy()
    rows[2 + row, 2] = value
    message = refused(write(vectors=rows, lengths=numpy.array(LENGTHS, dtype="uint64")))
    assert "array 'vectors', sequence 3: NaN" in message and f"in row {row}, column 2" in message
    assert "nan_to_num" in message


# Documents without words


@pytest.mark.parametrize("n", [0, 1, 5])
def test_a_document_has_a_token_for_each_row(n):
    doc = doc_of_tensor(NLP.vocab, ROWS[:n])
    assert len(doc) == n and doc.tensor is not None and doc.tensor.shape == (n, 4)
    assert doc.text.split() == ["_"] * n


def test_the_rows_travel_with_the_document():
    doc = doc_of_tensor(NLP.vocab, ROWS)
    for twin in (
        doc.copy(),
        doc[:].as_doc(),
        spacy.tokens.Doc(NLP.vocab).from_bytes(doc.to_bytes()),
    ):
        assert_array_equal(twin.tensor, ROWS)


@pytest.mark.parametrize(
    "array, words",
    [
        (ROWS[0], "(4,)"),
        (ROWS.tolist(), "list"),
        (ROWS.astype(object), "object"),
        (Path("a"), "Path"),
        (None, "None"),
    ],
    ids=["one row", "list", "objects", "path", "none"],
)
def test_what_is_no_array_of_rows(array, words):
    with pytest.raises(ValueError, match="needs an array of real numbers") as error:
        doc_of_tensor(NLP.vocab, array)
    assert words in str(error.value) and "numpy.asarray(" in str(error.value)
