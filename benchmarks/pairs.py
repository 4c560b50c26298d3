"""What the benchmarks of `rnn_seq2seq` on pairs share: reading, learning, finished runs.

Each source is one token, whatever stands in it, so that a document holds many. A batch is one
document of targets of like length, which leaves little padding.
"""

import gzip
import json
import lzma
import os
import random
import time
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Sequence, Tuple

import spacy
import torch
from spacy.language import Language
from spacy.tokens import Doc, Token
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Adam, warmup_linear

from spacy_rnn.extensions import register

OUTPUT = Path("training/seq2seq")
TARGET = "_.target"
POOL = 20  # batches that are sorted by length together
WARM_UP = 200  # steps
OPENERS: Dict[str, Any] = {".gz": gzip.open, ".xz": lzma.open}


class Row(NamedTuple):
    """A source and its target."""

    source: str
    target: str
    features: Tuple[str, ...] = ()


class Run(NamedTuple):
    """How long a net learns.

    steps (int): Updates; the learning rate rises for `WARM_UP` of them and then falls to 0.
    size (int): Pairs in each.
    """

    steps: int
    size: int = 128
    rate: float = 0.003
    drop: float = 0.2
    seed: int = 0
    every: int = 1000  # steps from one look at dev to the next


def data_lines(name: str) -> List[str]:
    """The lines of a file that lies somewhere in the folder that SPACY_RNN_DATA names, packed or
    not.
    """
    folder = Path(os.environ.get("SPACY_RNN_DATA", "."))
    found = sorted(p for p in folder.rglob(f"{name}*") if p.name.removesuffix(p.suffix) == name)
    found += sorted(folder.rglob(name))
    if not found:
        raise SystemExit(f"No file {name} below {folder.resolve()}: set SPACY_RNN_DATA")
    with OPENERS.get(found[0].suffix, open)(found[0], "rt", encoding="utf8") as file:
        return [line.rstrip("\n") for line in file]


def make_pipe(model: Dict[str, Any], seed: int, **config: Any) -> Tuple[Language, Any]:
    """A pipeline with nothing but `rnn_seq2seq`, the decoder alone."""
    fix_random_seed(seed)
    torch.set_num_threads(1)
    register(Token, "features")
    given = {"target": TARGET, "strategy": ["decoder"], "scorer": None, "model": model}
    nlp = spacy.blank("xx")
    return nlp, nlp.add_pipe("rnn_seq2seq", config={**given, "label_smoothing": 0.05, **config})


def as_doc(nlp: Language, rows: Sequence[Row], gold: bool = False) -> Doc:
    """A document with one token for each source."""
    doc = Doc(nlp.vocab, words=[row.source for row in rows])
    for token, row in zip(doc, rows):
        if row.features:
            token._.features = list(row.features)
        if gold:
            token._.target = row.target
    return doc


def as_example(nlp: Language, rows: Sequence[Row]) -> Example:
    """One batch."""
    return Example(as_doc(nlp, rows), as_doc(nlp, rows, gold=True))


def batches(rows: Sequence[Row], size: int) -> Iterator[List[Row]]:
    """The rows in another order each time, without end."""
    while True:
        order = random.sample(rows, len(rows))
        pools = (order[i : i + POOL * size] for i in range(0, len(order), POOL * size))
        for pool in pools:
            pool.sort(key=lambda row: len(row.target))
            found = [pool[i : i + size] for i in range(0, len(pool), size)]
            yield from random.sample(found, len(found))


def learn(
    nlp: Language, pipe: Any, rows: Sequence[Row], dev: Sequence[Row], run: Run
) -> Dict[str, Any]:
    """Initialize and train. The weights of the last step stay.

    RETURNS (Dict[str, Any]): "minutes" of one core, looks at dev included; the clock would also
        count what other programs take.
    """
    nlp.initialize(lambda: [as_example(nlp, rows)])
    rates = warmup_linear(run.rate, WARM_UP, run.steps + 1)
    optimizer = Adam(learn_rate=rates, L2=0.0, grad_clip=0.0, use_averages=False)
    start = time.process_time()
    for step, batch in zip(range(1, run.steps + 1), batches(rows, run.size)):
        losses = nlp.update([as_example(nlp, batch)], sgd=optimizer, drop=run.drop)
        optimizer.step_schedules()
        if step % run.every == 0 or step == run.steps:
            look = f"step {step}: loss {losses[pipe.name]:.3f}, dev {exact(nlp, pipe, dev):.2f}"
            print(f"{look}, {(time.process_time() - start) / 60:.1f} minutes", flush=True)
    return {"minutes": (time.process_time() - start) / 60}


def written(nlp: Language, pipe: Any, rows: Sequence[Row]) -> List[str]:
    """What the component writes for each source."""
    return [t.text for t in pipe.predict([as_doc(nlp, rows)])[0]]


def exact(nlp: Language, pipe: Any, rows: Sequence[Row]) -> float:
    """Percent that are right."""
    found = written(nlp, pipe, rows)
    return 100 * sum(a == row.target for a, row in zip(found, rows)) / max(len(rows), 1)


def finished(path: Path) -> Dict[str, Any]:
    """The result of an earlier run, or nothing."""
    return dict(json.loads(path.read_text())) if path.exists() else {}


def keep(path: Path, nlp: Language, result: Dict[str, Any]) -> Dict[str, Any]:
    """Write a pipeline and its result."""
    nlp.to_disk(path.with_suffix(""))
    path.write_text(json.dumps(result))
    return result


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table."""
    print(f"| {' | '.join(columns)} |")
    print(f"|{'---|' * len(columns)}")
    for row in rows:
        cells = [f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row]
        print(f"| {' | '.join(cells)} |", flush=True)
