"""All components in one pipeline, in processes that share nothing with their parent, as on macOS
and Windows.
"""

import pytest
import spacy
from spacy.training import Example

from . import generator_helpers, pair_helpers, text_helpers
from .helpers import TRAIN, ner_config, run_python, stir_model

SPAWN = """
import multiprocessing, spacy

def said(doc):
    ents = [(ent.text, ent.label_, round(ent._.sure, 3)) for ent in doc.ents]
    tags = [(token.tag_, round(token._.certain, 3), token.lemma_) for token in doc]
    cats = [round(p, 3) for p in doc.cats.values()]
    return ents, tags, cats, round(doc._.sentiment, 3), doc._.generated

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    nlp = spacy.load({path!r})
    texts = {texts!r}
    here = [said(doc) for doc in nlp.pipe(texts)]
    assert here == [said(doc) for doc in nlp.pipe(texts, n_process=2, batch_size=2)]
    assert any(ents for ents, *_ in here) and any(generated for *_, generated in here)
"""


def examples(nlp):
    for i, (text, gold) in enumerate(TRAIN):
        doc, pos = nlp.make_doc(text), float(i % 2)
        more = {"tags": [w.shape_ for w in doc], "lemmas": [w.lower_ for w in doc]}
        yield Example.from_dict(doc, {**gold, **more, "cats": {"pos": pos, "neg": 1 - pos}})


@pytest.fixture(scope="module")
def pipeline():
    nlp = spacy.blank("en")
    tagger = {**ner_config(decoding="softmax"), "confidence": "certain"}
    nlp.add_pipe("rnn_ner", config=ner_config(confidence="sure"))
    nlp.add_pipe("rnn_tagger", config=tagger)
    nlp.add_pipe("rnn_sentiment", config={"model": text_helpers.classifier_config()})
    nlp.add_pipe("rnn_seq2seq", config={"model": pair_helpers.model_config()})
    nlp.add_pipe("rnn_generator", config={"model": generator_helpers.model_config()})
    nlp.initialize(lambda: list(examples(nlp)))
    for name in nlp.pipe_names[:3]:
        stir_model(nlp.get_pipe(name).model)
    return nlp


def test_spawned_processes_say_the_same(pipeline, tmp_path):
    pipeline.to_disk(tmp_path / "nlp")
    texts = [*(text for text, _ in TRAIN), "", " \n", "x"]
    script = tmp_path / "script.py"
    script.write_text(SPAWN.format(path=str(tmp_path / "nlp"), texts=texts), encoding="utf8")
    done = run_python(f"import runpy; runpy.run_path({str(script)!r}, run_name='__main__')", 120)
    assert done.returncode == 0, done.stderr
