"""`nlp.rehearse` with `rnn_generator`."""

import pytest
from thinc.api import Adam

from ..generator_helpers import NAMES, make_examples, make_nlp, train


def log_p(nlp, data):
    return sum(of for of, _ in nlp.get_pipe("writer").log_p(make_examples(nlp, data)))


@pytest.mark.parametrize("piece", [3, 99])
def test_rehearsal_holds_what_was_known(piece):
    """Learning something else alone makes it forget more."""
    nlp = make_nlp({"piece": piece}, width=32)
    train(nlp, 40)
    known, other, before = (
        make_examples(nlp, NAMES),
        make_examples(nlp, [("xxxx", "a")]),
        nlp.to_bytes(),
    )
    kept = []
    for rehearses in (False, True):
        optimizer = nlp.from_bytes(before).resume_training()
        optimizer.learn_rate = 0.01
        for _ in range(25):
            nlp.update(other, sgd=optimizer)
            if rehearses:
                losses = nlp.rehearse(known, sgd=optimizer, losses={})
        kept.append(log_p(nlp, NAMES))
    assert losses["writer"] > 0 and kept[1] > kept[0] + 1


def test_at_first_there_is_nothing_to_rehearse():
    nlp = make_nlp({"piece": 3})
    writer, examples = nlp.get_pipe("writer"), make_examples(nlp, NAMES)
    assert writer.rehearse(examples, sgd=Adam(0.1), losses={}) == {"writer": 0.0}
    nlp.resume_training()
    losses = writer.rehearse(examples, losses={})
    assert losses["writer"] == pytest.approx(0.0, abs=1e-8)
    assert writer.rehearse([], losses={}) == {"writer": 0.0}
