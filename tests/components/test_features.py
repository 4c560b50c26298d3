"""What is known of a token is read before its characters, one symbol for each thing."""

import spacy
from spacy.tokens import Doc, Token

from spacy_rnn.components.targets import make_place
from spacy_rnn.units import Units

CHARS = Units("char", "char")


def features_of(doc, *names):
    place = make_place("it", "token", "lemma", names)
    return [source.features for source in place.sources(doc, CHARS)]


def test_each_part_of_a_morph_is_a_symbol():
    vocab = spacy.blank("en").vocab
    doc = Doc(vocab, words=["cats", "."], pos=["NOUN", ""], morphs=["Case=Nom|Number=Plur", "_"])
    expected = ("pos=NOUN", "morph=Case=Nom", "morph=Number=Plur")
    assert features_of(doc, "pos", "morph") == [expected, ("morph=_",)]


def test_a_list_is_several_symbols():
    Token.set_extension("bundle", default=None, force=True)
    doc = Doc(spacy.blank("en").vocab, words=["went", "on", "."])
    doc[0]._.bundle, doc[1]._.bundle = ("V", "PST"), "ADV"
    assert features_of(doc, "_.bundle") == [("_.bundle=V", "_.bundle=PST"), ("_.bundle=ADV",), ()]
