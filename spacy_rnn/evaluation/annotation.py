"""What may be wrong with an annotated corpus before anything is trained on it."""

from collections import Counter, defaultdict
from typing import Callable, Dict, Iterator, List, Tuple, Union

from spacy.language import Language
from spacy.tokens import Doc, Span, Token
from spacy.util import filter_spans


def count_labels(docs: List[Doc]) -> Dict[str, int]:
    """How many entities there are of each label, by name of the label."""
    return dict(sorted(Counter(ent.label_ for doc in docs for ent in doc.ents).items()))


def find_misaligned(docs: List[Doc], nlp: Language) -> List[Span]:
    """The entities that do not begin and end where tokens of a pipeline do; it can never
    learn or find them.
    """
    found = []
    for doc in docs:
        if not doc.has_unknown_spaces:  # otherwise spaCy trains on the tokens as they are
            tokens = nlp.make_doc(doc.text)
            ents = [e for e in doc.ents if tokens.char_span(e.start_char, e.end_char) is None]
            found += ents
    return found


def find_spaced(docs: List[Doc]) -> List[Span]:
    """The entities that begin or end with white space; `rnn_ner` never finds one so."""
    return _with_edge(docs, lambda token: token.is_space)


def find_punctuated(docs: List[Doc]) -> List[Span]:
    """The entities that begin or end with a punctuation mark, as `Inc .` may."""
    return _with_edge(docs, lambda token: token.is_punct)


def _with_edge(docs: List[Doc], is_bad: Callable[[Token], bool]) -> List[Span]:
    ents = (ent for doc in docs for ent in doc.ents)
    return [ent for ent in ents if is_bad(ent[0]) or is_bad(ent[-1])]


def count_overlapping(docs: List[Doc]) -> Dict[str, int]:
    """How many spans of each group in `doc.spans` overlap others so that `doc.ents`
    cannot hold them.
    """
    lost: Counter = Counter()
    for doc in docs:
        for name, group in doc.spans.items():
            lost[name] += len(group) - len(filter_spans(group))
    return {name: n for name, n in sorted(lost.items()) if n}


def count_unannotated(docs: List[Doc]) -> int:
    """Documents in which no token is said to be inside or outside of an entity."""
    return sum(not doc.has_annotation("ENT_IOB") for doc in docs)


def find_repeated(train: List[Doc], dev: List[Doc]) -> List[str]:
    """The sentences of dev that stand in train too, the longest first."""
    known = set(sentences(train))
    return sorted((text for text in sentences(dev) if text in known), key=len, reverse=True)


def sentences(docs: List[Doc]) -> Iterator[str]:
    """The text of each sentence with single spaces; a document without sentence
    boundaries is one.
    """
    for doc in docs:
        for span in doc.sents if doc.has_annotation("SENT_START") else [doc]:
            yield " ".join(span.text.split())


def find_ambiguous(docs: List[Doc]) -> List[Tuple[str, Dict[str, int]]]:
    """The texts that carry several labels, and how often each. First those where most
    entities go against the usual label.
    """
    labels: Dict[str, Counter] = defaultdict(Counter)
    for doc in docs:
        for ent in doc.ents:
            labels[ent.text][ent.label_] += 1
    found = [(text, dict(n.most_common())) for text, n in labels.items() if len(n) > 1]
    return sorted(found, key=lambda item: max(item[1].values()) - sum(item[1].values()))


def find_unmarked(docs: List[Doc]) -> List[Tuple[str, int, int]]:
    """The texts that are entities in most places and outside of any in others, where they may
    have been forgotten, and how often each. First those that are most often outside.
    """
    marked = Counter(tuple(_words(ent)) for doc in docs for ent in doc.ents)
    lengths = sorted({len(form) for form in marked}, reverse=True)
    outside = Counter(form for doc in docs for form in _outside(doc, marked, lengths))
    found = [(" ".join(form), marked[form], n) for form, n in outside.items() if n <= marked[form]]
    return sorted(found, key=lambda item: (-item[2], item[0]))


def _outside(doc: Doc, forms: Counter, lengths: List[int]) -> Iterator[Tuple[str, ...]]:
    """The forms that stand in a document without being marked, the longest where several do."""
    words, is_o = _words(doc), [token.ent_iob_ == "O" for token in doc]
    i = 0
    while i < len(words):
        fits = (n for n in lengths if tuple(words[i : i + n]) in forms and all(is_o[i : i + n]))
        n = next(fits, 0)
        if n:
            yield tuple(words[i : i + n])
        i += n or 1


def _words(tokens: Union[Doc, Span]) -> List[str]:
    return [token.text for token in tokens]
