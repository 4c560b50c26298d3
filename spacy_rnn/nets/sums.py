"""Sums over all tag sequences of a document, from both ends.

The straight way takes logarithms at every step. The scaled way (Rabiner, 1989, section V.A)
multiplies probabilities instead, both directions side by side, and now and then divides by their
sum before float64 comes to its end; its logarithms are taken all at once. A step is then one
product with the transitions and one with the emissions.
"""

import math
from typing import List, NamedTuple, Tuple

import numpy

from .packing import last_rows, reversal, sequence_of_row, step_slices
from .potentials import NEVER, Arrays

Array = numpy.ndarray

RANGE = 600.0  # of the logarithm of a number in float64, some left over


class Sums(NamedTuple):
    """What is found out from both ends. B documents, by falling length."""

    log_z: Array  # (B,) -inf for a document that no path fits
    alpha: Array  # (N, K) log-sum of the paths that reach a tag at a token
    beta: Array  # (N, K) log-sum of the paths that go on from there


def sums(a: Arrays) -> Sums:
    """Sum over all paths from both ends (Rabiner, 1989)."""
    with numpy.errstate(invalid="ignore"):  # NaN comes out as it goes in
        if interval := scaling_interval(a):
            found = _with_log_z(a, *scaled_sums(a, interval))
            if not (found.log_z == NEVER).any():
                return found
        return _with_log_z(a, forward_sums(a), backward_sums(a))


def _with_log_z(a: Arrays, alpha: Array, beta: Array) -> Sums:
    return Sums(log_sum(alpha[last_rows(a.batch_sizes).numpy()] + a.end), alpha, beta)


def marginals(a: Arrays, found: Sums) -> Array:
    """The probability of each tag at each token, 0 where no path fits. *Shape:* ``(N, K)``"""
    with numpy.errstate(invalid="ignore"):
        log_p = found.alpha + found.beta
        log_p -= found.log_z[sequence_of_row(a.batch_sizes).numpy()][:, None]
    numpy.exp(numpy.minimum(log_p, 0.0, out=log_p), out=log_p)
    return numpy.nan_to_num(log_p, copy=False)


def log_sum(x: Array, axis: int = 1) -> Array:
    """log sum exp, -inf for nothing but that. *Shapes:* ``(S, K)`` to ``(S,)``"""
    high = x.max(axis=axis, keepdims=True)
    high[high == NEVER] = 0.0
    shares = x - high
    numpy.exp(shares, out=shares)
    with numpy.errstate(divide="ignore"):  # the logarithm of 0 is what it should be
        return (numpy.log(shares.sum(axis=axis, keepdims=True)) + high).squeeze(axis)


def forward_sums(a: Arrays) -> Array:
    """alpha_t[j] = emissions_t[j] + log sum_i exp(alpha_{t-1}[i] + transitions[i, j])

    RETURNS (Array): *Shape:* ``(N, K)``
    """
    alpha, before = a.emissions.copy(), None
    for rows in step_slices(a.batch_sizes):
        if before is None:
            alpha[rows] += a.start
        else:
            alpha[rows] += log_sum(before[: rows.stop - rows.start, :, None] + a.transitions)
        before = alpha[rows]
    return alpha


def backward_sums(a: Arrays) -> Array:
    """beta_t[i] = log sum_j exp(transitions[i, j] + emissions_{t+1}[j] + beta_{t+1}[j])

    RETURNS (Array): *Shape:* ``(N, K)``
    """
    beta, after = numpy.tile(a.end, (len(a.emissions), 1)), None
    for rows in reversed(step_slices(a.batch_sizes)):
        if after is not None:
            onward = log_sum(a.transitions + after[:, None, :], axis=2)
            beta[rows.start : rows.start + len(after)] = onward
        after = beta[rows] + a.emissions[rows]
    return beta


def scaling_interval(a: Arrays) -> int:
    """After how many steps the scaled sums have to be scaled, 0 if they cannot be trusted. Every
    tag can be reached within three steps, so none falls further behind than three times the
    spread of the scores of one step. What annotation forbids does not count: then a document
    may lose all of its paths, which shows.
    """
    steps = numpy.concatenate([a.transitions.ravel(), a.start, a.end])
    apart = float(_spread(a.emissions).max() + _spread(steps[None])[0])
    if not 0.0 <= apart < RANGE:
        return 0
    return max(int(RANGE / (apart + math.log(len(a.start)) + 1.0)) - 3, 0)


def _spread(x: Array) -> Array:
    """How far apart the finite numbers of each row lie; NaN stays. *Shapes:* ``(N, K)`` to
    ``(N,)``
    """
    high, low = x.max(axis=1), numpy.where(x == NEVER, math.inf, x).min(axis=1)
    return numpy.where(high == NEVER, 0.0, high - low)


def scaled_sums(a: Arrays, interval: int) -> Tuple[Array, Array]:
    """What `forward_sums` and `backward_sums` give.

    interval (int): See `scaling_interval`.
    RETURNS (Tuple[Array, Array]): *Shapes:* ``(N, K)``
    """
    back = reversal(a.batch_sizes).numpy()
    high, highest = _finite(a.emissions.max(axis=1)), _finite(a.transitions.max())
    e = numpy.exp(a.emissions - high[:, None])
    T, ends = numpy.exp(a.transitions - highest), numpy.stack([a.start, a.end])
    first = _finite(ends.max(axis=1, keepdims=True))
    scale = numpy.stack([high, high[back]]) + highest
    both = _Both(numpy.stack([e, e[back]]), numpy.stack([T, T.T]), numpy.exp(ends - first), scale)
    reach, passed = _multiply(both, step_slices(a.batch_sizes), interval)
    with numpy.errstate(divide="ignore"):
        logs = numpy.log(reach) + (passed + first)[:, :, None]
    return logs[0] + a.emissions, logs[1][back]


class _Both(NamedTuple):
    """The factors of both directions, each in its reading order."""

    emissions: Array  # (2, N, K)
    transitions: Array  # (2, K, K)
    ends: Array  # (2, K)
    scale: Array  # (2, N) logarithm of what a step has been divided by


def _multiply(both: _Both, steps: List[slice], interval: int) -> Tuple[Array, Array]:
    """The sums before each token's emissions, and the logarithm of what they have been divided
    by. *Shapes:* ``(2, N, K)`` and ``(2, N)``
    """
    reach, passed = numpy.empty_like(both.emissions), numpy.zeros_like(both.scale)
    reach[:, steps[0]] = both.ends[:, None]
    for t, (rows, following) in enumerate(zip(steps, steps[1:]), start=1):
        alive = following.stop - following.start
        state = (reach[:, rows] * both.emissions[:, rows])[:, :alive]
        passed[:, following] = (passed[:, rows] + both.scale[:, rows])[:, :alive]
        if t % interval == 0:
            total = state.sum(axis=2)
            total[total == 0.0] = 1.0
            state /= total[:, :, None]
            passed[:, following] += numpy.log(total)
        numpy.matmul(state, both.transitions, out=reach[:, following])
    return reach, passed


def _finite(x: Array) -> Array:
    return numpy.where(x == NEVER, 0.0, x)
