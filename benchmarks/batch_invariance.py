"""A tagger of spaCy's over two encoders: does a sentence get other tags in a batch?

    SPACY_RNN_DATA=folder python benchmarks/batch_invariance.py ud_english_ewt

Trains spaCy's own `tagger` on 1,000 sentences of the dev part and tags 500 others, each
alone and all in one batch, with spacy.TorchBiLSTMEncoder.v1 and spacy_rnn.RNNEncoder.v1.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Dict, List

import spacy
import typer
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch

from spacy_rnn.cli.convert import convert

WIDTH, DEPTH, EPOCHS = 96, 2, 20
ENCODERS: Dict[str, Dict[str, Any]] = {
    "spacy.TorchBiLSTMEncoder.v1": {"width": WIDTH, "depth": DEPTH, "dropout": 0.0},
    "spacy_rnn.RNNEncoder.v1": {"width": WIDTH, "depth": DEPTH, "cell": "lstm"},
}


def read(folder: Path, vocab: Any) -> List[Doc]:
    """The sentences of the dev part."""
    source = next(folder.glob("*-dev.conllu*"), None)
    if source is None:
        raise SystemExit(f"No file *-dev.conllu in {folder.resolve()}: set SPACY_RNN_DATA")
    with TemporaryDirectory() as directory:
        path = Path(directory) / "dev.spacy"
        convert(source, path, format="conllu")
        return list(DocBin().from_disk(path).get_docs(vocab))


def bare(vocab: Any, doc: Doc) -> Doc:
    """The tokens without their annotation."""
    return Doc(vocab, words=[token.text for token in doc])


def train(encoder: str, docs: List[Doc], vocab: Any) -> Any:
    """spaCy's tagger over an encoder."""
    fix_random_seed(0)
    embed = {"@architectures": "spacy.MultiHashEmbed.v2", "width": WIDTH}
    embed |= {"rows": [5000, 1000, 2500, 2500], "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"]}
    embed |= {"include_static_vectors": False}
    encode = {"@architectures": encoder, **ENCODERS[encoder]}
    tok2vec = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    nlp = spacy.blank("en", vocab=vocab)
    nlp.add_pipe(
        "tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}}
    )
    examples = [Example(bare(vocab, doc), doc) for doc in docs]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(EPOCHS):
        for batch in minibatch(examples, 32):
            nlp.update(batch, sgd=optimizer)
    return nlp.get_pipe("tagger")


def main(treebank: str) -> None:
    """Train with each encoder, and print a line for it."""
    vocab = spacy.blank("en").vocab
    docs = read(Path(os.environ.get("SPACY_RNN_DATA", ".")) / treebank, vocab)
    some, others = docs[:1000], docs[1000:1500]
    print("| encoder | tags | accuracy | differ alone and in a batch of 500 |")
    print("|---|---|---|---|")
    for encoder in ENCODERS:
        tagger = train(encoder, some, vocab)
        together = [bare(vocab, doc) for doc in others]
        tagger.set_annotations(together, tagger.predict(together))
        alone = [tagger(bare(vocab, doc)) for doc in others]
        pairs = [
            (a.tag_, b.tag_, gold.tag_)
            for x, y, z in zip(alone, together, others)
            for a, b, gold in zip(x, y, z)
        ]
        right = sum(b == gold for _, b, gold in pairs) / len(pairs)
        differ = sum(a != b for a, b, _ in pairs)
        print(f"| {encoder} | {len(pairs):,} | {100 * right:.1f} | {differ} |", flush=True)


if __name__ == "__main__":
    typer.run(main)
