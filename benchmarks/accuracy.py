"""Entity F1 on a test part, mean and spread over seeds.

    python benchmarks/accuracy.py uner
    python benchmarks/accuracy.py uner --vectors vectors/glove50
    python benchmarks/accuracy.py wnut17 --vectors vectors/glove50 --systems rnn_ner,ner
    python benchmarks/accuracy.py uner --vectors vectors/glove50 --systems rnn_ner,ner-large,flair

Each run is `spacy train` on one thread; the model that is best on dev is scored on test,
once. Finished runs are kept in --output and not repeated. `rnn_ner` is configs/rnn_ner.cfg;
`ner` is what `spacy init config --pipeline ner` gives for a CPU, `ner-large` the same with
`--optimize accuracy`: 256 wide and 8 layers deep instead of 96 and 4. `flair` is
benchmarks/flair_tagger.py in an environment of its own, which --flair-python names.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, List, Optional

import typer

CORPUS = Path("corpus")
# What a corpus needs beyond the config, chosen on dev. No entity of WNUT-17's dev or test part
# stands in its train part, and recall is half of precision without it
SETTINGS = {("rnn_ner", "wnut17"): ["--components.rnn_ner.missed_cost", "3.0"]}
INIT = {"ner": "efficiency", "ner-large": "accuracy"}  # what `spacy init config` optimizes for
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def command(*args: str, log: Path) -> None:
    """Run a program on one thread; what it prints goes into a log."""
    with log.open("a", encoding="utf8") as file:
        env = {**os.environ, **ONE_THREAD}
        subprocess.run(args, check=True, stdout=file, stderr=subprocess.STDOUT, env=env)


def spacy_command(*args: str, log: Path) -> None:
    """Run a spaCy command on one thread; what it prints goes into a log."""
    command(sys.executable, "-m", "spacy", *args, log=log)


def config_of(system: str, output: Path) -> Path:
    """The config of a system."""
    if system == "rnn_ner":
        return Path("configs/rnn_ner.cfg")
    path = output / f"{system}.cfg"
    if not path.exists():
        log, optimize = output / "init_config.log", ["--optimize", INIT[system]]
        spacy_command("init", "config", str(path), "--pipeline", "ner", *optimize, log=log)
    return path


def vector_settings(system: str, vectors: Optional[str]) -> List[str]:
    """Overrides that make a system use vectors, or none."""
    embed = "rnn_ner.model.tok2vec" if system == "rnn_ner" else "tok2vec.model"
    use = f"--components.{embed}.embed.include_static_vectors"
    return [use, "true" if vectors else "false", "--paths.vectors", vectors or "null"]


def run(
    system: str, corpus: str, vectors: Optional[str], seed: int, output: Path, flair: List[str]
) -> Dict[str, Any]:
    """Train one system with one seed and score it."""
    name = f"{corpus}-{system}-{'vectors' if vectors else 'none'}-{seed}"
    result = output / f"{name}.json"
    if not result.exists():
        place = output / name
        if system == "flair":
            run_flair(corpus, vectors, seed, place, flair)
        else:
            run_spacy(system, corpus, vectors, seed, place)
    return dict(json.loads(result.read_text()))


def run_spacy(system: str, corpus: str, vectors: Optional[str], seed: int, place: Path) -> None:
    """Train and score a pipeline; the scores are written beside it."""
    data, log, result = CORPUS / corpus, beside(place, "log"), beside(place, "json")
    start = time.time()
    train = ["train", str(config_of(system, place.parent)), "--output", str(place)]
    paths = ["--paths.train", f"{data}/train.spacy", "--paths.dev", f"{data}/dev.spacy"]
    settings = ["--system.seed", str(seed), *SETTINGS.get((system, corpus), [])]
    spacy_command(*train, *paths, *settings, *vector_settings(system, vectors), log=log)
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
    flair: List[str],
    tag: str = "ner",
) -> None:
    """Train and score Flair's tagger.

    flair (List[str]): Its Python, and the minutes that it gets.
    """
    python, minutes = flair
    args = [python, "benchmarks/flair_tagger.py", corpus, "--tag", tag]
    args += ["--minutes", minutes, "--seed", str(seed)]
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
    workers: int = 1,
    output: Path = Path("training/accuracy"),
    flair_python: str = ".venv-flair/bin/python",
    flair_minutes: float = 15.0,
) -> None:
    """Train, score, and print one line of the table for each system."""
    output.mkdir(parents=True, exist_ok=True)
    print("| corpus | vectors | system | seeds | test F1 | test P | test R | dev F1 | minutes |")
    print("|---|---|---|---|---|---|---|---|---|")
    flair = [flair_python, str(flair_minutes)]
    for system in systems.split(","):
        if system != "flair":
            config_of(system, output)  # before several threads would write it
        with ThreadPoolExecutor(workers) as pool:
            args = system, corpus, vectors
            which = range(first_seed, first_seed + seeds)
            jobs = [pool.submit(run, *args, seed, output, flair) for seed in which]
        results = [job.result() for job in jobs]
        keys = ("ents_f", "ents_p", "ents_r", "dev_f")
        scores = [summary([100 * r[key] for r in results]) for key in keys]
        minutes = summary([r["minutes"] for r in results])
        cells = [corpus, vectors or "none", system, str(seeds), *scores, minutes]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
