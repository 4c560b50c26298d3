"""`rnn_generator`: one input, a sequence out: a name for a language, a sentence for its slots, a
text that goes on.
"""

import hashlib
import json
import math
import warnings
from functools import partial
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.errors import Errors as SpacyErrors
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Config, Optimizer
from thinc.types import Floats1d

from ..errors import Errors, Warnings
from ..models.generator import GeneratorModel, Likelihood, Piece, Prompts, pieces, select, write
from ..models.seq2seq import AT_A_TIME, build, declare, loss
from ..slots import cut, fill, said
from ..units import SPECIAL, STOP_ID, UNKNOWN_ID, Units
from .attributes import EXTENSION
from .base import RNNPipe, start_losses
from .conditions import Condition, Conditions, make_conditions
from .rnn_seq2seq import vocabulary

DEFAULT_CONFIG = """
[model]
@architectures = "spacy_rnn.ConditionalDecoder.v1"
"""
DEVIATIONS = 3.0  # beyond the mean, that a text may be long


@Language.factory(
    "rnn_generator",
    assigns=["doc._.generated"],
    default_config={
        "model": Config().from_str(DEFAULT_CONFIG)["model"],
        "condition": "cats",
        "target": "text",
        "output": "_.generated",
        "prefix": False,
        "temperature": 1.0,
        "top_k": 0,
        "top_p": 1.0,
        "beam_width": 1,
        "alpha": 1.0,
        "candidates": 1,
        "seed": 0,
        "max_length": None,
        "label_smoothing": 0.0,
        "piece": 200,
        "overwrite": True,
        "grad_clip": 5.0,
        "max_bad_steps": 10,
        "scorer": {"@scorers": "spacy_rnn.generator_scorer.v1"},
    },
    default_score_weights={
        "generated_prob": 1.0,
        "generated_bleu": None,
        "generated_slot_acc": None,
    },
)
def make_rnn_generator(
    nlp: Language,
    name: str,
    model: GeneratorModel,
    condition: Optional[str],
    target: str,
    output: str,
    prefix: bool,
    temperature: float,
    top_k: int,
    top_p: float,
    beam_width: int,
    alpha: float,
    candidates: int,
    seed: int,
    max_length: Optional[int],
    label_smoothing: float,
    piece: int,
    overwrite: bool,
    grad_clip: float,
    max_bad_steps: int,
    scorer: Optional[Callable[..., Any]],
) -> "RNNGenerator":
    """Make the component.

    model (Model[Piece, Likelihood]): See `spacy_rnn.ConditionalDecoder.v1`.
    condition (Optional[str]): What a text is written for: "cats", labels with their weights;
        "tensor", a vector, or the mean of one a token; "_.NAME", an extension with slots, a dict
        or a list of pairs; null for nothing.
    target (str): What is learnt: "text", that of the reference, or "_.NAME", an extension.
    output (str): The extension "_.NAME" for what is written.
    prefix (bool): Whether what is written goes on from the text of the document.
    temperature (float): What is written is drawn; below 1 the probable becomes more probable.
        0 for the most probable text that a search finds.
    top_k (int): Draws only among so many of the most probable units, 0 for all.
    top_p (float): Draws only among the most probable units that have so much probability together.
    beam_width (int): How many texts the search follows, if the temperature is 0.
    alpha (float): The search compares texts by log P / length^alpha.
    candidates (int): So many are written for each document; the one with the fewest slots missing,
        and of those the most probable, is kept.
    seed (int): With the condition and the text of a document it decides what is drawn.
    max_length (Optional[int]): How many units are written at most; null for what the training data
        make likely.
    label_smoothing (float): The share of the probability that training gives to all units alike.
    piece (int): A longer text is learnt in pieces of so many units: the state goes on from one to
        the next, the gradient does not go back (truncated backpropagation through time).
    overwrite (bool): Whether a value that is there already gives way.
    grad_clip (float): Largest norm of the gradient over all weights, 0 for no limit.
    max_bad_steps (int): Training stops after so many NaN gradients in a row.
    scorer (Optional[Callable]): The scoring method.
    """
    return RNNGenerator(
        nlp.vocab,
        model,
        name,
        condition=condition,
        target=target,
        output=output,
        prefix=prefix,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        beam_width=beam_width,
        alpha=alpha,
        candidates=candidates,
        seed=seed,
        max_length=max_length,
        label_smoothing=label_smoothing,
        piece=piece,
        overwrite=overwrite,
        grad_clip=grad_clip,
        max_bad_steps=max_bad_steps,
        scorer=scorer,
    )


class Prompt(NamedTuple):
    """What one text is written for."""

    condition: Condition
    prefix: str
    seed: int


class Generated(NamedTuple):
    """What was written, the prefix in front."""

    text: str
    score: float  # mean of log P over the units that were written
    truncated: bool  # whether the limit ended it
    missing: Tuple[str, ...]  # slots that it does not say


class RNNGenerator(RNNPipe):
    """Sequences of any length by a recurrent decoder, for labels, slots, vectors, or from the
    beginning of a text.
    """

    factory = "rnn_generator"

    def __init__(
        self,
        vocab: Vocab,
        model: GeneratorModel,
        name: str = "rnn_generator",
        *,
        condition: Optional[str] = "cats",
        target: str = "text",
        output: str = "_.generated",
        prefix: bool = False,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        beam_width: int = 1,
        alpha: float = 1.0,
        candidates: int = 1,
        seed: int = 0,
        max_length: Optional[int] = None,
        label_smoothing: float = 0.0,
        piece: int = 200,
        overwrite: bool = True,
        grad_clip: float = 5.0,
        max_bad_steps: int = 10,
        scorer: Optional[Callable[..., Any]] = None,
    ):
        """Initialize the component. The arguments are those of `make_rnn_generator`."""
        self.vocab = vocab
        self.model = model
        self.name = name
        self.condition = condition
        self.target = target
        self.output = output
        self.prefix = prefix
        self.temperature = temperature
        self.top_k = top_k
        self.top_p = top_p
        self.beam_width = beam_width
        self.alpha = alpha
        self.candidates = candidates
        self.seed = seed
        self.max_length = max_length
        self.label_smoothing = label_smoothing
        self.piece = piece
        self.overwrite = overwrite
        self.grad_clip = grad_clip
        self.max_bad_steps = max_bad_steps
        self.scorer = scorer
        self.cfg: Dict[str, Any] = {
            "labels": list(SPECIAL),  # the units
            "conditions": [],
            "slots": [],
            "guard": [1.0, 0.0],  # mean and deviation of the length of texts
        }
        self._check()

    def _check(self) -> None:
        make_conditions(self.name, self.condition)
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(Errors.R036.format(name=self.name, value=self.label_smoothing))
        if self.beam_width < 1:
            raise ValueError(Errors.R050.format(name=self.name, width=self.beam_width))
        for setting, least, most in (
            ("temperature", 0, math.inf),
            ("top_k", 0, math.inf),
            ("top_p", 1e-9, 1),
            ("candidates", 1, math.inf),
            ("piece", 1, math.inf),
            ("max_length", 1, math.inf),
        ):
            value = getattr(self, setting)
            if value is not None and not least <= value <= most:
                what = {"setting": setting, "value": value, "least": least, "most": most}
                raise ValueError(Errors.R139.format(name=self.name, **what))
        for setting, known in (("target", ("text",)), ("output", ())):
            value = getattr(self, setting)
            extension = value.removeprefix(EXTENSION)
            if value not in known and not (extension != value and extension.isidentifier()):
                what = {"setting": setting, "value": value}
                raise ValueError(Errors.R138.format(name=self.name, **what))
            register(value)

    # Vocabularies

    @property
    def conditions(self) -> Conditions:
        """What there is to conditions."""
        known, slots = tuple(self.cfg["conditions"]), tuple(self.cfg["slots"])
        return Conditions(self.name, self.condition, known, slots)

    @property
    def units(self) -> Units:
        """The units of the texts."""
        how, target = self.model.attrs["units"], tuple(self.cfg["labels"])
        return Units(how, how, SPECIAL, target)

    @property
    def labels(self) -> Tuple[str, ...]:
        """The units of the texts."""
        return tuple(self.cfg["labels"][len(SPECIAL) :])

    @property
    def label_data(self) -> Dict[str, List[str]]:
        """The vocabularies as `initialize` takes them back."""
        return {key: self.cfg[key] for key in ("conditions", "slots", "labels")}

    def add_label(self, label: str) -> int:
        """Units and conditions come from the data; see `initialize`."""
        raise NotImplementedError

    def _rebuild(self, grow: bool = True) -> None:
        declare(self.model, len(self.cfg["conditions"]), len(self.cfg["labels"]))

    def _header(self) -> Dict[str, Any]:
        text = json.dumps(self.label_data, sort_keys=True)
        digest = hashlib.sha256(text.encode("utf8")).hexdigest()
        return {"architecture": self.factory, "labels": digest}

    # Learning

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Dict[str, List[str]]] = None,
    ) -> None:
        """Learn conditions, units and lengths from the data, and build the net.

        get_examples (Callable[[], Iterable[Example]]): Gives examples of what is to be learnt.
        nlp (Optional[Language]): The pipeline that the component is part of.
        labels (Optional[Dict[str, List[str]]]): The vocabularies, if `spacy init labels` made a
            file of them.
        RAISES (ValueError): If no example has a text and a condition, or the labels are those of
            another component.
        """
        validate_get_examples(get_examples, "RNNGenerator.initialize")
        data = self._data(get_examples())
        if not data:
            what = {"condition": self.condition, "target": self.target}
            raise ValueError(Errors.R137.format(name=self.name, **what))
        if labels:
            self.cfg.update(self._checked(labels))
        else:
            conditions = self.conditions.learn(data, self.model.attrs["units"])
            self.cfg.update(conditions=list(conditions.known), slots=list(conditions.slots))
        cut_up = [self._cut(text, self.conditions.encode(value)) for value, text in data]
        if not labels:
            self.cfg["labels"] = vocabulary(cut_up)
        lengths = [len(units) for units in cut_up]
        self.cfg["guard"] = [float(numpy.mean(lengths)), float(numpy.std(lengths))]
        self._rebuild()
        build(self.model)

    def _checked(self, labels: Dict[str, List[str]]) -> Dict[str, List[str]]:
        if set(labels) != set(self.label_data) or tuple(labels["labels"][:4]) != SPECIAL:
            special = ", ".join(SPECIAL)
            raise ValueError(Errors.R145.format(name=self.name, special=special))
        return labels

    def _data(self, examples: Iterable[Example]) -> List[Tuple[Any, str]]:
        """Conditions of the references, with their texts, where there are both."""
        found = []
        for eg in examples:
            value, text = self.conditions.read(eg.reference), self._text(eg.reference)
            if value is not None and text:
                found.append((value, text))
        return found

    def _text(self, doc: Doc) -> str:
        if self.target == "text":
            return str(doc.text)
        register(self.target)
        value = doc._.get(self.target.removeprefix(EXTENSION))
        if not isinstance(value, (str, type(None))):
            what = {"target": self.target, "text": doc.text[:40], "value": repr(value)}
            raise ValueError(Errors.R049.format(**what))
        return value or ""

    def _cut(self, text: str, condition: Condition) -> List[str]:
        return cut(text, condition.values, self.units)

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Learn from a batch. With an optimizer each piece of long texts is a step.

        examples (Iterable[Example]): The batch.
        drop (float): Dropout rate of the net.
        sgd (Optional[Optimizer]): The optimizer; None or False leaves the step to
            `finish_update`.
        losses (Optional[Dict[str, float]]): Record of the loss, by component name.
        RETURNS (Dict[str, float]): That record.
        """
        losses = start_losses(losses, self.name)
        examples = list(examples)
        validate_examples(examples, "RNNGenerator.update")
        for compare, piece in self._pieces(self._data(examples)):
            self.learn(piece, compare, drop, sgd, losses)
        return losses

    def _pieces(
        self, data: List[Tuple[Any, str]]
    ) -> Iterable[Tuple[Callable[[Likelihood], Tuple[float, Any]], Piece]]:
        """The pieces of texts, each with what compares it. The state of a piece is known when the
        one before it was compared.
        """
        if not data:
            return
        vectors, targets = self._numbers(data)
        says = self.conditions.says(self.cfg["labels"])
        state, before = None, list(range(len(targets)))
        for rows, piece in pieces(vectors, says, targets, self.piece):
            piece = piece._replace(state=select(state, rows, before))
            kept: List[Any] = []
            yield partial(self._compare, piece, kept), piece
            state, before = kept[0] if kept else None, rows

    def _compare(self, piece: Piece, kept: List[Any], found: Likelihood) -> Tuple[float, Any]:
        kept.append(found.state)
        pairs: Any = piece  # all that the loss reads of it are its targets
        return loss(self.model.ops, found.log_p, pairs, self.label_smoothing)

    def _numbers(self, data: List[Tuple[Any, str]]) -> Tuple[Any, List[List[int]]]:
        """Conditions and texts as numbers; a unit that is not known is `UNKNOWN`.
        *Shape:* ``(B, C)``
        """
        conditions = [self.conditions.encode(value) for value, _ in data]
        number = {unit: i for i, unit in enumerate(self.cfg["labels"])}
        targets = [
            [*(number.get(unit, UNKNOWN_ID) for unit in self._cut(text, condition)), STOP_ID]
            for condition, (_, text) in zip(conditions, data)
        ]
        return numpy.stack([condition.vector for condition in conditions]), targets

    # Prediction

    def predict(self, docs: Iterable[Doc]) -> List[Optional[Generated]]:
        """Write for documents, which stay as they are.

        docs (Iterable[Doc]): The documents.
        RETURNS (List[Optional[Generated]]): None for a document without a condition.
        """
        self._need_weights()
        conditions = self.conditions
        prompts = []
        for doc in docs:
            value = conditions.read(doc)
            prompts.append(None if value is None else self._prompt(value, doc.text))
        if None in prompts:
            what = {"n": prompts.count(None), "condition": self.condition}
            warnings.warn(Warnings.RW30.format(name=self.name, **what), stacklevel=2)
        found = iter(self._write([p for p in prompts if p is not None], 1))
        return [None if p is None else next(found)[0] for p in prompts]

    def _need_weights(self) -> None:
        if not self.model.shims[0].is_built:
            raise ValueError(SpacyErrors.E109.format(name=self.name))

    def _prompt(self, value: Any, text: str) -> Prompt:
        condition = self.conditions.encode(value)
        what = json.dumps([self.seed, text, condition.values]).encode("utf8")
        digest = hashlib.sha256(what + condition.vector.tobytes()).digest()
        seed = int.from_bytes(digest[:7], "big")
        return Prompt(condition, text if self.prefix else "", seed)

    def generate(
        self,
        condition: Any = (),
        n: int = 1,
        *,
        prefix: str = "",
        max_length: Optional[int] = None,
    ) -> List[Generated]:
        """Write for a condition.

        condition (Any): What would stand on a document: for "cats" a label, several, or a dict
            with weights; for slots a dict or a list of pairs; for "tensor" an array; nothing if
            there are no conditions.
        n (int): How many texts; a search may find fewer.
        prefix (str): What each begins with.
        max_length (Optional[int]): How many units are written at most; None for the setting.
        RETURNS (List[Generated]): As they were drawn; what a search found, the best first.
        RAISES (ValueError): If the condition has another form, or was not in the training data.
        """
        return self.generate_all([condition], n, prefix=prefix, max_length=max_length)[0]

    def generate_all(
        self,
        conditions: Sequence[Any],
        n: int = 1,
        *,
        prefix: str = "",
        max_length: Optional[int] = None,
    ) -> List[List[Generated]]:
        """Write for several conditions side by side: see `generate`."""
        self._need_weights()
        prompts = [self._prompt(value, prefix)._replace(prefix=prefix) for value in conditions]
        return self._write(prompts, n, max_length)

    def _write(
        self, prompts: Sequence[Prompt], n: int, max_length: Optional[int] = None
    ) -> List[List[Generated]]:
        """n texts for each prompt."""
        if n < 1:
            return [[] for _ in prompts]
        found: List[List[Generated]] = []
        draws = n * self.candidates if self.temperature else 1
        limit = max_length or self.max_length or self._limit()
        size = max(AT_A_TIME // max(draws, self.beam_width), 1)
        for start in range(0, len(prompts), size):
            some = prompts[start : start + size]
            found += self._draw(some, n, limit) if self.temperature else self._find(some, n, limit)
        return found

    def _draw(self, prompts: Sequence[Prompt], n: int, limit: int) -> List[List[Generated]]:
        draws = n * self.candidates
        rows = [p for p in prompts for _ in range(draws)]
        seeds = [p.seed + i for p in prompts for i in range(draws)]
        how = {"temperature": self.temperature, "top_k": self.top_k, "top_p": self.top_p}
        written = self._written(rows, limit, seeds=seeds, **how)
        each = [of[0] for of in written]
        tries = [each[i : i + self.candidates] for i in range(0, len(each), self.candidates)]
        best = [min(of, key=by_slots) for of in tries]
        return [best[i : i + n] for i in range(0, len(best), n)]

    def _find(self, prompts: Sequence[Prompt], n: int, limit: int) -> List[List[Generated]]:
        many = max(n, self.candidates)
        how = {"n": many, "width": max(self.beam_width, many), "alpha": self.alpha}
        return [sorted(of, key=by_slots)[:n] for of in self._written(prompts, limit, **how)]

    def _written(self, prompts: Sequence[Prompt], limit: int, **how: Any) -> List[List[Generated]]:
        number, units = {u: i for i, u in enumerate(self.cfg["labels"])}, self.units
        prefixes = [
            [number.get(unit, UNKNOWN_ID) for unit in units.split_target(p.prefix)] for p in prompts
        ]
        vectors: List[Floats1d] = [p.condition.vector for p in prompts]
        says = self.conditions.says(self.cfg["labels"])
        inputs = Prompts(numpy.stack(vectors), says, prefixes)
        written = write(self.model, inputs, [limit] * len(prompts), **how)
        return [[self._generated(p, *w) for w in of] for p, of in zip(prompts, written)]

    def _generated(
        self, prompt: Prompt, numbers: List[int], score: float, truncated: bool
    ) -> Generated:
        names, (vector, values) = self.cfg["labels"], prompt.condition
        units = [names[n] for n in numbers if n >= len(SPECIAL)]
        text = self.units.join_target(fill(units, values))
        between = " " if self.units.of_target == "word" and prompt.prefix and text else ""
        missing = tuple(key for key in values if key not in said(units))
        return Generated(prompt.prefix + between + text, score, truncated, missing)

    def _limit(self) -> int:
        """How many units may be written, `STOP` included: what the training data make likely."""
        mean, deviation = self.cfg["guard"]
        return max(math.ceil(mean + DEVIATIONS * deviation), 5) + 1

    def set_annotations(self, docs: Iterable[Doc], found: List[Optional[Generated]]) -> None:
        """Write the texts, and into `doc.user_data` their scores, whether they were cut short and
        which slots they do not say.

        docs (Iterable[Doc]): The documents.
        found (List[Optional[Generated]]): What `predict` wrote for each.
        """
        register(self.output)
        output = self.output.removeprefix(EXTENSION)
        for doc, of_doc in zip(docs, found):
            if of_doc is None or (doc._.get(output) and not self.overwrite):
                continue
            doc._.set(output, of_doc.text)
            doc.user_data[f"{self.name}_score"] = of_doc.score
            doc.user_data[f"{self.name}_truncated"] = of_doc.truncated
            if self.conditions.of_slots:
                doc.user_data[f"{self.name}_missing"] = list(of_doc.missing)

    # Scores

    def log_p(self, examples: Iterable[Example]) -> List[Tuple[float, int]]:
        """log P of the text of each reference that has a condition, and the number of its units,
        both with `STOP`. One divided by the other is minus the cross-entropy in nats.

        examples (Iterable[Example]): The examples.
        """
        self._need_weights()
        data = self._data(examples)
        order = sorted(range(len(data)), key=lambda i: len(data[i][1]))
        found: Dict[int, Tuple[float, int]] = {}
        for start in range(0, len(order), AT_A_TIME):
            rows = order[start : start + AT_A_TIME]
            found.update(zip(rows, self._log_p([data[i] for i in rows])))
        return [found[i] for i in range(len(data))]

    def _log_p(self, data: List[Tuple[Any, str]]) -> List[Tuple[float, int]]:
        vectors, targets = self._numbers(data)
        totals = numpy.zeros(len(data), dtype="f8")
        says, state = self.conditions.says(self.cfg["labels"]), None
        before = list(range(len(data)))
        for rows, piece in pieces(vectors, says, targets, self.piece):
            found = self.model.predict(piece._replace(state=select(state, rows, before)))
            totals[rows] += self.model.ops.to_numpy(found.log_p[..., 0]).sum(1)
            state, before = found.state, rows
        return [(float(total), len(units)) for total, units in zip(totals, targets)]

    def references(self, examples: Iterable[Example]) -> List[List[str]]:
        """What is right for each example: the texts of all whose condition is the same but for
        the values that are copied, with its own values in their places (Wen et al., 2015). None
        for one without a text or a condition.

        examples (Iterable[Example]): The examples.
        """
        data = [self._data([eg]) for eg in examples]
        conditions = [self.conditions.encode(of[0][0]) if of else None for of in data]
        right: Dict[bytes, List[List[str]]] = {}
        for condition, of in zip(conditions, data):
            if condition:
                units = self._cut(of[0][1], condition)
                right.setdefault(condition.vector.tobytes(), []).append(units)
        return [
            [self.units.join_target(fill(u, c.values)) for u in right[c.vector.tobytes()]]
            if c
            else []
            for c in conditions
        ]

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score a batch of examples.

        examples (Iterable[Example]): Predictions and references.
        RETURNS (Dict[str, Any]): The scores.
        """
        examples = list(examples)
        slots = [self._slots(eg.predicted) for eg in examples]
        more = {"log_p": self.log_p(examples), "slots": slots, "output": self.output}
        how = {"references": self.references(examples), "units": self.model.attrs["units"]}
        return dict(super().score(examples, **more, **how, **kwargs))

    def _slots(self, doc: Doc) -> List[str]:
        """The values that should be copied."""
        value = self.conditions.read(doc)
        return [] if value is None else list(self.conditions.encode(value).values.values())


def register(attribute: str) -> None:
    """Make a place for an extension of documents, unless there is one: the component may have been
    pickled in another process.
    """
    name = attribute.removeprefix(EXTENSION)
    if attribute != name and not Doc.has_extension(name):
        Doc.set_extension(name, default=None)


def by_slots(found: Generated) -> Tuple[int, float]:
    """What says more comes first, then what is more probable."""
    return len(found.missing), -found.score
