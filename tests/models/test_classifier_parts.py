"""Parts of documents, and documents so long that they are read in parts."""

import time
from typing import List

import numpy
import pytest
from numpy.testing import assert_allclose
from spacy.tokens import Doc

from spacy_rnn.models import passages
from spacy_rnn.models.windows import AT_A_TIME, WINDOW
from spacy_rnn.readers import doc_of_tensor
from spacy_rnn.types import Passages

from ..helpers import ENCODER, stir_model, tok2vec_config
from ..text_helpers import EMBED, HASH_CNN, POOLS, TEXTS, VOCAB, make_docs, make_model
from .test_classifier import close, every_head, every_pooling

# Parts of documents


def parts_of(doc, ends):
    columns = numpy.array([(0, a, b) for a, b in ends], dtype="i8").reshape(-1, 3).T
    return Passages([doc], *columns)


def test_a_passage_that_is_the_document_scores_as_the_document():
    model, (doc,) = make_model(), make_docs(TEXTS[:1])
    found = model.predict(parts_of(doc, [(0, len(doc)), (0, 2), (0, len(doc))]))
    expected = model.predict([doc])
    assert_allclose(found.branches[:, [0, 2]], expected.branches[:, [0, 0]], **close)
    assert not numpy.allclose(found.branches[:, 1], expected.branches[:, 0], atol=0.01)
    assert_allclose(found.attention[: len(doc)], expected.attention, **close)


def test_passages_may_overlap_stand_in_any_order_and_be_empty():
    model, (doc,) = make_model(pooling=POOLS), make_docs(TEXTS[:1])
    ends = [(3, 6), (0, 4), (2, 2), (0, 2)]
    found = model.predict(parts_of(doc, ends))
    shares = numpy.split(found.attention, numpy.cumsum([b - a for a, b in ends])[:-1])
    for i, (a, b) in enumerate(ends):
        alone = model.predict(parts_of(doc, [(a, b)]))
        assert_allclose(found.branches[:, i], alone.branches[:, 0], **close)
        assert_allclose(shares[i], alone.attention, **close)


def test_passages_of_several_documents_stand_in_any_order():
    model, docs = make_model(), make_docs(TEXTS[:2])
    columns = numpy.array([(1, 0, 2), (0, 0, 3), (1, 1, 3)], dtype="i8").T
    training, _ = model.begin_update(Passages(docs, *columns))
    found = model.predict(Passages(docs, *columns))
    assert_allclose(training.branches, found.branches, **close)
    assert_allclose(training.attention, found.attention, **close)
    for i, (document, start, end) in enumerate(columns.T.tolist()):
        alone = model.predict(parts_of(docs[document], [(start, end)]))
        assert_allclose(found.branches[:, i], alone.branches[:, 0], **close)


def test_a_passage_is_read_in_the_context_of_its_document():
    model = make_model(ngrams=0)
    first, second = make_docs(["a dull film", "never a dull film again"])
    alone, inside = model.predict([first]), model.predict(parts_of(second, [(1, 4)]))
    assert not numpy.allclose(alone.branches, inside.branches, atol=1e-4)


def test_without_an_encoder_context_does_not_matter():
    model = make_model(tok2vec=EMBED)
    first, second = make_docs(["a dull film", "never a dull film again"])
    alone, inside = model.predict([first]), model.predict(parts_of(second, [(1, 4)]))
    assert_allclose(alone.branches, inside.branches, **close)


# Long documents


def long_docs():
    """Of 400, 3, 0 and 90 tokens."""
    rng = numpy.random.default_rng(0)
    words = sorted({word for text in TEXTS for word in text.split()})
    return [Doc(VOCAB, words=rng.choice(words, n).tolist()) for n in (400, 3, 0, 90)]


def small_windows(monkeypatch, context=10):
    monkeypatch.setattr(passages, "WINDOW", 30)
    for name, value in (("WINDOW", 30), ("CONTEXT", context), ("AT_A_TIME", 64)):
        monkeypatch.setattr(f"spacy_rnn.models.windows.{name}", value)


@every_head
@every_pooling
def test_windows_of_words_alone_give_what_the_whole_gives(head, pooling, monkeypatch):
    """Exactly, as these vectors know no context."""
    model, docs = make_model(head=head, pooling=pooling, tok2vec=EMBED), long_docs()
    whole = model.predict(docs)
    small_windows(monkeypatch)
    windows = model.predict(docs)
    assert_allclose(windows.branches, whole.branches, rtol=1e-4, atol=1e-5)
    assert_allclose(windows.attention, whole.attention, rtol=1e-4, atol=1e-6)


@every_pooling
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_windows_of_states_come_near_the_whole(pooling, cell, monkeypatch):
    """The states of a net forget what is far away, if its weights are not as wild as ours."""
    encode = {**ENCODER, "cell": cell}
    model, docs = make_model(pooling=pooling, tok2vec=tok2vec_config(EMBED, encode)), long_docs()
    stir_model(model.layers[0], 0.3)
    whole = model.predict(docs)
    small_windows(monkeypatch)
    windows = model.predict(docs)
    assert_allclose(windows.branches, whole.branches, atol=0.02)
    assert windows.branches.argmax(2).tolist() == whole.branches.argmax(2).tolist()
    assert_allclose(windows.attention, whole.attention, atol=0.002)


def test_a_cnn_that_sees_no_further_than_the_context_reads_the_same(monkeypatch):
    model, docs = make_model(tok2vec=HASH_CNN), long_docs()
    whole = model.predict(docs)
    small_windows(monkeypatch)
    assert_allclose(model.predict(docs).branches, whole.branches, rtol=1e-4, atol=1e-5)


def test_a_very_long_document_is_read_whole_in_bounded_memory(monkeypatch):
    """100,000 tokens, the last of which still counts."""
    model = make_model(pooling=POOLS)
    words = ["dull", "film"] * 50_000
    docs = [Doc(VOCAB, words=words), Doc(VOCAB, words=[*words[:-1], "jokes"])]
    seen: List[int] = []
    below = model.layers[0]
    monkeypatch.setattr(below, "_func", counting(below._func, seen))
    start = time.process_time()  # the machine may be busy
    scores = model.predict(docs)
    assert time.process_time() - start < 10
    assert 200_000 <= sum(seen) < 240_000
    assert max(seen) <= AT_A_TIME + WINDOW
    assert numpy.isfinite(scores.branches).all()
    assert not numpy.allclose(scores.branches[0, 0], scores.branches[0, 1], atol=1e-4)
    assert scores.attention[:100_000].sum() == pytest.approx(1, abs=1e-3)


def counting(function, seen):
    def count(model, docs, is_train):
        seen.append(sum(map(len, docs)))
        return function(model, docs, is_train)

    return count


def test_rows_of_numbers_go_into_windows_too(monkeypatch):
    model = make_model(
        tok2vec={"@architectures": "spacy_rnn.TensorEmbed.v1"}, ngrams=0, X=signals()
    )
    whole = model.predict(signals())
    small_windows(monkeypatch)
    assert_allclose(model.predict(signals()).branches, whole.branches, rtol=1e-4, atol=1e-5)
    assert not numpy.allclose(whole.branches[:, 0], whole.branches[:, 1], atol=1e-3)


def signals():
    rng = numpy.random.default_rng(0)
    return [doc_of_tensor(VOCAB, rng.normal(size=(n, 3)).astype("f")) for n in (7, 100)]


@pytest.mark.parametrize("both,read", [(True, [0, 1, 2, 7, 8]), (False, [0, 1, 2, 3, 4])])
def test_of_a_long_document_so_much_is_read(both, read):
    model = make_model(ngrams=0, max_length=5, head_and_tail=both)
    doc, short = make_docs(["fine dull cold warm plot film jokes again funny", "fine film"])
    training = model.begin_update([doc, short])[0].branches
    found = model.predict([doc, short])
    expected = model.predict(make_docs([" ".join(doc[i].text for i in read)]))
    assert_allclose(found.branches[:, 0], expected.branches[:, 0], **close)
    shares = found.attention[:9]
    assert_allclose(shares[read], expected.attention, **close)
    assert shares.sum() == pytest.approx(1) and (numpy.delete(shares, read) == 0).all()
    assert found.attention[9:].sum() == pytest.approx(1)
    assert_allclose(training, found.branches, **close)


def test_what_is_cut_short_among_passages_that_are_not():
    model = make_model(max_length=5)
    long, other = make_docs(["fine dull cold warm plot film jokes"] * 2)
    columns = numpy.array([(0, 0, 7), (1, 0, 6), (1, 6, 7)], dtype="i8").T
    found = model.predict(Passages([long, other], *columns))
    shares = numpy.split(found.attention, [7, 13])
    assert [(share > 0).sum() for share in shares] == [5, 6, 1]
    assert [share.sum() for share in shares] == pytest.approx([1, 1, 1])


def test_ngrams_are_those_of_the_whole_text():
    model = make_model(max_length=2, head_and_tail=False)
    first, second = make_docs(["fine film and warm", "fine film and dull"])
    ours, theirs = model.predict([first]).branches, model.predict([second]).branches
    assert_allclose(ours[0], theirs[0], **close)
    assert not numpy.allclose(ours[1], theirs[1], atol=1e-3)
