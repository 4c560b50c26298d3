"""Files whose checksums are right and whose content is wrong: another model's, another
version's, or made by hand.
"""

import copy

import numpy
import pytest
import srsly
from spacy.util import registry

from spacy_rnn.errors import CorruptModelError, NonFiniteError
from spacy_rnn.models.storage import STRUCTURE, WEIGHTS, model_from_parts, model_to_parts
from spacy_rnn.weights import dump_tensors, load_tensors

from ..helpers import EMBED, ENCODER, TEXTS, make_nlp, ner_config, stir_model, weights_of

HEADER = {"architecture": "test", "labels": "abc"}


@pytest.fixture(scope="module")
def nlp():
    nlp = make_nlp()
    stir_model(nlp.get_pipe("rnn_ner").model)
    return nlp


@pytest.fixture
def model(nlp):
    return copy.deepcopy(nlp.get_pipe("rnn_ner").model)


@pytest.fixture
def parts(model):
    return model_to_parts(model, HEADER)


def fresh(**config):
    model = registry.resolve(ner_config(**config))["model"]
    model.attrs["resize_output"](model, 5)
    return model


def scores_of(model, nlp):
    return model.predict([nlp.make_doc(text) for text in TEXTS]).emissions


def change_tensors(parts, change):
    tensors, header = load_tensors(parts[WEIGHTS], "")
    change(tensors)
    return {**parts, WEIGHTS: dump_tensors(tensors, header, "")}


def change_structure(parts, change):
    message = srsly.msgpack_loads(parts[STRUCTURE])
    change(message)
    return {**parts, STRUCTURE: srsly.msgpack_dumps(message)}


def assert_refused(parts, where, model=None):
    """Loading fails, names the file and changes nothing."""
    model = model or fresh()
    before = weights_of(model)
    with pytest.raises(CorruptModelError, match=where):
        model_from_parts(model, parts, HEADER)
    assert weights_of(model).keys() == before.keys()


def test_parts_make_the_same_model(nlp, model, parts):
    twin = fresh()
    model_from_parts(twin, parts, HEADER)
    numpy.testing.assert_array_equal(scores_of(twin, nlp), scores_of(model, nlp))
    assert model_to_parts(twin, HEADER) == parts


def test_all_weights_are_in_one_file(model, parts):
    tensors, header = load_tensors(parts[WEIGHTS], "")
    assert header == HEADER
    sizes = sum(w.size for w in weights_of(model).values())
    assert sum(t.size for t in tensors.values()) == sizes
    assert len(parts[STRUCTURE]) < 4_000


def test_thincs_parameters_are_in_it_too():
    encode = {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": 12}
    encode |= {"window_size": 1, "maxout_pieces": 2, "depth": 1}
    nlp = make_nlp(encode=encode)
    model = nlp.get_pipe("rnn_ner").model
    parts, twin = model_to_parts(model, HEADER), fresh(encode=encode)
    model_from_parts(twin, parts, HEADER)
    assert model_to_parts(twin, HEADER) == parts
    assert any("maxout" in name for name in load_tensors(parts[WEIGHTS], "")[0])
    numpy.testing.assert_array_equal(scores_of(twin, nlp), scores_of(model, nlp))


@pytest.mark.parametrize("other", [{**HEADER, "labels": "abd"}, {"architecture": "test"}, {}])
def test_weights_that_belong_elsewhere_are_refused(parts, other):
    tensors, _ = load_tensors(parts[WEIGHTS], "")
    assert_refused({**parts, WEIGHTS: dump_tensors(tensors, other, "")}, WEIGHTS)


def names_of(parts):
    return sorted(load_tensors(parts[WEIGHTS], "")[0])


def test_every_missing_weight_is_noticed(parts):
    for name in names_of(parts):
        assert_refused(change_tensors(parts, lambda t, name=name: t.pop(name)), WEIGHTS)


def test_every_other_shape_is_noticed(parts):
    for name in names_of(parts):

        def widen(tensors, name=name):
            tensors[name] = numpy.concatenate([tensors[name], tensors[name][:1]])

        assert_refused(change_tensors(parts, widen), WEIGHTS)


def test_every_other_type_is_noticed(parts):
    for name in names_of(parts):

        def widen(tensors, name=name):
            wide = {"f": "f8", "i": "i4"}[tensors[name].dtype.kind]
            tensors[name] = tensors[name].astype(wide)

        assert_refused(change_tensors(parts, widen), WEIGHTS)


@pytest.mark.parametrize("name", ["extra", "0/sequence_labeler/extra", "99/x/y", ""])
def test_a_weight_too_many_is_noticed(parts, name):
    added = change_tensors(parts, lambda t: t.update({name: numpy.ones(2, dtype="f")}))
    assert_refused(added, WEIGHTS)


@pytest.mark.parametrize(
    "config",
    [
        {"encode": {**ENCODER, "width": 14}},
        {"encode": {**ENCODER, "cell": "gru"}},
        {"encode": {**ENCODER, "depth": 2}},
        {"encode": {"@architectures": "spacy_rnn.WindowEncoder.v1", "width": 12}},
        {"embed": {**EMBED, "rows": 51}},
        {"embed": {**EMBED, "chars": "cnn"}},
        {"embed": {"@architectures": "spacy_rnn.OneHotEmbed.v1", "n_words": 8}},
        {"decoding": "softmax"},
    ],
)
def test_a_config_that_asks_for_another_net_is_refused(parts, config):
    assert_refused(parts, None, fresh(**config))


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x01", b"\x80", b"\x90", b"text", b"\x00" * 99])
def test_a_structure_that_is_none_is_refused(parts, data):
    assert_refused({**parts, STRUCTURE: data}, STRUCTURE)


SHIMS = [[], [None], [1], ["x"], [{}], [{"architecture": "Labeler"}]]
SHIMS += [[{"architecture": "Labeler", "settings": None, "built": True}]]
SHIMS += [[{"architecture": "Labeler", "settings": {"nI": 12}, "built": True}]]


@pytest.mark.parametrize("shims", SHIMS, ids=str)
def test_a_structure_with_other_shims_is_refused(parts, shims):
    def change(message):
        message["shims"][0] = shims

    assert_refused(change_structure(parts, change), None)


@pytest.mark.parametrize("key", ["nodes", "attrs", "params", "shims"])
def test_a_structure_that_lacks_a_part_is_refused(parts, key):
    assert_refused(change_structure(parts, lambda message: message.pop(key)), STRUCTURE)
    assert_refused(change_structure(parts, lambda message: message.update({key: []})), STRUCTURE)


def test_a_huge_net_in_a_file_costs_no_memory(parts):
    def change(message):
        header = message["shims"][0][0]
        header["settings"]["nI"] = 10**9

    assert_refused(change_structure(parts, change), WEIGHTS)


def test_refused_weights_change_nothing(nlp, model, parts):
    stir_model(model)
    before = scores_of(model, nlp).copy()
    last = names_of(parts)[-1]
    with pytest.raises(CorruptModelError):
        model_from_parts(model, change_tensors(parts, lambda t: t.pop(last)), HEADER)
    numpy.testing.assert_array_equal(scores_of(model, nlp), before)


@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf])
def test_what_is_not_finite_is_not_saved(model, bad):
    model.shims[0].module.output.bias.data[0] = bad
    with pytest.raises(NonFiniteError, match="output.bias"):
        model_to_parts(model, HEADER)


def test_thincs_parameters_must_be_finite_too():
    encode = {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": 12}
    encode |= {"window_size": 1, "maxout_pieces": 2, "depth": 1}
    model = make_nlp(encode=encode).get_pipe("rnn_ner").model
    maxout = next(node for node in model.walk() if node.name == "maxout")
    maxout.get_param("b")[:] = numpy.nan
    with pytest.raises(NonFiniteError, match="maxout/b"):
        model_to_parts(model, HEADER)
