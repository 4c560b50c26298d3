"""Learning, conditions, and what is written. The pipeline has a file of its own."""

import math

import numpy
import pytest
from thinc.api import Adam

from spacy_rnn.components.decoding import Decoding
from spacy_rnn.components.likelihood import pieces_to_learn
from spacy_rnn.errors import NonFiniteError
from spacy_rnn.units import SPECIAL, STOP_ID, UNKNOWN_ID

from ..generator_helpers import (
    NAMES,
    PLACES,
    SENTENCES,
    blank,
    doc_of,
    knowing_names,
    knowing_sentences,
    make_examples,
    make_nlp,
    make_slots_nlp,
    random_nlp,
    texts_of,
    train,
    writer_of,
)
from ..helpers import weights_of


@pytest.fixture(scope="module")
def trained():
    """A pipeline that knows its training data. Not to be changed."""
    return knowing_names()


@pytest.fixture(scope="module")
def waiter():
    """One that knows sentences with slots. Not to be changed."""
    return knowing_sentences()


# Labels


def test_what_is_written_is_like_what_was_learnt_for_the_label(trained):
    for label in "ax":
        texts = {text for text, of in NAMES if of == label}
        found = [g.text for g in writer_of(trained).generate(label, 20)]
        assert sum(text in texts for text in found) > 15
        assert len(set(found)) > 1


def test_labels_come_as_they_stand_on_a_document_or_alone(trained):
    writer = writer_of(trained)
    assert writer.generate("a", 3) == writer.generate({"a": 1.0}, 3) == writer.generate(["a"], 3)
    assert writer.generate({"a": 1.0, "x": 0.0}, 3) == writer.generate("a", 3)


def test_a_document_gets_its_text(trained):
    doc = trained(doc_of(trained, "", {"a": 1.0}, "cats"))
    assert doc._.generated == writer_of(trained).generate("a")[0].text
    assert -2 < doc.user_data["writer_score"] < 0
    assert doc.user_data["writer_truncated"] is False
    assert doc.text == "" and doc.cats == {"a": 1.0}


def test_the_score_is_the_mean_of_log_p(trained):
    one = writer_of(trained).generate("x")[0]
    ((log_p, n),) = writer_of(trained).log_p(make_examples(trained, [(one.text, "x")]))
    assert n == len(one.text) + 1
    assert one.score == pytest.approx(log_p / n, abs=1e-5)


def test_temperature_0_gives_the_most_probable(trained):
    nlp = make_nlp({"temperature": 0.0, "beam_width": 4}, width=32)
    train(nlp, 60)
    found = writer_of(nlp).generate("x", 3)
    assert {g.text for g in found} == {text for text, label in NAMES if label == "x"}
    assert [g.score for g in found] == sorted((g.score for g in found), reverse=True)


@pytest.mark.parametrize("setting", [{"temperature": 1e-5}, {"top_k": 1}, {"top_p": 0.01}], ids=str)
def test_a_draw_that_is_picky_enough_gives_the_most_probable_unit_each_time(setting):
    nlp = random_nlp(setting)
    drawn = texts_of(nlp)
    writer_of(nlp).decoding = Decoding(temperature=0.0)
    assert drawn == texts_of(nlp)


def test_another_seed_draws_something_else():
    first, again, other = (random_nlp({"seed": seed}) for seed in (0, 0, 1))
    assert texts_of(first) == texts_of(again) != texts_of(other)


def test_of_several_candidates_the_most_probable_that_is_complete_is_kept():
    nlp = random_nlp()
    writer = writer_of(nlp)
    one, many = writer.generate("a", 4), writer.generate("a", 12)
    best = writer.generate("a", 4, candidates=3)
    assert [g.text for g in one] == [g.text for g in many[:4]]
    for i, of in enumerate(best):
        draws = many[3 * i : 3 * i + 3]
        assert of.text == max(draws, key=lambda g: (not g.truncated, g.score)).text


# Prefixes and texts that go on


def test_what_is_written_begins_with_the_prefix(trained):
    for prefix in ("x", "xy", "☃"):
        for one in writer_of(trained).generate("x", 3, prefix=prefix):
            assert one.text.startswith(prefix)


def test_a_prefix_is_the_text_of_the_document_if_it_should_be():
    nlp = make_nlp({"condition": None, "prefix": True}, [(text, None) for text, _ in NAMES])
    train(nlp, 60, [(text, None) for text, _ in NAMES])
    texts = ["", "ab", "xy", "x"]
    found = [doc._.generated for doc in nlp.pipe(texts)]
    assert all(written.startswith(text) for written, text in zip(found, texts))
    assert found[1] in ("abba", "abbba")


def test_a_value_that_the_prefix_says_is_not_said_again(waiter):
    writer, (text, slots) = writer_of(waiter), SENTENCES[0]
    for prefix in ("joe s serves", "joe s", ""):
        (best,) = writer.generate(slots, prefix=prefix)
        assert best.text == text and best.missing == ()
    (best,) = writer.generate([["name", "never met"], *slots[1:]], prefix="never met serves")
    assert best.text == "never met serves thai" and best.missing == ()


def test_words_go_on_behind_a_space():
    data = [("the cat sat", None), ("the dog ran", None)]
    nlp = make_nlp({"condition": None, "prefix": True, "temperature": 0.0}, data, units="word")
    train(nlp, 60, data)
    assert nlp("the dog")._.generated == "the dog ran"


def test_the_state_goes_on_from_piece_to_piece():
    """The end of a text is told by its beginning, three pieces before."""
    data = [("a" + "-" * 8 + "b", None), ("c" + "-" * 8 + "d", None)]
    nlp = make_nlp({"condition": None, "prefix": True, "piece": 4, "temperature": 0.0}, data)
    whole = make_nlp({"condition": None, "prefix": True, "piece": 99}, data)
    log_p = [writer_of(n).log_p(make_examples(n, data)) for n in (nlp, whole)]
    numpy.testing.assert_allclose(log_p[0], log_p[1], rtol=1e-5)


def test_with_an_optimizer_each_piece_is_a_step():
    data = [("abcdefghij", None), ("abc", None)]
    nlp = make_nlp({"condition": None, "piece": 4}, data)
    writer = writer_of(nlp)
    writer.update(make_examples(nlp, data), sgd=Adam(0.01), losses={})
    assert writer.steps == 3  # of 11 units with `STOP`
    nlp.update(make_examples(nlp, data), sgd=Adam(0.01), losses={})
    assert writer.steps == 4


def test_a_vector_is_a_condition():
    rows = [numpy.eye(2, dtype="f")[i] for i in (0, 1)]
    nlp = make_nlp({"condition": "tensor"}, [("abc", rows[0]), ("xyz", rows[1])])
    train(nlp, 60, [("abc", rows[0]), ("xyz", rows[1])])
    writer = writer_of(nlp)
    assert writer.generate(rows[0])[0].text == "abc"
    assert writer.generate(numpy.stack([rows[1]] * 3))[0].text == "xyz"  # one a token
    doc = doc_of(nlp, "", rows[0], "tensor")
    assert nlp(doc)._.generated == "abc"


# Slots


def test_values_never_met_are_copied(waiter):
    slots = [["name", "never met"], ["food", "new things"], ["kids", "no"]]
    (best,) = writer_of(waiter).generate(slots)
    assert best.text == "new things is at never met , no kid" and best.missing == ()
    slots[2][1] = "yes"
    assert writer_of(waiter).generate(dict(slots))[0].text == "never met serves new things"


def test_slots_go_to_the_document(waiter):
    slots = [["name", "hut"], ["food", "thai"], ["kids", "yes"]]
    doc = waiter(doc_of(waiter, "", slots, "_.slots"))
    assert doc._.generated == "hut serves thai" and doc.user_data["writer_missing"] == []


def test_a_slot_that_cannot_be_said_is_missing(waiter):
    found = writer_of(waiter).generate(dict(SENTENCES[0][1]), max_length=1)
    assert found[0].truncated and set(found[0].missing) <= {"name", "food"} != set()


def test_slots_that_come_twice_have_places_of_their_own():
    data = [(f"{a} or {b}", [["name", a], ["name", b]]) for a in PLACES for b in PLACES if a != b]
    nlp = make_nlp({"condition": "_.slots", "temperature": 0.0}, data, units="word")
    train(nlp, 40, data)
    writer = writer_of(nlp)
    assert set(writer.cfg["conditions"]) == {"name", "name#2"}
    assert writer.generate({"name": ["first", "second"]})[0].text == "first or second"


def test_more_candidates_say_more():
    nlp = make_slots_nlp({"candidates": 1, "beam_width": 1})
    nlp.get_pipe("writer").model.shims[0].module.output.bias.data[2] += 3.0  # stops early
    writer, slots = writer_of(nlp), [of for _, of in SENTENCES]
    few = sum(len(writer.generate(s)[0].missing) for s in slots)
    assert sum(len(writer.generate(s, candidates=30)[0].missing) for s in slots) < few


# Learning


def test_training_lowers_the_loss_which_smoothing_keeps_up():
    losses = []
    for smoothing in (0.0, 0.3):
        nlp = make_nlp({"label_smoothing": smoothing})
        first, last = train(nlp, 1), train(nlp, 40)
        assert last < 0.7 * first
        losses.append(last)
    assert losses[1] > losses[0] + 0.2


def test_smoothing_leaves_out_places_of_slots_that_cannot_be_said():
    nlp = make_slots_nlp({"label_smoothing": 0.1})
    assert 0 < train(nlp, 5, SENTENCES) < 10


def test_dropout_is_that_of_the_call():
    nlp = random_nlp()
    first, second, dropped = (
        writer_of(nlp).update(make_examples(nlp, NAMES), drop=drop)["writer"]
        for drop in (0.0, 0.0, 0.5)
    )
    assert first == second != dropped


def test_what_has_no_condition_or_no_text_teaches_nothing():
    nlp = random_nlp()
    before = weights_of(writer_of(nlp).model)
    examples = make_examples(nlp, [("text", ""), ("", "a")])
    assert nlp.update(examples, sgd=Adam(0.1), losses={}) == {"writer": 0.0}
    assert nlp.update([], sgd=Adam(0.1), losses={}) == {}
    after = weights_of(writer_of(nlp).model)
    assert all((after[name] == array).all() for name, array in before.items())


def test_a_symbol_never_seen_is_told_once_counted_and_does_not_stop_learning():
    nlp = make_nlp()
    with pytest.warns(UserWarning, match="'writer': 3 unit.*'unknown_units'"):
        assert 0 < train(nlp, 1, [("☃ Ω", "a")]) < 100
    assert 0 < train(nlp, 1, [("☃ Ω", "a")]) < 100
    assert writer_of(nlp).unknown_units == 6


def test_symbols_that_given_labels_lack_are_told_when_it_begins():
    labels, nlp = writer_of(make_nlp()).label_data, blank()
    data = make_examples(nlp, [("aäö", "a"), ("xyz", "x")])
    with pytest.warns(UserWarning, match="'writer': 2 unit"):
        writer_of(nlp).initialize(lambda: data, labels=labels)
    assert writer_of(nlp).unknown_units == 2
    nlp.initialize(lambda: data)
    assert writer_of(nlp).unknown_units == 0


def test_words_that_are_called_like_special_units_are_unknown():
    data = [("a <unk> <stop> b <pad>", None)]
    nlp = blank({"condition": None}, units="word")
    with pytest.warns(UserWarning, match="'writer': 3 unit"):
        nlp.initialize(lambda: make_examples(nlp, data))
    assert writer_of(nlp).label_data["labels"] == [*SPECIAL, "a", "b"]
    (_, targets) = writer_of(nlp).vocabulary.numbers([((), data[0][0])])
    assert targets == [[4, UNKNOWN_ID, UNKNOWN_ID, 5, UNKNOWN_ID, STOP_ID]]


def test_the_loss_is_that_of_update():
    nlp = random_nlp({"label_smoothing": 0.1})
    writer, examples = writer_of(nlp), make_examples(nlp, NAMES)
    data = [({label: 1.0}, text) for text, label in NAMES]
    piece, _ = next(pieces_to_learn(writer.model.ops, writer.vocabulary, data, 99, 0.1))
    value, gradient = writer.get_loss(examples, writer.model.predict(piece))
    assert value == pytest.approx(writer.update(examples)["writer"])
    assert gradient.shape == (len(NAMES), 6, 2)
    n = sum(len(text) + 1 for text, _ in NAMES)
    assert gradient[..., 0].sum() == pytest.approx(-0.9) and (gradient != 0).sum() == 2 * n


def test_unknown_is_never_written():
    nlp = random_nlp()
    with pytest.warns(UserWarning, match="unknown_units"):
        train(nlp, 30, [("☃☃☃☃", "a")])
    assert not any("☃" in g.text or "<unk>" in g.text for g in writer_of(nlp).generate("a", 20))


def test_no_text_is_longer_than_the_training_data_make_likely():
    nlp = random_nlp()
    writer = writer_of(nlp)
    lengths = [len(text) for text, _ in NAMES]
    limit = math.ceil(numpy.mean(lengths) + 3 * numpy.std(lengths))
    found = writer.generate("a", 200)
    assert max(len(g.text) for g in found) <= limit + 1
    cut = [g for g in found if g.truncated]
    assert cut and all(len(g.text) == limit + 1 for g in cut)
    writer.max_length = 2
    assert max(len(g.text) for g in writer.generate("a", 20)) == 2


def test_the_same_seed_trains_the_same_weights():
    found = []
    for _ in range(2):
        nlp = make_nlp()  # sets the seed
        train(nlp, 3, drop=0.2)
        found.append(weights_of(writer_of(nlp).model))
    assert all((found[1][name] == array).all() for name, array in found[0].items())


@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf])
def test_a_loss_that_is_not_finite_is_skipped_and_then_stops(bad):
    nlp = make_nlp({"max_bad_steps": 2})
    writer_of(nlp).model.shims[0].module.output.bias.data[0] = bad
    assert train(nlp, 1) == 0.0
    with pytest.raises(NonFiniteError, match="'writer'.*2 times"):
        train(nlp, 1)
