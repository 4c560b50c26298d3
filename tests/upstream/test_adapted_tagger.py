"""What spaCy's tests of `tagger` mean for `rnn_tagger` where their text asks for a loss or
a refusal that only `tagger` has. README.md says which test is which.
"""

from pathlib import Path
from typing import Any, Dict, List

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import fix_random_seed

SENTENCES = [("Cats chase red wool", "N V J N"), ("Wind small kites", "V J N")]
NEW_TEXTS = ["Cats chase small wool", "", "Kites", "Dogs want long walks in the rain"]
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96}


def example(nlp: Language, text: str, tags: str) -> Example:
    values = ["" if tag == "?" else tag for tag in tags.split()]
    return Example.from_dict(nlp.make_doc(text), {"tags": values})


def examples(nlp: Language) -> List[Example]:
    return [example(nlp, text, tags) for text, tags in SENTENCES]


def train(nlp: Language, data: List[Example], **kwargs: Any) -> float:
    """Learn the data by heart and return the last loss."""
    optimizer = nlp.initialize(lambda: data)
    for _ in range(60):
        losses = nlp.update(data, sgd=optimizer, **kwargs)
    return losses["tagger"]


def tags(doc: Doc) -> str:
    return " ".join(token.tag_ for token in doc)


@pytest.fixture(scope="module")
def trained() -> bytes:
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_tagger", name="tagger")
    assert train(nlp, examples(nlp)) < 0.1
    return nlp.to_bytes()


@pytest.fixture
def nlp(trained: bytes) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_tagger", name="tagger")
    return nlp.from_bytes(trained)


# test_overfitting_IO


def test_learns_by_heart(nlp: Language) -> None:
    assert [tags(nlp(text)) for text, _ in SENTENCES] == [gold for _, gold in SENTENCES]


def test_disk_keeps_what_was_learnt(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert [tags(loaded(text)) for text in NEW_TEXTS] == [tags(nlp(text)) for text in NEW_TEXTS]


def test_pipe_agrees_with_itself_and_with_call(nlp: Language) -> None:
    one_by_one = [tags(nlp(text)) for text in NEW_TEXTS]
    assert [tags(doc) for doc in nlp.pipe(NEW_TEXTS)] == one_by_one
    assert [tags(doc) for doc in nlp.pipe(NEW_TEXTS, batch_size=2)] == one_by_one


def test_a_tag_is_unlearnt_from_its_negation(nlp: Language) -> None:
    optimizer = nlp.resume_training()
    for _ in range(40):
        nlp.update([example(nlp, "Cats chase small wool", "!N V J N")], sgd=optimizer)
    assert nlp("Cats chase small wool")[0].tag_ != "N"


# test_incomplete_data


def test_learns_from_partial_annotation() -> None:
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_tagger", name="tagger")
    apart = {"words": ["She", "chase", "s", "red", "wool"], "tags": ["", "V", "S", "J", ""]}
    misaligned = Example.from_dict(nlp.make_doc("She chases red wool"), apart)
    assert train(nlp, [example(nlp, "Cats chase red wool", "? V J ?"), misaligned]) < 0.1
    assert tags(nlp("Cats chase red wool")).split()[1:3] == ["V", "J"]


# test_no_resize, with the opposite end


def test_a_label_can_be_added_after_initialize(nlp: Language) -> None:
    before = [tags(nlp(text)) for text in NEW_TEXTS]
    assert nlp.get_pipe("tagger").add_label("X") == 1
    assert [tags(nlp(text)) for text in NEW_TEXTS] == before


# test_tok2vec_listener_overfitting, test_tok2vec_frozen_overfitting


@pytest.mark.parametrize(
    "frozen", [{}, {"exclude": ["tok2vec"], "annotates": ["tok2vec"]}], ids=["learns", "frozen"]
)
def test_learns_by_heart_over_a_tok2vec(frozen: Dict[str, Any], tmp_path: Path) -> None:
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec")
    config = {"@architectures": "spacy_rnn.SequenceLabeler.v1", "decoding": "softmax"}
    nlp.add_pipe("rnn_tagger", "tagger", config={"model": {**config, "tok2vec": LISTENER}})
    assert train(nlp, examples(nlp), **frozen) < 0.1
    assert [tags(nlp(text)) for text, _ in SENTENCES] == [gold for _, gold in SENTENCES]
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert [tags(loaded(text)) for text in NEW_TEXTS] == [tags(nlp(text)) for text in NEW_TEXTS]
