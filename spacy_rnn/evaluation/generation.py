"""How well texts are written: how probable what is right, how near what was written, and whether
it says what it should.
"""

import math
import re
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from spacy.training import Example

from ..errors import Errors
from ..extensions import extension_of
from ..slots import BORDERS


def score_generated(
    examples: Iterable[Example],
    *,
    output: str,
    log_p: Sequence[Tuple[float, int]],
    references: Callable[[], Sequence[List[str]]],
    slots: Sequence[List[str]],
    units: str,
    bleu: bool = False,
    **kwargs: Any,
) -> Dict[str, Optional[float]]:
    """`generated_prob`, the geometric mean of the probability of each unit of the references,
    which is 1 / perplexity, and the same as `rnn_generator_prob`, so that a config may give it a
    weight whatever the output is called; `generated_slot_acc`, 1 - slot error, see `slot_error`;
    and with `bleu`, `generated_bleu`, from 0 to 1, of the texts by all references of the same
    condition.

    examples (Iterable[Example]): Predictions and references.
    output (str): The extension with what was written.
    log_p (Sequence[Tuple[float, int]]): log P of each reference, and how many units it has.
    references (Callable[[], Sequence[List[str]]]): Gives the texts that are right for each
        example; asked for BLEU only.
    slots (Sequence[List[str]]): The values that each text should have.
    units (str): "char" or "word".
    RETURNS (Dict[str, Optional[float]]): Higher is better; None without annotation.
    RAISES (ImportError): If sacrebleu is needed and not installed.
    """
    name = extension_of(output)
    texts = [eg.predicted._.get(name) or "" for eg in examples]
    n = sum(length for _, length in log_p)
    prob = math.exp(sum(value for value, _ in log_p) / n) if n else None
    asked, wrong = slot_errors(zip(texts, slots), units)
    scores = {
        f"{name}_prob": prob,
        "rnn_generator_prob": prob,
        f"{name}_slot_acc": max(0.0, 1 - wrong / asked) if asked else None,
    }
    if not bleu:
        return scores
    pairs = [(text, right) for text, right in zip(texts, references()) if right]
    return {**scores, f"{name}_bleu": score_bleu(pairs)}


def slot_errors(texts: Iterable[Tuple[str, Sequence[str]]], units: str) -> Tuple[int, int]:
    """How many values texts should have, and how many are missing or said once too often (Wen et
    al., 2015).

    texts (Iterable[Tuple[str, Sequence[str]]]): Each with the values that it should have.
    units (str): "word" for values between spaces, "char" for whole words.
    """
    asked = wrong = 0
    before, behind = BORDERS[units]
    for text, given in texts:
        values = [value for value in given if value.strip()]  # what is empty is everywhere
        asked += len(values)
        # A value may be part of another one: longer ones first, and each place counts once
        for value in sorted(set(values), key=len, reverse=True):
            text, n = re.subn(before + re.escape(value) + behind, "\\0", text)
            wrong += abs(n - values.count(value))
    return asked, wrong


def score_bleu(pairs: Sequence[Tuple[str, List[str]]]) -> Optional[float]:
    """BLEU-4 of a corpus, from 0 to 1, over units between spaces, with all references of each
    text and without smoothing, as sacrebleu counts it.

    pairs (Sequence[Tuple[str, List[str]]]): What was written beside what is right.
    RAISES (ImportError): If sacrebleu is not installed.
    """
    try:
        from sacrebleu import corpus_bleu
    except ImportError as e:
        raise ImportError(Errors.R197) from e
    if not pairs:
        return None
    most = max(len(right) for _, right in pairs)
    right: Any = [[r[i] if i < len(r) else None for _, r in pairs] for i in range(most)]
    found = [text for text, _ in pairs]
    how: Dict[str, Any] = {"tokenize": "none", "smooth_method": "none", "force": True}
    return float(corpus_bleu(found, right, **how).score) / 100
