import copy
import pickle

import numpy
import pytest
from spacy.strings import get_string_id
from spacy.vectors import Vectors
from spacy.vocab import Vocab

from spacy_rnn.models import vectors
from spacy_rnn.models.vectors import VectorWatch, static_vectors

VECTORS = {"Word": [1.0, 0.0], "word": [0.0, 1.0], "0000": [2.0, 2.0]}


@pytest.fixture
def vocab():
    vocab = Vocab()
    for form, vector in VECTORS.items():
        vocab.set_vector(form, numpy.array(vector, dtype="f"))
    return vocab


@pytest.mark.parametrize(
    "form,expected",
    [("Word", [1, 0]), ("word", [0, 1]), ("WORD", [0, 1]), ("1984", [2, 2]), ("none", [0, 0])],
)
def test_a_vector_is_looked_up_as_it_stands_and_simpler(vocab, form, expected):
    assert static_vectors(vocab, [form], 2).tolist() == [expected]


def test_vectors_of_another_width_are_refused(vocab):
    with pytest.raises(ValueError, match="2 wide.*width 3"):
        static_vectors(vocab, ["word"], 3)


def test_without_vectors_there_is_no_column():
    assert static_vectors(Vocab(), ["word", "other"], 0).shape == (2, 0)


# The watch


def version(watch, vocab, *forms):
    for form in forms:
        vocab.strings.add(form)
    return watch.version(vocab, numpy.array([get_string_id(f) for f in forms], dtype="uint64"))


def other_table(vocab):
    data = vocab.vectors.data.copy()
    vocab.vectors = Vectors(data=data, keys=list(vocab.vectors.key2row), strings=vocab.strings)


CHANGES = {
    "a known word": lambda vocab: vocab.set_vector("word", numpy.ones(2, dtype="f")),
    "a new word": lambda vocab: vocab.set_vector("none", numpy.ones(2, dtype="f")),
    "in place": lambda vocab: vocab.vectors.data.__imul__(2),
    "another table": other_table,
    "a smaller table": lambda vocab: vocab.vectors.resize((2, 2)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_it_notices(vocab, change):
    watch = VectorWatch()
    before = version(watch, vocab, "WORD", "none", "1984")
    assert version(watch, vocab, "1984", "WORD") is before
    change(vocab)
    after = version(watch, vocab, "WORD", "none")
    assert after is not before
    assert version(watch, vocab, "none", "WORD", "more") is after


def test_what_others_changed_is_noticed_when_it_is_asked_about(vocab):
    watch = VectorWatch()
    before = version(watch, vocab, "word", "1984")
    vocab.set_vector("word", numpy.ones(2, dtype="f"))
    assert version(watch, vocab, "1984") is before
    assert version(watch, vocab, "word") is not before


def test_it_is_bounded_and_forgets_nothing_unsaid(vocab, monkeypatch):
    monkeypatch.setattr(vectors, "MAX_WATCHED", 10)
    watch, seen = VectorWatch(), []
    for i in range(50):
        seen.append(version(watch, vocab, f"w{i}"))
        assert len(watch._rows) <= 11
    assert seen[0] is not seen[-1]


def test_an_empty_table_is_no_error():
    vocab = Vocab()
    assert version(VectorWatch(), vocab, "a") is not None


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda w: pickle.loads(pickle.dumps(w))])
def test_a_copy_starts_anew(duplicate, vocab):
    watch = VectorWatch()
    assert version(watch, vocab, "word") is not version(duplicate(watch), vocab, "word")
