"""What a document of 100,000 tokens costs to classify: time, and memory beyond the pipeline's.

    python benchmarks/long_texts.py MODEL movie_reviews

The texts of the corpus in a row, cut to so many tokens. The document itself is made before, so
that what is counted is the component alone.
"""

import resource
import time

import spacy
import typer
from spacy.tokens import Doc
from speed import docs_of

TOKENS = (1_000, 10_000, 100_000, 200_000)


def peak() -> float:
    """The most memory that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(model: str, corpus: str, part: str = "dev") -> None:
    """Print a line for each length."""
    nlp = spacy.load(model)
    pipe = nlp.get_pipe("rnn_sentiment")
    words = [token.text for doc in docs_of(corpus, part, nlp.vocab) for token in doc]
    words *= max(TOKENS) // len(words) + 1
    pipe(Doc(nlp.vocab, words=words[:100]))
    print("| tokens | seconds | words/s | memory beyond what there was, MB | doc.cats |")
    print("|---|---|---|---|---|")
    for tokens in TOKENS:
        doc = Doc(nlp.vocab, words=words[:tokens])
        before, start = peak(), time.perf_counter()
        pipe(doc)
        seconds = time.perf_counter() - start
        cats = ", ".join(f"{label} {value:.3f}" for label, value in doc.cats.items())
        grown = peak() - before
        print(f"| {tokens:,} | {seconds:.2f} | {tokens / seconds:,.0f} | {grown:.0f} | {cats} |")


if __name__ == "__main__":
    typer.run(main)
