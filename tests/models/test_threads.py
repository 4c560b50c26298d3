"""How many of torch's threads a prediction takes."""

import threading

import pytest
import spacy
import torch

from spacy_rnn.models.shim import RNNShim
from spacy_rnn.models.threads import FEW_SEQUENCES, FEW_TOKENS, threads_for

from .. import generator_helpers, helpers, pair_helpers, tagger_helpers, text_helpers


@pytest.fixture(autouse=True)
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("few", [FEW_TOKENS, FEW_SEQUENCES])
def test_few_rows_take_one_thread_and_many_take_all(few):
    for rows, threads in ((0, 1), (few, 1), (few + 1, 3)):
        with threads_for(rows, few):
            assert torch.get_num_threads() == threads
        assert torch.get_num_threads() == 3


def test_an_error_gives_the_threads_back():
    with pytest.raises(ZeroDivisionError), threads_for(1):
        1 / 0  # noqa: B018
    assert torch.get_num_threads() == 3


def test_other_threads_of_the_program_keep_theirs():
    seen, (begun, inside, done) = [], [threading.Event() for _ in range(3)]

    def other():
        seen.append(torch.get_num_threads())
        begun.set()
        inside.wait(10)
        seen.append(torch.get_num_threads())
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    assert begun.wait(10)
    with threads_for(1):
        inside.set()
        assert done.wait(10)
    thread.join()
    assert seen == [3, 3]


def make_shared_nlp():
    """spaCy's own component over our nets: whatever listens to it waits for it."""
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": helpers.tok2vec_config()})
    nlp.initialize(lambda: helpers.make_examples(nlp))
    return nlp


MAKERS = {
    "rnn_ner": helpers.make_nlp,
    "rnn_tagger": tagger_helpers.make_nlp,
    "rnn_sentiment": text_helpers.random_nlp,
    "rnn_seq2seq": pair_helpers.random_nlp,
    "rnn_generator": generator_helpers.random_nlp,
    "tok2vec": make_shared_nlp,
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_text_alone_takes_one_thread_and_a_large_batch_takes_all(name, monkeypatch):
    nlp, seen, run = MAKERS[name](), [], RNNShim.run
    pipe = nlp.pipeline[-1][1]

    def watched(self, *args, **kwargs):
        seen.append(torch.get_num_threads())
        return run(self, *args, **kwargs)

    monkeypatch.setattr(RNNShim, "run", watched)
    texts = [f"cats and dogs w{i} v{i} u{i}" for i in range(FEW_TOKENS)]
    docs = [nlp.make_doc(text) for text in texts]
    if name == "rnn_generator":
        docs = generator_helpers.many_docs(nlp)
        docs = docs * (FEW_SEQUENCES // len(docs) + 1)
    pipe.predict(docs[:1])
    assert set(seen) == {1}
    seen.clear()
    pipe.predict(docs)
    assert set(seen) == {3}
    assert torch.get_num_threads() == 3
