"""What spaCy's tests of `ner` mean for `rnn_ner` where their text names transitions,
settings or a size of loss that only `ner` has. README.md says which test is which.
"""

import pickle
from pathlib import Path
from typing import List, Tuple

import pytest
import spacy
from spacy.kb import InMemoryLookupKB
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import fix_random_seed

SENTENCES = [
    ("Ada Byron wrote to Turin .", ["B-PERSON", "I-PERSON", "O", "O", "U-TOWN", "O"]),
    ("We met Emmy Noether yesterday .", ["O", "O", "B-PERSON", "L-PERSON", "O", "O"]),
    ("Turin is colder than Lecce .", ["U-TOWN", "O", "O", "O", "U-TOWN", "O"]),
    ("Nobody wrote to us .", ["O", "O", "O", "O", "O"]),
]
NEW_TEXTS = ["We met in Turin .", "Nothing .", "", "Ada Byron is in Lecce and in Turin ."]


def examples(nlp: Language) -> List[Example]:
    docs = [Doc(nlp.vocab, words=text.split()) for text, _ in SENTENCES]
    return [Example.from_dict(doc, {"entities": tags}) for doc, (_, tags) in zip(docs, SENTENCES)]


def train(nlp: Language, data: List[Example], steps: int = 80) -> float:
    """Learn the data by heart and return the last loss."""
    optimizer = nlp.initialize(lambda: data)
    for _ in range(steps):
        losses = nlp.update(data, sgd=optimizer)
    return losses["ner"]


def found(doc: Doc) -> List[Tuple[str, str]]:
    return [(ent.text, ent.label_) for ent in doc.ents]


@pytest.fixture(scope="module")
def trained() -> bytes:
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", name="ner")
    assert train(nlp, examples(nlp)) < 0.1
    return nlp.to_bytes()


@pytest.fixture
def nlp(trained: bytes) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", name="ner")
    return nlp.from_bytes(trained)


# test_overfitting_IO


def test_learns_by_heart(nlp: Language) -> None:
    for eg in examples(nlp):
        assert found(nlp(eg.reference.text)) == found(eg.reference)


def test_disk_keeps_what_was_learnt(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert [found(loaded(text)) for text in NEW_TEXTS] == [found(nlp(text)) for text in NEW_TEXTS]


def test_a_new_label_changes_no_prediction(nlp: Language) -> None:
    before = [found(nlp(text)) for text in NEW_TEXTS]
    assert nlp.get_pipe("ner").add_label("RIVER") == 1
    assert [found(nlp(text)) for text in NEW_TEXTS] == before


def test_pipe_agrees_with_itself_and_with_call(nlp: Language) -> None:
    one_by_one = [found(nlp(text)) for text in NEW_TEXTS]
    assert [found(doc) for doc in nlp.pipe(NEW_TEXTS)] == one_by_one
    assert [found(doc) for doc in nlp.pipe(NEW_TEXTS, batch_size=2)] == one_by_one


def test_preset_entity_keeps_its_knowledge_base_id(nlp: Language) -> None:
    doc = nlp.make_doc("Turin is colder than Lecce .")
    doc.ents = [Span(doc, 0, 1, label="TOWN", kb_id="Q495")]
    doc = nlp.get_pipe("ner")(doc)
    assert [(ent.text, ent.kb_id_) for ent in doc.ents] == [("Turin", "Q495"), ("Lecce", "")]


# test_accept_blocked_token, test_overwrite_token


def test_blocked_token_stays_free_and_outside_is_predicted(nlp: Language) -> None:
    doc = nlp.make_doc("Turin is colder than Lecce .")
    doc.set_ents([], blocked=[doc[0:1]], default="outside")
    doc = nlp(doc)
    assert found(doc) == [("Lecce", "TOWN")]
    assert (doc[0].ent_iob_, doc[0].ent_type_) == ("B", "")


# test_ner_labels_added_implicitly_on_predict, with the opposite end: prediction keeps
# unknown entities on the document but teaches the component nothing


def test_preset_entity_of_unknown_label_stays(nlp: Language) -> None:
    doc = Doc(nlp.vocab, words=["Po", "in", "Turin"], ents=["B-RIVER", "O", "O"])
    labels = nlp.get_pipe("ner").labels
    assert found(nlp(doc)) == [("Po", "RIVER"), ("Turin", "TOWN")]
    assert nlp.get_pipe("ner").labels == labels


# test_issue1967, test_labels_from_BILUO


def test_a_label_may_have_a_dash() -> None:
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("rnn_ner", config={"scheme": "BILUO"})
    eg = Example.from_dict(Doc(nlp.vocab, words=["baker"]), {"entities": ["U-JOB-TITLE"]})
    nlp.initialize(lambda: [eg])
    assert ner.labels == ("JOB-TITLE",)
    assert ner.tags.names == ["O", *(f"{kind}-JOB-TITLE" for kind in "BILU")]


# test_issue2179, test_issue3209


def test_bytes_bring_labels_in_their_order() -> None:
    nlp, other = spacy.blank("it"), spacy.blank("it")
    ner, copy = nlp.add_pipe("rnn_ner"), other.add_pipe("rnn_ner")
    for label in ("TOWN", "ANIMAL"):
        ner.add_label(label)
    nlp.initialize()
    assert copy.labels == ()
    other.from_bytes(nlp.to_bytes())
    assert copy.labels == ("TOWN", "ANIMAL")
    assert copy.tags.names == ner.tags.names


# test_issue4725_1


def test_pickle_keeps_settings() -> None:
    nlp = spacy.blank("en", vocab=Vocab(vectors_name="pickled"))
    config = {"scheme": "BILUO", "grad_clip": 1.5, "max_bad_steps": 3}
    ner = nlp.create_pipe("rnn_ner", config=config)
    copy = pickle.loads(pickle.dumps(ner))
    assert {key: getattr(copy, key) for key in config} == config


def test_pickle_keeps_what_was_learnt(nlp: Language) -> None:
    copy = pickle.loads(pickle.dumps(nlp))
    assert [found(copy(text)) for text in NEW_TEXTS] == [found(nlp(text)) for text in NEW_TEXTS]


# test_overfitting_IO_with_ner


def make_kb(vocab: Vocab) -> InMemoryLookupKB:
    """Two people of one name."""
    kb = InMemoryLookupKB(vocab, entity_vector_length=2)
    kb.add_entity(entity="Q1", freq=5, entity_vector=[3, -2])
    kb.add_entity(entity="Q2", freq=5, entity_vector=[-2, 3])
    kb.add_alias(alias="Jo Field", entities=["Q1", "Q2"], probabilities=[0.5, 0.5])
    return kb


def linked(nlp: Language, text: str, one: float) -> Example:
    """Somebody named Jo Field at the start of a text, who is Q1 or else Q2."""
    doc = nlp.make_doc(text)
    starts = [1] + [-1] * (len(doc) - 1)
    links = {(0, 8): {"Q1": one, "Q2": 1.0 - one}}
    entities = [(0, 8, "PERSON")]
    annotation = {"entities": entities, "links": links, "sent_starts": starts}
    return Example.from_dict(doc, annotation)


def test_learns_together_with_an_entity_linker(tmp_path: Path) -> None:
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", name="ner")
    nlp.add_pipe("entity_linker", config={"use_gold_ents": False}).set_kb(make_kb)
    data = [linked(nlp, "Jo Field played golf.", 1.0), linked(nlp, "Jo Field drew comics.", 0.0)]
    assert train(nlp, data) < 0.1
    nlp.add_pipe("sentencizer", first=True)
    scores = nlp.evaluate(data)
    assert scores["ents_f"] == 1.0
    assert scores["nel_micro_f"] > 0.0
    nlp.to_disk(tmp_path)
    (ent,) = spacy.load(tmp_path)("Jo Field played chess.").ents
    assert (ent.text, ent.label_) == ("Jo Field", "PERSON")
    assert ent.kb_id_ in ("Q1", "Q2")
