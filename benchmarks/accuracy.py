"""Entity F1 on a test part, mean and spread over seeds.

    python benchmarks/accuracy.py uner
    python benchmarks/accuracy.py uner --vectors vectors/glove50
    python benchmarks/accuracy.py wnut17 --vectors vectors/glove50 --systems rnn_ner,ner
    python benchmarks/accuracy.py uner --systems ner-large --minutes 30 --seeds 1
    python benchmarks/accuracy.py uner --vectors vectors/glove50 --systems flair
    python benchmarks/accuracy.py uner --systems rnn_ner,ner --output benchmarks/results/accuracy

Each run is `spacy train` on one thread; the model that is best on dev is scored on test,
once. Finished runs are kept in --output and not repeated; those of the rows in README.md are in
benchmarks/results: the last of these commands prints two. With --minutes a training is stopped
after so much processor time, and its best model so far counts.

`rnn_ner` is configs/rnn_ner.cfg; `ner` is what `spacy init config --pipeline ner` gives for a CPU,
`ner-large` the same with `--optimize accuracy`: 256 wide and 8 layers deep instead of 96 and 4.
`flair` is benchmarks/flair_tagger.py in an environment of its own, which --flair-python names; it
always has a limit, 15 minutes unless --minutes says another.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from resource import RLIMIT_CPU, setrlimit
from signal import SIGXCPU
from typing import Any, Dict, List, Optional

import typer

CORPUS = Path("corpus")
# What a corpus needs beyond the config, chosen on dev. No entity of WNUT-17's dev or test part
# stands in its train part, and recall is half of precision without it
SETTINGS = {("rnn_ner", "wnut17"): ["--components.rnn_ner.missed_cost", "3.0"]}
FLAIR_MINUTES = 15.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def command(*args: str, log: Path, minutes: float = 0.0) -> None:
    """Run a program on one thread; what it prints goes into a log.

    minutes (float): Of processor time, after which it is stopped; 0 for no limit.
    """
    seconds = int(60 * minutes)
    limit = partial(setrlimit, RLIMIT_CPU, (seconds, seconds + 60)) if minutes else None
    with log.open("a", encoding="utf8") as file:
        how: Any = {"stdout": file, "stderr": subprocess.STDOUT, "preexec_fn": limit}
        code = subprocess.run(args, env={**os.environ, **ONE_THREAD}, **how).returncode
    if code and not (minutes and -code == SIGXCPU):  # what has used up its time ends by that
        raise SystemExit(f"{' '.join(args)} failed: {log}")


def spacy_command(*args: str, log: Path, minutes: float = 0.0) -> None:
    """Run a spaCy command on one thread; what it prints goes into a log."""
    command(sys.executable, "-m", "spacy", *args, log=log, minutes=minutes)


def config_of(system: str, output: Path) -> Path:
    """The config of a system: a file of ours, or for spaCy's what `spacy init config` makes."""
    if system.startswith("rnn_"):
        return Path(f"configs/{system}.cfg")
    path, log = output / f"{system}.cfg", output / "init_config.log"
    if not path.exists():
        pipeline, _, large = system.partition("-")
        how = ["--pipeline", pipeline, "--optimize", "accuracy" if large else "efficiency"]
        spacy_command("init", "config", str(path), *how, log=log)
    return path


def vector_settings(system: str, vectors: Optional[str]) -> List[str]:
    """Overrides that make a system use vectors, or none."""
    embed = "rnn_ner.model.tok2vec" if system == "rnn_ner" else "tok2vec.model"
    use = f"--components.{embed}.embed.include_static_vectors"
    return [use, "true" if vectors else "false", "--paths.vectors", vectors or "null"]


def place_of(
    output: Path, corpus: str, system: str, vectors: Optional[str], seed: int, minutes: float
) -> Path:
    """Where a run is kept; its result lies beside it."""
    limit = f"-{minutes:g}m" if minutes else ""
    return output / f"{corpus}-{system}-{'vectors' if vectors else 'none'}{limit}-{seed}"


def run(
    system: str,
    corpus: str,
    vectors: Optional[str],
    seed: int,
    output: Path,
    minutes: float,
    flair_python: str,
) -> Dict[str, Any]:
    """Train one system with one seed and score it."""
    place = place_of(output, corpus, system, vectors, seed, minutes)
    result = beside(place, "json")
    if not result.exists() and system == "flair":
        run_flair(corpus, vectors, seed, place, minutes, flair_python)
    elif not result.exists():
        run_spacy(system, corpus, vectors, seed, place, minutes)
    return dict(json.loads(result.read_text()))


def run_spacy(
    system: str, corpus: str, vectors: Optional[str], seed: int, place: Path, limit: float
) -> None:
    """Train and score a pipeline; the scores are written beside it."""
    data, log, result = CORPUS / corpus, beside(place, "log"), beside(place, "json")
    start = time.time()
    train = ["train", str(config_of(system, place.parent)), "--output", str(place)]
    paths = ["--paths.train", f"{data}/train.spacy", "--paths.dev", f"{data}/dev.spacy"]
    settings = ["--system.seed", str(seed), *SETTINGS.get((system, corpus), [])]
    settings += vector_settings(system, vectors)
    spacy_command(*train, *paths, *settings, log=log, minutes=limit)
    minutes = (time.time() - start) / 60
    best, test = place / "model-best", beside(place, "test")
    spacy_command("evaluate", str(best), f"{data}/test.spacy", "-o", str(test), log=log)
    dev = json.loads((best / "meta.json").read_text())["performance"]
    scores = {**json.loads(test.read_text()), "dev_f": dev["ents_f"], "minutes": minutes}
    result.write_text(json.dumps(scores))


def run_flair(
    corpus: str,
    vectors: Optional[str],
    seed: int,
    place: Path,
    minutes: float,
    python: str,
    tag: str = "ner",
) -> None:
    """Train and score Flair's tagger."""
    args = [python, "benchmarks/flair_tagger.py", corpus, "--tag", tag]
    args += ["--minutes", str(minutes), "--seed", str(seed)]
    args += ["--output", str(place), "--result", str(beside(place, "json"))]
    args += ["--vectors", vectors] if vectors else []
    command(*args, log=beside(place, "log"))


def beside(place: Path, ending: str) -> Path:
    """A file of that name beside a folder."""
    return place.with_name(f"{place.name}.{ending}")


def summary(values: List[float]) -> str:
    """Mean and standard deviation."""
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.1f} ± {spread:.1f}"


def main(
    corpus: str,
    vectors: Optional[str] = None,
    systems: str = "rnn_ner",
    seeds: int = 5,
    first_seed: int = 0,
    output: Path = Path("training/accuracy"),
    minutes: float = 0.0,
    flair_python: str = ".venv-flair/bin/python",
) -> None:
    """Train, score, and print one line of the table for each system."""
    output.mkdir(parents=True, exist_ok=True)
    print("| corpus | vectors | system | seeds | test F1 | test P | test R | dev F1 | minutes |")
    print("|---|---|---|---|---|---|---|---|---|")
    for system in systems.split(","):
        limit = minutes or (FLAIR_MINUTES if system == "flair" else 0.0)
        which = range(first_seed, first_seed + seeds)
        results = [
            run(system, corpus, vectors, seed, output, limit, flair_python) for seed in which
        ]
        keys = ("ents_f", "ents_p", "ents_r", "dev_f")
        scores = [summary([100 * r[key] for r in results]) for key in keys]
        took = summary([r["minutes"] for r in results])
        cells = [corpus, vectors or "none", system, str(seeds), *scores, took]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
