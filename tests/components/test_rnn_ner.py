import copy
import pickle
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import spacy
from numpy.testing import assert_array_equal
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.api import Adam, ConfigValidationError

from ..helpers import (
    TEXTS,
    TRAIN,
    entities,
    gold_entities,
    make_examples,
    make_nlp,
    ner_config,
    stir_model,
    tok2vec_config,
    train,
    weights_of,
)

SPACES = ["Anna  Smith", " Anna", "Paris ", "a \n\n b", "  ", "New \t York is", "\n"]


@pytest.fixture(scope="module")
def trained():
    """A pipeline that knows its training data. Not to be changed."""
    nlp = make_nlp()
    train(nlp, 60)
    assert [entities(doc) for doc in nlp.pipe(TEXTS)] == gold_entities()
    return nlp


@pytest.fixture
def nlp(trained):
    """The same to be changed."""
    return copy_of(trained)


def copy_of(nlp):
    return spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())


def random_nlp(**config):
    """A pipeline with random weights: its answers are wild."""
    nlp = make_nlp(**config)
    stir_model(nlp.get_pipe("rnn_ner").model, 1.0)
    return nlp


def predictions(nlp, texts=TEXTS):
    return [entities(doc) for doc in nlp.pipe(texts)]


# Writing entities


def preset(nlp, start, end, label, text=TEXTS[0], **kwargs):
    doc = nlp.make_doc(text)
    doc.set_ents([Span(doc, start, end, label=label, **kwargs)], default="missing")
    return doc


@pytest.mark.parametrize("label", ["PER", "LOC", "NEVER_MET"])
def test_preset_entities_are_kept(nlp, label):
    doc = nlp(preset(nlp, 2, 4, label))
    assert entities(doc) == [("Anna Smith", "PER"), ("lives in", label), ("Paris", "LOC")]


def test_preset_entities_that_contradict_a_prediction_win(nlp):
    doc = nlp(preset(nlp, 1, 3, "LOC"))
    assert ("Smith lives", "LOC") in entities(doc)
    assert ("Anna Smith", "PER") not in entities(doc)


def test_preset_entities_keep_their_ids(nlp):
    doc = nlp(preset(nlp, 2, 3, "PER", kb_id="Q42"))
    assert [ent.kb_id_ for ent in doc.ents if ent.start == 2] == ["Q42"]


@pytest.mark.parametrize("config", [{"scheme": "IO"}, {"scheme": "BIO"}, {"scheme": "BILUO"}])
@pytest.mark.parametrize("seed", range(5))
def test_preset_entities_survive_wild_predictions(config, seed):
    nlp = random_nlp(**config)
    rng = numpy.random.default_rng(seed)
    label = nlp.get_pipe("rnn_ner").labels[0]
    for text in TEXTS:
        start = int(rng.integers(0, len(nlp.make_doc(text)) - 1))
        doc = nlp(preset(nlp, start, start + 1, label, text))
        assert (start, start + 1, label) in [(e.start, e.end, e.label_) for e in doc.ents]


def test_blocked_tokens_stay_free(nlp):
    doc = nlp.make_doc(TEXTS[0])
    doc.set_ents([], blocked=[doc[1:2]], default="missing")
    doc = nlp(doc)
    assert not [ent for ent in doc.ents if ent.start <= 1 < ent.end]
    assert (doc[1].ent_iob, doc[1].ent_type) == (3, 0)


def test_o_is_overwritten(nlp):
    doc = nlp.make_doc(TEXTS[0])
    doc.set_ents([], default="outside")
    assert entities(nlp(doc)) == gold_entities()[0]


def test_everything_else_becomes_o(nlp):
    doc = nlp(TEXTS[0])
    assert doc.has_annotation("ENT_IOB", require_complete=True)
    assert [token.ent_iob_ for token in doc] == list("BIOOBO")


def test_predict_leaves_the_document_alone(nlp):
    docs = [nlp.make_doc(text) for text in TEXTS]
    nlp.get_pipe("rnn_ner").predict(docs)
    assert not any(doc.has_annotation("ENT_IOB") for doc in docs)


@pytest.mark.parametrize("config", [{}, {"decoding": "softmax"}, {"scheme": "BILUO"}])
def test_untrained_it_predicts_only_o(config):
    nlp = make_nlp(**config)
    assert predictions(nlp) == [[], [], [], []]
    assert all(token.ent_iob_ == "O" for doc in nlp.pipe(TEXTS) for token in doc)


def test_before_initialize_spacy_says_what_to_do():
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config())
    with pytest.raises(ValueError, match="E109"):
        nlp("a text")


@pytest.mark.parametrize("decoding,scheme", [("crf", "BIO"), ("crf", "BILUO"), ("sigmoid", "IO")])
@pytest.mark.parametrize("seed", range(4))
def test_white_space_never_begins_or_ends_an_entity(decoding, scheme, seed):
    nlp = make_nlp(decoding=decoding, scheme=scheme)
    numpy.random.seed(seed)
    spacy.util.fix_random_seed(seed)
    stir_model(nlp.get_pipe("rnn_ner").model, 1.0)
    for doc in nlp.pipe(SPACES + [" ".join(p) for p in zip(SPACES, TEXTS)]):
        for ent in doc.ents:
            assert not ent[0].is_space and not ent[-1].is_space


# Documents of every kind


def test_empty_documents_anywhere(nlp):
    texts = ["", TEXTS[0], "", "", TEXTS[1], ""]
    assert predictions(nlp, texts) == [[], gold_entities()[0], [], [], gold_entities()[1], []]


@pytest.mark.parametrize("texts", [[], [""], ["", "", ""]])
def test_only_empty_documents(nlp, texts):
    assert predictions(nlp, texts) == [[] for _ in texts]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_answers_do_not_depend_on_the_batch(size):
    nlp = random_nlp()
    texts = [*TEXTS, "Bob", "", " ".join(TEXTS), "London in Paris"]
    alone = [entities(nlp(text)) for text in texts]
    assert sum(map(len, alone)) > 5
    assert [entities(doc) for doc in nlp.pipe(texts, batch_size=size)] == alone
    shuffled = list(reversed(texts))
    assert predictions(nlp, shuffled) == list(reversed(alone))


def test_as_tuples_keeps_the_context(nlp):
    pairs = nlp.pipe([(text, i) for i, text in enumerate(TEXTS)], as_tuples=True)
    assert [(entities(doc), i) for doc, i in pairs] == list(zip(gold_entities(), range(4)))


def test_threads_give_the_answers_of_one(trained):
    texts = TEXTS * 20
    with ThreadPoolExecutor(8) as pool:
        docs = [trained.make_doc(text) for text in texts]
        found = list(pool.map(lambda doc: entities(trained(doc)), docs))
    assert found == gold_entities() * 20


def test_a_memory_zone_changes_nothing(nlp):
    for _ in range(2):
        with nlp.memory_zone():
            found = predictions(nlp, [*TEXTS, "words nobody has met"])
        assert found[:4] == gold_entities()


SEVERAL_PROCESSES = """
import multiprocessing, sys, torch, spacy

def entities(docs):
    return [[(ent.text, ent.label_) for ent in doc.ents] for doc in docs]

if __name__ == "__main__":
    path, method, *texts = sys.argv[1:]
    multiprocessing.set_start_method(method)
    torch.set_num_threads(2)
    nlp = spacy.load(path)
    alone = entities(nlp.pipe(texts))
    torch.randn(500, 500) @ torch.randn(500, 500)
    assert any(alone)
    assert entities(nlp.pipe(texts * 5, n_process=2, batch_size=4)) == alone * 5
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_several_processes_after_the_parent_has_used_torch(trained, method, tmp_path):
    trained.to_disk(tmp_path / "nlp")
    script = tmp_path / "script.py"
    script.write_text(SEVERAL_PROCESSES)
    command = [sys.executable, str(script), str(tmp_path / "nlp"), method, *TEXTS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


# Learning


def test_labels_are_found_in_the_data():
    assert make_nlp().get_pipe("rnn_ner").labels == ("LOC", "PER")


def test_initialize_takes_labels():
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("rnn_ner", config=ner_config())
    ner.initialize(lambda: make_examples(nlp), nlp=nlp, labels=["Z", "A"])
    assert ner.labels == ("Z", "A")


def test_label_data_is_what_initialize_takes():
    ner = make_nlp().get_pipe("rnn_ner")
    nlp = spacy.blank("en")
    again = nlp.add_pipe("rnn_ner", config=ner_config())
    again.initialize(lambda: make_examples(nlp), nlp=nlp, labels=ner.label_data)
    assert again.labels == ner.labels


@pytest.mark.parametrize("wrong", [None, [], {}, "text"])
def test_initialize_takes_functions_only(wrong):
    ner = spacy.blank("en").add_pipe("rnn_ner", config=ner_config())
    with pytest.raises(TypeError):
        ner.initialize(wrong)


def test_initialize_without_data_works():
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config())
    nlp.initialize()
    assert predictions(nlp) == [[], [], [], []]


@pytest.mark.parametrize("scheme", ["BIO", "IO"])
@pytest.mark.parametrize("gold", [{}, {"entities": []}])
def test_a_corpus_without_entities_is_refused(gold, scheme):
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config(scheme=scheme))
    data = [(text, gold) for text in TEXTS]
    with pytest.raises(ValueError, match=r"no entity in 4 document.*\[paths.train\]"):
        nlp.initialize(lambda: make_examples(nlp, data))


def test_labels_that_are_given_need_no_entity():
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config()).add_label("PER")
    nlp.initialize(lambda: make_examples(nlp, [(TEXTS[2], {"entities": []})]))
    assert nlp.get_pipe("rnn_ner").labels == ("PER",)


def test_the_same_seed_gives_the_same_weights():
    first, second = (weights_of(make_nlp().get_pipe("rnn_ner").model) for _ in range(2))
    assert all((first[name] == second[name]).all() for name in first)


def test_the_same_seed_trains_the_same_weights():
    def trained_weights():
        nlp = make_nlp()
        spacy.util.fix_random_seed(1)
        train(nlp, 3, drop=0.3)
        return weights_of(nlp.get_pipe("rnn_ner").model)

    first, second = trained_weights(), trained_weights()
    assert all((first[name] == second[name]).all() for name in first)


def test_training_lowers_the_loss():
    nlp = make_nlp()
    assert train(nlp, 60) < 0.1 * train(make_nlp(), 1)


def test_losses_are_kept_without_anything_to_learn():
    nlp = make_nlp()
    losses = nlp.update([Example.from_dict(nlp.make_doc(""), {})], losses={})
    assert losses == {"rnn_ner": 0.0}


@pytest.mark.parametrize("position", [0, 1, 2])
def test_empty_documents_in_a_training_batch(position):
    nlp = make_nlp()
    examples = make_examples(nlp)[:2]
    examples.insert(position, Example.from_dict(nlp.make_doc(""), {"entities": []}))
    losses = nlp.update(examples, sgd=Adam(0.01), losses={})
    assert numpy.isfinite(losses["rnn_ner"]) and losses["rnn_ner"] > 0


@pytest.mark.parametrize("default,learns", [("missing", False), ("outside", True)])
def test_missing_annotation_is_not_o(default, learns):
    """Far from an annotated entity, what is missing teaches next to nothing."""
    nlp = make_nlp()
    reference = nlp.make_doc(TEXTS[0])
    reference.set_ents([Span(reference, 0, 2, label="PER")], default=default)
    _, d_scores = loss_of(nlp, [Example(nlp.make_doc(TEXTS[0]), reference)])
    near, far = numpy.abs(d_scores.emissions[[0, -1]]).max(axis=1)
    assert near > 0.1
    assert (far > 0.1) == learns
    assert (far < 0.01) != learns


def loss_of(nlp, examples):
    ner = nlp.get_pipe("rnn_ner")
    scores, _ = ner.model.begin_update([eg.predicted for eg in examples])
    return ner.get_loss(examples, scores)


def test_no_annotation_teaches_nothing():
    nlp = make_nlp()
    examples = [Example.from_dict(nlp.make_doc(text), {}) for text in TEXTS]
    value, d_scores = loss_of(nlp, examples)
    assert value == pytest.approx(0, abs=1e-9)
    assert all(numpy.abs(d).max() < 1e-6 for d in d_scores[:4])


def misaligned(nlp, n=2):
    """One token of the prediction covers a name and something else, n times."""
    examples = []
    for _ in range(n):
        reference = Doc(nlp.vocab, words=["Mr.", "Smith", "slept"], spaces=[False, True, False])
        reference.set_ents([Span(reference, 1, 2, label="PER")])
        predicted = Doc(nlp.vocab, words=["Mr.Smith", "slept"], spaces=[True, False])
        examples.append(Example(predicted, reference))
    return examples


@pytest.mark.parametrize("n", [1, 3])
def test_annotation_that_cannot_be_aligned_is_said_once_with_the_count(n):
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        nlp.initialize(lambda: misaligned(nlp, n))
    messages = [str(w.message) for w in caught if "rnn_ner" in str(w.message)]
    assert len(messages) == 1
    assert f"{n} token(s)" in messages[0]


def test_annotation_that_cannot_be_aligned_is_missing():
    nlp = make_nlp()
    _, d_scores = loss_of(nlp, misaligned(nlp, 1))
    known = nlp.get_pipe("rnn_ner").tags.gold(misaligned(nlp, 1)[0])
    assert known.tolist() == [-1, 0]
    assert numpy.isfinite(d_scores.emissions).all()


def test_good_annotation_raises_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make_nlp()


def test_rehearsal_holds_what_was_known(nlp):
    optimizer = nlp.resume_training()
    ner = nlp.get_pipe("rnn_ner")
    before = ner.model.predict([nlp.make_doc(t) for t in TEXTS]).emissions.copy()
    new = [("Rex barks .", {"entities": [(0, 3, "PER")]})]
    train(nlp, 3, new)
    losses = {}
    nlp.rehearse(make_examples(nlp), sgd=optimizer, losses=losses)
    first = losses["rnn_ner"]
    for _ in range(20):
        losses = {}
        nlp.rehearse(make_examples(nlp), sgd=optimizer, losses=losses)
    after = ner.model.predict([nlp.make_doc(t) for t in TEXTS]).emissions
    assert 0 < losses["rnn_ner"] < first / 2
    assert not numpy.array_equal(after, before)


def test_averaged_weights_are_used_and_given_back(nlp):
    optimizer = Adam(0.05, use_averages=True)
    for _ in range(3):
        nlp.update(make_examples(nlp), sgd=optimizer)
    ner = nlp.get_pipe("rnn_ner")
    own = ner.model.predict([nlp.make_doc(TEXTS[0])]).emissions.copy()
    with nlp.use_params(optimizer.averages):
        averaged = ner.model.predict([nlp.make_doc(TEXTS[0])]).emissions.copy()
    assert not numpy.allclose(averaged, own)
    assert_array_equal(ner.model.predict([nlp.make_doc(TEXTS[0])]).emissions, own)


def test_evaluate_uses_spacys_keys(trained):
    scores = trained.evaluate(make_examples(trained))
    assert scores["ents_f"] == 1.0
    assert scores["ents_per_type"]["LOC"]["f"] == 1.0


# Labels


def test_adding_a_label():
    ner = make_nlp().get_pipe("rnn_ner")
    assert (ner.add_label("NEW"), ner.add_label("NEW")) == (1, 0)
    assert ner.labels == ("LOC", "PER", "NEW")


@pytest.mark.parametrize("wrong", [1, None, b"PER", ["PER"]])
def test_a_label_is_a_string(wrong):
    with pytest.raises(ValueError):
        make_nlp().get_pipe("rnn_ner").add_label(wrong)


def test_a_label_with_an_exclamation_mark_is_refused():
    with pytest.raises(ValueError, match="'!PER'"):
        make_nlp().get_pipe("rnn_ner").add_label("!PER")


def test_a_new_label_keeps_the_old_scores(nlp):
    ner = nlp.get_pipe("rnn_ner")
    docs = [nlp.make_doc(text) for text in TEXTS]
    before, K = ner.model.predict(docs), len(ner.tags)
    ner.add_label("NEW")
    after = ner.model.predict(docs)
    assert_array_equal(after.emissions[:, :K], before.emissions)
    assert_array_equal(after.transitions[:K, :K], before.transitions)


def test_a_new_label_keeps_the_answers(nlp):
    for i in range(20):
        nlp.get_pipe("rnn_ner").add_label(f"NEW{i}")
    assert predictions(nlp) == gold_entities()


def test_a_new_label_is_saved(nlp, tmp_path):
    nlp.get_pipe("rnn_ner").add_label("NEW")
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert loaded.get_pipe("rnn_ner").labels[-1] == "NEW"
    assert predictions(loaded) == gold_entities()


NEW = [("Rex is a dog .", {"entities": [(0, 3, "ANIMAL")]})]


def test_labels_met_in_training_are_added(nlp):
    train(nlp, 40, [*TRAIN, *NEW])
    assert nlp.get_pipe("rnn_ner").labels == ("LOC", "PER", "ANIMAL")
    assert entities(nlp(NEW[0][0])) == [("Rex", "ANIMAL")]
    assert predictions(nlp) == gold_entities()


# The pipeline


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp)), copy_of],
    ids=["deepcopy", "pickle", "bytes"],
)
def test_a_copy_of_the_pipeline_says_the_same(trained, duplicate):
    assert predictions(duplicate(trained)) == gold_entities()


def test_a_pickled_component_says_the_same(nlp):
    ner = pickle.loads(pickle.dumps(nlp.get_pipe("rnn_ner")))
    assert [entities(ner(nlp.make_doc(text))) for text in TEXTS] == gold_entities()


def test_a_copy_learns_alone(trained):
    twin = copy.deepcopy(trained)
    before = weights_of(trained.get_pipe("rnn_ner").model)
    train(twin, 2, NEW)
    after = weights_of(trained.get_pipe("rnn_ner").model)
    assert all((after[name] == weights).all() for name, weights in before.items())


def test_disk_keeps_everything(nlp, tmp_path):
    nlp.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == gold_entities()
    assert spacy.load(tmp_path).to_bytes() == nlp.to_bytes()


def test_an_untrained_pipeline_can_be_saved(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config())
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path).pipe_names == ["rnn_ner"]


def test_a_disabled_component_stays_silent(nlp):
    with nlp.select_pipes(disable="rnn_ner"):
        assert predictions(nlp) == [[], [], [], []]
    assert predictions(nlp) == gold_entities()


def test_it_can_be_sourced_under_another_name(trained):
    nlp = spacy.blank("en")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nlp.add_pipe("rnn_ner", source=trained, name="other")
    assert predictions(nlp) == gold_entities()


def test_two_of_them_keep_apart():
    nlp = spacy.blank("en")
    for name in ("first", "second"):
        nlp.add_pipe("rnn_ner", name=name, config=ner_config())
    nlp.initialize(lambda: make_examples(nlp))
    losses = nlp.update(make_examples(nlp), sgd=Adam(0.01), losses={})
    assert set(losses) == {"first", "second"}
    first, second = (weights_of(nlp.get_pipe(name).model) for name in ("first", "second"))
    assert any((first[name] != second[name]).any() for name in first)


def make_shared(**config):
    """A `tok2vec` that `rnn_ner` listens to."""
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": tok2vec_config()})
    model = ner_config()["model"]
    model["tok2vec"] = {"@architectures": "spacy.Tok2VecListener.v1", "width": 12}
    nlp.add_pipe("rnn_ner", config={"model": model, **config})
    nlp.initialize(lambda: make_examples(nlp))
    return nlp


def test_it_learns_through_a_listener(tmp_path):
    nlp = make_shared()
    train(nlp, 120)
    assert predictions(nlp) == gold_entities()
    nlp.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == gold_entities()


def test_listeners_can_be_replaced(tmp_path):
    nlp = make_shared()
    train(nlp, 120)
    nlp.replace_listeners("tok2vec", "rnn_ner", ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    assert predictions(nlp) == gold_entities()
    train(nlp, 1)
    nlp.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == predictions(nlp)


def test_a_replaced_listener_can_be_sourced():
    nlp = make_shared()
    train(nlp, 120)
    nlp.replace_listeners("tok2vec", "rnn_ner", ["model.tok2vec"])
    other = spacy.blank("en")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.add_pipe("rnn_ner", source=nlp)
    assert predictions(other) == gold_entities()


def test_empty_documents_through_a_listener():
    nlp = make_shared()
    examples = [Example.from_dict(nlp.make_doc(""), {"entities": []}), *make_examples(nlp)]
    losses = nlp.update(examples, sgd=Adam(0.01), losses={})
    assert losses["rnn_ner"] > 0
    assert predictions(nlp, ["", TEXTS[0], ""])[0] == []


def test_frozen_it_does_not_learn(nlp):
    before = nlp.get_pipe("rnn_ner").to_bytes(exclude=["vocab"])
    train(nlp, 2, NEW, exclude=["rnn_ner"])
    assert nlp.get_pipe("rnn_ner").to_bytes(exclude=["vocab"]) == before


COUNTS = []


@Language.component("count_entities")
def count_entities(doc):
    COUNTS.append(len(doc.ents))
    return doc


def test_others_can_build_on_it_in_training(nlp):
    nlp.add_pipe("count_entities")
    COUNTS.clear()
    nlp.update(make_examples(nlp), sgd=Adam(0.0), annotates=["rnn_ner", "count_entities"])
    assert COUNTS == [len(gold) for gold in gold_entities()]


def failing_predict(ner):
    predict = ner.predict

    def fail(docs):
        docs = list(docs)
        if any("fails" in doc.text for doc in docs):
            raise RuntimeError("cannot")
        return predict(docs)

    return fail


def test_an_error_reaches_the_caller(nlp, monkeypatch):
    ner = nlp.get_pipe("rnn_ner")
    monkeypatch.setattr(ner, "predict", failing_predict(ner))
    with pytest.raises(RuntimeError, match="cannot"):
        list(nlp.pipe(["fails"]))


def test_an_error_handler_is_called_and_the_rest_goes_on(nlp, monkeypatch):
    ner, met = nlp.get_pipe("rnn_ner"), []
    monkeypatch.setattr(ner, "predict", failing_predict(ner))
    nlp.set_error_handler(lambda name, proc, docs, e: met.append((name, docs[0].text)))
    found = [doc.text for doc in nlp.pipe([TEXTS[0], "fails", TEXTS[1]], batch_size=1)]
    assert found == [TEXTS[0], TEXTS[1]]
    assert met == [("rnn_ner", "fails")]


def test_it_says_what_it_assigns(nlp):
    summary = nlp.analyze_pipes()["summary"]["rnn_ner"]
    assert set(summary["assigns"]) == {"doc.ents", "token.ent_iob", "token.ent_type"}


# Settings


def test_the_factory_works_without_a_config():
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner")
    nlp.initialize(lambda: make_examples(nlp))
    assert nlp.update(make_examples(nlp), sgd=Adam(0.001), losses={})["rnn_ner"] > 0


def test_without_a_scorer_there_are_no_scores():
    nlp = make_nlp(scorer=None)
    assert "ents_f" not in nlp.evaluate(make_examples(nlp))


@pytest.mark.parametrize("scheme", ["IOB", "bio", ""])
def test_a_wrong_scheme_is_named_with_the_right_ones(scheme):
    with pytest.raises(ValueError, match="'scheme'.*must be one of.*BIO"):
        make_nlp(scheme=scheme)


def test_another_scheme_than_the_saved_one_is_named_with_the_mend(trained, tmp_path):
    trained.to_disk(tmp_path)
    wanted = "'rnn_ner': 'scheme' is 'BILUO', but .*learnt 'BIO'.*scheme 'BIO' in .*rnn_ner"
    with pytest.raises(ValueError, match=wanted):
        spacy.load(tmp_path, config={"components.rnn_ner.scheme": "BILUO"})
    with pytest.raises(ValueError, match=wanted):
        make_nlp(scheme="BILUO").get_pipe("rnn_ner").from_disk(tmp_path / "rnn_ner")


@pytest.mark.parametrize("scheme", ["BIO", "BILUO"])
def test_a_sigmoid_needs_the_scheme_io(scheme):
    with pytest.raises(ValueError, match="sigmoid.*IO"):
        make_nlp(decoding="sigmoid", scheme=scheme)


def test_an_unknown_setting_is_refused():
    with pytest.raises(ConfigValidationError, match="grad_clpi"):
        make_nlp(grad_clpi=1.0)


@pytest.fixture(scope="module")
def classroom():
    """One sigmoid a token: inside or outside."""
    nlp = make_nlp(decoding="sigmoid", scheme="IO")
    train(nlp, 60)
    return nlp


def test_the_scheme_io_has_one_label(classroom):
    ner = classroom.get_pipe("rnn_ner")
    assert ner.labels == ("ENTITY",)
    with pytest.raises(ValueError, match="ENTITY"):
        ner.add_label("PER")


def test_the_scheme_io_finds_spans_of_any_label(classroom):
    expected = [[(text, "ENTITY") for text, _ in gold] for gold in gold_entities()]
    assert predictions(classroom) == expected


def test_the_scheme_io_is_scored_by_boundaries(classroom):
    assert classroom.evaluate(make_examples(classroom))["ents_f"] == 1.0


def test_the_scheme_io_comes_back_from_disk(classroom, tmp_path):
    classroom.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == predictions(classroom)
