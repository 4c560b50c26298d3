"""Whether int8 would read faster than our walk: the recurrent part alone, one thread, words that
were met before.

    python benchmarks/backends.py training/accuracy/uner-rnn_ner-none-0/model-best uner

Prints CPU microseconds a token, the ratio to ours by batch size, and at how many tokens of the
dev part the best tag (before the CRF) is another one.
"""

import time
from pathlib import Path
from statistics import median
from typing import Any, Callable, Dict, List, Tuple

import spacy
import torch
import typer
from spacy.tokens import Doc, DocBin
from spacy.util import minibatch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from spacy_rnn.nets.packing import make_packing

Batch = Tuple[PackedSequence, Tensor]  # vectors, and the rows of their products
Read = Callable[[Batch], Tensor]


def packed(embed: Any, docs: List[Doc], size: int) -> List[Batch]:
    """Batches that are embedded already."""
    out = []
    for some in minibatch(docs, size):
        packing, forms = make_packing([len(doc) for doc in some]), embed.predict(some)
        rows = torch.from_numpy(forms.rows)[packing.to_packed]
        vectors = torch.from_numpy(forms.table)[rows]
        out.append((PackedSequence(vectors, packing.batch_sizes), rows))
    return out


def readers(net: Any, table: Tensor) -> Dict[str, Read]:
    """Everything that reads a batch; the states of all tokens come back."""
    products, weights = net.project(table), net.prepared_weights()
    quantize, bare = torch.ao.quantization.quantize_dynamic, net.layers[0]
    int8 = quantize(net.layers, {torch.nn.LSTM}, dtype=torch.qint8)[0]
    return {
        "ours": lambda b: net.read_products(products, b[1], b[0].batch_sizes, weights).data,
        "torch": lambda b: bare(b[0])[0].data,
        "int8": lambda b: int8(b[0])[0].data,
    }


def seconds(read: Read, batches: List[Batch]) -> float:
    """CPU time of one pass."""
    start = time.process_time()
    for batch in batches:
        read(batch)
    return time.process_time() - start


@torch.inference_mode()
def main(model: str, corpus: str, rounds: int = 7) -> None:
    """Print a line for each batch size, and how many tags differ."""
    torch.set_num_threads(1)
    nlp = spacy.load(model)
    labeler = nlp.get_pipe("rnn_ner").model
    embed, encode = labeler.get_ref("tok2vec").layers
    path = Path("corpus") / corpus / "dev.spacy"
    docs = [doc for doc in DocBin().from_disk(path).get_docs(nlp.vocab) if len(doc)]
    read = readers(encode.shims[0].module, torch.from_numpy(embed.predict(docs).table))
    tokens = sum(map(len, docs))
    print(f"| batch size | {', '.join(read)}: CPU µs a token | ours / each |\n|---|---|---|")
    for size in (256, 32, 1):
        batches = packed(embed, docs, size)
        times: Dict[str, List[float]] = {name: [] for name in read}
        for _ in range(rounds):
            for name, each in read.items():
                times[name].append(seconds(each, batches))
        cells = ", ".join(f"{1e6 * median(t) / tokens:.1f}" for t in times.values())
        ratios = [median(a / b for a, b in zip(times["ours"], t)) for t in times.values()]
        print(f"| {size} | {cells} | {', '.join(f'{r:.2f}' for r in ratios)} |", flush=True)
    output, all_at_once = labeler.shims[0].module.output, packed(embed, docs, len(docs))[0]
    best = {name: output(each(all_at_once)).argmax(dim=1) for name, each in read.items()}
    for name, tags in best.items():
        print(f"{name}: {int((tags != best['ours']).sum())} of {tokens} tags differ from ours")


if __name__ == "__main__":
    typer.run(main)
