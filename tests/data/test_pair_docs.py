import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span, Token
from spacy.training import Corpus

from spacy_rnn.data.pair_docs import check_target, pair_doc
from spacy_rnn.data.pairs import Pair
from spacy_rnn.errors import DataError

NLP = spacy.blank("en")
PAIR = Pair("line 1", "don't do-it", "lass es", ("V", "IMP"), ("nicht",))
OWNERS = {"doc": lambda doc: doc, "sent": lambda doc: next(doc.sents), "token": lambda doc: doc[0]}


@pytest.mark.parametrize("level", OWNERS)
def test_the_target_stands_where_it_is_wanted(level):
    owner = OWNERS[level](pair_doc(PAIR, NLP, level, "_.german"))
    assert owner._.german == "lass es"
    assert owner._.german_alternatives == ["nicht"]
    assert owner._.features == ["V", "IMP"]


def test_what_is_not_there_is_not_written():
    assert list(pair_doc(Pair("", "a", "b"), NLP).user_data) == [("._.", "target", None, None)]


@pytest.mark.parametrize("level", ["doc", "sent"])
def test_a_text_is_cut_by_the_tokenizer(level):
    doc = pair_doc(PAIR, NLP, level)
    assert [token.text for token in doc] == ["do", "n't", "do", "-", "it"]
    assert doc.text == PAIR.source


def test_a_sentence_is_the_whole_text():
    doc = pair_doc(Pair("", "One. Two.", "x"), NLP, "sent")
    assert [sent.text for sent in doc.sents] == ["One. Two."]


def test_a_word_is_one_token():
    assert [token.text for token in pair_doc(PAIR, NLP, "token")] == [PAIR.source]


def test_extensions_of_others_are_not_touched():
    Doc.set_extension("of_documents", default="so", force=True)
    pair_doc(Pair("", "a", "b"), NLP, "doc", "_.of_documents")
    assert NLP("a")._.of_documents == "so"
    assert not any(kind.has_extension("of_documents") for kind in (Span, Token))


@pytest.mark.parametrize("level, target", [("span", "_.a"), ("doc", "a"), ("token", "_.a b")])
def test_other_levels_and_targets_are_refused(level, target):
    with pytest.raises(DataError, match=f"'level' is '{level}' and 'target' is '{target}'"):
        check_target(level, target)


@pytest.mark.parametrize("level", OWNERS)
def test_the_reader_of_spacy_keeps_words_and_targets(level, tmp_path):
    """The text is tokenised anew for texts, but a word stays one."""
    doc = pair_doc(PAIR, NLP, level)
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "a.spacy")
    (example,) = Corpus(tmp_path / "a.spacy")(NLP)
    assert OWNERS[level](example.reference)._.target == "lass es"
    assert OWNERS[level](example.reference)._.target_alternatives == ("nicht",)
    assert [token.text for token in example.predicted] == [token.text for token in doc]
    assert not example.predicted.user_data
