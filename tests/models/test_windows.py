import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_rnn.models import encoder, windows
from spacy_rnn.models.windows import CONTEXT, WINDOW, read_in_windows

from .test_encoder import ENCODERS, make, make_batch

some_lengths = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 9000)), max_size=6)


@given(some_lengths)
def test_each_token_is_kept_once_and_in_order(lengths):
    kept = [w.rows[w.keep] for w in read_in_windows(lengths)]
    kept = numpy.concatenate(kept) if kept else numpy.zeros(0)
    assert kept.tolist() == list(range(sum(lengths)))


@given(some_lengths)
def test_no_window_is_too_long_or_crosses_documents(lengths):
    document = numpy.repeat(numpy.arange(len(lengths)), lengths)
    for part in read_in_windows(lengths):
        assert max(part.lengths) <= WINDOW
        for rows in numpy.split(part.rows, numpy.cumsum(part.lengths)[:-1]):
            assert len(set(document[rows])) == 1
            assert (numpy.diff(rows) == 1).all()


def test_there_is_context_on_either_side():
    for part in read_in_windows([3 * WINDOW]):
        ends = numpy.cumsum(part.lengths)
        for rows, keep in zip(numpy.split(part.rows, ends[:-1]), numpy.split(part.keep, ends[:-1])):
            inside = rows[keep]
            assert inside[0] == 0 or inside[0] - rows[0] == CONTEXT
            assert inside[-1] == 3 * WINDOW - 1 or rows[-1] - inside[-1] == CONTEXT


def test_many_short_documents_go_side_by_side():
    parts = list(read_in_windows([4] * 1000 + [5000]))
    assert len(parts) == 1


@pytest.fixture
def small_windows(monkeypatch):
    monkeypatch.setattr(windows, "WINDOW", 30)
    monkeypatch.setattr(windows, "CONTEXT", 10)
    monkeypatch.setattr(windows, "AT_A_TIME", 64)
    monkeypatch.setattr(encoder, "WINDOW", 30)


def whole(model, batch):
    """Without windows: training has none."""
    return model(batch, is_train=True)[0]


@pytest.mark.parametrize("name", ["window", "window deep"])
def test_a_net_that_sees_no_further_than_the_context_reads_the_same(name, small_windows):
    model, batch = make(ENCODERS[name]), make_batch([100, 3, 0, 31, 30])
    for ours, wanted in zip(model.predict(batch), whole(model, batch)):
        numpy.testing.assert_allclose(ours, wanted, atol=1e-5)


@pytest.mark.parametrize("name", ["lstm both 1", "gru both 2", "rnn one 1"])
def test_a_recurrent_net_has_forgotten_where_it_began(name, small_windows):
    model, batch = make(ENCODERS[name]), make_batch([100, 3, 31])
    for ours, wanted in zip(model.predict(batch), whole(model, batch)):
        assert numpy.abs(ours - wanted).mean() < 0.02 < numpy.ptp(wanted)


def test_what_stands_beside_a_long_document_changes_nothing(small_windows):
    model, batch = make(ENCODERS["lstm both 1"]), make_batch([100, 3, 70, 0])
    alone = [model.predict([X])[0] for X in batch]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        together = model.predict([batch[i] for i in order])
        for i, Y in zip(order, together):
            numpy.testing.assert_allclose(Y, alone[i], atol=1e-5)


def test_a_large_batch_of_short_documents_is_read_in_parts(monkeypatch):
    """As when all of dev is calibrated on."""
    monkeypatch.setattr(windows, "AT_A_TIME", 20)
    monkeypatch.setattr(encoder, "AT_A_TIME", 20)
    model, batch = make(ENCODERS["lstm both 1"]), make_batch([9, 0, 7, 8, 1, 9, 5])
    reader, sizes = encoder._reader, []

    def counting(*args):
        read = reader(*args)
        return lambda rows, lengths: sizes.append(sum(lengths)) or read(rows, lengths)

    monkeypatch.setattr(encoder, "_reader", counting)
    for ours, wanted in zip(model.predict(batch), whole(model, batch)):
        numpy.testing.assert_allclose(ours, wanted, atol=1e-5)
    assert sizes == [24, 15]
