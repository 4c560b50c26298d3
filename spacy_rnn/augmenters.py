"""Changes to training examples that leave their labels true."""

import random
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Tuple, Union

from spacy.language import Language
from spacy.tokens import Doc, Span, Token
from spacy.training import Example
from spacy.util import ensure_path, registry

from .data.source import read_lines
from .errors import DataError, Errors

# Of tokens, all but their letters
ANNOTATION = "TAG POS MORPH LEMMA HEAD DEP SENT_START ENT_IOB ENT_TYPE ENT_KB_ID ENT_ID".split()
Names = Dict[str, List[str]]
Augmenter = Callable[[Language, Example], Iterator[Example]]
TokenData = Tuple[str, bool, str]  # text, whether a space follows, entity tag


@registry.augmenters("spacy_rnn.swap_entities.v1")
def create_swap_entities_augmenter(names: str, level: float) -> Augmenter:
    """Put other names where entities stand, so that a model learns what surrounds a name
    rather than the few names that it sees.

    names (str): Folder with a file `names_LABEL.txt` for each label, one name a line.
    level (float): How many of the examples get a changed copy beside them, 0 to 1.
    RETURNS (Callable[[Language, Example], Iterator[Example]]): The augmenter.
    RAISES (DataError): If the folder holds no such file.
    """
    lists = read_names(ensure_path(names))

    def swap_entities(nlp: Language, example: Example) -> Iterator[Example]:
        yield example
        if random.random() < level:
            doc = swapped(nlp, example.reference, lists)
            new = None if doc is None else Example(nlp.make_doc(doc.text), doc)
            if new is not None and _fits(new):
                yield new

    return swap_entities


def read_names(directory: Path) -> Names:
    """The names of each label.

    RAISES (DataError): If the folder holds no list, or one is not UTF-8.
    """
    files = sorted(directory.glob("names_*.txt")) if directory.is_dir() else []
    if not files:
        raise DataError(Errors.R018.format(path=directory))
    return {path.stem.split("_", 1)[1]: _read_list(path) for path in files}


def _read_list(path: Path) -> List[str]:
    return [name for _, line in read_lines(path) if (name := line.strip())]


def swapped(nlp: Language, doc: Doc, names: Names) -> Optional[Doc]:
    """The document with another name for each entity whose label has names. The new name
    is in capitals or small letters where the old one is. What is not annotated stays so.

    RETURNS (Optional[Doc]): None if there is nothing to swap.
    """
    if not any(names.get(ent.label_) for ent in doc.ents):
        return None
    tokens: List[TokenData] = []
    at = 0
    for ent in doc.ents:
        tokens += _between(doc[at : ent.start])
        tokens += _renamed(nlp, ent, names)
        at = ent.end
    tokens += _between(doc[at:])
    words, spaces, tags = zip(*tokens)
    return Doc(nlp.vocab, words=words, spaces=spaces, ents=tags)


def _fits(example: Example) -> bool:
    """Whether tokens of the new text begin and end with the names. They do not where a name
    in `Co` meets a full stop.
    """
    places = [(ent.start_char, ent.end_char) for ent in example.reference.ents]
    return all(example.predicted.char_span(start, end) is not None for start, end in places)


def _between(tokens: Span) -> List[TokenData]:
    """What is in no entity, as it is."""
    return [(t.text, bool(t.whitespace_), "O" if t.ent_iob_ == "O" else "") for t in tokens]


def _renamed(nlp: Language, ent: Span, names: Names) -> List[TokenData]:
    tokens = _other_name(nlp, ent, names)
    words = [token.text for token in tokens]
    spaces = [bool(token.whitespace_) for token in tokens]
    spaces[-1] = bool(ent[-1].whitespace_)
    tags = [f"B-{ent.label_}", *[f"I-{ent.label_}"] * (len(words) - 1)]
    return list(zip(words, spaces, tags))


def _other_name(nlp: Language, ent: Span, names: Names) -> Union[Doc, Span]:
    if not names.get(ent.label_):
        return ent
    name = random.choice(names[ent.label_])
    if ent.text.islower():
        name = name.lower()
    elif ent.text.isupper() and len(ent.text) > 3:  # a short one is an abbreviation
        name = name.upper()
    return nlp.make_doc(name)


@registry.augmenters("spacy_rnn.casing.v1")
def create_casing_augmenter(level: float) -> Augmenter:
    """Write a whole document in small letters, in CAPITALS or With Every Word Capitalised, as
    people do in messages and headlines.

    level (float): How many of the examples get a changed copy beside them, 0 to 1.
    RETURNS (Callable[[Language, Example], Iterator[Example]]): The augmenter.
    """

    def change_case(nlp: Language, example: Example) -> Iterator[Example]:
        yield example
        if random.random() < level:
            change = random.choice((str.lower, str.upper, str.capitalize))
            yield reworded(nlp, example, [change(token.text) for token in example.reference])

    return change_case


@registry.augmenters("spacy_rnn.typos.v1")
def create_typos_augmenter(level: float, rate: float = 0.1) -> Augmenter:
    """Mistype words: two letters change places, one is lost or comes twice.

    level (float): How many of the examples get a changed copy beside them, 0 to 1.
    rate (float): How many of the words of a copy are mistyped, 0 to 1.
    RETURNS (Callable[[Language, Example], Iterator[Example]]): The augmenter.
    """

    def mistype(nlp: Language, example: Example) -> Iterator[Example]:
        yield example
        if random.random() < level:
            words = [token.text for token in example.reference]
            slips = [mistyped(w) if random.random() < rate else w for w in words]
            yield reworded(nlp, example, slips)

    return mistype


def mistyped(word: str) -> str:
    """The word with one slip of the fingers; short words and numbers stay as they are."""
    if len(word) < 4 or not word.isalpha():
        return word
    i = random.randrange(1, len(word) - 1)
    slips = (
        word[:i] + word[i + 1] + word[i] + word[i + 2 :],
        word[:i] + word[i + 1 :],
        word[:i] + word[i] + word[i:],
    )
    return random.choice(slips)


def reworded(nlp: Language, example: Example, words: List[str]) -> Example:
    """The example with other words in the places of the old ones, annotation and all.

    words (List[str]): One for each token of the reference.
    """
    old = example.reference
    new = Doc(old.vocab, words=words, spaces=[bool(token.whitespace_) for token in old])
    new.from_array(ANNOTATION, old.to_array(ANNOTATION))  # what is missing stays missing
    new.cats = dict(old.cats)
    for key, group in old.spans.items():
        new.spans[key] = [_same(new, span) for span in group]
    _copy_extensions(old, new)
    return Example(nlp.make_doc(new.text), new)


def _same(doc: Doc, span: Span) -> Span:
    return Span(doc, span.start, span.end, span.label, kb_id=span.kb_id, span_id=span.id)


def _copy_extensions(old: Doc, new: Doc) -> None:
    """What users have added to tokens, spans and the document, whose place is None, whether or not
    they have registered it by now.
    """
    starts = {None: None, **{token.idx: new[token.i].idx for token in old}}
    ends = {end_of(token): end_of(new[token.i]) for token in old}
    for key, value in old.user_data.items():
        if isinstance(key, tuple) and len(key) == 4 and key[2] in starts:
            new.user_data[(*key[:2], starts[key[2]], ends.get(key[3]))] = value


def end_of(token: Token) -> int:
    """The character behind it."""
    return int(token.idx) + len(token)
