"""What a text leaves out where a value is told by the wording."""

import numpy
import pytest

from spacy_rnn.components.untold import find_untold

from ..generator_helpers import (
    copy_of,
    knowing_sentences,
    make_examples,
    make_nlp,
    train,
    writer_of,
)

SEARCH = {"condition": "_.slots", "temperature": 0.0, "beam_width": 4, "alpha": 0.0}
CHILDREN, GARDEN = ["kids", "yes"], ["garden", "yes"]


def told(kids: bool, garden: bool) -> list:
    return [["name", "hut"], *([CHILDREN] if kids else []), *([GARDEN] if garden else [])]


def said(kids: bool, garden: bool) -> str:
    return f"hut {'takes kids ' if kids else ''}{'with trees ' if garden else ''}here"


# Three in five people who should tell of children forget it, and as many of a garden
FORGETS = (False, False, True, True, True)
FORGETFUL = [
    (said(kids and not no_kids, garden and not no_garden), told(kids, garden))
    for kids in (False, True)
    for garden in (False, True)
    for no_kids in FORGETS
    for no_garden in FORGETS
]


@pytest.fixture(scope="module")
def forgetful():
    """A pipeline that forgets as often as its training data. Not to be changed."""
    nlp = make_nlp(SEARCH, FORGETFUL, width=32, units="word")
    train(nlp, 80, FORGETFUL)
    return nlp


def untold(nlp, slots, text):
    writer = writer_of(nlp)
    pairs = [(writer.conditions.encode(slots), text)]
    return find_untold(writer.model, writer.vocabulary, pairs)[0]


@pytest.mark.parametrize("kids", [True, False])
@pytest.mark.parametrize("garden", [True, False])
def test_what_a_text_does_not_say_is_found(forgetful, kids, garden):
    left_out = [name for name, there in (("garden=yes", garden), ("kids=yes", kids)) if not there]
    assert list(untold(forgetful, told(True, True), said(kids, garden))) == left_out


def test_it_is_what_the_text_is_no_less_probable_without():
    """Against the likelihoods of whole texts, one by one."""
    nlp = knowing_sentences()
    slots, text = [["name", "hut"], ["food", "thai"], ["kids", "no"]], "hut serves thai"
    ((whole, _),) = writer_of(nlp).log_p(make_examples(nlp, [(text, slots)]))
    ((without, _),) = writer_of(nlp).log_p(make_examples(nlp, [(text, slots[:2])]))
    assert untold(nlp, slots, text) == (("kids=no",) if without >= whole else ())
    assert without > whole


def test_of_several_the_one_that_tells_is_taken(forgetful):
    writer = writer_of(forgetful)
    assert writer.generate(told(True, True))[0].text == said(False, False)
    first = writer.generate(told(True, True), candidates=4)[0]
    assert first.text == said(True, True) and first.untold == ()


def test_draws_are_chosen_by_it_too(forgetful):
    how = {"temperature": 1.0, "candidates": 20}
    found = writer_of(forgetful).generate(told(True, True), 10, **how)
    assert {of.text for of in found} == {said(True, True)}


def test_it_is_the_same_alone_in_a_batch_and_after_reload(forgetful):
    conditions = [told(kids, garden) for kids in (True, False) for garden in (True, False)] * 3
    together = writer_of(forgetful).generate_all(conditions, candidates=4)
    for nlp in (forgetful, copy_of(forgetful)):
        alone = [writer_of(nlp).generate(of, candidates=4) for of in conditions]
        assert [[g[:1] + g[2:] for g in of] for of in alone] == [
            [g[:1] + g[2:] for g in of] for of in together
        ]


def test_where_nothing_is_told_or_no_number_comes_out_nothing_is_left_out(forgetful):
    assert untold(forgetful, told(False, False), "here") == ()
    nlp = copy_of(forgetful)
    for weight in writer_of(nlp).model.shims[0].module.parameters():
        weight.data.fill_(numpy.nan)
    assert untold(nlp, told(True, True), "here") == ()


def test_without_a_choice_nothing_is_weighed(forgetful, monkeypatch):
    monkeypatch.setattr("spacy_rnn.components.decoding.find_untold", None)
    assert writer_of(forgetful).generate(told(True, True), 3)[0].untold == ()
