"""What each part of the recipe is worth: dev F1 with one thing changed at a time.

    python benchmarks/ablation.py uner
    python benchmarks/ablation.py uner --variant "GloVe 50d" --variant "GloVe 50d, no hidden layer"

All variants get the same budget: STEPS steps with the learning rate falling to zero. Finished
runs are kept in --output and not repeated. benchmarks/ablation.md holds the tables.
"""

import json
import shutil
import sys
from pathlib import Path
from statistics import mean
from typing import Any, Dict, List

import typer
from accuracy import CORPUS, beside, spacy_command, summary
from spacy.util import load_config
from thinc.api import Config

STEPS = 1200
NER = "components.rnn_ner"
EMBED, ENCODE = f"{NER}.model.tok2vec.embed", f"{NER}.model.tok2vec.encode"
RATE = "training.optimizer.learn_rate"
BUDGET = {
    "training.max_steps": STEPS,
    "training.eval_frequency": 200,
    f"{RATE}.initial_rate": 0.002,
    f"{RATE}.warmup_steps": 50,
}
WINDOW = {"@architectures": "spacy_rnn.WindowEncoder.v1", "width": 256, "window": 2, "depth": 1}
CONSTANT = {"@schedules": "constant.v1", "rate": 0.002}
VECTORS = {f"{EMBED}.include_static_vectors": True}
# What is changed: a setting and its value; a dictionary takes the place of a whole block
VARIANTS: Dict[str, Dict[str, Any]] = {
    "rnn_ner.cfg, short": {},
    "GloVe 50d": VECTORS,
    "no net over characters": {f"{EMBED}.chars": None},
    "character LSTM for the CNN": {f"{EMBED}.chars": "lstm"},
    "no prefix, suffix, shape": {f"{EMBED}.features": []},
    "shape only": {f"{EMBED}.features": ["shape"]},
    "hashed words for learned rows": {f"{EMBED}.words": "hashed"},
    "rare words never unknown": {f"{EMBED}.unknown_rate": 0.0},
    "softmax for the CRF": {f"{NER}.model.decoding": "softmax"},
    "BILUO for BIO": {f"{NER}.scheme": "BILUO"},
    "GRU": {f"{ENCODE}.cell": "gru"},
    "Elman": {f"{ENCODE}.cell": "rnn"},
    "one direction": {f"{ENCODE}.bidirectional": False},
    "window MLP, 2 tokens either side": {ENCODE: WINDOW},
    "two layers": {f"{ENCODE}.depth": 2},
    "width 128": {f"{ENCODE}.width": 128},
    "width 512": {f"{ENCODE}.width": 512},
    "dropout 0.3": {"training.dropout": 0.3},
    "no dropout": {"training.dropout": 0.0},
    "no averaging of weights": {"training.optimizer.use_averages": False},
    "constant learning rate": {RATE: CONSTANT},
    "missed_cost 1": {f"{NER}.missed_cost": 1.0},
    "GloVe 50d, no hidden layer": {**VECTORS, f"{EMBED}.vector_width": 0},
}


def write_config(changes: Dict[str, Any], path: Path) -> None:
    """Write the config with the budget and the changes."""
    config = Config(load_config("configs/rnn_ner.cfg"))
    for setting, value in {**BUDGET, **changes}.items():
        *blocks, name = setting.split(".")
        place: Any = config
        for block in blocks:
            place = place[block]
        place[name] = value
    config.to_disk(path)


def train_short(
    place: Path, changes: Dict[str, Any], train: Path, dev: Path, seed: int, *more: str
) -> Dict[str, Any]:
    """Train with the budget and the changes; the best scores on dev. The pipeline is not kept."""
    config = beside(place, "cfg")
    write_config(changes, config)
    args = ["train", str(config), "--output", str(place), "--system.seed", str(seed), *more]
    paths = ["--paths.train", str(train), "--paths.dev", str(dev)]
    spacy_command(*args, *paths, log=beside(place, "log"))
    meta = json.loads((place / "model-best" / "meta.json").read_text())
    shutil.rmtree(place)
    return dict(meta["performance"])


def run(variant: str, corpus: str, vectors: str, seed: int, output: Path) -> float:
    """Train one variant with one seed; the best dev F1 in per cent."""
    place = output / f"{corpus}-{list(VARIANTS).index(variant):02}-{seed}"
    result = beside(place, "json")
    if not result.exists():
        parts = (CORPUS / corpus / f"{part}.spacy" for part in ("train", "dev"))
        more = ["--paths.vectors", vectors] if "GloVe" in variant else []
        scores = train_short(place, VARIANTS[variant], *parts, seed, *more)
        result.write_text(json.dumps({"variant": variant, "dev": scores["ents_f"]}))
    return float(100 * json.loads(result.read_text())["dev"])


def table(scores: Dict[str, List[float]]) -> str:
    """The scores as a table, in the order of the runs."""
    base = mean(next(iter(scores.values())))
    lines = ["| variant | dev F1 | against the first |", "|---|---|---|"]
    for variant, each in scores.items():
        lines.append(f"| {variant} | {summary(each)} | {mean(each) - base:+.1f} |")
    return "\n".join(lines)


def main(
    corpus: str,
    vectors: str = "vectors/glove50",
    seeds: int = 3,
    variant: List[str] = list(VARIANTS),
    output: Path = Path("training/ablation"),
) -> None:
    """Train variants, seed by seed, and print the table."""
    output.mkdir(parents=True, exist_ok=True)
    scores: Dict[str, List[float]] = {each: [] for each in variant}
    for seed in range(seeds):
        for each, found in scores.items():
            found.append(run(each, corpus, vectors, seed, output))
            print(f"{each}, seed {seed}: {found[-1]:.1f}", file=sys.stderr, flush=True)
    print(table(scores))


if __name__ == "__main__":
    typer.run(main)
