from pathlib import Path

import pytest

from spacy_rnn.data.conllu import read_conllu, read_iob2
from spacy_rnn.data.source import read_lines
from spacy_rnn.errors import DataError

PATH = Path("a.conllu")
UD = """\
# newdoc id = one
# sent_id = 1
# text = She doesn't sing.
1 She she PRON PRP Case=Nom|Number=Sing 4 nsubj _ _
2-3 doesn't _ _ _ _ _ _ _ _
2 does do AUX VBZ _ 4 aux _ _
3 n't not PART RB _ 4 advmod _ _
4 sing sing VERB VB VerbForm=Inf 0 root _ SpaceAfter=No
4.1 songs song NOUN _ _ _ _ _ _
5 . . PUNCT _ _ 4 punct _ _

# sent_id = 2
# text = Au bois
1-2 Au _ _ _ _ _ _ _ _
1 à à ADP _ _ 3 case _ _
2 le le DET _ _ 3 det _ _
3 bois bois NOUN _ _ 0 root _ _

# newdoc
# text = _
1 _ _ SYM _ _ 0 root _ _
"""
UNER = """\
# newdoc id = one
# text = Ann-Lee sings.
1 Ann B-PER - me
2 - I-PER
3 Lee I-PER - me
4 sings O
5 . O

# text = Fine
1 Fine O - -
"""


def lines(text):
    """The data above with TABs between its columns."""
    out = [line if line.startswith("#") else line.replace(" ", "\t") for line in text.split("\n")]
    return enumerate(out, 1)


def ud(text=UD):
    return list(read_conllu(PATH, lines(text)))


def uner(text=UNER):
    return list(read_iob2(PATH, lines(text)))


def row(**columns):
    """One token."""
    values = {"id": "1", "form": "x", "lemma": "_", "upos": "_", "xpos": "_", "feats": "_"}
    values.update({"head": "_", "deprel": "_", "deps": "_", "misc": "_", **columns})
    return " ".join(values.values()) + "\n"


def test_skips_ranges_and_empty_nodes():
    assert ud()[0].words == ["She", "does", "n't", "sing", "."]


def test_text_gives_the_spaces():
    assert ud()[0].spaces == [True, False, True, False, False]


def test_parts_that_a_range_does_not_spell_stand_apart():
    assert ud()[1].spaces == [True, True, False]


def test_space_after_is_read_without_text():
    assert ud(UD.replace("# text = She doesn't sing.\n", ""))[0].spaces[2:4] == [True, False]


def test_other_text_is_noted():
    sentence = ud(UD.replace("# text = She", "# text = He"))[0]
    assert sentence.spaces[2:4] == [True, False]
    assert len(sentence.notes) == 1


def test_wide_space_in_text_is_a_space():
    assert ud("# text = a  b\n" + row(form="a") + row(id="2", form="b"))[0].spaces == [True, False]


def test_token_may_have_a_space():
    text = "# text = 10 000 km\n1\t10 000" + "\t_" * 8 + "\n2\tkm" + "\t_" * 8
    sentence = next(iter(read_conllu(PATH, enumerate(text.split("\n"), 1))))
    assert (sentence.words, sentence.spaces) == (["10 000", "km"], [True, False])


def test_keeps_the_annotation():
    attrs = ud()[0].attrs
    assert attrs["lemmas"] == ["she", "do", "not", "sing", "."]
    assert attrs["pos"] == ["PRON", "AUX", "PART", "VERB", "PUNCT"]
    assert attrs["tags"] == ["PRP", "VBZ", "RB", "VB", ""]
    assert attrs["morphs"] == ["Case=Nom|Number=Sing", "", "", "VerbForm=Inf", ""]


def test_underscore_is_its_own_lemma():
    assert ud()[2].attrs["lemmas"] == ["_"]


def test_underscore_elsewhere_is_no_lemma():
    assert ud(row(form="x"))[0].attrs["lemmas"] == [""]


def test_newdoc_begins_a_document():
    assert [sentence.new_doc for sentence in ud()] == [True, False, True]


def test_first_sentence_begins_a_document():
    assert ud(row() + "\n" + row())[0].new_doc


def test_no_entities_is_missing_annotation():
    assert ud()[1].tags == ["-", "-", "-"]


@pytest.mark.parametrize("key", ["NER", "NE", "name"])
def test_entities_come_from_misc(key):
    assert ud(row(misc=f"SpaceAfter=No|{key}=B-PER"))[0].tags == ["B-PER"]


def test_lines_are_those_of_the_tokens():
    assert ud()[0].lines == [4, 6, 7, 8, 10]


def test_comments_alone_are_no_sentence():
    assert ud("# one\n\n# two\n\n") == []


def test_wrong_number_of_columns_is_refused():
    with pytest.raises(DataError, match=r"a\.conllu:4: 9 column\(s\).* has 10:"):
        ud(UD.replace("nsubj _ _", "nsubj _"))


def test_wrong_number_of_token_is_refused():
    with pytest.raises(DataError, match=r"a\.conllu:2: token number 3, but 2 is next"):
        ud(row() + row(id="3"))


def test_missing_empty_line_is_refused():
    with pytest.raises(DataError, match=r"a\.conllu:2: token number 1, but 2 is next.* empty line"):
        ud(row() + row())


def test_range_beyond_the_sentence_is_refused():
    with pytest.raises(DataError, match=r"a\.conllu:2: token number missing, but 2 is next"):
        ud(row(id="1-2") + row() + "\n")


def test_first_column_must_be_a_number():
    with pytest.raises(DataError, match=r"a\.conllu:1: .*a number"):
        ud(row(id="x"))


@pytest.mark.parametrize("column, value", [("upos", "THING"), ("feats", "Sing")])
def test_unknown_values_are_refused(column, value):
    with pytest.raises(DataError, match=rf"a\.conllu:1: '{value}' is no {column.upper()}"):
        ud(row(**{column: value}))


def test_uner_has_tags_in_its_third_column():
    first, second = uner()
    assert first.words == ["Ann", "-", "Lee", "sings", "."]
    assert first.tags == ["B-PER", "I-PER", "I-PER", "O", "O"]
    assert second.words == ["Fine"]


def test_uner_has_spaces_in_its_text():
    assert uner()[0].spaces == [False, False, True, False, False]


def test_uner_line_without_tag_is_refused():
    with pytest.raises(DataError, match=r"a\.conllu:3: 2 column\(s\).* has 3 to 5"):
        uner(UNER.replace("1 Ann B-PER - me", "1 Ann"))


@pytest.mark.parametrize(
    "name, sentences",
    [
        ("en_ewt-ud-train.prerelease.mapped.iob2.gz", 12543),
        ("en_ewt-ud-dev.iob2", 2001),
        ("en_ewt-ud-test.iob2", 2077),
    ],
)
def test_uner_is_complete(real_data, name, sentences):
    path = real_data / "ner_uner_en_ewt" / name
    found = list(read_iob2(path, read_lines(path)))
    assert len(found) == sentences
    assert not any(sentence.notes for sentence in found)


@pytest.mark.parametrize(
    "name, sentences",
    [
        ("ud_english_ewt/en_ewt-ud-dev.conllu.xz", 2001),
        ("ud_turkish_framenet/tr_framenet-ud-train.conllu.gz", 2288),
    ],
)
def test_ud_is_complete(real_data, name, sentences):
    path = real_data / name
    found = list(read_conllu(path, read_lines(path)))
    assert len(found) == sentences
    assert not any(sentence.notes for sentence in found)
