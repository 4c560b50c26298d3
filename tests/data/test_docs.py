from pathlib import Path

import pytest
from spacy.tokens import DocBin
from spacy.vocab import Vocab

from spacy_rnn.data.docs import group, parse_shares, split_documents, to_doc
from spacy_rnn.data.sentence import Sentence
from spacy_rnn.errors import DataError

PATH = Path("a.conll")
# What a hash of the text gives today must come out in every run and version
DEV_OF_TWELVE = ["word1", "word2", "word3", "word4", "word5", "word6", "word8", "word10", "word11"]


def sentence(words="Anna sings .", tags="B-PER O O", new_doc=False, **more):
    words = words.split()
    lines = list(range(1, len(words) + 1))
    return Sentence(words, [True] * len(words), tags.split(), lines, new_doc, **more)


ONE, TWO = sentence(), sentence("In Rome", "O B-LOC")
NEW = sentence(new_doc=True)


def make(*sentences, **kwargs):
    return to_doc(sentences, "iob2", PATH, Vocab(), **kwargs)


def documents(n):
    return [[sentence(f"word{i}", "O", new_doc=True)] for i in range(n)]


def names(parts):
    return {part: [d[0].words[0] for d in found] for part, found in parts.items()}


def test_groups_by_number():
    assert list(group([ONE] * 5, 2)) == [[ONE, ONE], [ONE, ONE], [ONE]]


def test_group_ends_with_its_document():
    assert list(group([NEW, ONE, ONE, NEW, ONE], 2)) == [[NEW, ONE], [ONE], [NEW, ONE]]


def test_zero_takes_whole_documents():
    assert list(group([NEW, ONE, ONE, NEW], 0)) == [[NEW, ONE, ONE], [NEW]]


def test_doc_has_the_words():
    assert make(ONE).text == "Anna sings ."


def test_doc_has_the_entities_of_all_sentences():
    found = [(ent.text, ent.label_) for ent in make(ONE, TWO).ents]
    assert found == [("Anna", "PER"), ("Rome", "LOC")]


def test_entities_do_not_cross_sentences():
    first, second = sentence("Ann", "I-PER"), sentence("Lee", "I-PER")
    assert len(to_doc([first, second], "iob1", PATH, Vocab()).ents) == 2


def test_other_tokens_are_outside():
    assert [token.ent_iob_ for token in make(ONE)] == ["B", "O", "O"]


def test_missing_annotation_stays_missing():
    assert [token.ent_iob_ for token in make(sentence("a b", "- O"))] == ["", "O"]


def test_no_annotation_is_none():
    assert not make(sentence("a b", "- -")).has_annotation("ENT_IOB")


def test_doc_has_the_sentences():
    assert [len(sent) for sent in make(ONE, TWO).sents] == [3, 2]


def test_text_has_no_sentences():
    assert not make(ONE, mark=False).has_annotation("SENT_START")


def test_doc_has_the_other_annotation():
    attrs = {"pos": ["NOUN"], "tags": [""], "lemmas": ["x"], "morphs": ["Case=Nom"]}
    token = make(sentence("x", "-", attrs=attrs))[0]
    assert (token.pos_, token.tag_, token.lemma_) == ("NOUN", "", "x")
    assert str(token.morph) == "Case=Nom"


@pytest.mark.parametrize("word", ["\ufeff", "\u200b", "\ufe0f"])
def test_invisible_tokens_can_be_saved(word):
    doc = make(Sentence(["a", word], [True, True], ["O", "B-PER"], [1, 2]))
    (again,) = DocBin(docs=[doc]).get_docs(Vocab())
    assert [ent.text for ent in again.ents] == [word]


def test_empty_text_is_an_empty_doc():
    assert len(make(Sentence([], [], [], []), mark=False)) == 0


@pytest.mark.parametrize("split", ["0.8,0.1,0.1", "80,10,10", " 8, 1 ,1"])
def test_reads_shares(split):
    assert parse_shares(split) == pytest.approx([0.8, 0.1, 0.1])


@pytest.mark.parametrize("split", ["", "1", "a,b", "1,0", "1,-1,1", "1,1,1,1", "nan,1", "inf,1"])
def test_refuses_other_shares(split):
    with pytest.raises(DataError, match=r"'--split' is .* such as 0\.8,0\.1,0\.1"):
        parse_shares(split)


def test_shares_are_about_right():
    parts = split_documents(documents(2000), "0.8,0.1,0.1", PATH)
    assert [len(part) for part in parts.values()] == pytest.approx([1600, 200, 200], abs=60)


def test_split_keeps_all_in_order():
    parts = names(split_documents(documents(50), "0.5,0.5", PATH))
    found = [[int(word[4:]) for word in part] for part in parts.values()]
    assert sorted(sum(found, [])) == list(range(50))
    assert all(part == sorted(part) for part in found)


def test_split_does_not_depend_on_order_or_run():
    parts = names(split_documents(documents(12), "0.5,0.5", PATH))
    turned = names(split_documents(documents(12)[::-1], "0.5,0.5", PATH))
    assert {part: found[::-1] for part, found in turned.items()} == parts
    assert parts["dev"] == DEV_OF_TWELVE


def test_equal_documents_stay_together():
    parts = split_documents(documents(30) * 2, "0.5,0.5", PATH)
    train, dev = names(parts).values()
    assert not set(train) & set(dev)


def test_empty_part_is_an_error():
    with pytest.raises(DataError, match=r"a\.conll: --split left '\w+' empty.* only 1 documents"):
        split_documents(documents(1), "0.8,0.1,0.1", PATH)
