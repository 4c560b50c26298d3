import json

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from safetensors.numpy import save

from spacy_rnn.errors import CorruptModelError, NonFiniteError
from spacy_rnn.weights import (
    FORMAT,
    HEADER,
    check_tensors,
    dump_tensors,
    load_tensors,
    seal,
    unseal,
)

DTYPES = ["float64", "float32", "float16", "int64", "int32"]
TENSORS = {"b": numpy.ones((2, 3), dtype="f"), "a": numpy.zeros((0, 4), dtype="i8")}
BELONGS = {"architecture": "test", "labels": "é"}
WANTED = {name: (t.shape, t.dtype.name) for name, t in TENSORS.items()}

any_array = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays(
        dtype,
        array_shapes(min_dims=0, min_side=0, max_side=3),
        elements={"allow_nan": False, "allow_infinity": False} if dtype[0] == "f" else None,
    )
)
some_tensors = st.dictionaries(st.text(st.characters(codec="utf8"), max_size=5), any_array)


def foreign(metadata):
    """A safetensors file with these metadata."""
    return save(TENSORS, metadata)


@given(some_tensors.filter(lambda tensors: "__metadata__" not in tensors))
def test_what_was_dumped_is_loaded(tensors):
    loaded, header = load_tensors(dump_tensors(tensors, BELONGS, "here"), "here")
    assert header == BELONGS
    assert loaded.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert loaded[name].dtype == tensor.dtype
        numpy.testing.assert_array_equal(loaded[name], tensor)


@given(st.permutations(list(TENSORS)), st.permutations(list(BELONGS)))
def test_the_same_input_gives_the_same_bytes(names, keys):
    again = dump_tensors({n: TENSORS[n] for n in names}, {k: BELONGS[k] for k in keys}, "here")
    assert again == dump_tensors(TENSORS, BELONGS, "here")


@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf, -numpy.inf])
def test_what_is_not_finite_is_not_dumped(bad):
    with pytest.raises(NonFiniteError, match="layer.*'W'"):
        dump_tensors({"W": numpy.array([1.0, bad])}, BELONGS, "layer")


# The seal


@given(st.binary(max_size=200))
def test_a_seal_comes_off(data):
    assert unseal(seal(data), "here") == data


@given(st.binary(max_size=50), st.data())
def test_every_flipped_bit_breaks_the_seal(data, draw):
    sealed = bytearray(seal(data))
    bit = draw.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CorruptModelError, match="layer 7"):
        unseal(bytes(sealed), "layer 7")


def test_every_truncation_breaks_the_seal():
    sealed = seal(b"some weights")
    for length in range(len(sealed)):
        with pytest.raises(CorruptModelError, match="layer 7"):
            unseal(sealed[:length], "layer 7")


# What is not ours


@given(st.binary(max_size=100))
def test_other_bytes_are_refused(data):
    with pytest.raises(CorruptModelError, match="here"):
        load_tensors(data, "here")


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"other": "{}"},
        {HEADER: ""},
        {HEADER: "{"},
        {HEADER: "[]"},
        {HEADER: "1"},
        {HEADER: "null"},
        {HEADER: '"format"'},
        {HEADER: "[" * 100_000},
    ],
)
def test_a_file_without_our_header_is_refused(metadata):
    with pytest.raises(CorruptModelError, match="here"):
        load_tensors(foreign(metadata), "here")


@pytest.mark.parametrize("found", [None, FORMAT + 1, "1", [1]])
def test_another_format_is_refused(found):
    with pytest.raises(CorruptModelError, match="here.*format"):
        load_tensors(foreign({HEADER: json.dumps({"format": found})}), "here")


@pytest.mark.parametrize("dtype", ["BF16", "U8", "BOOL", "F8_E4M3"])
def test_types_that_no_net_has_are_refused(dtype):
    data = save({"W": numpy.zeros(4, dtype="f2")}, {HEADER: json.dumps({"format": FORMAT})})
    size = int.from_bytes(data[:8], "little")
    head = json.loads(data[8 : 8 + size])
    head["W"]["dtype"] = dtype
    head["W"]["shape"] = [4 if dtype == "BF16" else 8]
    text = json.dumps(head).encode("utf8")
    with pytest.raises(CorruptModelError, match="here"):
        load_tensors(len(text).to_bytes(8, "little") + text + data[8 + size :], "here")


# Whether they fit


def test_fitting_weights_are_accepted():
    check_tensors(TENSORS, WANTED, "here")


@pytest.mark.parametrize("change", [{"a": None}, {"c": ((1,), "int64")}])
def test_other_names_are_refused(change):
    wanted = {k: v for k, v in {**WANTED, **change}.items() if v}
    with pytest.raises(CorruptModelError, match="here.*" + next(iter(change))):
        check_tensors(TENSORS, wanted, "here")


@pytest.mark.parametrize("spec", [((3, 2), "float32"), ((6,), "float32"), ((2, 3), "float64")])
def test_other_shapes_and_types_are_refused(spec):
    with pytest.raises(CorruptModelError, match="here.*'b'"):
        check_tensors(TENSORS, {**WANTED, "b": spec}, "here")
