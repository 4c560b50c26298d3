"""Several strings for a source, and where the decoder looked while it wrote them."""

import itertools
import math

import numpy
import pytest
from numpy.testing import assert_allclose
from spacy.tokens import DocBin, Token

from spacy_rnn.models.seq2seq import write
from spacy_rnn.units import STOP, Source

from ..helpers import stir_model
from ..pair_helpers import (
    LEVELS,
    MANY,
    TEXTS,
    blank,
    copy_of,
    doc_examples,
    lemmas_of,
    make_docs_nlp,
    make_nlp,
    pairs_of,
    part_example,
    random_nlp,
    train,
)

AB = [("ab", "ba"), ("b", "ab"), ("aab", "b")]


def random_docs_nlp(**settings):
    nlp = make_docs_nlp(AB, **settings)
    stir_model(pairs_of(nlp).model)
    return nlp


def log_p_of(pipe, source, text):
    """log P of a text with its end, by teacher forcing."""
    numbers = pipe.units.numbers([Source((), tuple(source))], [text], pipe.model.attrs["copy"])
    return float(pipe.model.predict(numbers)[0, :, 0].sum())


# n best


@pytest.mark.parametrize("copy", [False, True])
@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_the_best_are_those_of_all_that_there_could_be(alpha, copy):
    nlp = random_docs_nlp(config={"alpha": alpha}, copy=copy)
    pipe = pairs_of(nlp)
    pipe.cfg["guard"] = [0.0, 0.0, 0.0]
    limit = pipe.limit(2)
    texts = ["".join(t) for n in range(limit) for t in itertools.product("ab", repeat=n)]
    log_p = {text: log_p_of(pipe, "ab", text) for text in texts}
    scores = {text: p / (len(text) + 1) ** alpha for text, p in log_p.items()}
    best = sorted(scores, key=scores.get, reverse=True)[:40]
    (found,) = pipe.nbest(nlp.make_doc("ab"), 2 * len(texts))
    complete = [h for h in found if not h.truncated][:40]
    assert [h.text for h in complete] == best
    assert_allclose([h.score for h in complete], [scores[t] for t in best], rtol=1e-4)
    assert_allclose(
        [h.probability for h in complete], [math.exp(log_p[t]) for t in best], rtol=1e-4
    )


@pytest.mark.parametrize("copy", [False, True])
def test_the_best_with_a_prefix_are_the_best_of_those_that_begin_with_it(copy):
    nlp = random_docs_nlp(copy=copy)
    pipe = pairs_of(nlp)
    pipe.cfg["guard"] = [0.0, 0.0, 0.0]
    (every,) = pipe.nbest(nlp.make_doc("ab"), 400)
    (found,) = pipe.nbest(nlp.make_doc("ab"), 400, prefix="ba")
    expected = [h.text for h in every if h.text.startswith("ba") and not h.truncated]
    assert len(expected) > 3
    assert [h.text for h in found if not h.truncated] == expected


@pytest.mark.parametrize("prefix", ["x", "bx"])
def test_nothing_begins_with_what_cannot_be_written(prefix):
    nlp = random_docs_nlp()
    assert pairs_of(nlp).nbest(nlp.make_doc("ab"), 3, prefix=prefix) == [[]]


def test_a_prefix_may_be_longer_than_the_guard():
    nlp = random_docs_nlp()
    pairs_of(nlp).cfg["guard"] = [0.0, 0.0, 0.0]
    (found,) = pairs_of(nlp).nbest(nlp.make_doc("ab"), 1, prefix="ab" * 20)
    assert found[0].text.startswith("ab" * 20)


def test_all_that_could_be_written_has_a_probability_of_one():
    nlp = random_docs_nlp()
    pairs_of(nlp).cfg["guard"] = [0.0, 0.0, 0.0]
    (found,) = pairs_of(nlp).nbest(nlp.make_doc("ab"), 200)
    assert found[-1].truncated and not found[0].truncated
    # Of what is never written the net knows, too: padding, the start and the unknown
    assert 0.2 < sum(h.probability for h in found) <= 1.0 + 1e-5


@pytest.mark.parametrize("beam_width", [1, 3])
def test_the_one_best_is_what_is_written(beam_width):
    nlp = random_nlp({"beam_width": beam_width}, copy=True)
    for text in MANY:
        found = [of_token[0] for of_token in pairs_of(nlp).nbest(nlp.make_doc(text), 1)]
        doc = nlp(text)
        assert [h.text for h in found] == [token.lemma_ for token in doc]
        assert_allclose([h.score for h in found], doc.user_data["pairs_scores"], rtol=1e-5)


def test_what_was_learnt_twice_is_found_twice():
    data = [("a", "x"), ("a", "yz"), ("b", "x")]
    nlp = make_docs_nlp(data, width=32)
    train(nlp, 60, doc_examples(nlp, data))
    (found,) = pairs_of(nlp).nbest(nlp.make_doc("a"), 2)
    assert {h.text for h in found} == {"x", "yz"}
    assert [h.probability for h in found] == pytest.approx([0.5, 0.5], abs=0.1)


def test_the_dictionary_does_not_hide_what_the_decoder_thinks():
    nlp = random_nlp({"strategy": ["dictionary", "decoder"]})
    (found,) = pairs_of(nlp).nbest(nlp.make_doc("cats"), 3)
    assert nlp("cats")[0].lemma_ == "cat" and len(found) == 3 and found[0].text != "cat"


@pytest.mark.parametrize("level", LEVELS)
def test_every_part_has_its_own(level):
    nlp = blank({"level": level, "target": "_.written"})
    example, expected = part_example(nlp)
    nlp.initialize(lambda: [example])
    found = pairs_of(nlp).nbest(example.predicted, 2)
    assert [len(of_part) for of_part in found] == [2] * len(expected)


def test_they_do_not_depend_on_their_neighbours():
    nlp = random_nlp(copy=True)
    words = [*dict.fromkeys(word for text in MANY for word in text.split())][::3]
    together = pairs_of(nlp).nbest(nlp.make_doc(" ".join(words)), 4)
    for word, of_word in zip(words, together):
        (alone,) = pairs_of(nlp).nbest(nlp.make_doc(word), 4)
        assert [h.text for h in alone] == [h.text for h in of_word]
        assert_allclose([h.score for h in alone], [h.score for h in of_word], rtol=1e-4)
    (again,) = pairs_of(copy_of(nlp)).nbest(nlp.make_doc(words[0]), 4)
    assert [h.text for h in again] == [h.text for h in together[0]]


def test_an_empty_text_is_written_as_nothing_for_certain():
    nlp = random_docs_nlp()
    assert pairs_of(nlp).nbest(nlp.make_doc(""), 5) == [[("", 0.0, 1.0, False, None)]]
    assert pairs_of(random_nlp()).nbest(nlp.make_doc(""), 5) == []


@pytest.mark.parametrize("n", [0, -1])
def test_no_number_of_strings_is_refused(n):
    nlp = make_nlp()
    with pytest.raises(ValueError, match="at least 1"):
        pairs_of(nlp).nbest(nlp.make_doc("cats"), n)


def test_before_initialize_there_are_none():
    with pytest.raises(ValueError, match="E109"):
        pairs_of(blank()).nbest(blank().make_doc("a"), 1)


# Attention


@pytest.mark.parametrize("beam_width", [1, 3])
def test_attention_has_a_row_for_each_written_unit(beam_width):
    nlp = random_nlp({"beam_width": beam_width, "attention": "looked"}, copy=True)
    doc = nlp("cats ☃ unheard")
    cut = doc.user_data["pairs_truncated"]
    for token in doc:
        look, end = token._.looked, [] if token.i in cut else [STOP]
        assert look["source"] == [*token.text, STOP]
        assert look["written"] == [*token.lemma_, *end]
        shares = numpy.array(look["shares"])
        assert shares.shape == (len(look["written"]), len(look["source"]))
        assert_allclose(shares.sum(1), 1, rtol=1e-5)


def test_attention_of_a_beam_is_that_of_the_string_it_found():
    """The same string, forced upon a search that follows nothing else."""
    nlp = random_nlp({"beam_width": 4, "attention": "looked"})
    pipe = pairs_of(nlp)
    for word in ["cats", "unheard", "dogsdogs"]:
        source = Source((), tuple(word))
        look, limit = pipe.transduce([source])[source].look, pipe.limit(len(word))
        numbers = pipe.units.numbers([source])
        known = {unit: i for i, unit in enumerate(pipe.units.target)}
        forced = [[known[unit] for unit in look.written]]
        ((again,),) = write(pipe.model, numbers, [limit], prefixes=forced, attention=True)
        assert_allclose(look.shares, again.attention, atol=1e-6)


def test_attention_does_not_depend_on_the_batch():
    nlp = random_nlp({"beam_width": 2, "attention": "looked"})
    together = list(nlp.pipe(MANY, batch_size=64))
    for text, doc in zip(MANY, together):
        for ours, theirs in zip(nlp(text), doc):
            assert (ours._.looked is None) == (theirs._.looked is None)
            if ours._.looked:
                assert_allclose(ours._.looked["shares"], theirs._.looked["shares"], atol=1e-6)


def test_keeping_attention_changes_no_string():
    nlp, plain = random_nlp({"beam_width": 2}, copy=True), random_nlp({"beam_width": 2}, copy=True)
    lemmas_of(nlp, MANY)
    pairs_of(nlp).keep_attention("looked")
    assert lemmas_of(nlp, MANY) == lemmas_of(plain, MANY)
    assert all(token._.looked for token in nlp("cats dogs"))
    assert not pairs_of(nlp)._memory


def test_features_are_looked_at_too():
    nlp = make_nlp({"features": ["pos"]})
    pairs_of(nlp).keep_attention("looked")
    doc = nlp.make_doc("cats")
    doc[0].pos_ = "NOUN"
    assert pairs_of(nlp)(doc)[0]._.looked["source"] == ["pos=NOUN", *"cats", STOP]


def test_what_the_dictionary_knows_was_looked_at_by_nobody():
    nlp = random_nlp({"strategy": ["dictionary", "decoder"], "attention": "looked"})
    doc = nlp("cats unheard")
    assert doc[0]._.looked is None and doc[1]._.looked


@pytest.mark.parametrize("level", LEVELS)
def test_attention_stands_at_every_level(level):
    nlp = blank({"level": level, "target": "_.written", "attention": "looked"})
    example, _ = part_example(nlp)
    nlp.initialize(lambda: [example])
    doc = pairs_of(nlp)(example.predicted)
    for part in pairs_of(nlp).place.parts(doc):
        assert "".join(part._.looked["source"][:-1]) == part.text


def test_attention_survives_a_docbin_and_the_setting_a_copy():
    nlp = random_docs_nlp(config={"attention": "looked"})
    doc = copy_of(nlp)("ab")
    (again,) = (
        DocBin().from_bytes(DocBin(docs=[doc], store_user_data=True).to_bytes()).get_docs(nlp.vocab)
    )
    assert doc._.looked == nlp("ab")._.looked
    assert [*again._.looked["written"]] == doc._.looked["written"]
    assert_allclose(again._.looked["shares"], doc._.looked["shares"])


def test_hypotheses_have_their_attention():
    nlp = random_docs_nlp(config={"attention": "looked"})
    (found,) = pairs_of(nlp).nbest(nlp.make_doc("ab"), 3)
    for h in found:
        assert h.look.written[: len(h.text)] == list(h.text)
        assert len(h.look.shares) == len(h.text) + (not h.truncated)


def test_nothing_is_kept_unless_somebody_asks():
    nlp = random_nlp()
    doc = nlp(TEXTS[0])
    assert not Token.has_extension("attention") or all(t._.attention is None for t in doc)


def test_a_decoder_that_does_not_look_has_no_attention():
    with pytest.raises(ValueError, match="'pairs' keeps no attention.*does not look back"):
        make_nlp({"attention": "looked"}, attention="none")
