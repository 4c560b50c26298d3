"""Time of the whole component, from tokens to entities, against the bare forward pass of
`torch.nn.LSTM` on the same packed batches; and of confidence on against off.

    python benchmarks/overhead.py training/accuracy/uner-rnn_ner-none-0/model-best uner
"""

import time
from statistics import median
from typing import Callable, Dict, List

import spacy
import torch
import typer
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch
from speed import docs_of
from torch.nn.utils.rnn import PackedSequence

from spacy_rnn.nets.packing import make_packing

EXTENSION = "components.rnn_ner.confidence"


def seconds(work: Callable[[], None]) -> float:
    """How long something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bare_lstm(nlp: Language, batches: List[List[Doc]]) -> Callable[[], None]:
    """The forward pass over batches that are packed and embedded already."""
    ner = nlp.get_pipe("rnn_ner")
    encoder = next(node for node in ner.model.walk() if node.name == "rnn_encoder")
    layer, width = encoder.shims[0].module.layers[0], encoder.get_dim("nI")
    packed = []
    for docs in batches:
        packing = make_packing([len(doc) for doc in docs])
        tokens = int(packing.batch_sizes.sum())
        packed.append(PackedSequence(torch.randn(tokens, width), packing.batch_sizes))

    def run() -> None:
        with torch.inference_mode():
            for batch in packed:
                layer(batch)

    return run


def component(nlp: Language, batches: List[List[Doc]]) -> Callable[[], None]:
    """The component over fresh documents."""
    ner = nlp.get_pipe("rnn_ner")

    def run() -> None:
        for docs in batches:
            for doc in docs:
                doc.set_ents([], default="missing")
                doc.user_data.clear()  # of the last round's confidences
            ner.set_annotations(docs, ner.predict(docs))

    return run


def main(model: str, corpus: str, rounds: int = 9) -> None:
    """Print seconds and ratios by batch size."""
    torch.set_num_threads(1)
    on, off = spacy.load(model), spacy.load(model, config={EXTENSION: None})
    docs = docs_of(corpus, "dev", on.vocab)
    print("| batch size | confidence on, s | off, s | bare LSTM, s | on / off | on / LSTM |")
    print("|---|---|---|---|---|---|")
    for size in (1, 32, 256):
        batches = list(minibatch(docs, size))
        work = {"on": component(on, batches), "off": component(off, batches)}
        work["lstm"] = bare_lstm(on, batches)
        times: Dict[str, List[float]] = {name: [] for name in work}
        for _ in range(rounds + 1):  # the first fills the memory of word forms
            for name, run in work.items():
                times[name].append(seconds(run))
        a, b, c = (times[name][1:] for name in work)
        ratios = (median(x / y for x, y in zip(a, other)) for other in (b, c))
        cells = [f"{median(x):.3f}" for x in (a, b, c)] + [f"{r:.2f}" for r in ratios]
        print(f"| {size} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
