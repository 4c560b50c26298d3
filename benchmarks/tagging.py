"""Accuracy of coarse parts of speech on UD English-EWT, gold tokens.

    SPACY_RNN_DATA=folder python -m spacy rnn prepare ud_english_ewt corpus/ewt
    python benchmarks/tagging.py
    python benchmarks/tagging.py --vectors vectors/glove50
    python benchmarks/tagging.py --systems rnn_tagger,tagger,tagger-large --seeds 1
    python benchmarks/tagging.py --vectors vectors/glove50 --systems flair
    python benchmarks/tagging.py --vectors vectors/glove50 --output benchmarks/results/tagging

`rnn_tagger` is configs/rnn_tagger.cfg with `attribute = pos`. `tagger` is spaCy's own, as
`spacy init config --pipeline tagger` sets it up for a CPU, `tagger-large` the same with
`--optimize accuracy`; it learns `tag_` only, so it gets a copy of the corpus in which that is the
coarse part of speech. `flair` is benchmarks/flair_tagger.py, see there. Each run is `spacy train`
on one thread; the model that is best on dev is scored on test, once. Finished runs are not
repeated, --minutes stops a training: see benchmarks/accuracy.py. The last of these commands prints
a row whose runs are kept.
"""

import json
from pathlib import Path
from statistics import mean, stdev
from typing import Dict, List, Optional

import spacy
import typer
from accuracy import CORPUS, FLAIR_MINUTES, beside, config_of, place_of, run_flair, spacy_command
from spacy.tokens import DocBin

PARTS = ("train", "dev", "test")
EMBED = {
    "rnn_tagger": "components.rnn_tagger.model.tok2vec.embed",
    "tagger": "components.tok2vec.model.embed",
    "tagger-large": "components.tok2vec.model.embed",
}
SETTINGS = {"--corpora.train.gold_preproc": "true", "--corpora.dev.gold_preproc": "true"}


def data_of(system: str, output: Path) -> Path:
    """The folder of the corpus; for spaCy's tagger, with coarse parts of speech as tags."""
    data, copy = CORPUS / "ewt", output / "upos"
    if system == "rnn_tagger":
        return data
    copy.mkdir(exist_ok=True)
    for name in (f"{part}.spacy" for part in PARTS):
        if not (copy / name).exists():
            docs = list(DocBin().from_disk(data / name).get_docs(spacy.blank("en").vocab))
            for token in (token for doc in docs for token in doc):
                token.tag_ = token.pos_
            DocBin(attrs=["TAG", "SENT_START", "SPACY"], docs=docs).to_disk(copy / name)
    return copy


def settings_of(system: str, vectors: Optional[str], data: Path) -> Dict[str, str]:
    """What is changed in the config."""
    paths = {f"--paths.{part}": f"{data / part}.spacy" for part in ("train", "dev")}
    use = f"--{EMBED[system]}.include_static_vectors"
    with_vectors = {use: "true" if vectors else "false", "--paths.vectors": vectors or "null"}
    pos = {"--components.rnn_tagger.attribute": "pos"} if system == "rnn_tagger" else {}
    return {**SETTINGS, **paths, **with_vectors, **pos}


def run(
    system: str,
    vectors: Optional[str],
    seed: int,
    output: Path,
    minutes: float,
    flair_python: str,
) -> Dict[str, float]:
    """Train with one seed; accuracy on dev and test in per cent."""
    place = place_of(output, "ewt", system, vectors, seed, minutes)
    result = beside(place, "json")
    if not result.exists() and system == "flair":
        run_flair("ewt", vectors, seed, place, minutes, flair_python, tag="pos")
    elif not result.exists():
        run_spacy(system, vectors, seed, place, minutes)
    found = json.loads(result.read_text())
    return {part: 100 * found[key] for part, key in (("test", "pos_acc"), ("dev", "dev_f"))}


def run_spacy(system: str, vectors: Optional[str], seed: int, place: Path, minutes: float) -> None:
    """Train and score a pipeline; the scores are written beside it."""
    data, log, scores = data_of(system, place.parent), beside(place, "log"), beside(place, "test")
    args = [x for pair in settings_of(system, vectors, data).items() for x in pair]
    args += ["--system.seed", str(seed), "--output", str(place)]
    spacy_command("train", str(config_of(system, place.parent)), *args, log=log, minutes=minutes)
    best, test = str(place / "model-best"), str(data / "test.spacy")
    spacy_command("evaluate", best, test, "-o", str(scores), "--gold-preproc", log=log)
    dev = json.loads((place / "model-best" / "meta.json").read_text())["performance"]
    keys = ("pos_acc", "rnn_tagger_acc") if system == "rnn_tagger" else ("tag_acc",) * 2
    found = {"pos_acc": json.loads(scores.read_text())[keys[0]], "dev_f": dev[keys[1]]}
    beside(place, "json").write_text(json.dumps(found))


def main(
    vectors: Optional[str] = None,
    systems: str = "rnn_tagger",
    seeds: int = 5,
    first_seed: int = 0,
    output: Path = Path("training/tagging"),
    minutes: float = 0.0,
    flair_python: str = ".venv-flair/bin/python",
) -> None:
    """Print one line of the table for each system."""
    output.mkdir(parents=True, exist_ok=True)
    print("| vectors | system | seeds | test accuracy | dev accuracy |")
    print("|---|---|---|---|---|")
    for system in systems.split(","):
        limit = minutes or (FLAIR_MINUTES if system == "flair" else 0.0)
        which = range(first_seed, first_seed + seeds)
        results = [run(system, vectors, seed, output, limit, flair_python) for seed in which]
        cells: List[str] = []
        for part in ("test", "dev"):
            each = [result[part] for result in results]
            cells.append(f"{mean(each):.2f} ± {stdev(each) if seeds > 1 else 0:.2f}")
        print(f"| {vectors or 'none'} | {system} | {seeds} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
