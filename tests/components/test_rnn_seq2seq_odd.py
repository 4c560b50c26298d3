"""Odd input to `rnn_seq2seq`: what nobody knows, white space, words that look like ours."""

import math

import pytest
from spacy.tokens import Doc, Span, Token
from spacy.training import Example

from spacy_rnn.units import SPECIAL, Source, Units

from ..helpers import weights_of
from ..pair_helpers import (
    blank,
    doc_examples,
    lemma_examples,
    make_docs_nlp,
    make_nlp,
    pairs_of,
    part_example,
    random_nlp,
    train,
)

DATA = [("ab", "ba"), ("abc", "cba"), ("b", "b")]


# What nobody knows


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("target", ["norm", "lemma", "_.said"])
def test_where_nothing_is_known_what_is_there_stays(target, overwrite):
    if not Token.has_extension("said"):
        Token.set_extension("said", default=None)
    nlp = blank({"strategy": ["dictionary"], "target": target, "overwrite": overwrite})
    gold = nlp.make_doc("cats")
    gold[0].lemma_ = gold[0].norm_ = gold[0]._.said = "cat"
    nlp.initialize(lambda: [Example(nlp.make_doc("cats"), gold)])
    doc = nlp.make_doc("I don't see")
    doc[3].lemma_ = doc[3].norm_ = doc[3]._.said = "SEE"
    before = [(t.lemma_, t.norm_, t._.said or "") for t in doc]
    doc = nlp(doc)
    assert [(t.lemma_, t.norm_, t._.said or "") for t in doc] == before


def test_a_source_that_is_too_long_loses_nothing():
    nlp = make_docs_nlp(DATA, {"max_source": 4, "overwrite": True})
    doc = nlp.make_doc("abcdefgh")
    doc._.written = "kept"
    with pytest.warns(UserWarning, match="max_source"):
        assert nlp(doc)._.written == "kept"


# White space


def test_white_space_is_nothing_to_write():
    nlp = random_nlp()
    doc = nlp("cats  and\n\n dogs")
    assert [t.lemma_ for t in doc if t.is_space] == ["", ""]
    assert all(t.lemma_ for t in doc if not t.is_space)
    found = pairs_of(nlp).nbest(doc, 3)
    assert [[h.text for h in of] for t, of in zip(doc, found) if t.is_space] == [[""], [""]]


def test_white_space_that_the_dictionary_knows_is_written():
    nlp = blank({"strategy": ["dictionary", "decoder"]})
    gold = Doc(nlp.vocab, ["a", "\n"], lemmas=["a", "NEWLINE"])
    nlp.initialize(lambda: [Example(gold.copy(), gold)])
    assert nlp(Doc(nlp.vocab, ["\n"]))[0].lemma_ == "NEWLINE"


# Words that look like ours


def test_a_word_that_looks_special_is_a_word():
    nlp = blank({"level": "doc", "target": "_.written"}, units="word", target_units="word")
    data = [("a <unk> b", "b <stop> a"), ("b", "b")]
    with pytest.warns(UserWarning, match="cannot|neither"):  # write what is ours
        nlp.initialize(lambda: doc_examples(nlp, data))
    found = pairs_of(nlp).label_data
    assert all(len(set(units)) == len(units) for units in found.values())
    with pytest.warns(UserWarning, match="cannot|neither"):
        pairs_of(nlp).initialize(lambda: doc_examples(nlp, data), labels=found)


def test_special_words_of_a_text_are_unknown_units():
    units = Units("word", "word", (*SPECIAL, "a"), (*SPECIAL, "a"))
    numbers = units.numbers([Source((), ("a", "<stop>", "<pad>"))], [("<stop>", "a")])
    assert numbers.units.tolist() == [[4, 3, 3, 2]]
    assert numbers.targets.tolist() == [[3, 4, 2]]


# Sentences that are not there


def test_a_reference_without_sentences_teaches_nothing():
    nlp = blank({"level": "sent", "target": "_.written"})
    good, _ = part_example(nlp)
    nlp.initialize(lambda: [good])
    bare = Example(nlp.make_doc("ab cd"), nlp.make_doc("ab cd"))
    assert pairs_of(nlp).update([bare]) == {"pairs": 0.0}
    assert train(nlp, 1, [good, bare]) > 0


@pytest.mark.parametrize("level", ["sent", "span:parts"])
def test_rehearsal_reads_the_parts_of_the_reference(level):
    nlp = blank({"level": level, "target": "_.written"})
    example, _ = part_example(nlp)
    nlp.initialize(lambda: [example])
    optimizer = nlp.resume_training()
    train(nlp, 3, [example])
    before = weights_of(pairs_of(nlp).model)
    bare = Example(nlp.make_doc(example.reference.text), example.reference)
    nothing = nlp.make_doc("ab cd")
    losses = nlp.rehearse([bare, Example(nothing, nothing.copy())], sgd=optimizer)
    after = weights_of(pairs_of(nlp).model)
    assert losses["pairs"] > 0 and any((before[k] != after[k]).any() for k in before)


# Settings, scores, losses


@pytest.mark.parametrize("level", ["doc", "sent", "span:parts"])
def test_features_belong_to_tokens(level):
    with pytest.raises(ValueError, match=f"features.*'{level}'.*--level token"):
        blank({"level": level, "target": "_.written", "features": ["pos"]})


@pytest.mark.parametrize("value,wanted", [("xyz", ["xyz"]), (["x", ["y", "z"]], ["x", "y z"])])
def test_what_else_is_right_is_a_string_or_several(value, wanted):
    nlp = make_docs_nlp(DATA)
    Doc.set_extension("written_alternatives", default=None, force=True)
    (example,) = doc_examples(nlp, [("ab", "ba")])
    example.reference._.written_alternatives = value
    pairs = pairs_of(nlp).place.pairs(example, pairs_of(nlp).units)
    assert [text for _, text in pairs] == ["ba", *wanted]
    example.predicted._.written = wanted[-1]
    assert pairs_of(nlp).score([example])["written_acc"] == 1.0


def test_what_else_is_right_is_no_number():
    nlp = make_docs_nlp(DATA)
    Doc.set_extension("written_alternatives", default=None, force=True)
    (example,) = doc_examples(nlp, [("ab", "ba")])
    example.reference._.written_alternatives = [3]
    with pytest.raises(ValueError, match="written_alternatives.*is 3, but"):
        pairs_of(nlp).update([example])


def test_the_best_model_is_picked_whatever_the_target():
    nlp = make_docs_nlp(DATA)
    meta = nlp.get_pipe_meta("pairs")
    assert meta.default_score_weights == {"rnn_seq2seq_acc": 1.0}
    examples = doc_examples(nlp, DATA)
    for eg in examples:
        eg.predicted._.written = "b"
    scores = pairs_of(nlp).score(examples)
    assert scores["rnn_seq2seq_acc"] == scores["written_acc"] == pytest.approx(1 / 3)


def test_the_loss_is_that_of_an_update():
    nlp = make_nlp()
    pipe, examples = pairs_of(nlp), lemma_examples(nlp)
    numbers = pipe._numbers(pipe._distinct(examples), pipe.units)
    found, gradient = pipe.get_loss(examples, pipe.model.predict(numbers))
    assert math.isfinite(found) and gradient.any()
    assert pipe.update(examples)["pairs"] == pytest.approx(found, rel=1e-5)


@pytest.mark.parametrize("level,owner", [("token", Token), ("doc", Doc), ("sent", Span)])
def test_an_extension_that_swallows_what_is_written_is_refused(level, owner):
    owner.set_extension("swallows", getter=lambda part: "", force=True)
    with pytest.raises(ValueError, match=f"'_.swallows'.*{owner.__name__}"):
        blank({"level": level, "target": "_.swallows"})
    owner.set_extension("swallows", getter=lambda part: "", setter=lambda *_: None, force=True)
    blank({"level": level, "target": "_.swallows"})


@pytest.mark.parametrize("name", ["written", "_.looks", "", "two words"])
def test_attention_has_an_extension_of_its_own(name):
    """Else it would take the place of what was written, or stand where nobody looks."""
    with pytest.raises(ValueError, match=f"'pairs': 'attention' is '{name}'.*name of an extension"):
        blank({"level": "doc", "target": "_.written", "attention": name})


def test_attention_that_would_be_lost_is_refused():
    Doc.set_extension("counted", getter=len, force=True)
    nlp = blank({"level": "doc", "target": "_.written"})
    with pytest.raises(ValueError, match="'attention' is 'counted', but that extension of Doc"):
        pairs_of(nlp).keep_attention("counted")


@pytest.mark.parametrize("method", ["update", "rehearse", "get_loss"])
def test_documents_are_no_examples(method):
    nlp = make_nlp()
    more = [None] if method == "get_loss" else []
    with pytest.raises(TypeError, match=f"E978.*RNNSeq2Seq.{method}"):
        getattr(pairs_of(nlp), method)([nlp.make_doc("cats")], *more)


class Forgetful(dict):
    """As if another thread emptied it whenever somebody has looked."""

    def __contains__(self, key):
        found = super().__contains__(key)
        self.clear()
        return found


def test_what_another_thread_forgets_meanwhile_is_written_anew():
    nlp = random_nlp()
    first = [t.lemma_ for t in nlp("cats and dogs")]
    pairs_of(nlp)._memory = Forgetful(pairs_of(nlp)._memory)
    assert [t.lemma_ for t in nlp("cats and dogs")] == first


def test_a_length_is_never_rewarded():
    with pytest.raises(ValueError, match="'alpha' is -1"):
        blank({"alpha": -1.0})
