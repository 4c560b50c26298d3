import random
from collections import Counter
from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin, Span, Token
from spacy.training import Example
from spacy.util import registry

from spacy_rnn.augmenters import create_casing_augmenter, mistyped, read_names, swapped
from spacy_rnn.data.docs import to_doc
from spacy_rnn.data.inline import read_inline
from spacy_rnn.errors import DataError

SHIPPED = Path(__file__).parent.parent / "assets" / "ner"
NAMES = read_names(SHIPPED)
NLP = spacy.blank("en")
LINE = "[Anna Silva](PER) left [Rome](LOC), she says."


def make_doc(line):
    (sentence,) = read_inline(Path("a.txt"), [(1, line)], NLP.tokenizer)
    return to_doc([sentence], "biluo", Path("a.txt"), NLP.vocab)


def swap(line, names=NAMES):
    return swapped(NLP, make_doc(line), names)


def augment(line, names=SHIPPED, level=1.0):
    create = registry.augmenters.get("spacy_rnn.swap_entities.v1")
    doc = make_doc(line)
    return list(create(str(names), level)(NLP, Example(NLP.make_doc(doc.text), doc)))


def entities(doc):
    return [(ent.text, ent.label_) for ent in doc.ents]


@pytest.fixture
def lists(tmp_path):
    """Write a list of names and give the folder."""

    def write(text, label="PER"):
        (tmp_path / f"names_{label}.txt").write_text(text, encoding="utf8")
        return tmp_path

    return write


# Lines of words, names and marks as people write them
ENTITY = st.builds("[{}]({})".format, st.sampled_from(["Rome", "anna silva", "ACME CO", "O'Neil"]),
                   st.sampled_from(["PER", "LOC", "ORG", "MISC"]))  # fmt: skip
PIECE = st.one_of(ENTITY, st.sampled_from(["the", "sleeps", "don't", "3.5", "…", "Über", "U.S."]))
GLUE = st.sampled_from([" ", " ", " ", ", ", " - ", "; ", ' "', '" ', " (", ") ", "'s "])
LINES = st.builds(
    lambda pairs, end: "".join(piece + glue for piece, glue in pairs).strip() + end,
    st.lists(st.tuples(PIECE, GLUE), min_size=1, max_size=8),
    st.sampled_from([".", "!", "?", ""]),
)


@given(LINES, st.integers(0, 2**16))
def test_gold_fits_the_tokens_of_the_new_text(line, seed):
    random.seed(seed)
    for example in augment(line):
        before, after = example.reference, example.predicted
        found = [after.char_span(ent.start_char, ent.end_char) for ent in before.ents]
        assert [span.text for span in found if span] == [ent.text for ent in before.ents]


@given(LINES, st.integers(0, 2**16))
def test_what_surrounds_the_names_stays(line, seed):
    random.seed(seed)
    old = make_doc(line)
    new = swapped(NLP, old, NAMES) or old
    assert around(new) == around(old)


def around(doc):
    """The text with the label where an entity was."""
    parts, at = [], 0
    for ent in doc.ents:
        parts += [doc.text[at : ent.start_char], f"<{ent.label_}>"]
        at = ent.end_char
    return "".join([*parts, doc.text[at:]])


def test_names_come_from_the_list_of_the_label():
    (person, label), (place, other) = entities(swap(LINE))
    assert (label, other) == ("PER", "LOC")
    assert person in NAMES["PER"] and place in NAMES["LOC"]


def test_names_differ_from_time_to_time():
    assert len({swap(LINE).text for _ in range(20)}) > 10


def test_small_letters_stay_small():
    (person, _), (place, _) = entities(swap(LINE.replace("Anna Silva", "anna silva")))
    assert person.islower() and not place.islower()


def test_capitals_stay_capitals():
    assert swap("[ANNA SILVA](PER) LEFT [ROME](LOC)").text.isupper()


def test_an_abbreviation_says_nothing_about_capitals():
    assert entities(swap("The [UN](ORG) met.", {"ORG": ["Red Cross"]})) == [("Red Cross", "ORG")]


def test_labels_without_a_list_keep_their_names():
    found = entities(swap(LINE, {"PER": ["Bo"]}))
    assert found == [("Bo", "PER"), ("Rome", "LOC")]


def test_touching_entities_stay_two():
    doc = swap("[Rome](LOC) [Lisbon](LOC) [Times](ORG)", {"LOC": ["New York"]})
    assert entities(doc) == [("New York", "LOC"), ("New York", "LOC"), ("Times", "ORG")]


def test_missing_annotation_stays_missing():
    doc = Doc(NLP.vocab, words=["Anna", "met", "Bob"])
    doc.set_ents([Span(doc, 0, 1, "PER")], outside=[doc[1:2]], default="missing")
    new = swapped(NLP, doc, {"PER": ["Anna Maria"]})
    assert [token.ent_iob_ for token in new] == ["B", "I", "O", ""]


def test_a_name_that_would_cut_tokens_differently_is_not_used(lists):
    """`Acme Co` before a full stop is read as the token `Co.`"""
    examples = augment("He left [Rome](LOC).", lists("Acme Co\n", "LOC"))
    assert [eg.reference.text for eg in examples] == ["He left Rome."]


def test_level_0_adds_nothing():
    assert [eg.reference.text for eg in augment(LINE, level=0)] == [make_doc(LINE).text]


def test_level_1_adds_a_copy_to_the_example():
    first, second = augment(LINE)
    assert first.reference.text == make_doc(LINE).text
    assert second.reference.text != first.reference.text


def test_level_is_the_share_of_copies():
    random.seed(0)
    assert 20 < sum(len(augment(LINE, level=0.3)) - 1 for _ in range(100)) < 40


@pytest.mark.parametrize("line", ["Nobody sleeps.", "[Venus](PLANET) shines."])
def test_nothing_to_swap(line):
    assert len(augment(line)) == 1


@pytest.mark.parametrize("text", ["Bo", "Bo\n", "\nBo\n\n", "Bo\r\n", " Bo \n", "\ufeffBo\n"])
def test_lists_are_read_by_the_line(lists, text):
    assert read_names(lists(text)) == {"PER": ["Bo"]}


def test_a_list_that_is_not_utf8_is_named_with_the_line(tmp_path):
    path = tmp_path / "names_PER.txt"
    path.write_bytes("Bo\nZoé\n".encode("latin1"))
    with pytest.raises(DataError, match=r"names_PER\.txt:2.*UTF-8"):
        read_names(tmp_path)


def test_an_empty_list_swaps_nothing(lists):
    assert len(augment(LINE, lists("\n"))) == 1


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_a_folder_without_lists_is_named(tmp_path, folder):
    with pytest.raises(DataError, match=r"holds no list of names.*names_PER\.txt") as caught:
        augment(LINE, tmp_path / folder)
    assert str(tmp_path / folder) in str(caught.value)


def test_spacys_corpus_takes_it_from_a_config(tmp_path):
    DocBin(docs=[make_doc(LINE)]).to_disk(tmp_path / "a.spacy")
    config = {
        "@readers": "spacy.Corpus.v1",
        "path": str(tmp_path / "a.spacy"),
        "gold_preproc": False,
        "augmenter": {
            "@augmenters": "spacy_rnn.swap_entities.v1", "names": str(SHIPPED), "level": 1.0,
        },
    }  # fmt: skip
    corpus = registry.resolve({"corpus": config})["corpus"]
    first, second = corpus(NLP)
    assert entities(first.reference) == [("Anna Silva", "PER"), ("Rome", "LOC")]
    assert [label for _, label in entities(second.reference)] == ["PER", "LOC"]
    assert second.predicted.text == second.reference.text != first.reference.text


# Casing and typos


def example_of(nlp):
    return Example.from_dict(
        nlp.make_doc("Anna Smith's car broke in Paris."),
        {"entities": [(0, 10, "PER"), (26, 31, "LOC")]},
    )


@pytest.mark.parametrize("name", ["spacy_rnn.casing.v1", "spacy_rnn.typos.v1"])
@pytest.mark.parametrize("seed", range(8))
def test_other_spellings_keep_the_annotation(name, seed):
    random.seed(seed)
    nlp = spacy.blank("en")
    example = example_of(nlp)
    original, copy = registry.augmenters.get(name)(level=1.0)(nlp, example)
    assert original is example
    places = [(e.start, e.end, e.label_) for e in example.reference.ents]
    assert [(e.start, e.end, e.label_) for e in copy.reference.ents] == places
    assert [t.whitespace_ for t in copy.reference] == [t.whitespace_ for t in example.reference]


SPELLINGS = [("spacy_rnn.casing.v1", {}), ("spacy_rnn.typos.v1", {"rate": 1.0})]


def respelt(name, settings, doc):
    """The reference of the copy."""
    random.seed(1)
    example = Example(NLP.make_doc(doc.text), doc)
    _, copy = registry.augmenters.get(name)(level=1.0, **settings)(NLP, example)
    assert copy.text != doc.text
    return copy.reference


@pytest.mark.parametrize("name,settings", SPELLINGS)
def test_what_is_missing_stays_missing_in_other_spellings(name, settings):
    doc = NLP.make_doc("Anna Smith lives in Paris today")
    assert not respelt(name, settings, doc).has_annotation("ENT_IOB")
    doc.set_ents([Span(doc, 4, 5, label="LOC")], default="missing")
    new = respelt(name, settings, doc)
    assert [token.ent_iob_ for token in new] == ["", "", "", "", "B", ""]
    assert not new.has_annotation("MORPH")


@pytest.mark.parametrize("name,settings", SPELLINGS)
def test_what_is_annotated_stays_annotated_in_other_spellings(name, settings):
    doc = NLP.make_doc("Anna Smith lives in Paris today . Nobody knows")
    outside, blocked = [doc[2:4], doc[5:9]], [doc[4:5]]
    doc.set_ents([Span(doc, 0, 2, label="PER")], outside=outside, blocked=blocked)
    for token in doc:
        token.is_sent_start = token.i in (0, 7)
        token.tag_, token.lemma_, token.pos_ = "NN", token.lower_, "NOUN"
        token.set_morph("Number=Sing")
    doc.cats = {"good": 1.0}
    new = respelt(name, settings, doc)
    assert [token.ent_iob_ for token in new] == list("BIOOBOOOO")
    for known in ("ent_iob", "ent_type_", "is_sent_start", "tag_", "lemma_", "pos_", "morph"):
        assert [str(getattr(t, known)) for t in new] == [str(getattr(t, known)) for t in doc]
    assert new.cats == doc.cats


@pytest.mark.parametrize("name,settings", SPELLINGS)
def test_other_spellings_keep_heads(name, settings):
    doc = NLP.make_doc("Anna Smith lives in Paris today")
    for token, head, dep in zip(doc, [1, 2, 2, 2, 3, 2], ["nn", "nsubj", "ROOT", "p", "o", "t"]):
        token.head, token.dep_ = doc[head], dep
    new = respelt(name, settings, doc)
    assert [(t.head.i, t.dep_) for t in new] == [(t.head.i, t.dep_) for t in doc]
    assert len(list(new.sents)) == 1


@pytest.mark.parametrize("name,settings", SPELLINGS)
def test_other_spellings_keep_spans_ids_and_extensions(name, settings):
    if not Token.has_extension("mood"):
        Token.set_extension("mood", default=None)
    doc = NLP.make_doc("Straßburg, Smith and Paris, altogether")
    doc.ents = [Span(doc, 4, 5, label="LOC", kb_id="Q90")]
    doc.spans["sc"] = [Span(doc, 2, 5, label="LIST", span_id="7")]
    doc[2]._.mood = "good"
    doc.user_data["._.", "of_another_program", doc[2].idx, None] = 1
    doc.user_data["._.", "of_spans", doc[2:5].start_char, doc[2:5].end_char] = 2
    doc.user_data["._.", "of_the_document", None, None] = 3
    new = respelt(name, settings, doc)
    assert [(e.start, e.end, e.label_, e.kb_id_) for e in new.ents] == [(4, 5, "LOC", "Q90")]
    spans = [(s.start, s.end, s.label_, s.id_) for s in new.spans["sc"]]
    assert spans == [(2, 5, "LIST", "7")]
    assert new.user_data["._.", "of_another_program", new[2].idx, None] == 1
    assert new.user_data["._.", "of_spans", new[2:5].start_char, new[2:5].end_char] == 2
    assert new.user_data["._.", "of_the_document", None, None] == 3
    assert [token._.mood for token in new] == [None, None, "good", *[None] * (len(new) - 3)]


@pytest.mark.parametrize("name", ["spacy_rnn.casing.v1", "spacy_rnn.typos.v1"])
def test_at_level_zero_nothing_is_added(name):
    nlp = spacy.blank("en")
    assert len(list(registry.augmenters.get(name)(level=0.0)(nlp, example_of(nlp)))) == 1


def test_casing_writes_a_document_in_one_way():
    random.seed(0)
    nlp, texts = spacy.blank("en"), set()
    for _ in range(40):
        _, copy = create_casing_augmenter(1.0)(nlp, example_of(nlp))
        texts.add(copy.text)
    assert texts == {
        "anna smith's car broke in paris.",
        "ANNA SMITH'S CAR BROKE IN PARIS.",
        "Anna Smith's Car Broke In Paris.",
    }


@given(st.text("abcdefg", min_size=4, max_size=12))
def test_a_slip_changes_a_word_by_one_letter(word):
    new = mistyped(word)
    assert new[0] == word[0] and abs(len(new) - len(word)) <= 1
    letters = Counter(word)
    letters.subtract(new)
    assert sum(map(abs, letters.values())) == abs(len(new) - len(word))


@pytest.mark.parametrize("word", ["the", "1984", "x-ray", ""])
def test_short_words_and_numbers_are_typed_right(word):
    assert mistyped(word) == word
