"""Files of a component: damaged, cut off, swapped, foreign."""

import hashlib
import shutil

import numpy
import pytest
import spacy
import srsly
from thinc.api import Adam

from spacy_rnn.checksums import SUMS, write_sums
from spacy_rnn.components.saving import CFG
from spacy_rnn.errors import CorruptModelError, NonFiniteError
from spacy_rnn.models.storage import STRUCTURE, WEIGHTS
from spacy_rnn.weights import seal

from ..helpers import (
    TEXTS,
    entities,
    make_examples,
    make_nlp,
    ner_config,
    run_python,
    stir_model,
    train,
    weights_of,
)

FACTORIES = ["rnn_ner", "rnn_tagger", "rnn_sentiment", "rnn_seq2seq", "rnn_generator"]
PARTS = [CFG, STRUCTURE, WEIGHTS]
TINY = {"@architectures": "spacy_rnn.OneHotEmbed.v1", "n_words": 4}
TINY_ENCODER = {"@architectures": "spacy_rnn.RNNEncoder.v1", "width": 2, "cell": "rnn"}
OTHER = [("Anna ate .", {"entities": [(0, 4, "HUMAN")]})]


@pytest.fixture(scope="module")
def nlp():
    """The smallest pipeline, with random weights."""
    nlp = make_nlp(embed=TINY, encode=TINY_ENCODER)
    stir_model(nlp.get_pipe("rnn_ner").model)
    return nlp


@pytest.fixture(scope="module")
def saved(nlp):
    return nlp.get_pipe("rnn_ner").to_bytes(exclude=["vocab"])


@pytest.fixture
def ner():
    """A component to load into."""
    nlp = spacy.blank("en")
    return nlp.add_pipe("rnn_ner", config=ner_config(TINY, TINY_ENCODER))


@pytest.fixture
def directory(nlp, tmp_path):
    nlp.to_disk(tmp_path / "nlp")
    return tmp_path / "nlp" / "rnn_ner"


def load(directory):
    return spacy.load(directory.parent)


def refused(directory, where):
    with pytest.raises(CorruptModelError, match=where):
        load(directory)


def answers(nlp):
    docs = [nlp.make_doc(text) for text in TEXTS]
    return nlp.get_pipe("rnn_ner").model.predict(docs).emissions


# Bytes


def test_bytes_round_trip(ner, saved):
    assert ner.from_bytes(saved, exclude=["vocab"]).to_bytes(exclude=["vocab"]) == saved


def test_every_flipped_bit_is_refused(ner, saved):
    for i in range(len(saved)):
        for bit in range(8):
            flipped = bytearray(saved)
            flipped[i] ^= 1 << bit
            with pytest.raises(CorruptModelError, match="'rnn_ner'"):
                ner.from_bytes(bytes(flipped), exclude=["vocab"])


def test_every_truncation_is_refused(ner, saved):
    for length in range(len(saved)):
        with pytest.raises(CorruptModelError, match="'rnn_ner'"):
            ner.from_bytes(saved[:length], exclude=["vocab"])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xc1",
        b"no msgpack",
        srsly.msgpack_dumps([]),
        srsly.msgpack_dumps({}),
        srsly.msgpack_dumps({CFG: b"{", STRUCTURE: b"", WEIGHTS: b""}),
        srsly.msgpack_dumps({CFG: b"[]", STRUCTURE: b"", WEIGHTS: b""}),
        srsly.msgpack_dumps({CFG: b'{"labels": 1}', STRUCTURE: b"", WEIGHTS: b""}),
        srsly.msgpack_dumps({CFG: b"\xff", STRUCTURE: b"", WEIGHTS: b""}),
        srsly.msgpack_dumps({CFG: 1, STRUCTURE: 2, WEIGHTS: 3}),
    ],
)
def test_foreign_bytes_under_a_right_seal_are_refused(ner, content):
    with pytest.raises(CorruptModelError):
        ner.from_bytes(seal(content), exclude=["vocab"])


def test_bytes_of_spacys_ner_are_refused(ner):
    theirs = spacy.blank("en").add_pipe("ner")
    with pytest.raises(CorruptModelError):
        ner.from_bytes(theirs.to_bytes(exclude=["vocab"]), exclude=["vocab"])


# Files


def test_a_pipeline_comes_back_from_disk(nlp, directory):
    numpy.testing.assert_array_equal(answers(load(directory)), answers(nlp))


@pytest.mark.parametrize("name", [*PARTS, SUMS])
def test_every_flipped_bit_of_a_header_is_found(directory, name):
    """The first 256 bytes of each file, and every 97th after them."""
    data = (directory / name).read_bytes()
    ner = load(directory).get_pipe("rnn_ner")
    for i in [*range(min(256, len(data))), *range(256, len(data), 97)]:
        flipped = bytearray(data)
        flipped[i] ^= 1 << (i % 8)
        (directory / name).write_bytes(flipped)
        with pytest.raises(CorruptModelError, match=name if name != SUMS else None):
            ner.from_disk(directory, exclude=["vocab"])


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_file_cut_off_is_named(directory, name, share):
    data = (directory / name).read_bytes()
    (directory / name).write_bytes(data[: int(share * len(data))])
    refused(directory, name)


@pytest.mark.parametrize("name", [*PARTS, SUMS])
def test_a_missing_file_is_named(directory, name):
    (directory / name).unlink()
    refused(directory, f"{name}.*missing")


@pytest.mark.parametrize("name", PARTS)
def test_a_missing_file_is_named_though_the_sums_are_right(directory, name):
    (directory / name).unlink()
    write_sums(directory)
    refused(directory, f"{name}.*missing")


@pytest.mark.parametrize("name", PARTS)
def test_a_foreign_file_is_named_though_the_sums_are_right(directory, name):
    (directory / name).write_bytes(b"PK\x03\x04 not ours")
    write_sums(directory)
    refused(directory, name)


def test_a_file_that_was_added_is_named(directory):
    (directory / "extra.pkl").write_bytes(b"")
    refused(directory, "extra.pkl")


@pytest.mark.parametrize("names", [[WEIGHTS], [STRUCTURE, WEIGHTS], [CFG]])
def test_files_of_a_model_with_other_labels_are_refused(directory, tmp_path, names):
    other = make_nlp(OTHER * 2, embed=TINY, encode=TINY_ENCODER)
    other.get_pipe("rnn_ner").add_label("TOOL")
    other.to_disk(tmp_path / "other")
    for name in names:
        shutil.copy(tmp_path / "other" / "rnn_ner" / name, directory / name)
    write_sums(directory)
    refused(directory, WEIGHTS)


def test_labels_in_another_order_are_refused(directory):
    cfg = srsly.read_json(directory / CFG)
    cfg["labels"].reverse()
    srsly.write_json(directory / CFG, cfg)
    write_sums(directory)
    refused(directory, WEIGHTS)


def test_a_refused_file_changes_nothing(nlp, directory):
    loaded = load(directory)
    before = answers(loaded).copy()
    (directory / WEIGHTS).write_bytes((directory / WEIGHTS).read_bytes()[:-1])
    with pytest.raises(CorruptModelError):
        loaded.get_pipe("rnn_ner").from_disk(directory)
    numpy.testing.assert_array_equal(answers(loaded), before)


def test_another_models_files_change_nothing(directory):
    other = make_nlp(OTHER, embed=TINY, encode={**TINY_ENCODER, "width": 4})
    ner = other.get_pipe("rnn_ner")
    labels, before = ner.labels, weights_of(ner.model)
    with pytest.raises(CorruptModelError):
        ner.from_disk(directory, exclude=["vocab"])
    assert ner.labels == labels
    for name, weights in weights_of(ner.model).items():
        numpy.testing.assert_array_equal(weights, before[name])


@pytest.mark.parametrize("save", ["to_bytes", "to_disk"])
@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf])
def test_what_is_not_finite_is_not_saved(save, bad, tmp_path):
    nlp = make_nlp(embed=TINY, encode=TINY_ENCODER)
    nlp.get_pipe("rnn_ner").model.shims[0].module.output.weight.data[0, 0] = bad
    with pytest.raises(NonFiniteError, match="output.weight"):
        nlp.to_bytes() if save == "to_bytes" else nlp.to_disk(tmp_path)


def test_a_save_that_is_refused_leaves_the_old_files(directory):
    nlp = load(directory)
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    ner = nlp.get_pipe("rnn_ner")
    ner.model.shims[0].module.output.weight.data[0, 0] = numpy.nan
    with pytest.raises(NonFiniteError):
        ner.to_disk(directory)
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


# The same bytes


def test_every_save_gives_the_same_bytes(nlp, saved, tmp_path):
    ner = nlp.get_pipe("rnn_ner")
    for i in range(3):
        assert ner.to_bytes(exclude=["vocab"]) == saved
        ner.to_disk(tmp_path / str(i))
    for name in [*PARTS, SUMS]:
        assert len({(tmp_path / str(i) / name).read_bytes() for i in range(3)}) == 1


def test_prediction_does_not_change_the_bytes(nlp, saved):
    list(nlp.pipe([*TEXTS, "", "something unknown"]))
    assert nlp.get_pipe("rnn_ner").to_bytes(exclude=["vocab"]) == saved


SAVE_AGAIN = """
import hashlib, sys, spacy
nlp = spacy.load({path!r})
print(hashlib.sha256(nlp.get_pipe("rnn_ner").to_bytes(exclude=["vocab"])).hexdigest())
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_saves_the_same_bytes(directory, saved, seed):
    code = SAVE_AGAIN.format(path=str(directory.parent))
    done = run_python(code, PYTHONHASHSEED=seed)
    assert done.stdout.strip() == hashlib.sha256(saved).hexdigest(), done.stderr


@pytest.mark.parametrize("exclude", [["vocab"], ["vocab", "model"], ["vocab", "cfg"]])
def test_excluded_parts_are_left_out(nlp, exclude, tmp_path):
    nlp.get_pipe("rnn_ner").to_disk(tmp_path, exclude=exclude)
    there = {path.name for path in tmp_path.iterdir()}
    assert "vocab" not in there
    assert (CFG in there) == ("cfg" not in exclude)
    assert ({STRUCTURE, WEIGHTS} <= there) == ("model" not in exclude)


def test_a_component_saves_its_vocab(nlp, ner):
    ner.from_bytes(nlp.get_pipe("rnn_ner").to_bytes())
    assert "lives" in ner.vocab.strings


# Steps


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("method", ["update", "rehearse"])
def test_what_is_no_example_is_refused(factory, method):
    pipe = spacy.blank("en").add_pipe(factory)
    with pytest.raises(TypeError, match=f"{type(pipe).__name__}.{method}"):
        getattr(pipe, method)(["a text"])


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("method", ["update", "rehearse"])
def test_an_empty_batch_teaches_nothing(factory, method):
    pipe = spacy.blank("en").add_pipe(factory, name="it")
    assert getattr(pipe, method)(iter(())) == {"it": 0.0}


def nan_gradients(monkeypatch, ner, bad_steps):
    """Make the gradient of these steps NaN."""
    get_loss, calls = ner.get_loss, iter(range(1, 1_000))

    def spoilt(examples, scores):
        value, d_scores = get_loss(examples, scores)
        bad = numpy.nan if next(calls) in bad_steps else 1.0
        return value, d_scores._replace(emissions=d_scores.emissions * numpy.float32(bad))

    monkeypatch.setattr(ner, "get_loss", spoilt)


def test_a_nan_gradient_is_skipped_and_counted(monkeypatch):
    nlp = make_nlp()
    ner = nlp.get_pipe("rnn_ner")
    nan_gradients(monkeypatch, ner, {1, 3, 4})
    before = weights_of(ner.model)
    train(nlp, 1)
    for name, weights in weights_of(ner.model).items():
        if "keys" not in name:
            numpy.testing.assert_array_equal(weights, before[name])
    train(nlp, 4)
    assert (ner.steps, ner.skipped_steps) == (5, 3)
    assert all(numpy.isfinite(weights).all() for weights in weights_of(ner.model).values())


def test_a_nan_loss_spoils_its_step_only(monkeypatch):
    nlp = make_nlp()
    ner = nlp.get_pipe("rnn_ner")
    get_loss = ner.get_loss
    monkeypatch.setattr(ner, "get_loss", lambda *args: (numpy.nan, get_loss(*args)[1]))
    before, losses = weights_of(ner.model), {}
    nlp.update(make_examples(nlp), sgd=nlp.create_optimizer(), losses=losses)
    assert losses == {"rnn_ner": 0.0}
    assert ner.skipped_steps == 1
    output = "0/output.bias"
    numpy.testing.assert_array_equal(weights_of(ner.model)[output], before[output])
    monkeypatch.undo()
    nlp.update(make_examples(nlp), sgd=nlp.create_optimizer(), losses=losses)
    assert losses["rnn_ner"] > 0
    assert (weights_of(ner.model)[output] != before[output]).any()


def test_training_stops_after_too_many_nan_gradients(monkeypatch):
    nlp = make_nlp(max_bad_steps=3)
    nan_gradients(monkeypatch, nlp.get_pipe("rnn_ner"), {2, 4, 5, 6})
    with pytest.raises(NonFiniteError, match="'rnn_ner'.*3 times.*step 6"):
        train(nlp, 10)


def test_who_trains_on_after_that_has_as_many_tries_again(monkeypatch):
    nlp = make_nlp(max_bad_steps=3)
    nan_gradients(monkeypatch, nlp.get_pipe("rnn_ner"), {1, 2, 3, 4, 5})
    with pytest.raises(NonFiniteError, match="3 times.*step 3"):
        train(nlp, 10)
    train(nlp, 5)
    assert nlp.get_pipe("rnn_ner").skipped_steps == 5


def test_good_steps_between_bad_ones_go_on(monkeypatch):
    nlp = make_nlp(max_bad_steps=2)
    nan_gradients(monkeypatch, nlp.get_pipe("rnn_ner"), set(range(1, 20, 2)))
    train(nlp, 20)
    assert nlp.get_pipe("rnn_ner").skipped_steps == 10


def test_a_nan_gradient_of_a_shared_layer_is_skipped(monkeypatch):
    """Thinc's own layers keep their weights, too."""
    encode = {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": 12}
    encode |= {"window_size": 1, "maxout_pieces": 2, "depth": 1}
    nlp = make_nlp(encode=encode)
    nan_gradients(monkeypatch, nlp.get_pipe("rnn_ner"), {1, 2})
    train(nlp, 40)
    assert nlp.get_pipe("rnn_ner").skipped_steps == 2
    assert entities(nlp(TEXTS[1])) == [("Bob", "PER"), ("New York", "LOC")]


@pytest.mark.parametrize("clip,moves", [(1e-9, False), (0.0, True), (5.0, True)])
def test_gradients_are_clipped_over_all_weights(clip, moves):
    nlp = make_nlp(grad_clip=clip)
    before = weights_of(nlp.get_pipe("rnn_ner").model)
    nlp.update(make_examples(nlp), sgd=SGD())
    after = weights_of(nlp.get_pipe("rnn_ner").model)
    moved = max(abs(after[n] - w).max() for n, w in before.items() if "keys" not in n)
    assert (moved > 1e-6) == moves


class SGD:
    """W -= dW"""

    def __call__(self, key, W, dW):
        W -= dW
        return W, dW * 0

    def step_schedules(self):
        pass


def test_an_accumulated_gradient_is_one_step():
    nlp = make_nlp()
    ner = nlp.get_pipe("rnn_ner")
    for example in make_examples(nlp):
        nlp.update([example], sgd=False)
    assert ner.steps == 0
    ner.finish_update(Adam(0.1))
    assert ner.steps == 1
