"""What `spacy train` calls before it writes a pipeline."""

import warnings
from pathlib import Path
from typing import Callable, List, Optional

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.training import Corpus, Example
from spacy.util import registry

from .components.texts import annotated_passages
from .errors import Errors, Warnings


@registry.callbacks("spacy_rnn.calibrate.v1")
def create_calibrate_callback(path: Optional[Path]) -> Callable[[Language], Language]:
    """Make probabilities honest before a pipeline is saved. For `[training.before_to_disk]`.

    path (Optional[Path]): Annotated documents (.spacy) that training does not see; null
        leaves the probabilities as they are.
    RETURNS (Callable[[Language], Language]): Fits the temperature of each component that
        has one.
    RAISES (ValueError): If the file does not exist.
    """
    if path is not None and not Path(path).exists():
        raise ValueError(Errors.R030.format(path=path))

    def calibrate(nlp: Language) -> Language:
        if path is not None:
            examples = list(Corpus(path)(nlp))
            calibrate_pipeline(nlp, examples)
            warn_of_nothing(nlp, examples, path)
        return nlp

    return calibrate


def calibrate_pipeline(nlp: Language, examples: List[Example]) -> None:
    """Fit each component that can be calibrated, and is not frozen, on what those before it have
    made of the documents, as it will read them.

    examples (List[Example]): Annotated documents. Their predictions are written on.
    """
    for name, pipe in nlp.pipeline:
        if is_fitted(nlp, name):
            pipe.calibrate(examples)
        docs = [eg.predicted for eg in examples]
        predicted = pipe.pipe(docs) if hasattr(pipe, "pipe") else map(pipe, docs)
        for eg, doc in zip(examples, predicted):
            eg.predicted = doc


def is_fitted(nlp: Language, name: str) -> bool:
    """Whether a component can be calibrated and is not frozen."""
    frozen = nlp.config["training"].get("frozen_components", ())
    return hasattr(nlp.get_pipe(name), "calibrate") and name not in frozen


def warn_of_nothing(nlp: Language, examples: List[Example], path: Path) -> None:
    """Say which components find nothing in the documents to be calibrated or scored by."""
    for name, pipe in nlp.pipeline:
        if is_fitted(nlp, name) and not is_annotated(pipe, examples):
            what = "label" if hasattr(pipe, "level") else "entity"
            text = Warnings.RW22.format(name=name, what=what, n=len(examples), path=path)
            warnings.warn(text, stacklevel=2)


def is_annotated(pipe: Pipe, examples: List[Example]) -> bool:
    """Whether there is anything that a component should find: classes, or else entities."""
    if hasattr(pipe, "level"):
        return any(annotated_passages(examples, pipe.level)[1])
    return any(eg.reference.ents for eg in examples)
