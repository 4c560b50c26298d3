from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_rnn.data.schemes import detect_scheme, keep_labels, read_entities
from spacy_rnn.data.sentence import Sentence
from spacy_rnn.errors import DataError
from spacy_rnn.tags import Entity

PATH = Path("a.conll")
LABELS = ["PER", "LOC", "creative-work"]
# The letters of an entity: of one token, and the first, middle and last of several
LETTERS = {"iob2": "BBII", "biluo": "UBIL", "iobes": "SBIE", "bmes": "SBME"}


def sentence(tags, first_line=1):
    n = len(tags)
    return Sentence(["x"] * n, [True] * n, tags, list(range(first_line, first_line + n)))


def read(tags, scheme):
    return read_entities(sentence(tags.split()), scheme, PATH)


def write_iob1(entities, length):
    """An independent writer: B only where an entity touches one of its own label."""
    tags = ["O"] * length
    for label, start, end in entities:
        touches = start > 0 and tags[start - 1][2:] == label
        tags[start:end] = [f"{'B' if touches else 'I'}-{label}"] + [f"I-{label}"] * (
            end - start - 1
        )
    return tags


def write(entities, length, scheme):
    if scheme == "iob1":
        return write_iob1(entities, length)
    one, first, middle, last = LETTERS[scheme]
    tags = ["O"] * length
    for label, start, end in entities:
        n = end - start
        letters = one if n == 1 else first + middle * (n - 2) + last
        tags[start:end] = [f"{letter}-{label}" for letter in letters]
    return tags


@st.composite
def annotated(draw):
    """Entities with gaps between them, and the length of their sentence."""
    entities, at = [], 0
    for label in draw(st.lists(st.sampled_from(LABELS), max_size=6)):
        start = at + draw(st.integers(0, 2))
        at = start + draw(st.integers(1, 4))
        entities.append(Entity(label, start, at))
    return entities, at + draw(st.integers(0, 2))


@pytest.mark.parametrize("scheme", ["iob1", *LETTERS])
@given(annotated())
def test_what_was_written_is_read(scheme, case):
    entities, length = case
    tags = write(entities, length, scheme)
    assert read_entities(sentence(tags), scheme.replace("bmes", "iobes"), PATH) == entities


@pytest.mark.parametrize("scheme", ["iob1", *LETTERS])
@given(st.lists(annotated(), min_size=1, max_size=4))
def test_what_was_written_is_read_in_the_scheme_detected(scheme, cases):
    tags = [write(entities, length, scheme) for entities, length in cases]
    found = detect_scheme(tags)
    assert [read_entities(sentence(t), found, PATH) for t in tags] == [e for e, _ in cases]


@pytest.mark.parametrize(
    "tags, scheme",
    [
        ("O I-PER I-PER O", "iob1"),
        ("I-PER B-PER", "iob1"),
        ("I-PER I-LOC", "iob1"),
        ("B-PER I-PER B-PER", "iob2"),
        ("O O", "iob2"),
        ("- -", "iob2"),
        ("B-PER L-PER", "biluo"),
        ("U-PER", "biluo"),
        ("B-PER E-PER", "iobes"),
        ("S-PER", "iobes"),
        ("B-PER M-PER E-PER", "iobes"),
        # Neither: reading shall stop at the I
        ("B-PER O I-PER", "iob2"),
        # Labels without a letter are no evidence
        ("LOC O", "iob2"),
    ],
)
def test_detects(tags, scheme):
    assert detect_scheme([tags.split()]) == scheme


def test_detects_by_all_sentences():
    assert detect_scheme([["B-PER", "I-PER"], ["O"], ["B-PER", "L-PER"]]) == "biluo"


def test_does_not_look_across_sentences():
    assert detect_scheme([["I-PER"], ["I-PER"]]) == "iob1"


def test_iob1_begins_with_i_after_another_label():
    assert read("I-PER I-LOC", "iob1") == [("PER", 0, 1), ("LOC", 1, 2)]


def test_iob1_parts_touching_entities_at_b():
    assert read("I-PER I-PER B-PER I-PER", "iob1") == [("PER", 0, 2), ("PER", 2, 4)]


def test_forced_iob1_reads_b_anywhere():
    assert read("B-PER I-PER O I-PER", "iob1") == [("PER", 0, 2), ("PER", 3, 4)]


def test_label_may_have_hyphens():
    assert read("B-creative-work I-creative-work", "iob2") == [("creative-work", 0, 2)]


def test_missing_annotation_ends_an_entity():
    assert read("B-PER - O", "iob2") == [("PER", 0, 1)]


@pytest.mark.parametrize("tags", ["O I-PER", "B-LOC I-PER", "B-PER O I-PER"])
def test_iob2_refuses_i_that_continues_nothing(tags):
    line = len(tags.split())
    with pytest.raises(DataError, match=rf"a\.conll:{line}: 'I-PER' continues.*--scheme iob1"):
        read(tags, "iob2")


@pytest.mark.parametrize("tags", ["B-PER O", "B-PER U-PER", "B-PER I-PER B-LOC", "B-PER L-LOC"])
def test_biluo_refuses_an_entity_without_end(tags):
    line = len(tags.split())
    with pytest.raises(DataError, match=rf"a\.conll:{line}: .* the PER before has not ended"):
        read(tags, "biluo")


def test_biluo_refuses_an_end_without_a_beginning():
    with pytest.raises(DataError, match=r"a\.conll:2: 'L-PER' continues nothing"):
        read("O L-PER", "biluo")


def test_biluo_refuses_an_entity_that_the_sentence_cuts():
    with pytest.raises(DataError, match=r"a\.conll:2: the sentence ends inside of a PER"):
        read("O B-PER", "biluo")


@pytest.mark.parametrize("tag", ["PER", "U-PER", "B-", "B-O", "b-PER", "BPER", "I"])
def test_refuses_tags_that_the_scheme_lacks(tag):
    with pytest.raises(DataError, match=rf"a\.conll:2: '{tag}' is not a tag of scheme iob2"):
        read(f"O {tag}", "iob2")


def test_names_the_line_of_the_file():
    with pytest.raises(DataError, match=r"a\.conll:41:"):
        read_entities(sentence(["O", "I-PER"], first_line=40), "iob2", PATH)


@pytest.mark.parametrize("scheme", ["iob1", *LETTERS])
@given(annotated(), st.sets(st.sampled_from(LABELS)))
def test_kept_labels_keep_their_entities(scheme, case, labels):
    entities, length = case
    kept = keep_labels(sentence(write(entities, length, scheme)), labels)
    found = read_entities(kept, scheme.replace("bmes", "iobes"), PATH)
    assert found == [entity for entity in entities if entity.label in labels]


def test_tags_of_other_labels_become_o():
    kept = keep_labels(sentence("B-LOC I-LOC O B-PER B-O".split()), ["PER"])
    assert kept.tags == ["O", "O", "O", "B-PER", "O"]


def test_missing_annotation_is_no_label():
    assert keep_labels(sentence(["-", "B-LOC"]), []).tags == ["-", "O"]


def test_labels_with_hyphens_can_be_kept():
    assert keep_labels(sentence(["B-creative-work"]), ["creative-work"]).tags == ["B-creative-work"]


@pytest.mark.parametrize("tags", ["O I-PER", "B-LOC I-PER", "B-PER I-LOC I-PER"])
def test_keeping_labels_hides_no_mistake(tags):
    kept = keep_labels(sentence(tags.split()), ["PER"])
    with pytest.raises(DataError, match="'I-PER' continues nothing"):
        read_entities(kept, "iob2", PATH)
