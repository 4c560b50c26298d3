"""Whether a document gets the same classes alone as in any batch.

    python benchmarks/same_answer.py MODEL polarity

An empty text and one of white space are among them.
"""

import random
from typing import Dict, Iterable, List, Tuple

import spacy
import typer
from spacy.tokens import Doc
from speed import texts_of

Cats = Dict[str, float]


def difference(alone: List[Cats], together: List[Cats]) -> Tuple[int, float]:
    """How many documents get another first label, and the largest difference of a score."""
    pairs = list(zip(alone, together))
    labels = sum(max(a, key=lambda c: a[c]) != max(b, key=lambda c: b[c]) for a, b in pairs)
    return labels, max(abs(a[label] - b[label]) for a, b in pairs for label in a)


def cats(docs: Iterable[Doc]) -> List[Cats]:
    return [dict(doc.cats) for doc in docs]


def main(model: str, corpus: str, part: str = "dev", most: int = 1000) -> None:
    """Print a line for each way to batch."""
    nlp = spacy.load(model)
    texts = [*texts_of(corpus, part)[: most - 2], "", " \n "]
    order = random.Random(0).sample(range(len(texts)), len(texts))
    alone = [dict(nlp(text).cats) for text in texts]
    print(f"| {len(texts)} documents | labels differ | largest difference of a score |")
    print("|---|---|---|")
    for size in (1, 7, 64, 256):
        for name, which in (("in order", range(len(texts))), ("shuffled", order)):
            found = cats(nlp.pipe([texts[i] for i in which], batch_size=size))
            labels, most_off = difference([alone[i] for i in which], found)
            print(f"| batches of {size}, {name} | {labels} | {most_off:.1e} |", flush=True)
    found = cats(nlp.pipe(texts, batch_size=64, n_process=2))
    labels, most_off = difference(alone, found)
    print(f"| batches of 64, two processes | {labels} | {most_off:.1e} |")


if __name__ == "__main__":
    typer.run(main)
