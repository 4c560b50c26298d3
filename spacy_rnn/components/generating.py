"""What `rnn_generator` does with what it has learnt: vocabularies, prompts, texts."""

import hashlib
import json
import math
import warnings
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from spacy.tokens import Doc

from ..errors import Warnings
from ..extensions import extension_of, register
from ..models.seq2seq import declare
from ..types import GeneratorModel
from ..units import SPECIAL, Units
from .base import RNNPipe, check_range
from .conditions import Conditions
from .decoding import Decoding, Writer
from .knowledge import DEVIATIONS
from .prompts import Generated, Prompt, Vocabulary


class GeneratingPipe(RNNPipe):
    """A component that writes texts for conditions. What its attributes mean is said at
    `make_rnn_generator`.
    """

    model: GeneratorModel
    condition: Optional[str]
    output: str
    prefix: bool
    decoding: Decoding
    seed: int
    max_length: Optional[int]
    _told_of_conditions: bool = False

    # Vocabularies

    @property
    def vocabulary(self) -> Vocabulary:
        """What texts and conditions consist of."""
        known, slots = tuple(self.cfg["conditions"]), tuple(self.cfg["slots"])
        how, target = self.model.attrs["units"], tuple(self.cfg["labels"])
        conditions = Conditions(self.name, self.condition, known, slots)
        return Vocabulary(conditions, Units(how, how, SPECIAL, target))

    @property
    def conditions(self) -> Conditions:
        """What there is to conditions."""
        return self.vocabulary.conditions

    @property
    def labels(self) -> Tuple[str, ...]:
        """The units of the texts."""
        return tuple(self.cfg["labels"][len(SPECIAL) :])

    @property
    def label_data(self) -> Dict[str, List[str]]:
        """The vocabularies as `initialize` takes them back."""
        return {key: self.cfg[key] for key in ("conditions", "slots", "labels")}

    def _rebuild(self, grow: bool = True) -> None:
        declare(self.model, len(self.cfg["conditions"]), len(self.cfg["labels"]))

    def _meanings(self) -> Dict[str, List[str]]:
        return self.label_data

    # Prediction

    def predict(self, docs: Iterable[Doc]) -> List[Optional[Generated]]:
        """Write for documents, which stay as they are.

        docs (Iterable[Doc]): The documents.
        RETURNS (List[Optional[Generated]]): None for a document without a condition.
        """
        self._require_weights()
        conditions = self.conditions
        prompts = []
        for doc in docs:
            value = conditions.read(doc)
            prompts.append(None if value is None else self._prompt(value, doc.text))
        if None in prompts:
            self._tell_of_conditions(prompts.count(None))
        known = [p for p in prompts if p is not None]
        found = iter(self._writer(self.decoding, self.max_length).write(known, 1))
        return [None if p is None else next(found)[0] for p in prompts]

    def _tell_of_conditions(self, n: int) -> None:
        if not self._told_of_conditions:
            self._told_of_conditions = True
            what = {"n": n, "condition": self.condition}
            warnings.warn(Warnings.RW30.format(name=self.name, **what), stacklevel=3)

    def _prompt(self, value: Any, text: str) -> Prompt:
        conditions = self.conditions
        condition = conditions.encode(value)
        # Not of the numbers: those of a component before depend in the last bit on the batch
        what = [self.seed, text, condition.values, conditions.names(condition)]
        digest = hashlib.sha256(json.dumps(what).encode("utf8")).digest()
        seed = int.from_bytes(digest[:7], "big")
        return Prompt(condition, text if self.prefix else "", seed)

    def generate(
        self,
        condition: Any = (),
        n: int = 1,
        *,
        prefix: str = "",
        max_length: Optional[int] = None,
        **decoding: float,
    ) -> List[Generated]:
        """Write for a condition.

        condition (Any): What would stand on a document: for "cats" a label, several, or a dict
            with weights; for slots a dict or a list of pairs; for "tensor" an array; nothing if
            there are no conditions.
        n (int): How many texts; a search may find fewer.
        prefix (str): What each begins with.
        max_length (Optional[int]): How many units are written at most; None for the setting.
        decoding (float): Other temperature, top_k, top_p, beam_width, alpha, candidates.
        RETURNS (List[Generated]): As they were drawn; what a search found, the best first.
        RAISES (ValueError): If the condition has another form, or was not in the training data, or
            a setting is out of its range.
        """
        how: Any = {"prefix": prefix, "max_length": max_length, **decoding}
        return self.generate_all([condition], n, **how)[0]

    def generate_all(
        self,
        conditions: Sequence[Any],
        n: int = 1,
        *,
        prefix: str = "",
        max_length: Optional[int] = None,
        **decoding: Any,
    ) -> List[List[Generated]]:
        """Write for several conditions side by side: see `generate`."""
        self._require_weights()
        how = self.decoding._replace(**decoding)
        how.check(self.name)
        check_range(self.name, "max_length", 1 if max_length is None else max_length, 1)
        prompts = [self._prompt(value, prefix)._replace(prefix=prefix) for value in conditions]
        limit = self.max_length if max_length is None else max_length
        return self._writer(how, limit).write(prompts, n)

    def _writer(self, how: Decoding, max_length: Optional[int]) -> Writer:
        return Writer(self.model, self.vocabulary, how, self._limit(max_length))

    def _limit(self, max_length: Optional[int]) -> int:
        """How many units may be written, `STOP` included; None for what the training data make
        likely.
        """
        if max_length is not None:
            return max_length
        mean, deviation = self.cfg["guard"]
        return max(math.ceil(mean + DEVIATIONS * deviation), 5) + 1

    def set_annotations(self, docs: Iterable[Doc], found: List[Optional[Generated]]) -> None:
        """Write the texts, and into `doc.user_data` their scores, whether they were cut short and
        which slots they do not say.

        docs (Iterable[Doc]): The documents.
        found (List[Optional[Generated]]): What `predict` wrote for each.
        """
        output, of_slots = extension_of(self.output), self.conditions.of_slots
        register(Doc, output)
        for doc, of_doc in zip(docs, found):
            if of_doc is None:
                continue
            doc._.set(output, of_doc.text)
            doc.user_data[f"{self.name}_score"] = of_doc.score
            doc.user_data[f"{self.name}_truncated"] = of_doc.truncated
            if of_slots:
                doc.user_data[f"{self.name}_missing"] = list(of_doc.missing)
