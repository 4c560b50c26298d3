"""What `rnn_generator` writes: sentences for slots, names for languages, verse.

python -m spacy rnn prepare rnnlg_restaurant corpus/rnnlg_restaurant
python benchmarks/generation.py rnnlg restaurant
python benchmarks/generation.py rnnlg laptop --epochs 10
python -m spacy rnn prepare names corpus/names
python benchmarks/generation.py names
python -m spacy rnn prepare tinyshakespeare corpus/tinyshakespeare
python benchmarks/generation.py shakespeare
"""

import hashlib
import json
import math
import random
import statistics
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any, Dict, Iterable, List, Sequence, Tuple

import spacy
import torch
import typer
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch
from thinc.api import Adam, warmup_linear

from spacy_rnn.evaluation.generation import score_bleu, slot_errors
from spacy_rnn.pair_corpus import create_pair_corpus
from spacy_rnn.slots import cut, said

app = typer.Typer(add_completion=False)


def start(seed: int, config: Dict[str, Any], lang: str = "en") -> Tuple[Language, Any]:
    """A pipeline with the component, from a seed, on one thread."""
    fix_random_seed(seed)
    torch.set_num_threads(1)
    nlp = spacy.blank(lang)
    return nlp, nlp.add_pipe("rnn_generator", config={"scorer": None, **config})


def read(nlp: Language, corpus: str, part: str, given: List[str]) -> List[Example]:
    """Documents with their condition and nothing else, beside the gold ones."""
    return list(create_pair_corpus(Path("corpus") / corpus / f"{part}.spacy", given=given)(nlp))


def nats(pipe: Any, examples: Iterable[Example]) -> float:
    """Cross-entropy of a unit, `STOP` included."""
    found = pipe.log_p(examples)
    return -sum(log_p for log_p, _ in found) / sum(n for _, n in found)


def learn(pipe: Any, examples: List[Example], epochs: int, size: int, rate: float, drop: float):
    """Take a step for each batch, or for each piece of a batch of long texts. Gives the epoch and
    the seconds so far after each.
    """
    steps = epochs * math.ceil(len(examples) / size)
    optimizer = Adam(warmup_linear(rate, max(steps // 50, 1), steps), L2=0.0, grad_clip=0.0)
    begun = time.perf_counter()
    for epoch in range(epochs):
        random.shuffle(examples)
        losses: Dict[str, float] = {}
        for batch in minibatch(examples, size):
            pipe.update(batch, sgd=optimizer, drop=drop, losses=losses)
            optimizer.step_schedules()
        yield epoch, time.perf_counter() - begun


# Slots of RNNLG that its slot error leaves out, acts that it leaves out, and the words by which it
# knows that a slot was said whose value is told by the wording
NOT_COUNTED = ("type", "processor")
FREE = ("?select", "suggest")
WORDS = {
    "kidsallowed": ("child", "kid", "kids", "children"),
    "isforbusinesscomputing": ("business", "nonbusiness", "home", "personal", "general"),
}


def slot_error(pipe: Any, slots: List[Tuple[str, str]], text: str, strict: bool) -> Tuple[int, int]:
    """Slots that a text should say, and how many it misses or says too much.

    strict (bool): All slots whose values are copied, and each of their places, of all acts; else
        what RNNLG counts.
    """
    values = pipe.conditions.encode(slots).values
    if strict:
        return slot_errors([(text, list(values.values()))], "word")
    if dict(slots)["act"] in FREE:
        return 0, 0
    units = cut(text, values, pipe.vocabulary.units)
    counted = {key for key in values if key.split("#")[0] not in NOT_COUNTED}
    asked, wrong = len(counted), len(counted - said(units))
    for slot, words in WORDS.items():
        there = sum(s == slot and value != "?" for s, value in slots)
        asked, wrong = asked + there, wrong + abs(there - sum(u in words for u in units))
    return asked, wrong


def score(pipe: Any, examples: List[Example], best: int = 5) -> Dict[str, float]:
    """BLEU of the best text for each condition and of the five best, and slot errors of the best,
    in percent. Equal conditions are written for once.
    """
    slots = [[tuple(pair) for pair in eg.reference._.slots] for eg in examples]
    each = {json.dumps(of): of for of in slots}
    found_of = dict(zip(each, pipe.generate_all(list(each.values()), best)))
    written = [[g.text for g in found_of[json.dumps(of)]] for of in slots]
    right = pipe.references(examples)
    firsts = [texts[0] for texts in written]
    rows = [(text, r) for texts, r in zip(written, right) for text in texts]
    found = {"bleu": score_bleu(list(zip(firsts, right))), "bleu5": score_bleu(rows)}
    gold = [eg.reference.text for eg in examples]
    for name, texts, strict in (
        ("err", firsts, False),
        ("all", firsts, True),
        ("ref", gold, False),
    ):
        asked, wrong = map(
            sum, zip(*(slot_error(pipe, s, t, strict) for s, t in zip(slots, texts)))
        )
        found[name] = 100 * wrong / asked
    return found


def train_best(
    pipe: Any, examples: List[Example], dev: List[Example], *how: Any
) -> Tuple[int, float, float]:
    """Train, and keep the epoch with the lowest cross-entropy on dev: that epoch, its nats, and the
    seconds of all.
    """
    best, lowest, kept, seconds = 0, math.inf, b"", 0.0
    for epoch, so_far in learn(pipe, examples, *how):
        now, seconds = nats(pipe, dev), so_far
        if now < lowest:
            best, lowest, kept = epoch, now, pipe.model.to_bytes()
    pipe.model.from_bytes(kept)
    return best, lowest, seconds


@app.command()
def rnnlg(
    domain: str = typer.Argument("restaurant"),
    seeds: int = 5,
    epochs: int = 12,
    width: int = 128,
    size: int = 32,
    rate: float = 0.004,
    drop: float = 0.3,
    beam: int = 10,
    candidates: int = 10,
    part: str = "test",
) -> None:
    """Sentences for dialogue acts. The columns: BLEU of the best sentence and of the five best,
    slot error in percent as RNNLG counts it, of all copied values, and of the references; the best
    epoch on dev, its nats, the seconds of training.
    """
    rows = []
    for seed in range(seeds):
        model = {"width": width, "embed_width": 64, "units": "word"}
        search = {"temperature": 0.0, "beam_width": beam, "candidates": candidates}
        nlp, pipe = start(seed, {"condition": "_.slots", "model": model, **search})
        parts = [read(nlp, f"rnnlg_{domain}", p, ["_.slots"]) for p in ("train", "dev", part)]
        nlp.initialize(partial(iter, parts[0]))
        best = train_best(pipe, *parts[:2], epochs, size, rate, drop)
        found = score(pipe, parts[2])
        rows.append([found[n] for n in ("bleu", "bleu5", "err", "all", "ref")])
        shown = " | ".join(f"{value:.4g}" for value in (*rows[-1], *best))
        print(f"| {domain} | {seed} | {shown} |", flush=True)
    for name, pick in (("mean", statistics.mean), ("deviation", deviation)):
        shown = " | ".join(f"{pick(column):.4g}" for column in zip(*rows))
        print(f"| {domain} | {name} | {shown} | | | |")


def deviation(values: Sequence[float]) -> float:
    """The standard deviation of a sample; 0 of a single value."""
    return statistics.stdev(values) if len(values) > 1 else 0.0


def half_of(name: str) -> int:
    """Which of two halves a name is in."""
    return hashlib.sha256(name.encode("utf8")).digest()[0] % 2


def letters(nlp: Language, name: str, label: str) -> Example:
    """A name as a classifier reads it: each letter is a word."""
    gold = Doc(nlp.vocab, words=list(name), spaces=[False] * len(name))
    bare = gold.copy()
    gold.cats = {label: 1.0}
    return Example(bare, gold)


def train_judge(names: List[Tuple[str, str]], epochs: int, seed: int) -> Language:
    """An `rnn_sentiment` over letters that tells the language of a name."""
    fix_random_seed(seed)
    nlp = spacy.blank("xx")
    embed = {"@architectures": "spacy_rnn.WordEmbed.v1", "rows": 200, "word_width": 48}
    embed |= {"features": [], "chars": None, "word_dropout": 0.0, "unknown_rate": 0.0}
    encode = {"@architectures": "spacy_rnn.RNNEncoder.v1", "width": 128}
    tok2vec = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    model = {"@architectures": "spacy_rnn.SequenceClassifier.v1", "tok2vec": tok2vec}
    model |= {"pooling": ["max", "last"], "ngrams": 3}
    pipe: Any = nlp.add_pipe("rnn_sentiment", config={"model": model, "scorer": None})
    examples = [letters(nlp, *name) for name in names]
    nlp.initialize(lambda: examples)
    for _ in learn(pipe, examples, epochs, 64, 0.003, 0.3):
        pass
    return nlp


def recognised(judge: Language, names: List[Tuple[str, str]]) -> Tuple[float, float]:
    """The share of names whose label a classifier gives first, in percent, and the mean of the
    shares of all labels.
    """
    docs = [letters(judge, *name).predicted for name in names]
    right: Dict[str, List[bool]] = {}
    for doc, (_, label) in zip(judge.pipe(docs, batch_size=256), names):
        right.setdefault(label, []).append(max(doc.cats, key=doc.cats.__getitem__) == label)
    shares = [sum(of) / len(of) for of in right.values()]
    return 100 * sum(map(sum, right.values())) / len(names), 100 * statistics.mean(shares)


@app.command()
def names(
    seed: int = 0,
    epochs: int = 15,
    judge_epochs: int = 8,
    width: int = 192,
    size: int = 64,
    rate: float = 0.004,
    drop: float = 0.2,
) -> None:
    """Names for languages, as many as test has of each, told by a classifier that was trained on
    the other half of the real names.
    """
    nlp, pipe = start(seed, {"model": {"width": width, "embed_width": 32}}, "xx")
    train, dev, test = (read(nlp, "names", part, ["cats"]) for part in ("train", "dev", "test"))
    halves: List[List[Example]] = [[eg for eg in train if half_of(eg.text) == i] for i in (0, 1)]
    nlp.initialize(lambda: halves[0])
    for epoch, seconds in learn(pipe, halves[0], epochs, size, rate, drop):
        print(f"epoch {epoch}: {nats(pipe, dev):.3f} nats on dev, {seconds:.0f} s", flush=True)
    theirs, real = (
        [(eg.text, label) for eg in some for label in eg.reference.cats]
        for some in (halves[1], test)
    )
    judge = train_judge(list(dict.fromkeys(theirs)), judge_epochs, seed)
    known = {eg.text for eg in halves[0]}
    print("| names | recognised | mean of the labels | different | in the training data |")
    print("|---|---|---|---|---|")
    rows = {"real": [text for text, _ in real]}
    wanted = Counter(label for _, label in real)
    for warmth in (1.0, 0.7, 0.5):
        found = {of: iter(pipe.generate(of, n, temperature=warmth)) for of, n in wanted.items()}
        rows[f"temperature {warmth}"] = [next(found[label]).text for _, label in real]
    for what, texts in rows.items():
        shares = recognised(judge, [(text, label) for text, (_, label) in zip(texts, real)])
        different = 100 * len(set(texts)) / len(texts)
        copied = 100 * sum(text in known for text in texts) / len(texts)
        cells = (f"{value:.1f}" for value in (*shares, different, copied))
        print(f"| {what} | {' | '.join(cells)} |", flush=True)


@app.command()
def shakespeare(
    epochs: int = 12,
    seed: int = 0,
    width: int = 256,
    size: int = 32,
    rate: float = 0.003,
    drop: float = 0.1,
) -> None:
    """A language model over characters, learnt on nine tenths and tested on the last."""
    model = {"width": width, "embed_width": 64}
    config: Dict[str, Any] = {"condition": None, "prefix": True, "piece": 100, "model": model}
    nlp, pipe = start(seed, config)
    train, dev = (read(nlp, "tinyshakespeare", part, []) for part in ("train", "dev"))
    nlp.initialize(lambda: train)
    for epoch, seconds in learn(pipe, train, epochs, size, rate, drop):
        print(f"epoch {epoch}: {nats(pipe, dev):.4f} nats, {seconds:.0f} s", flush=True)
    print(f"| {width} | {epochs} | {nats(pipe, dev):.3f} | {seconds:.0f} |")
    print(pipe.generate(prefix="ROMEO:", max_length=300)[0].text)


if __name__ == "__main__":
    app()
