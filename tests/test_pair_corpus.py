import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span, Token
from spacy.util import registry

from spacy_rnn.cli.convert import convert
from spacy_rnn.errors import DataError
from spacy_rnn.pair_corpus import given_doc

from .pair_helpers import blank, part_example

NLP = spacy.blank("en")
TABLE = "don't\tdo nicht\tV;NEG\nrun\tran\tV;PST\nrun\tlief\tV;PST\n"


def examples(path, **settings):
    return list(registry.readers.get("spacy_rnn.PairCorpus.v1")(path, **settings)(NLP))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text(TABLE)
    return path


def tagged():
    """A document with everything that can be given."""
    words, tags = ["Six", "mice", "don't"], ["CD", "NNS", "VB"]
    morphs, lemmas = ["NumType=Card", "", ""], ["six", "mouse", "do"]
    settings = {"tags": tags, "pos": ["NUM", "NOUN", "VERB"], "morphs": morphs, "lemmas": lemmas}
    doc = Doc(NLP.vocab, words=words, spaces=[True, False, True], **settings)
    doc[2].norm_, doc[1].is_sent_start = "do not", True
    for owner in (Doc, Span, Token):
        owner.set_extension("hint", default=None, force=True)
    doc._.hint, doc[:2]._.hint, doc[1]._.hint = "doc", "span", "token"
    doc.user_data["mine"] = 1
    return doc


def test_words_of_a_table_are_kept(table):
    columns = ["source", "target", "features"]
    one, two = examples(table, target="_.past", level="token", columns=columns)
    assert [token.text for token in one.predicted] == ["don't"]
    assert one.reference[0]._.past == "do nicht" and one.predicted[0]._.past is None
    assert two.reference[0]._.past_alternatives == ["lief"]
    assert one.predicted[0]._.features == ["V", "NEG"]


def test_texts_are_cut_by_the_tokenizer(table):
    (one, _) = examples(table, columns=["source", "target", "-"])
    for doc in (one.predicted, one.reference):
        assert [token.text for token in doc] == ["do", "n't"] and doc.text == "don't"
    assert one.reference._.target == "do nicht" and not one.predicted.user_data


@pytest.mark.parametrize(
    "name, text", [("a.jsonl", '{"source": "a", "target": "b c"}'), ("lexicon", "a  b c\n")]
)
def test_other_files_of_pairs_are_read(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    (example,) = examples(tmp_path / name, level="token")
    assert (example.predicted[0].text, example.reference[0]._.target) == ("a", "b c")


@pytest.mark.parametrize("is_folder", [True, False])
def test_saved_documents_are_read(tmp_path, is_folder):
    DocBin(docs=[tagged()] * 2, store_user_data=True).to_disk(tmp_path / "a.spacy")
    path = tmp_path if is_folder else tmp_path / "a.spacy"
    one, two = examples(path, given=["pos", "_.hint"])
    assert [token.pos_ for token in two.predicted] == ["NUM", "NOUN", "VERB"]
    assert one.predicted[1]._.hint == "token" and one.predicted.text == one.reference.text


@pytest.mark.parametrize("name", ["tag", "pos", "lemma", "norm", "morph", "sent_start"])
def test_an_attribute_is_given_alone(name):
    gold = tagged()
    doc, bare = given_doc(gold, [name]), given_doc(gold, [])
    key = name if name == "sent_start" else name.upper()
    assert doc.to_array(key).tolist() == gold.to_array(key).tolist()
    assert bare.to_array(key).tolist() != gold.to_array(key).tolist()
    others = {"TAG", "POS", "LEMMA", "NORM", "MORPH"} - {key}
    for other in others:
        assert doc.to_array(other).tolist() == bare.to_array(other).tolist()
    assert doc.text == gold.text and not doc.user_data


def test_an_extension_is_given_wherever_it_is():
    doc = given_doc(tagged(), ["_.hint"])
    assert (doc._.hint, doc[:2]._.hint, doc[1]._.hint) == ("doc", "span", "token")
    assert doc[0]._.hint is None and "mine" not in doc.user_data


def test_spans_are_given_with_their_groups():
    gold = tagged()
    gold.spans["dates"] = [Span(gold, 0, 2, "DATE"), gold[2:]]
    doc, bare = given_doc(gold, ["spans"]), given_doc(gold, ["_.hint"])
    found = [(s.text, s.label_) for s in doc.spans["dates"]]
    assert found == [("Six mice", "DATE"), ("don't", "")]
    assert all(span.doc is doc for span in doc.spans["dates"]) and not bare.spans


def test_spans_that_are_given_are_written_and_scored(tmp_path):
    """Where no component before finds them."""
    nlp = blank({"level": "span:parts", "target": "_.written", "strategy": ["dictionary"]})
    example, _ = part_example(nlp)
    nlp.initialize(lambda: [example])
    path = tmp_path / "a.spacy"
    DocBin(docs=[example.reference], store_user_data=True).to_disk(path)
    reader = registry.readers.get("spacy_rnn.PairCorpus.v1")
    found = {}
    for given in ((), ("spans",)):
        found[given] = nlp.evaluate(list(reader(path, given=list(given))(nlp)))["written_acc"]
    assert found == {(): 0.0, ("spans",): 1.0}


def test_what_cannot_be_given_is_refused(table):
    with pytest.raises(ValueError, match="has 'dep'. Write \"tag\""):
        examples(table, given=["dep"])


def test_a_path_is_needed():
    with pytest.raises(ValueError, match="'path' of the reader 'spacy_rnn.PairCorpus.v1' is null"):
        examples(None)


def test_a_file_that_cannot_be_read_is_named(tmp_path, table):
    with pytest.raises(DataError, match=r"a\.tsv:1: 3 column"):
        examples(table)
    with pytest.raises(DataError, match=r"none\.tsv: cannot be opened"):
        examples(tmp_path / "none.tsv")


def test_a_treebank_gives_gold_tags(real_data, tmp_path):
    path = real_data / "ud_turkish_framenet" / "tr_framenet-ud-dev.conllu.gz"
    convert(path, tmp_path / "dev.spacy", lang="tr")
    read = examples(tmp_path / "dev.spacy", given=["pos", "morph"])
    assert len(read) == 205
    for eg in read:
        assert [t.pos_ for t in eg.predicted] == [t.pos_ for t in eg.reference]
        assert [str(t.morph) for t in eg.predicted] == [str(t.morph) for t in eg.reference]
        assert not any(t.lemma_ for t in eg.predicted) and all(t.lemma_ for t in eg.reference)


def test_pairs_with_an_empty_side_are_counted(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("one\teins\n\tzwei\nthree\t\n")
    with pytest.warns(UserWarning, match=r"a\.tsv: 2 pair\(s\) with an empty side.*line 2"):
        (eg,) = examples(path)
    assert eg.reference._.target == "eins"


def test_three_columns_are_named(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("one\teins\tuno\n")
    with pytest.raises(DataError, match=r"a\.tsv:1: 3 column\(s\).*source,target"):
        examples(path)
