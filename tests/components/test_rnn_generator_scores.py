"""How texts are scored, and by what references."""

import math

import pytest
from spacy.tokens import Doc, DocBin
from spacy.training import Corpus, Example

from spacy_rnn.pair_corpus import create_pair_corpus

from ..generator_helpers import (
    NAMES,
    SENTENCES,
    copy_of,
    doc_of,
    knowing_names,
    knowing_sentences,
    make_examples,
    make_nlp,
    make_slots_nlp,
    train,
    writer_of,
)


@pytest.fixture(scope="module")
def trained():
    """A pipeline that knows its training data. Not to be changed."""
    return knowing_names()


@pytest.fixture(scope="module")
def waiter():
    """One that knows sentences with slots. Not to be changed."""
    return knowing_sentences()


def test_prob_is_one_by_perplexity(trained):
    examples = make_examples(trained, NAMES)
    found = writer_of(trained).log_p(examples)
    nats = -sum(log_p for log_p, _ in found) / sum(n for _, n in found)
    assert trained.evaluate(examples)["generated_prob"] == pytest.approx(math.exp(-nats))


def test_slots_are_scored(waiter):
    examples = make_examples(waiter, SENTENCES)
    scores = waiter.evaluate(examples)
    assert scores["generated_slot_acc"] == 1.0 and "generated_bleu" not in scores
    writer_of(waiter).max_length = 1
    assert waiter.evaluate(examples)["generated_slot_acc"] < 0.6
    writer_of(waiter).max_length = None


def test_bleu_is_scored_on_request():
    scorer = {"@scorers": "spacy_rnn.generator_scorer.v1", "bleu": True}
    nlp = make_slots_nlp({"scorer": scorer}, width=32)
    train(nlp, 60, SENTENCES)
    assert nlp.evaluate(make_examples(nlp, SENTENCES))["generated_bleu"] == pytest.approx(1.0)


def test_references_are_those_of_conditions_that_differ_in_copied_values_only(waiter):
    examples = make_examples(waiter, SENTENCES)
    right = writer_of(waiter).references(examples)
    assert right[0][0] == "joe s serves thai" and set(right[0]) == {"joe s serves thai"}
    assert len(right[0]) == 6 and len(right) == len(SENTENCES)


def test_references_are_joined_once_for_all_of_the_same_condition(monkeypatch):
    nlp = make_nlp()
    writer, joined, join = writer_of(nlp), [], "spacy_rnn.components.prompts.Vocabulary.join"
    monkeypatch.setattr(join, lambda self, units, c: joined.append(1) or "".join(units))
    right = writer.references(make_examples(nlp, NAMES))
    assert [sorted(of) for of in right] == [
        sorted(text for text, label in NAMES if label == of) for _, of in NAMES
    ]
    assert len(joined) == len(NAMES)


def test_references_have_their_own_values():
    nlp = make_slots_nlp()
    right = writer_of(nlp).references(make_examples(nlp, SENTENCES))
    assert all(set(of) == {text} for of, (text, _) in zip(right, SENTENCES))


def test_the_default_weight_is_of_a_score_that_any_output_has():
    nlp = make_nlp({"output": "_.verse"})
    weights = nlp.get_pipe_meta("writer").default_score_weights
    (key,) = (key for key, weight in weights.items() if weight)
    scores = nlp.evaluate(make_examples(nlp, NAMES))
    assert scores[key] == scores["verse_prob"] > 0


# As `spacy evaluate` does it


def save(nlp, data, path):
    docs = [eg.reference for eg in make_examples(nlp, data)]
    DocBin(docs=docs, store_user_data=True).to_disk(path)
    return path


@pytest.mark.parametrize("kind", ["slots", "cats", "drawn", "prefix"])
def test_a_reader_that_gives_no_condition_scores_the_same(tmp_path, kind):
    config = {"drawn": {"temperature": 1.0}, "prefix": {"prefix": True}}.get(kind)
    nlp = make_nlp(width=32) if kind == "cats" else make_slots_nlp(config)
    data = NAMES if kind == "cats" else SENTENCES
    train(nlp, 15, data)
    path = save(nlp, data, tmp_path / "a.spacy")
    given = [writer_of(nlp).condition]
    expected = nlp.evaluate(list(create_pair_corpus(path, given=given)(nlp)))
    with pytest.warns(UserWarning, match="spacy evaluate"):
        found = nlp.evaluate(list(Corpus(path)(nlp)))
    for key in ("generated_prob", "generated_slot_acc"):
        assert found[key] == expected[key]
    assert (found["generated_slot_acc"] is None) == (kind == "cats")


def test_scores_leave_the_documents_as_they_are(waiter):
    nlp = copy_of(waiter)
    examples = [
        Example(nlp.make_doc(text), doc_of(nlp, text, slots, "_.slots"))
        for text, slots in SENTENCES[:3]
    ]
    assert writer_of(nlp).score(examples)["generated_slot_acc"] == 1.0
    for eg in examples:
        assert eg.predicted._.slots is None is eg.predicted._.generated


def test_a_condition_that_a_component_before_found_is_the_one_that_counts(waiter):
    """Not that of the annotation."""
    nlp = copy_of(waiter)
    first, second = SENTENCES[0], SENTENCES[-1]
    predicted = nlp(doc_of(nlp, "", first[1], "_.slots"))
    examples = [Example(predicted, doc_of(nlp, second[0], second[1], "_.slots"))]
    assert writer_of(nlp).score(examples)["generated_slot_acc"] == 1.0
    assert predicted._.generated == first[0]


def test_slots_that_cannot_be_set_are_not_scored(waiter):
    """Those that a getter works out, here of the label that only the reference has."""
    how = {"getter": lambda doc: SENTENCES[0][1] if doc.cats else None, "force": True}
    Doc.set_extension("worked_out", **how)
    nlp = make_slots_nlp({"condition": "_.slots"})
    writer = writer_of(nlp)
    writer.condition = "_.worked_out"
    reference = nlp.make_doc("a")
    reference.cats = {"a": 1.0}
    with pytest.warns(UserWarning, match="without a condition"):
        scores = writer.score([Example(nlp.make_doc("a"), reference)])
    assert scores["generated_slot_acc"] is None and scores["generated_prob"] > 0
    Doc.remove_extension("worked_out")


def test_where_nobody_has_a_condition_nothing_is_scored(waiter):
    nlp = copy_of(waiter)
    examples = [Example(nlp.make_doc("a"), nlp.make_doc("a"))]
    scores = writer_of(nlp).score(examples)
    assert scores["generated_slot_acc"] is None is scores["generated_prob"]
