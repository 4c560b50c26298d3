"""The decoder without a source as a Thinc model: pieces, gradients, sequences."""

import numpy
import pytest
from numpy.testing import assert_allclose
from thinc.api import NumpyOps, fix_random_seed, set_dropout_rate

from spacy_rnn.models.generator import (
    Prompts,
    build_conditional_decoder_v1,
    pieces,
    select,
    write,
)
from spacy_rnn.models.losses import cross_entropy
from spacy_rnn.models.seq2seq import build, declare

from ..helpers import stir_model

OPS = NumpyOps()
C, V = 2, 8
CONDITIONS = numpy.array([[1, 0], [0, 1], [1, 1]], dtype="f")
SAYS = numpy.array([C] * 7 + [1])
TARGETS = [[4, 5, 6, 4, 2], [2], [7, 4, 2]]


def make_model(**settings):
    """A net with random weights."""
    fix_random_seed(0)
    model = build_conditional_decoder_v1(**{"width": 12, "embed_width": 4, **settings})
    declare(model, C, V)
    build(model)
    return stir_model(model)


def log_p_of(model, size):
    """log P of each unit, read in pieces."""
    found = [[] for _ in TARGETS]
    state, among = None, [0, 1, 2]
    for rows, piece in pieces(CONDITIONS, SAYS, TARGETS, size):
        said = model.predict(piece._replace(state=select(state, rows, among)))
        for row, log_p, targets in zip(rows, said.log_p, piece.targets):
            found[row] += log_p[targets != 0, 0].tolist()
        state, among = said.state, rows
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 99])
def test_the_size_of_pieces_does_not_matter(size):
    model = make_model()
    for ours, whole in zip(log_p_of(model, size), log_p_of(model, 99)):
        assert_allclose(ours, whole, rtol=1e-5)


def test_pieces_have_what_came_before():
    (rows, one), (more, two), _ = pieces(CONDITIONS, SAYS, TARGETS, 2)
    assert rows == [0, 1, 2] and more == [0, 2]
    assert one.before.tolist() == [[1, 4], [1, 0], [1, 7]]
    assert two.before.tolist() == [[5, 6], [4, 0]]
    assert two.targets.tolist() == [[6, 4], [2, 0]]
    assert_allclose(two.conditions, CONDITIONS[[0, 2]])


def test_gradients_go_to_all_weights_and_dropout_is_only_for_learning():
    model = make_model()
    ((_, piece),) = pieces(CONDITIONS, SAYS, TARGETS, 99)
    set_dropout_rate(model, 0.5)
    one, two = (model.predict(piece).log_p for _ in range(2))
    assert_allclose(one, two)
    said, backprop = model.begin_update(piece)
    assert not numpy.allclose(said.log_p, one)
    value, gradient = cross_entropy(OPS, said.log_p, (piece.targets != 0)[..., None], 0.1)
    backprop(gradient)
    assert value > 0 and len(model.shims[0].gradients()) == len(model.shims[0].tensors())


def test_what_is_written_has_its_score():
    model = make_model()
    prompts = Prompts(CONDITIONS, SAYS, [[], [4], [5, 6]])
    for how in ({"width": 3, "n": 2}, {"seeds": [1, 2, 3]}):
        found = write(model, prompts, [4, 5, 6], **how)
        for row, of in enumerate(found):
            for one in of:
                whole = [*prompts.prefixes[row], *one.units, *([] if one.truncated else [2])]
                ((_, piece),) = pieces(CONDITIONS[[row]], SAYS, [whole], 99)
                log_p = model.predict(piece).log_p[0, len(prompts.prefixes[row]) :, 0]
                # A search never writes <unk>, and says how probable things are all the same
                assert one.score == pytest.approx(log_p.mean(), abs=1e-5)


@pytest.mark.parametrize("settings", [{"cell": "x"}, {"units": "x"}], ids=str)
def test_wrong_settings_are_refused(settings):
    with pytest.raises(ValueError, match="'x'"):
        build_conditional_decoder_v1(**settings)


@pytest.mark.parametrize("setting", ["width", "embed_width"])
def test_a_width_that_is_too_small_is_named(setting):
    with pytest.raises(ValueError, match=f"'{setting}' is 0, but must be at least 1"):
        build_conditional_decoder_v1(**{setting: 0})
