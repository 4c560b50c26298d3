"""What is read and what is written."""

import pytest
import spacy
from spacy.tokens import Doc, Span, Token
from spacy.training import Example

from spacy_rnn.components.targets import fits, make_place
from spacy_rnn.units import Source, Units

from ..pair_helpers import LEVELS

NLP = spacy.blank("en")
CHARS, WORDS = Units("char", "char"), Units("word", "word")
TEXT = "She saw it. He did not"
OWNERS = {"token": Token, "doc": Doc}
every_level = pytest.mark.parametrize("level", LEVELS)


def make_doc(sents=True):
    """Two sentences; the group "parts" has the first and the last word."""
    doc = NLP.make_doc(TEXT)
    if sents:
        for token in doc:
            token.is_sent_start = token.i in (0, 4)
    doc.spans["parts"] = [doc[:1], doc[6:]]
    return doc


def place_at(level, target="_.there", features=()):
    return make_place("name", level, target, features)


def read(level, units=CHARS, doc=None, **settings):
    return place_at(level, **settings).sources(make_doc() if doc is None else doc, units)


PARTS = {
    "token": ["She", "saw", "it", ".", "He", "did", "not"],
    "sent": ["She saw it.", "He did not"],
    "doc": [TEXT],
    "span:parts": ["She", "not"],
}


# Sources


@every_level
def test_sources_are_the_parts_of_a_document(level):
    assert [CHARS.join_source(s.units) for s in read(level)] == PARTS[level]
    assert [part.text for part in place_at(level).parts(make_doc())] == PARTS[level]


def test_units_may_be_words():
    assert read("sent", WORDS)[1] == Source((), ("He", "did", "not"))


@every_level
def test_an_empty_document_has_no_parts_but_itself(level):
    found = read(level, doc=Doc(NLP.vocab))
    assert found == ([Source((), ())] if level == "doc" else [])


def test_without_the_group_there_are_no_spans():
    assert read("span:others") == []


def test_sentences_have_to_be_found_before():
    with pytest.raises(ValueError, match="She saw.*has no sentences.*sentencizer"):
        read("sent", doc=make_doc(sents=False))


def test_features_are_named_and_those_that_are_absent_left_out():
    doc = make_doc()
    doc[0].pos_, doc[1].pos_ = "PRON", "VERB"
    doc[1].set_morph("Tense=Past")
    found = read("token", doc=doc, features=["pos", "morph", "_.new_feature"])
    assert found[0] == Source(("pos=PRON",), ("S", "h", "e"))
    assert found[1].features == ("pos=VERB", "morph=Tense=Past")
    assert found[2].features == ()
    doc[2]._.new_feature = "x"
    assert read("token", doc=doc, features=["_.new_feature"])[2].features == ("_.new_feature=x",)


# Pairs


def gold_doc(level, values):
    """A document whose parts have the values."""
    doc = make_doc()
    for part, value in zip(place_at(level).parts(doc), values):
        part._.there = value
    return doc


@every_level
def test_only_what_has_a_target_is_learnt(level):
    place = place_at(level)
    values = ["", "b", None, "d", "e", "f", "g"] if level != "doc" else ["b"]
    found = place.pairs(Example(make_doc(), gold_doc(level, values)), CHARS)
    expected = [pair for pair in zip(PARTS[level], values) if pair[1]]
    assert [(CHARS.join_source(source.units), text) for source, text in found] == expected


@pytest.mark.parametrize("level", LEVELS[1:])
def test_the_prediction_needs_no_sentences_and_spans_to_learn(level):
    predicted = NLP.make_doc(TEXT)
    found = place_at(level).pairs(Example(predicted, gold_doc(level, "ab")), CHARS)
    assert [text for _, text in found] == list("ab")[: len(PARTS[level])]


def test_tokens_are_aligned():
    """The prediction has "do" and "n't" where the reference has one token; it is in both. "cats"
    has two values and so none.
    """
    predicted = Doc(NLP.vocab, ["I", "do", "n't", "cats"], spaces=[True, False, True, False])
    words = ["I", "don't", "ca", "ts"]
    reference = Doc(NLP.vocab, words, spaces=[True, True, False, False], lemmas=[*"abcd"])
    found = place_at("token", "lemma").pairs(Example(predicted, reference), CHARS)
    assert [(CHARS.join_source(s.units), text) for s, text in found] == [
        ("I", "a"),
        ("do", "b"),
        ("n't", "b"),
    ]


def test_parts_that_the_prediction_cuts_otherwise_are_skipped():
    predicted = Doc(NLP.vocab, ["She saw", "it. He did not"])
    found = place_at("span:parts").pairs(Example(predicted, gold_doc("span:parts", "ab")), CHARS)
    assert found == []


@every_level
def test_a_list_of_units_is_joined(level):
    example = Example(make_doc(), gold_doc(level, [["K", "AE1"]]))
    assert place_at(level).pairs(example, WORDS)[0][1] == "K AE1"


@every_level
@pytest.mark.parametrize("value", [7, True, ["a", 7], {"a": 1}], ids=str)
def test_a_target_that_is_no_string_is_refused(level, value):
    example = Example(make_doc(), gold_doc(level, [value]))
    with pytest.raises(ValueError, match=r"'_.there' of 'She.*must be a string"):
        place_at(level).pairs(example, CHARS)


def test_features_come_from_the_reference_only_if_asked_for():
    predicted, reference = make_doc(), gold_doc("token", "abc")
    predicted[0].pos_ = "X"
    for token in reference:
        token.pos_ = "NOUN"
    place, example = place_at("token", features=["pos"]), Example(predicted, reference)
    found = [source.features for source, _ in place.pairs(example, CHARS)]
    assert found == [("pos=X",), (), ()]
    found = [source.features for source, _ in place.pairs(example, CHARS, gold_features=True)]
    assert found == [("pos=X",), ("pos=NOUN",), ("pos=NOUN",)]


# Writing

BUILT_IN = {
    "lemma": "be",
    "norm": "be",
    "tag": "VBZ",
    "pos": "AUX",
    "morph": "Number=Sing|Tense=Pres",
}


@pytest.mark.parametrize("target,value", BUILT_IN.items())
def test_native_attributes_are_written_and_read_again(target, value):
    place, doc = place_at("token", target), make_doc()
    place.write(doc, [value] * len(doc), overwrite=False)
    gold = place.pairs(Example(make_doc(), doc), CHARS)
    assert [text for _, text in gold] == [value] * len(doc)
    token = doc[0]
    found = str(token.morph) if target == "morph" else getattr(token, f"{target}_")
    assert found == value


@pytest.mark.parametrize("target", [*BUILT_IN, "_.there"])
def test_what_is_there_stays_unless_it_is_overwritten(target):
    place, doc = place_at("token", target), make_doc()
    old, new = ("NOUN", "VERB") if target == "pos" else ("A=b", "C=d")
    place.write(doc, [old] + [""] * 6, overwrite=False)
    for overwrite, expected in ((False, old), (True, new)):
        place.write(doc, [new] * 7, overwrite)
        gold = [text for _, text in place.pairs(Example(make_doc(), doc), CHARS)]
        # Every token has a norm, so nobody knows whether one is there
        assert gold == [new if target == "norm" else expected] + [new] * 6


@pytest.mark.parametrize("level", LEVELS[1:])
def test_parts_keep_what_is_there_unless_it_is_overwritten(level):
    place, doc = place_at(level), gold_doc(level, ["old"])
    for overwrite, expected in ((False, "old"), (True, "new")):
        place.write(doc, ["new"] * 2, overwrite)
        values = [part._.there for part in place.parts(doc)]
        assert values == [expected, *["new"] * (len(values) - 1)]


@every_level
@pytest.mark.parametrize("overwrite", [False, True])
def test_what_an_extension_begins_with_gives_way_to_what_is_known(level, overwrite):
    owner = OWNERS.get(level, Span)
    owner.set_extension("begun", default="none yet", force=True)
    place, doc = place_at(level, "_.begun"), make_doc()
    place.write(doc, ["new", None] * 4, overwrite)
    values = [part._.begun for part in place.parts(doc)]
    assert values == (["new", "none yet"] * 4)[: len(values)]
    owner.remove_extension("begun")


@pytest.mark.parametrize(
    "target,text,ok",
    [
        ("pos", "NOUN", True),
        ("pos", "", True),
        ("pos", "NOUM", False),
        ("morph", "Case=Nom|Number=Sing", True),
        ("morph", "_", True),
        ("morph", "", True),
        ("morph", "Case", False),
        ("morph", "Case=Nom|", False),
        ("morph", "a=b=c", False),
        ("lemma", "Case|", True),
    ],
)
def test_what_spacy_would_not_take_is_left_out(target, text, ok):
    assert fits(target, text) == ok
    doc = make_doc()
    place_at("token", target).write(doc, [text] * 7, overwrite=True)
    found = str(doc[0].morph) if target == "morph" else getattr(doc[0], f"{target}_")
    assert found == (text.strip("_") if ok else "")
    assert doc.has_annotation(target.upper()) == (ok and text != "")


@every_level
def test_an_empty_document_takes_what_there_is(level):
    doc = Doc(NLP.vocab)
    place_at(level).write(doc, ["x"] if level == "doc" else [], overwrite=False)
    assert doc.text == "" and (level != "doc" or doc._.there == "x")


# Settings


@every_level
def test_an_extension_is_made_unless_it_is_there(level):
    owner = OWNERS.get(level, Span)
    name = f"made_at_{level.split(':')[0]}"
    place_at(level, f"_.{name}")
    assert owner.get_extension(name) == (None, None, None, None)
    owner.set_extension(name, default="as it was", force=True)
    place = place_at(level, f"_.{name}")
    assert owner.get_extension(name)[0] == "as it was"
    owner.remove_extension(name)
    place.write(make_doc(), ["x"] * 7, overwrite=True)  # as in a process that unpickled it
    assert owner.has_extension(name)


@pytest.mark.parametrize("target", ["LEMMA", "dep", "", "_.", "there", "_.two words"])
@pytest.mark.parametrize("level", ["token", "sent"])
def test_a_wrong_target_is_named_with_the_right_ones(level, target):
    with pytest.raises(ValueError, match=f"'name': 'target' is '{target}'.*\"lemma\".*_.NAME"):
        place_at(level, target)


@pytest.mark.parametrize("target", BUILT_IN)
@pytest.mark.parametrize("level", LEVELS[1:])
def test_native_attributes_are_those_of_tokens(level, target):
    with pytest.raises(ValueError, match="'target' is.*at other levels"):
        place_at(level, target)


@pytest.mark.parametrize("level", ["", "tokens", "span", "span:", "Doc"])
def test_a_wrong_level_is_named_with_the_right_ones(level):
    with pytest.raises(ValueError, match=f'\'level\' is \'{level}\'.*"token", "sent", "doc"'):
        place_at(level)


@pytest.mark.parametrize("feature", ["lemma", "POS", "_.", ""])
def test_a_wrong_feature_is_named(feature):
    with pytest.raises(ValueError, match=f"'features' names '{feature}'.*morph"):
        place_at("token", features=[feature])
