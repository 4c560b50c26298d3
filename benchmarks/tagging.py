"""Accuracy of coarse parts of speech on UD English-EWT, gold tokens.

    SPACY_RNN_DATA=folder python -m spacy rnn prepare ud_english_ewt corpus/ewt
    python benchmarks/tagging.py
    python benchmarks/tagging.py --vectors vectors/glove50

`rnn_tagger` is configs/rnn_tagger.cfg with `attribute = pos`. Each run is `spacy train` on one
thread; the model that is best on dev is scored on test, once. Finished runs are not repeated.
"""

import json
from pathlib import Path
from statistics import mean, stdev
from typing import Dict, List, Optional

import typer
from accuracy import CORPUS, spacy_command

CONFIG = "configs/rnn_tagger.cfg"
EMBED = "--components.rnn_tagger.model.tok2vec.embed.include_static_vectors"
SETTINGS = {
    "--components.rnn_tagger.attribute": "pos",
    "--training.score_weights.pos_acc": "1.0",
    "--training.score_weights.tag_acc": "null",
    "--corpora.train.gold_preproc": "true",
    "--corpora.dev.gold_preproc": "true",
}


def run(vectors: Optional[str], seed: int, output: Path) -> Dict[str, float]:
    """Train with one seed; accuracy on dev and test in per cent."""
    name = f"ewt-{'vectors' if vectors else 'none'}-{seed}"
    result, model, data = output / f"{name}.json", output / name, CORPUS / "ewt"
    if not result.exists():
        log, scores = output / f"{name}.log", output / f"{name}-test.json"
        settings = dict(SETTINGS)
        settings |= {f"--paths.{part}": f"{data / part}.spacy" for part in ("train", "dev")}
        settings |= {"--paths.vectors": vectors, EMBED: "true"} if vectors else {}
        args = [x for pair in settings.items() for x in pair]
        seeds = ["--system.seed", str(seed)]
        spacy_command("train", CONFIG, "--output", str(model), *args, *seeds, log=log)
        best, test = str(model / "model-best"), str(data / "test.spacy")
        spacy_command("evaluate", best, test, "-o", str(scores), "--gold-preproc", log=log)
        dev = json.loads((model / "model-best" / "meta.json").read_text())["performance"]
        found = {"test": json.loads(scores.read_text())["pos_acc"], "dev": dev["pos_acc"]}
        result.write_text(json.dumps(found))
    return {part: 100 * value for part, value in json.loads(result.read_text()).items()}


def main(
    vectors: Optional[str] = None, seeds: int = 5, output: Path = Path("training/tagging")
) -> None:
    """Print one line of the table."""
    output.mkdir(parents=True, exist_ok=True)
    results = [run(vectors, seed, output) for seed in range(seeds)]
    cells: List[str] = []
    for part in ("test", "dev"):
        each = [result[part] for result in results]
        cells.append(f"{mean(each):.2f} ± {stdev(each) if seeds > 1 else 0:.2f}")
    print("| vectors | seeds | test accuracy | dev accuracy |")
    print("|---|---|---|---|")
    print(f"| {vectors or 'none'} | {seeds} | {' | '.join(cells)} |")


if __name__ == "__main__":
    typer.run(main)
