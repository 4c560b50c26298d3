"""The corpora that ship: names in sentences, and reviews."""

import csv
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
import spacy

from spacy_rnn.augmenters import read_names
from spacy_rnn.data.docs import to_doc
from spacy_rnn.data.inline import read_inline
from spacy_rnn.data.source import read_lines

ASSETS = Path(__file__).parent.parent / "assets"
README = (ASSETS / "README.md").read_text(encoding="utf8")
PARTS = ("train", "dev", "test")
LABELS = ("PER", "LOC", "ORG")
SENTIMENTS = ("positive", "negative", "mixed")
NEGATIONS = set(
    "not no never nothing nobody none neither nor cannot without hardly seldom rarely".split()
)
NLP = spacy.blank("en")


def read(part):
    path = ASSETS / "ner" / f"{part}.txt"
    sentences = read_inline(path, read_lines(path), NLP.tokenizer)
    return [to_doc([sentence], "biluo", path, NLP.vocab) for sentence in sentences]


def read_reviews(part):
    """Pairs of text and label."""
    path = ASSETS / "sentiment" / f"{part}.csv"
    with path.open(encoding="utf8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["text", "label"]
    return [(text, label) for text, label in rows]


CORPUS = {part: read(part) for part in PARTS}
REVIEWS = {part: read_reviews(part) for part in PARTS}
NAMES = read_names(ASSETS / "ner")
ALL = [doc for docs in CORPUS.values() for doc in docs]


def names_in(part):
    """All names of a part in small letters."""
    return {ent.text.lower() for doc in CORPUS[part] for ent in doc.ents}


def words_of(text):
    """The words in small letters, without punctuation."""
    return re.findall(r"\w+(?:['’]\w+)*", text.lower())


def has_negation(text):
    return any(word in NEGATIONS or word.endswith("n't") for word in words_of(text))


def places_of(names, text):
    """The names that stand as words in a text."""
    return {name for name in names if re.search(rf"\b{re.escape(name)}\b", text)}


@pytest.mark.parametrize("part", PARTS)
def test_readme_counts(part):
    labels = Counter(ent.label_ for doc in CORPUS[part] for ent in doc.ents)
    each = " / ".join(str(labels[label]) for label in LABELS)
    row = f"| `ner/{part}.txt` | {len(CORPUS[part])} | {sum(labels.values()):,} ({each}) |"
    assert row in README
    assert set(labels) == set(LABELS)


def test_readme_counts_the_sentences():
    assert README.split("\n")[2].startswith(f"{len(ALL)} sentences")


def test_readme_counts_the_names():
    counts = [len(NAMES[label]) for label in LABELS]
    assert "| {}, {} and {} names | |".format(*counts) in README


def test_there_are_enough_sentences_to_learn_from():
    assert len(CORPUS["train"]) >= 600


def test_no_sentence_stands_twice():
    counts = Counter(" ".join(doc.text.lower().split()) for doc in ALL)
    assert [text for text, n in counts.items() if n > 1] == []


@pytest.mark.parametrize("label", LABELS)
def test_no_name_stands_twice_in_its_list(label):
    assert len(NAMES[label]) == len({name.lower() for name in NAMES[label]})


@pytest.mark.parametrize("one, other", [("train", "dev"), ("train", "test"), ("dev", "test")])
def test_parts_share_no_entity(one, other):
    assert names_in(one) & names_in(other) == set()


@pytest.mark.parametrize("part", ["dev", "test"])
def test_name_lists_have_no_entity_of_a_part_that_scores(part):
    listed = {name.lower() for names in NAMES.values() for name in names}
    assert listed & names_in(part) == set()


def test_no_entity_of_test_is_a_word_of_train():
    text = "\n".join(doc.text.lower() for doc in CORPUS["train"])
    assert places_of(names_in("test"), text) == set()


def test_no_entity_of_test_is_a_part_of_a_listed_name():
    text = "\n".join(name.lower() for names in NAMES.values() for name in names)
    assert places_of(names_in("test"), text) == set()


def test_every_token_is_annotated():
    assert all(token.ent_iob_ for doc in ALL for token in doc)


def test_no_entity_begins_or_ends_with_punctuation():
    marks = {",", ";", ":", "!", "?", '"', "'", "(", ")", "-", " "}
    assert [
        ent.text for doc in ALL for ent in doc.ents if {ent.text[0], ent.text[-1]} & marks
    ] == []


def test_markup_leaves_no_brackets_behind():
    assert [doc.text for doc in ALL if re.search(r"[\[\]]|\((PER|LOC|ORG)\)", doc.text)] == []


@pytest.mark.parametrize(
    "words, is_hard",
    [
        (r"about 12 % of the lines are in small letters", lambda doc: doc.text.islower()),
        (r"5 % in capitals", lambda doc: doc.text.isupper()),
        (r"about 12 % have no entity", lambda doc: not doc.ents),
    ],
)
@pytest.mark.parametrize("part", PARTS)
def test_hard_cases_are_there(part, words, is_hard):
    assert words in " ".join(README.split())
    share = 100 * sum(map(is_hard, CORPUS[part])) / len(CORPUS[part])
    assert share == pytest.approx(int(re.search(r"(\d+) %", words)[1]), abs=1.5)


def test_licence_is_named():
    assert "CC0 1.0" in README


@pytest.mark.parametrize("part", PARTS)
def test_readme_counts_the_reviews(part):
    labels = Counter(label for _, label in REVIEWS[part])
    each = " / ".join(str(labels[label]) for label in SENTIMENTS)
    assert f"| `sentiment/{part}.csv` | {len(REVIEWS[part])} | {each} |" in README
    assert set(labels) == set(SENTIMENTS)


def test_readme_counts_all_reviews_and_their_words():
    lengths = [len(text.split()) for rows in REVIEWS.values() for text, _ in rows]
    assert f"\n{len(lengths)} short reviews and comments" in README
    assert f"{min(lengths)} to {max(lengths)} words a text" in README


@pytest.mark.parametrize("part, least", [("train", 340), ("dev", 60), ("test", 80)])
def test_there_are_enough_reviews(part, least):
    assert len(REVIEWS[part]) >= least


@pytest.mark.parametrize("label, percent", [("positive", 40), ("negative", 40), ("mixed", 20)])
@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_the_same_balance(part, label, percent):
    share = 100 * sum(other == label for _, other in REVIEWS[part]) / len(REVIEWS[part])
    assert share == pytest.approx(percent, abs=1.5)


def test_no_review_stands_twice():
    counts = Counter(" ".join(words_of(text)) for rows in REVIEWS.values() for text, _ in rows)
    assert [text for text, n in counts.items() if n > 1] == []


def test_no_two_reviews_are_nearly_the_same():
    words = [set(words_of(text)) for rows in REVIEWS.values() for text, _ in rows]
    pairs = combinations(words, 2)
    assert [one for one, two in pairs if 2 * len(one & two) > len(one | two)] == []


def test_reviews_are_short_and_not_empty():
    texts = [text for rows in REVIEWS.values() for text, _ in rows]
    assert [text for text in texts if not 5 <= len(text.split()) <= 60] == []
    assert [text for text in texts if text != " ".join(text.split())] == []


@pytest.mark.parametrize(
    "words, least, is_hard",
    [
        ("about 40 % of the texts have a word of negation", 33, has_negation),
        ("About 5 % begin with a small letter", 4, lambda text: text[0].islower()),
    ],
)
@pytest.mark.parametrize("part", PARTS)
def test_hard_reviews_are_there(part, words, least, is_hard):
    assert words in " ".join(README.split())
    share = 100 * sum(is_hard(text) for text, _ in REVIEWS[part]) / len(REVIEWS[part])
    assert share >= least


@pytest.mark.parametrize("label", SENTIMENTS)
def test_every_label_has_negation_in_every_part(label):
    for rows in REVIEWS.values():
        texts = [text for text, other in rows if other == label]
        assert sum(map(has_negation, texts)) >= len(texts) / 6


@pytest.mark.parametrize("word", ["great", "loved", "boring", "rude", "waste", "disappointing"])
def test_words_of_praise_and_blame_stand_on_both_sides(word):
    sides = {label for rows in REVIEWS.values() for text, label in rows if word in words_of(text)}
    assert {"positive", "negative"} <= sides
