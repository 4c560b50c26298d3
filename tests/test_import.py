"""In interpreters of their own: what an import brings along, and life without torch."""

import json

import pytest

from .helpers import run_python

HIDE_TORCH = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
sys.meta_path.insert(0, Hidden())
"""

WITHOUT_TORCH = """
import spacy
nlp = spacy.blank("en")
assert len(nlp("It works .")) == 3
try:
    nlp.add_pipe("rnn_ner")
except ImportError as e:
    print(e)
assert "torch" not in sys.modules
"""

NEW_MODULES = """
import sys, json
import spacy
before = set(sys.modules)
import spacy_rnn.components.rnn_ner
print(json.dumps(sorted(set(sys.modules) - before)))
"""

LIGHT = {"spacy_rnn", "safetensors", "json", "hashlib", "_hashlib", "_blake2"}


@pytest.fixture(scope="module")
def without_torch():
    return run_python(HIDE_TORCH + WITHOUT_TORCH)


def test_spacy_works_without_torch(without_torch):
    assert without_torch.returncode == 0, without_torch.stderr


def test_without_torch_the_message_says_what_to_install(without_torch):
    assert "python -m pip install 'torch" in without_torch.stdout


@pytest.mark.parametrize("hide", ["", HIDE_TORCH], ids=["with torch", "without torch"])
def test_the_factory_brings_nothing_heavy(hide):
    done = run_python(hide + NEW_MODULES)
    assert done.returncode == 0, done.stderr
    new = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert new <= LIGHT


def test_the_factory_leaves_the_nets_alone():
    new = json.loads(run_python(NEW_MODULES).stdout)
    assert not [name for name in new if name.startswith("spacy_rnn.nets")]
