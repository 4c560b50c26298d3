"""Scores that spaCy does not have."""

from typing import Any, Callable, Dict, Iterable

from spacy.scorer import PRFScore
from spacy.training import Example
from spacy.util import registry


def score_unlabelled_entities(examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
    """Precision, recall and F of entity boundaries, whatever the labels: for a model
    that tells only inside from outside.

    examples (Iterable[Example]): Predictions and references.
    RETURNS (Dict[str, Any]): `ents_p`, `ents_r` and `ents_f`, None without annotation;
        `ents_per_type` has nothing to tell.
    """
    prf, annotated = PRFScore(), False
    for eg in examples:
        if not eg.reference.has_annotation("ENT_IOB"):
            continue
        annotated = True
        gold = {(ent.start_char, ent.end_char) for ent in eg.reference.ents}
        prf.score_set({(ent.start_char, ent.end_char) for ent in eg.predicted.ents}, gold)
    values = (prf.precision, prf.recall, prf.fscore) if annotated else (None, None, None)
    return dict(zip(("ents_p", "ents_r", "ents_f"), values), ents_per_type=None)


@registry.scorers("spacy_rnn.unlabelled_ner_scorer.v1")
def make_unlabelled_ner_scorer() -> Callable[..., Dict[str, Any]]:
    """Make the scorer."""
    return score_unlabelled_entities
