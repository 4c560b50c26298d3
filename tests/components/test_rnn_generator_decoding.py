"""Which texts are taken, in what order, and settings of a call."""

import numpy
import pytest

from spacy_rnn.components.decoding import by_merit
from spacy_rnn.components.prompts import Generated

from ..generator_helpers import make_nlp, make_slots_nlp, many_docs, random_nlp, train, writer_of
from ..helpers import stir_model

# Order


@pytest.mark.parametrize("alpha", [0.0, 1.0, 2.0])
def test_what_a_search_finds_stays_in_its_order(alpha):
    writer = writer_of(random_nlp())
    how = {"temperature": 0.0, "beam_width": 8, "alpha": alpha, "max_length": 4}
    found = writer.generate("a", 8, **how)
    cut = [g.truncated for g in found]
    assert cut == sorted(cut) and {False, True} <= set(cut)

    def by_alpha(one):
        length = len(one.text) + (not one.truncated)
        return one.truncated, -one.score * length / length**alpha

    assert found == sorted(found, key=by_alpha)
    assert writer.generate("a", candidates=8, **how)[0] == found[0]


def test_of_candidates_the_one_that_says_more_comes_first_all_the_same():
    nlp = make_slots_nlp({"beam_width": 8})
    stir_model(writer_of(nlp).model)
    found = writer_of(nlp).generate({"name": "hut", "food": "thai", "kids": "no"}, 8)
    missing = [len(g.missing) for g in found]
    assert missing == sorted(missing)
    for n in set(missing):
        cut = [g.truncated for g in found if len(g.missing) == n]
        assert cut == sorted(cut)


def test_a_complete_draw_is_taken_before_one_that_was_cut_short():
    draws = [
        Generated("", -0.1, False, ("name",)),
        Generated("", -0.2, True, ()),
        Generated("", -0.4, False, ()),
        Generated("", -0.3, False, ()),
    ]
    assert [draws.index(g) for g in sorted(draws, key=by_merit)] == [3, 2, 1, 0]


def test_many_draws_are_made_in_parts(monkeypatch):
    """So that memory is bounded; each draw has a seed of its own."""
    writer = writer_of(random_nlp())
    expected = writer.generate_all(["a", "x"], 4, candidates=3)
    monkeypatch.setattr("spacy_rnn.components.decoding.AT_A_TIME", 5)
    rows, made = [], writer.vocabulary.prompts
    prompts = "spacy_rnn.components.prompts.Vocabulary.prompts"
    monkeypatch.setattr(prompts, lambda self, some: rows.append(len(some)) or made(some))
    assert writer.generate_all(["a", "x"], 4, candidates=3) == expected
    assert rows == [5, 5, 5, 5, 4]


# What no number comes of


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_weights_that_are_no_numbers_write_nothing(temperature):
    nlp = make_nlp({"temperature": temperature})
    for weight in writer_of(nlp).model.shims[0].module.parameters():
        weight.data.fill_(numpy.nan)
    doc = nlp(many_docs(nlp)[0])
    assert doc._.generated == "" and doc.user_data["writer_truncated"] is True


@pytest.mark.parametrize("temperature", [1e-30, 1e-39, 1e-320])
def test_the_least_temperature_takes_the_most_probable_unit(temperature):
    writer = writer_of(random_nlp())
    (best,) = writer.generate("a", temperature=0.0)
    assert writer.generate("a", temperature=temperature)[0].text == best.text


# Settings of a call


@pytest.mark.parametrize(
    "setting, value",
    [("max_length", 0), ("max_length", -1), ("alpha", -1.0), ("temperature", numpy.inf)],
)
def test_settings_of_a_call_are_checked(setting, value):
    with pytest.raises(ValueError, match=f"'writer': '{setting}' is {value}, but must"):
        writer_of(make_nlp()).generate("a", **{setting: value})


def test_the_length_of_a_call_goes_before_that_of_the_settings():
    writer = writer_of(random_nlp({"max_length": 2}))
    assert max(len(g.text) for g in writer.generate("a", 20)) == 2
    assert max(len(g.text) for g in writer.generate("a", 20, max_length=4)) == 4


@pytest.mark.parametrize(
    "prefix, text",
    [("a b", "a b c"), ("a b ", "a b c"), ("a\n", "a\nb c"), ("a  b\t", "a  b\tc"), ("", "a b c")],
)
def test_a_prefix_that_ends_in_space_gets_no_other(prefix, text):
    data = [("a b c", None)]
    nlp = make_nlp({"condition": None, "temperature": 0.0}, data, units="word")
    train(nlp, 30, data)
    assert writer_of(nlp).generate(prefix=prefix)[0].text == text
