"""Byte pairs (Sennrich et al., 2016) over bytes: what often stands together becomes a unit. So no
text has a symbol that cannot be written, and white space stays what it is.

The work is that of the library `tokenizers`, an optional dependency. What it learnt is kept as
the text of its own JSON.
"""

from functools import lru_cache
from typing import Any, Iterable, Tuple

from .errors import Errors


def learn(texts: Iterable[str], size: int) -> str:
    """Learn byte pairs, as JSON. The same texts in the same order give the same.

    texts (Iterable[str]): What they are learnt from.
    size (int): How many units there are at most, the 256 bytes included.
    RAISES (ImportError): If `tokenizers` is not installed.
    """
    library = _library()
    bpe = library.Tokenizer(library.models.BPE())
    bpe.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = library.decoders.ByteLevel()
    alphabet = library.pre_tokenizers.ByteLevel.alphabet()
    trainer = library.trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=sorted(alphabet), min_frequency=2, show_progress=False
    )
    bpe.train_from_iterator(texts, trainer)
    learnt: str = bpe.to_str()
    return learnt


def split(learnt: str, text: str) -> Tuple[str, ...]:
    """The units of a text.

    learnt (str): What `learn` gave.
    """
    return tuple(_load(learnt).encode(text).tokens)


def join(learnt: str, units: Iterable[str]) -> str:
    """The text of units. Bytes that make no character become the sign for that."""
    text: str = _load(learnt).decoder.decode(list(units))
    return text


@lru_cache(maxsize=16)
def _load(learnt: str) -> Any:
    return _library().Tokenizer.from_str(learnt)


def _library() -> Any:
    try:
        import tokenizers
        import tokenizers.decoders
        import tokenizers.models
        import tokenizers.pre_tokenizers
        import tokenizers.trainers
    except ImportError as e:
        raise ImportError(Errors.R169) from e
    return tokenizers
