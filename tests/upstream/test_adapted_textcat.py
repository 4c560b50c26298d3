"""What spaCy's tests of `textcat` and `textcat_multilabel` mean for `rnn_sentiment` and
`rnn_sentiment_multilabel` where their text names architectures, a size of loss or the shape of
scores that only the former have. README.md says which test is which.
"""

from pathlib import Path
from typing import Any, Dict, List

import numpy
import pytest
import spacy
from confection import ConfigValidationError
from spacy.language import Language
from spacy.training import Example
from spacy.util import load_model_from_config
from thinc.api import Config, fix_random_seed

ONE_OF = [
    ("What a bright morning !", {"GLAD": 1.0, "SAD": 0.0}),
    ("What a grey evening .", {"GLAD": 0.0, "SAD": 1.0}),
]
ANY_OF = [
    ("Cold soup and slow waiters", {"FOOD": 1.0, "SERVICE": 1.0, "PRICE": 0.0}),
    ("Slow waiters but cheap", {"FOOD": 0.0, "SERVICE": 1.0, "PRICE": 1.0}),
    ("Cheap soup", {"FOOD": 1.0, "SERVICE": 0.0, "PRICE": 1.0}),
]
DATA = {"textcat": ONE_OF, "textcat_multilabel": ANY_OF}
OURS = {"textcat": "rnn_sentiment", "textcat_multilabel": "rnn_sentiment_multilabel"}
NEW_TEXTS = ["A bright evening", "", "Slow soup !", "The train to Lecce leaves at noon ."]
SMALL = {"@architectures": "spacy.HashEmbedCNN.v2", "width": 16, "depth": 1, "embed_size": 50}
SMALL.update(pretrained_vectors=None, window_size=1, maxout_pieces=2, subword_features=False)


def examples(nlp: Language, data: List[Any]) -> List[Example]:
    return [Example.from_dict(nlp.make_doc(text), {"cats": cats}) for text, cats in data]


def make(name: str, **model: Any) -> Language:
    """A pipeline of one component that goes by the name of theirs."""
    nlp = spacy.blank("en")
    nlp.add_pipe(OURS[name], name=name, config={"model": model} if model else {})
    return nlp


def train(nlp: Language, data: List[Example], steps: int = 60) -> float:
    """Learn the data by heart and return the last loss."""
    optimizer = nlp.initialize(lambda: data)
    for _ in range(steps):
        losses = nlp.update(data, sgd=optimizer)
    (loss,) = losses.values()
    return loss


def rows(docs: Any) -> Any:
    """What was found, one row for each document."""
    return numpy.array([list(doc.cats.values()) for doc in docs])


@pytest.fixture(scope="module")
def trained() -> Dict[str, bytes]:
    """What each has learnt, as bytes."""
    fix_random_seed(0)
    learnt = {}
    for name, data in DATA.items():
        nlp = make(name)
        train(nlp, examples(nlp, data))
        learnt[name] = nlp.to_bytes()
    return learnt


@pytest.fixture(params=list(DATA))
def nlp(trained: Dict[str, bytes], request: pytest.FixtureRequest) -> Language:
    return make(request.param).from_bytes(trained[request.param])


@pytest.fixture
def single(trained: Dict[str, bytes]) -> Language:
    return make("textcat").from_bytes(trained["textcat"])


# test_overfitting_IO, test_overfitting_IO_multi


def test_learns_by_heart(nlp: Language) -> None:
    data = DATA[nlp.pipe_names[0]]
    for text, gold in data:
        assert nlp(text).cats == pytest.approx(gold, abs=0.2)
    scores = nlp.evaluate(examples(nlp, data))
    assert (scores["cats_micro_f"], scores["cats_macro_f"], scores["cats_score"]) == (1, 1, 1)
    assert scores["cats_macro_auc"] == 1.0
    assert scores["cats_score_desc"]


def test_classes_that_exclude_each_other_share_one(single: Language) -> None:
    assert rows(single.pipe(NEW_TEXTS)).sum(axis=1) == pytest.approx(1.0)


def test_disk_keeps_what_was_learnt(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert [loaded(text).cats for text in NEW_TEXTS] == [nlp(text).cats for text in NEW_TEXTS]


def test_pipe_agrees_with_itself_and_with_call(nlp: Language) -> None:
    one_by_one = rows(nlp(text) for text in NEW_TEXTS)
    assert rows(nlp.pipe(NEW_TEXTS)) == pytest.approx(one_by_one, abs=1e-5)
    assert rows(nlp.pipe(NEW_TEXTS, batch_size=2)) == pytest.approx(one_by_one, abs=1e-5)


# test_components_batching_array


def test_model_scores_a_document_as_in_a_batch(nlp: Language) -> None:
    model = nlp.get_pipe(nlp.pipe_names[0]).model
    docs = [nlp.make_doc(text) for text in NEW_TEXTS]
    alone = numpy.concatenate([model.predict([doc]).branches for doc in docs], axis=1)
    assert model.predict(docs).branches == pytest.approx(alone, abs=1e-5)


# test_issue4030, with the opposite end: an empty document is no special case, while spaCy gives
# it zeros alone and something else in a batch


def test_an_empty_document_has_the_same_answer_alone_and_in_a_batch(nlp: Language) -> None:
    alone = nlp("").cats
    assert list(alone) == list(nlp.get_pipe(nlp.pipe_names[0]).labels)
    assert min(alone.values()) > 0.0
    _, beside = nlp.pipe(["What a grey evening .", ""])
    assert beside.cats == pytest.approx(alone, abs=1e-5)


# test_issue6908, where the labels are a string that looks like a list


def init_config(name: str, labels: Any) -> Config:
    config = make(name).config.copy()
    config["initialize"]["components"] = {name: {"labels": labels}}
    return config


@pytest.mark.parametrize("name", list(OURS))
def test_labels_come_from_the_config(name: str) -> None:
    nlp = load_model_from_config(init_config(name, ["low", "high"]))
    nlp.initialize()
    assert nlp.get_pipe(name).labels == ("low", "high")


@pytest.mark.parametrize("name", list(OURS))
def test_a_string_is_no_list_of_labels(name: str) -> None:
    nlp = load_model_from_config(init_config(name, "['low', 'high']"))
    with pytest.raises(ConfigValidationError, match="labels"):
        nlp.initialize()


# test_issue9904


def test_loss_is_a_mean_over_the_batch(nlp: Language) -> None:
    pipe = nlp.get_pipe(nlp.pipe_names[0])
    data = examples(nlp, DATA[pipe.name])
    once, twice = (
        pipe.get_loss(batch, pipe.model.predict([eg.predicted for eg in batch]))[0]
        for batch in (data, data * 2)
    )
    assert once > 0.0
    assert twice == pytest.approx(once)


# test_textcat_loss


@pytest.mark.parametrize("name", list(OURS))
def test_a_label_that_is_missing_is_zero_only_if_labels_exclude_each_other(name: str) -> None:
    nlp = make(name)
    full = {"spring": 1.0, "summer": 0.0, "winter": 0.0}
    data = examples(nlp, [("Buds", full), ("Snow", {"summer": 0.0, "winter": 1.0})])
    nlp.initialize(lambda: data)
    pipe = nlp.get_pipe(name)
    scores = pipe.model.predict([eg.predicted for eg in data])
    _, gradient = pipe.get_loss(data, scores)
    spring = gradient.branches[:, 1, pipe.labels.index("spring")]
    assert (spring > 0).all() if name == "textcat" else (spring == 0).all()
    assert (gradient.branches[:, 1, pipe.labels.index("winter")] < 0).all()


# test_no_resize, with the opposite end; test_resize_same_results, up to the last bit


def test_an_added_label_waits_until_it_is_taught(nlp: Language) -> None:
    pipe = nlp.get_pipe(nlp.pipe_names[0])
    before = rows(nlp.pipe(NEW_TEXTS))
    assert pipe.add_label("NEW") == 1
    after = rows(nlp.pipe(NEW_TEXTS))
    assert after[:, :-1] == pytest.approx(before, abs=1e-6)
    assert (after[:, -1] == 0.0).all()
    copy = make(pipe.name).from_bytes(nlp.to_bytes())
    assert copy("A bright evening").cats["NEW"] == 0.0
    old = [(text, {**cats, "NEW": 0.0}) for text, cats in DATA[pipe.name]]
    data = examples(nlp, [*old, ("Snow in Lecce", {"NEW": 1.0})])
    optimizer = nlp.resume_training()
    for _ in range(60):
        nlp.update(data, sgd=optimizer)
    assert nlp("Snow in Lecce").cats["NEW"] > 0.7
    assert all(nlp(text).cats["NEW"] < 0.3 for text, _ in old)


def test_a_step_above_all_others_waits_until_it_is_taught() -> None:
    nlp = make("textcat", head="ordinal")
    data = examples(nlp, [("Dull", {"1": 1.0}), ("Fine", {"2": 1.0})])
    train(nlp, data, steps=20)
    pipe, before = nlp.get_pipe("textcat"), nlp("Fine").cats
    for label in ("3", "4", "5"):
        pipe.add_label(label)
    after = {**before, "3": 0.0, "4": 0.0, "5": 0.0}
    assert nlp("Fine").cats == pytest.approx(after, abs=1e-6)
    nlp.update(examples(nlp, [("Great", {"4": 1.0})]), sgd=nlp.resume_training())
    cats = nlp("Fine").cats
    assert cats["3"] > 0.0 and cats["4"] > 0.0 and cats["5"] == 0.0
    assert sum(cats.values()) == pytest.approx(1.0)


# test_positive_class


def test_positive_label_is_one_of_two_that_exclude_each_other() -> None:
    nlp = make("textcat")
    pipe = nlp.get_pipe("textcat")
    data = examples(nlp, ONE_OF)
    pipe.initialize(lambda: data, labels=["GLAD", "SAD"], positive_label="GLAD")
    assert (pipe.labels, pipe.cfg["positive_label"]) == (("GLAD", "SAD"), "GLAD")


def test_of_many_labels_none_is_the_positive_one() -> None:
    nlp = make("textcat_multilabel")
    pipe = nlp.get_pipe("textcat_multilabel")
    data = examples(nlp, ANY_OF)
    with pytest.raises(ValueError, match="'head' is 'multilabel'"):
        pipe.initialize(lambda: data, labels=["FOOD", "PRICE"], positive_label="FOOD")


# test_util_dot_section


@pytest.mark.parametrize(
    "name, head", [("textcat", "exclusive"), ("textcat_multilabel", "multilabel")]
)
def test_factory_says_what_labels_are_to_each_other(name: str, head: str) -> None:
    assert load_model_from_config(make(name).config).get_pipe(name).head == head


# test_textcat_configs


@pytest.mark.parametrize("name", list(OURS))
@pytest.mark.parametrize(
    "model",
    [
        *({"pooling": [pool]} for pool in ("last", "mean", "max", "attention")),
        {"pooling": ["last", "mean", "max", "attention"]},
        {"tok2vec": SMALL},
        {"ngrams": 0},
        {"ngrams": 3, "ngram_rows": 4},
        {"max_length": 2},
        {"@architectures": "spacy_rnn.MLPClassifier.v1", "tok2vec": SMALL, "width": 8},
    ],
    ids=str,
)
def test_every_architecture_learns(name: str, model: Dict[str, Any]) -> None:
    fix_random_seed(0)
    given = {"head": "exclusive" if name == "textcat" else "multilabel", **model}
    nlp = make(name, **given)
    data = examples(nlp, DATA[name])
    first = train(nlp, data, steps=1)
    assert train(nlp, data, steps=12) < first
    assert all(0.0 <= value <= 1.0 for value in nlp("A bright evening").cats.values())


# test_serialize_textcat_empty


@pytest.mark.parametrize("name", list(OURS))
def test_a_component_without_labels_has_bytes(name: str) -> None:
    pipe = make(name).get_pipe(name)
    copy = make(name).get_pipe(name).from_bytes(pipe.to_bytes(exclude=["vocab"]))
    assert copy.labels == ()
    assert copy.cfg == pipe.cfg
