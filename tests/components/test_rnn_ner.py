"""What `rnn_ner` writes on documents of every kind."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import spacy
from spacy.tokens import Span

from ..helpers import (
    TEXTS,
    entities,
    gold_entities,
    make_nlp,
    ner_config,
    stir_model,
)
from ..ner_helpers import copy_of, predictions, random_nlp, trained_nlp

SPACES = ["Anna  Smith", " Anna", "Paris ", "a \n\n b", "  ", "New \t York is", "\n"]


@pytest.fixture
def trained():
    return trained_nlp()


@pytest.fixture
def nlp():
    return copy_of(trained_nlp())


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
