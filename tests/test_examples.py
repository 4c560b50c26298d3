"""What stands in examples/, in small: it runs, and shows what it is there to show."""

import importlib.util
from pathlib import Path

import numpy
import pytest
import spacy
from spacy.cli.train import train

from spacy_rnn.readers import create_tensor_corpus, doc_of_tensor

FOLDER = Path(__file__).parent.parent / "examples"
SIZES = {"train": 240, "dev": 60, "test": 300}


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


signals = load("signals")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """The folder of the files."""
    folder = tmp_path_factory.mktemp("signals")
    for seed, (part, n) in enumerate(SIZES.items()):
        signals.write_recordings(folder / f"{part}.npz", n, seed)
    return folder


@pytest.fixture(scope="module")
def trained(recordings, tmp_path_factory):
    """The folder of a pipeline that `spacy train` made."""
    output = tmp_path_factory.mktemp("pipeline")
    paths = {f"paths.{part}": str(recordings / f"{part}.npz") for part in ("train", "dev")}
    overrides = {**paths, "training.max_steps": 60, "training.eval_frequency": 30}
    train(FOLDER / "signals.cfg", output, overrides=overrides)
    return output / "model-best"


@pytest.mark.parametrize("seed", range(20))
def test_only_the_order_tells_a_fault_from_normal(seed):
    normal, fault = (
        signals.recording(numpy.random.default_rng(seed), label) for label in ("normal", "fault")
    )
    numpy.testing.assert_allclose(normal.mean(axis=0), fault.mean(axis=0), atol=1e-12)
    assert not numpy.allclose(normal, fault)
    valve, pump = (numpy.convolve(normal[:, i], numpy.ones(signals.EVENT)) for i in (0, 1))
    assert valve.argmax() < pump.argmax()


def test_parts_share_no_recording(recordings):
    files = [numpy.load(recordings / f"{part}.npz")["vectors"] for part in SIZES]
    first = [tuple(row) for rows in files for row in rows]
    assert len(set(first)) == len(first)


def test_the_recurrent_net_hears_the_order_and_the_control_cannot(tmp_path, capsys):
    scores = signals.main(tmp_path, SIZES, epochs=8)
    assert scores["recurrent"] >= 0.9
    assert 0.55 <= scores["control"] <= 0.75  # two in three without the order
    printed = capsys.readouterr().out
    assert f"recurrent  {100 * scores['recurrent']:5.1f} % of 300 recordings right" in printed


def test_spacy_trains_it_from_the_disk(trained, recordings):
    nlp = spacy.load(trained)
    assert nlp.meta["performance"]["cats_score"] > 0.9
    test = list(create_tensor_corpus(recordings / "test.npz")(nlp))
    assert nlp.evaluate(test)["cats_macro_f"] > 0.9


def test_a_recording_says_the_same_in_any_batch(trained):
    nlp, rng = spacy.load(trained), numpy.random.default_rng(1)
    rows = [signals.recording(rng, label) for label in signals.LABELS * 5]
    alone = [nlp(doc_of_tensor(nlp.vocab, r)).cats for r in rows]
    for size in (2, 15):
        docs = (doc_of_tensor(nlp.vocab, r) for r in rows)
        for doc, cats in zip(nlp.pipe(docs, batch_size=size), alone):
            assert doc.cats == pytest.approx(cats, abs=1e-5)


def test_an_empty_recording_and_a_long_one_have_labels_too(trained):
    nlp = spacy.load(trained)
    long = numpy.concatenate([signals.recording(numpy.random.default_rng(2), "idle")] * 100)
    for doc in nlp.pipe(doc_of_tensor(nlp.vocab, r) for r in (long[:0], long)):
        assert set(doc.cats) == set(signals.LABELS)
        assert sum(doc.cats.values()) == pytest.approx(1, abs=1e-5)
