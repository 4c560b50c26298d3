import copy
import math
import pickle
from itertools import islice

import pytest
from spacy.util import registry

from spacy_rnn.schedules import Rate, inverse_sigmoid


@pytest.mark.parametrize("k", [1, 10.0, 500])
def test_inverse_sigmoid_by_its_equation(k):
    found = list(islice(inverse_sigmoid(k), 50))
    assert found == pytest.approx([k / (k + math.exp(i / k)) for i in range(50)])
    assert found[0] == k / (k + 1)


def test_it_falls_to_nothing_and_never_overflows():
    found = list(islice(inverse_sigmoid(1), 2000))
    assert found == sorted(found, reverse=True) and found[-1] == 0.0


def test_half_is_reached_at_k_log_k():
    k = 100
    assert next(islice(inverse_sigmoid(k), round(k * math.log(k)), None)) == pytest.approx(
        0.5, 1e-2
    )


def test_k_below_one_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        next(iter(inverse_sigmoid(0.5)))


def test_it_is_registered():
    schedule = registry.resolve({"s": {"@schedules": "spacy_rnn.inverse_sigmoid.v1", "k": 2.0}})
    assert list(islice(schedule["s"], 2)) == list(islice(inverse_sigmoid(2.0), 2))


def test_a_rate_keeps_its_last_value():
    rate = Rate("pairs", "teacher_forcing", [0.5, 0.25])
    assert [rate.step() for _ in range(4)] == [0.5, 0.25, 0.25, 0.25]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))])
def test_a_copy_keeps_the_value_that_was_reached(duplicate):
    rate = Rate("pairs", "teacher_forcing", inverse_sigmoid(2.0))
    reached = [rate.step() for _ in range(3)][-1]
    assert duplicate(rate).step() == reached > rate.step()


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_what_is_no_share_is_refused(value):
    with pytest.raises(ValueError, match="'pairs': 'teacher_forcing' is or became"):
        Rate("pairs", "teacher_forcing", value)
    with pytest.raises(ValueError, match="'pairs': 'teacher_forcing' is or became"):
        Rate("pairs", "teacher_forcing", iter([value])).step()
