"""Whether another back end would read faster than our walk: the recurrent part alone, one thread,
words that were met before; beside torch's LSTM, the same in int8, and the one of onnxruntime.

    python benchmarks/backends.py training/accuracy/uner-rnn_ner-none-0/model-best uner

Prints CPU microseconds a token, the ratio to ours by batch size, and at how many tokens of the
dev part the best tag (before the CRF) is another one. onnxruntime reads padded batches; padding
them and packing what comes back is not counted.
"""

import time
from statistics import median
from typing import Any, Callable, Dict, List, Tuple

import numpy
import onnxruntime
import spacy
import torch
import typer
from onnx import TensorProto, helper, numpy_helper
from spacy.tokens import Doc
from spacy.util import minibatch
from speed import docs_of
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from spacy_rnn.nets.packing import make_packing

Feed = Dict[str, numpy.ndarray]
# vectors, the rows of their products, and padded for onnxruntime: "X" (T, B, I), "n" (B,)
Batch = Tuple[PackedSequence, Tensor, Feed]
Read = Callable[[Batch], Any]


def packed(embed: Any, docs: List[Doc], size: int) -> List[Batch]:
    """Batches that are embedded already."""
    out = []
    for some in minibatch(docs, size):
        packing, forms = make_packing([len(doc) for doc in some]), embed.predict(some)
        rows = torch.from_numpy(forms.rows)[packing.to_packed]
        vectors = torch.from_numpy(forms.table)[rows]
        sequence = PackedSequence(vectors, packing.batch_sizes)
        padded, lengths = pad_packed_sequence(sequence)
        out.append((sequence, rows, {"X": padded.numpy(), "n": lengths.int().numpy()}))
    return out


def onnx_weights(layer: torch.nn.LSTM) -> Dict[str, numpy.ndarray]:
    """Those of a layer as ONNX wants them: gates in the order i, o, f, g in place of i, f, g, o."""
    found: Dict[str, List[numpy.ndarray]] = {"W": [], "R": [], "B": []}
    for ending in ("", "_reverse"):
        parts = []
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            i, f, g, o = getattr(layer, f"{kind}_l0{ending}").numpy().reshape(4, -1)
            parts.append(numpy.concatenate([i, o, f, g]))
        found["W"].append(parts[0].reshape(-1, layer.input_size))
        found["R"].append(parts[1].reshape(-1, layer.hidden_size))
        found["B"].append(numpy.concatenate(parts[2:]))
    return {name: numpy.stack(each) for name, each in found.items()}


def onnx_session(layer: torch.nn.LSTM) -> onnxruntime.InferenceSession:
    """onnxruntime's LSTM with the weights of a layer, on one thread."""
    weights = [numpy_helper.from_array(w, name) for name, w in onnx_weights(layer).items()]
    names = ["X", "W", "R", "B", "n"]
    settings = {"hidden_size": layer.hidden_size, "direction": "bidirectional"}
    node = helper.make_node("LSTM", names, ["Y"], **settings)
    tensor = helper.make_tensor_value_info
    inputs = [
        tensor("X", TensorProto.FLOAT, ["T", "B", layer.input_size]),
        tensor("n", TensorProto.INT32, ["B"]),
    ]
    output = tensor("Y", TensorProto.FLOAT, ["T", 2, "B", layer.hidden_size])
    graph = helper.make_graph([node], "lstm", inputs, [output], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


def packed_states(states: numpy.ndarray, feed: Feed) -> Tensor:
    """What onnxruntime wrote, (T, 2, B, H), in the order of our packing, (N, 2H)."""
    both = torch.from_numpy(states).transpose(1, 2).flatten(2)
    return pack_padded_sequence(both, torch.from_numpy(feed["n"])).data


def readers(net: Any, table: Tensor) -> Dict[str, Read]:
    """Everything that reads a batch; the states of all tokens come back."""
    products, weights = net.project(table), net.prepared_weights()
    quantize, bare = torch.ao.quantization.quantize_dynamic, net.layers[0]
    int8 = quantize(net.layers, {torch.nn.LSTM}, dtype=torch.qint8)[0]
    session = onnx_session(bare)
    return {
        "ours": lambda b: net.read_products(products, b[1], b[0].batch_sizes, weights).data,
        "torch": lambda b: bare(b[0])[0].data,
        "int8": lambda b: int8(b[0])[0].data,
        "onnxruntime": lambda b: session.run(None, b[2])[0],
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
    docs = [doc for doc in docs_of(corpus, "dev", nlp.vocab) if len(doc)]
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
    states = {name: each(all_at_once) for name, each in read.items()}
    states["onnxruntime"] = packed_states(states["onnxruntime"], all_at_once[2])
    best = {name: output(each).argmax(dim=1) for name, each in states.items()}
    for name, tags in best.items():
        print(f"{name}: {int((tags != best['ours']).sum())} of {tokens} tags differ from ours")


if __name__ == "__main__":
    typer.run(main)
