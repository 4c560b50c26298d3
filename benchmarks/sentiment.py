"""Accuracy of text classification, k-fold, one system beside another.

    python benchmarks/sentiment.py polarity --folds 10
    python benchmarks/sentiment.py polarity --folds 10 --vectors vectors/glove50
    python benchmarks/sentiment.py movie_reviews --folds 5
    python benchmarks/sentiment.py polarity --first 3 --systems rnn_sentiment,ensemble,bow
    python benchmarks/sentiment.py polarity --first 3 --systems last,mean,max,attention,mlp

All documents of corpus/NAME are dealt out once, by a fixed seed. Of each fold's training texts
one in ten is its dev part: the model that is best there is scored on the fold, once. spaCy's
systems, whose configs are `spacy init config`'s, are stopped when they have trained as long as
`rnn_sentiment` did on the same fold; their best model so far counts. Finished runs are kept in
--output and not repeated.
"""

import copy
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

import spacy
import typer
from accuracy import ONE_THREAD, summary
from spacy.tokens import Doc, DocBin
from thinc.api import Config

OURS = Path("configs/rnn_sentiment.cfg")
MODEL = "components.rnn_sentiment.model"
POOLS = ("last", "mean", "max", "attention")
# What a corpus needs beyond the config, chosen on dev. Reviews of 800 words are few and long:
# the net reads the ends of each, and a step takes fewer of them
SETTINGS: Dict[str, Dict[str, Any]] = {
    "movie_reviews": {
        f"{MODEL}.max_length": 200,
        "training.batcher.size": 32,
        "training.max_steps": 400,
    }
}
TOK2VEC = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": 96,
    "depth": 4,
    "embed_size": 2000,
    "window_size": 1,
    "maxout_pieces": 3,
    "subword_features": True,
}
BOW = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": True,
    "length": 262144,
    "ngram_size": 2,
    "no_output_layer": False,
}
# spaCy's architectures of text classification: the ensemble as its `textcat` has it, the others
# as its documentation gives them
SPACY: Dict[str, Dict[str, Any]] = {
    "ensemble": {
        "@architectures": "spacy.TextCatEnsemble.v2",
        "tok2vec": {
            "@architectures": "spacy.Tok2Vec.v2",
            "embed": {
                "@architectures": "spacy.MultiHashEmbed.v2",
                "width": 64,
                "rows": [2000, 2000, 500, 1000, 500],
                "attrs": ["NORM", "LOWER", "PREFIX", "SUFFIX", "SHAPE"],
                "include_static_vectors": False,
            },
            "encode": {
                "@architectures": "spacy.MaxoutWindowEncoder.v2",
                "width": 64,
                "window_size": 1,
                "maxout_pieces": 3,
                "depth": 2,
            },
        },
        "linear_model": {**BOW, "ngram_size": 1},
    },
    "bow": BOW,
    "reduce": {
        "@architectures": "spacy.TextCatReduce.v1",
        "exclusive_classes": True,
        "use_reduce_first": False,
        "use_reduce_last": False,
        "use_reduce_max": True,
        "use_reduce_mean": True,
        "tok2vec": TOK2VEC,
    },
    "parametric_attention": {
        "@architectures": "spacy.TextCatParametricAttention.v1",
        "exclusive_classes": True,
        "tok2vec": TOK2VEC,
    },
}


def make_folds(corpus: str, folds: int, output: Path) -> None:
    """Deal the documents out and write each fold's train, dev and test part."""
    vocab = spacy.blank("en").vocab
    parts = sorted((Path("corpus") / corpus).glob("*.spacy"))
    docs = [doc for part in parts for doc in DocBin().from_disk(part).get_docs(vocab)]
    docs.sort(key=lambda doc: doc.text)
    random.Random(0).shuffle(docs)
    for i in range(folds):
        rest = [doc for j, doc in enumerate(docs) if j % folds != i]
        write(output / f"fold{i}", "test", docs[i::folds])
        write(output / f"fold{i}", "dev", rest[::10])
        write(output / f"fold{i}", "train", [doc for j, doc in enumerate(rest) if j % 10])


def write(folder: Path, part: str, docs: List[Doc]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    DocBin(docs=docs).to_disk(folder / f"{part}.spacy")


def config_of(system: str, corpus: str, vectors: Optional[str], output: Path) -> Path:
    """The config of a system, written for this corpus and these vectors."""
    if system in SPACY:
        config = spacy_config(system, vectors, output)
    else:
        config = our_config(system, corpus, vectors)
    path = output / f"{system}-{'vectors' if vectors else 'none'}.cfg"
    config.to_disk(path)
    return path


def our_config(system: str, corpus: str, vectors: Optional[str]) -> Config:
    """`rnn_sentiment`, with one pool and without n-grams if the system is a pool, or the MLP."""
    over = dict(SETTINGS.get(corpus, {}))
    if vectors:
        over["paths.vectors"] = vectors
        over[f"{MODEL}.tok2vec.embed.include_static_vectors"] = True
    config = Config().from_disk(OURS, interpolate=False, overrides=over)
    model = config["components"]["rnn_sentiment"]["model"]
    if system in POOLS:
        model.update(pooling=[system], ngrams=0)
    elif system == "all pools":
        model.update(ngrams=0)
    elif system == "mlp":
        embed = {**model["tok2vec"]["embed"]}
        config["components"]["rnn_sentiment"]["model"] = {
            "@architectures": "spacy_rnn.MLPClassifier.v1",
            "tok2vec": embed,
        }
    return config


def spacy_config(system: str, vectors: Optional[str], output: Path) -> Config:
    path = output / "init.cfg"
    command = ["init", "config", str(path), "--pipeline", "textcat", "--force"]
    subprocess.run([sys.executable, "-m", "spacy", *command], check=True, capture_output=True)
    config = Config().from_disk(path, interpolate=False)
    textcat = config["components"]["textcat"]
    textcat["model"] = copy.deepcopy(SPACY[system])
    config["paths"]["vectors"] = vectors
    config["training"]["eval_frequency"] = 100  # so that the best model is never old
    use_vectors(textcat["model"], vectors)
    return config


def use_vectors(node: Dict[str, Any], vectors: Optional[str]) -> None:
    """Let every embedding below read the vectors, or none."""
    for key, value in node.items():
        if key == "pretrained_vectors":
            node[key] = bool(vectors) or None
        elif key == "include_static_vectors":
            node[key] = bool(vectors)
        elif isinstance(value, dict):
            use_vectors(value, vectors)


def train(config: Path, data: Path, model: Path, seconds: Optional[float]) -> float:
    """Train on one thread, for at most so long.

    RETURNS (float): Seconds.
    """
    command = [sys.executable, "-m", "spacy", "train", str(config), "--output", str(model)]
    paths = ["--paths.train", f"{data}/train.spacy", "--paths.dev", f"{data}/dev.spacy"]
    start = time.perf_counter()
    with model.with_suffix(".log").open("w", encoding="utf8") as log:
        process = subprocess.Popen(
            [*command, *paths], stdout=log, stderr=log, env={**os.environ, **ONE_THREAD}
        )
        try:
            if process.wait(seconds):
                raise SystemExit(f"{model}: the training failed, see its log")
        except subprocess.TimeoutExpired:
            process.kill()
    return time.perf_counter() - start


def accuracy(model: Path, data: Path) -> Dict[str, float]:
    """The share of texts whose class is right, and the words in a second."""
    nlp = spacy.load(model)
    gold = list(DocBin().from_disk(data / "test.spacy").get_docs(nlp.vocab))
    start = time.perf_counter()
    found = list(nlp.pipe([doc.text for doc in gold], batch_size=256))
    seconds = time.perf_counter() - start
    firsts = [[max(d.cats, key=lambda c: d.cats[c]) for d in pair] for pair in zip(found, gold)]
    right = sum(a == b for a, b in firsts) / len(firsts)
    return {"accuracy": 100 * right, "speed": sum(map(len, found)) / seconds}


def run(
    system: str, corpus: str, vectors: Optional[str], fold: int, output: Path, budget: Optional[str]
) -> Dict[str, Any]:
    """Train one system on one fold and score it."""
    name = f"{corpus}-{system}-{'vectors' if vectors else 'none'}-{fold}".replace(" ", "_")
    result = output / f"{name}.json"
    if not result.exists():
        data = output / corpus / f"fold{fold}"
        seconds = None
        if system in SPACY and budget:
            seconds = run(budget, corpus, vectors, fold, output, None)["seconds"]
        config = config_of(system, corpus, vectors, output)
        took = train(config, data, output / name, seconds)
        scores = {**accuracy(output / name / "model-best", data), "seconds": took}
        result.write_text(json.dumps(scores))
    return dict(json.loads(result.read_text()))


def main(
    corpus: str,
    vectors: Optional[str] = None,
    systems: str = "rnn_sentiment",
    folds: int = 10,
    first: int = 0,
    output: Path = Path("training/sentiment"),
) -> None:
    """Train, score, and print one line of the table for each system."""
    output.mkdir(parents=True, exist_ok=True)
    dealt = len(list((output / corpus).glob("fold*")))
    if dealt not in (0, folds):  # their parts and finished runs are not those of other folds
        raise SystemExit(f"{output / corpus} is dealt into {dealt} folds: give another --output")
    if not dealt:
        make_folds(corpus, folds, output / corpus)
    which = range(first or folds)
    print("| corpus | vectors | system | folds | accuracy | seconds of training |")
    print("|---|---|---|---|---|---|")
    for system in systems.split(","):
        results = [run(system, corpus, vectors, i, output, "rnn_sentiment") for i in which]
        scores = summary([r["accuracy"] for r in results])
        took = summary([r["seconds"] for r in results])
        cells = [corpus, vectors or "none", system, f"{len(which)} of {folds}", scores, took]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
