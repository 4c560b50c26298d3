"""A forked process where another thread holds what both share."""

import os

import pytest

from ..helpers import TEXTS, make_nlp, run_python, stir_model

# Whoever holds the locks is gone in the new process
FORK = """
import os, signal, spacy
from spacy_rnn.models.shared import _every

def found(nlp):
    return [(ent.text, ent.label_) for doc in nlp.pipe({texts!r}) for ent in doc.ents]

nlp = spacy.load({path!r})
here, locks = found(nlp), [shared._lock for shared in _every]
for lock in locks:
    lock.acquire()
child = os.fork()
if not child:
    signal.alarm(60)
    os._exit(found(nlp) != here)
assert here and os.waitpid(child, 0)[1] == 0
assert locks and all(lock.locked() for lock in locks)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_does_not_wait_for_threads_of_its_parent(tmp_path):
    nlp = make_nlp()
    stir_model(nlp.get_pipe("rnn_ner").model)
    nlp.to_disk(tmp_path)
    done = run_python(FORK.format(texts=TEXTS, path=str(tmp_path)), 120)
    assert done.returncode == 0, done.stderr
