"""CPU seconds of training until spaCy's `ner` is at its best on dev, and until `rnn_ner` is there.

    python benchmarks/time_to_score.py uner

Both are trained in this process, on one thread, turn by turn: some seconds of the one, some
of the other, so that a slow minute of the machine hits both. CPU seconds of the process, for other
jobs may stand beside it. Evaluation is not counted. `ner` stops where it has not improved for
PATIENCE evaluations; its best score is the goal.

`rnn_ner` is configs/rnn_ner.cfg with the shorter schedule that the file itself names, for who
wants a good model soon rather than the best one later: SHORT steps of fewer words at a constant
rate and with less dropout; the running mean of the weights makes up for a rate that does not fall.
"""

import time
from itertools import islice
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import spacy
import torch
import typer
from accuracy import config_of
from spacy.language import Language
from spacy.training import Example
from spacy.training.initialize import init_nlp
from spacy.training.loop import create_train_batches
from spacy.util import load_config, registry

PATIENCE, EVERY = 8, 5.0  # evaluations; seconds of training between them
FOLDER = Path("training/accuracy")
SHORT = 1300
SETTINGS: Dict[str, Dict[str, Any]] = {
    "ner": {},
    "rnn_ner": {
        "training.max_steps": SHORT,
        "training.dropout": 0.3,
        "training.batcher.size": 300,
    },
}
RATES = {"rnn_ner": 0.003}


def start(system: str, corpus: str, seed: int) -> Tuple[Language, Dict[str, Any]]:
    """An initialized pipeline and its training settings."""
    data = {f"paths.{part}": f"corpus/{corpus}/{part}.spacy" for part in ("train", "dev")}
    overrides = {**data, "system.seed": seed, **SETTINGS[system]}
    config = load_config(config_of(system, FOLDER), overrides=overrides)
    if system in RATES:
        config["training"]["optimizer"]["learn_rate"] = RATES[system]
    nlp = init_nlp(config)
    settings = registry.resolve(nlp.config.interpolate()["training"])
    return nlp, settings


def steps(nlp: Language, settings: Dict[str, Any], corpus: Any) -> Iterator[float]:
    """CPU seconds that each step of training takes."""
    optimizer = settings["optimizer"]
    for _, batch in create_train_batches(nlp, corpus, settings["batcher"], 0):
        begin = time.process_time()
        drop = settings["dropout"]
        rate = drop if isinstance(drop, float) else next(drop)
        nlp.update(batch, drop=rate, sgd=False, losses={})
        for _, pipe in nlp.pipeline:
            if hasattr(pipe, "finish_update"):
                pipe.finish_update(optimizer)
        optimizer.step_schedules()
        yield time.process_time() - begin


def score(nlp: Language, settings: Dict[str, Any], examples: List[Example]) -> float:
    """Dev F1, with averaged weights where the config asks for them."""
    fresh = [Example(nlp.make_doc(eg.reference.text), eg.reference) for eg in examples]
    with nlp.use_params(settings["optimizer"].averages or {}):
        return float(nlp.evaluate(fresh)["ents_f"])


def curve(system: str, corpus: str, seed: int) -> Iterator[Tuple[float, float]]:
    """Seconds trained and dev F1, again and again."""
    nlp, settings = start(system, corpus, seed)
    train = spacy.training.Corpus(f"corpus/{corpus}/train.spacy")
    dev = list(spacy.training.Corpus(f"corpus/{corpus}/dev.spacy")(nlp))
    trained, due = 0.0, EVERY
    for seconds in islice(steps(nlp, settings, train), settings["max_steps"] or None):
        trained += seconds
        if trained >= due:
            due += EVERY
            yield trained, score(nlp, settings, dev)
    yield trained, score(nlp, settings, dev)


def main(corpus: str, seed: int = 0, limit: float = 600.0) -> None:
    """Print both curves and the ratio of the times."""
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    curves = {name: curve(name, corpus, seed) for name in SETTINGS}
    points: Dict[str, List[Tuple[float, float]]] = {"ner": [], "rnn_ner": []}
    done = False
    while not done:
        for name, each in curves.items():
            point = next(each, None)
            if point is None:  # one has come to its end; nothing is left to wait for if it is ner
                done = done or name == "ner"
                continue
            points[name].append(point)
            seconds, f = point
            print(f"{name:8} {seconds:6.0f} s  dev F {100 * f:.1f}", flush=True)
        scores = [f for _, f in points["ner"]]
        best = max(range(len(scores)), key=scores.__getitem__)
        done = done or len(scores) - 1 - best >= PATIENCE or points["ner"][-1][0] > limit
    goal, spacys = scores[best], points["ner"][best][0]
    ours = next((seconds for seconds, f in points["rnn_ner"] if f >= goal), None)
    print(f"goal: {100 * goal:.1f}, the best of ner, after {spacys:.0f} s")
    print(
        "rnn_ner did not get there"
        if ours is None
        else f"rnn_ner is there after {ours:.0f} s: {ours / spacys:.2f} of the time"
    )


if __name__ == "__main__":
    typer.run(main)
