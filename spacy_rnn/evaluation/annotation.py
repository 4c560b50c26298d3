"""What may be wrong with an annotated corpus before anything is trained on it."""

from collections import Counter, defaultdict
from typing import Dict, Iterator, List, Tuple

from spacy.language import Language
from spacy.tokens import Doc, Span
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


def find_untrimmed(docs: List[Doc]) -> List[Span]:
    """The entities that begin or end with white space or a punctuation mark."""
    edges = ((ent, token) for doc in docs for ent in doc.ents for token in {ent[0], ent[-1]})
    return list(dict.fromkeys(ent for ent, token in edges if token.is_space or token.is_punct))


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
