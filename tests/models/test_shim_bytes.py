"""What a shim writes and reads: no code, and nothing that was damaged. As in `test_shim`, a defect
that we mend is there in the stock shim.
"""

import ast
from pathlib import Path

import numpy
import pytest
import torch
from thinc.shims import PyTorchShim

import spacy_rnn
from spacy_rnn.errors import CorruptModelError, NonFiniteError
from spacy_rnn.models.shim import RNNShim

from ..shim_helpers import module_of, ours, stir_shim, stock, weight_of

PACKAGE = Path(spacy_rnn.__file__).parent

# Bytes


def test_bytes_are_always_the_same():
    assert ours().to_bytes() == ours().to_bytes()


def test_bytes_round_trip():
    data = stir_shim().to_bytes()
    assert ours().from_bytes(data).to_bytes() == data


def test_bytes_bring_the_weights():
    shim = stir_shim()
    numpy.testing.assert_array_equal(weight_of(ours().from_bytes(shim.to_bytes())), weight_of(shim))


def test_bytes_build_the_net():
    bare = RNNShim(torch.nn.Linear, {"in_features": 3, "out_features": 2})
    assert not bare.is_built
    numpy.testing.assert_array_equal(
        weight_of(bare.from_bytes(ours().to_bytes())), weight_of(ours())
    )


def test_stock_bytes_do_not_build_the_net():
    with pytest.raises(AttributeError):
        PyTorchShim(None).from_bytes(stock().to_bytes())


def test_a_net_that_is_not_built_round_trips():
    bare = RNNShim(torch.nn.Linear, {"in_features": None, "out_features": 2})
    data = bare.to_bytes()
    assert not bare.from_bytes(data).is_built
    assert bare.to_bytes() == data


def flipped_in_the_weights(data, weights):
    """The data with a bit of the weights flipped that changes a value much."""
    place = data.index(weights.tobytes())
    return data[: place + 3] + bytes([data[place + 3] ^ 1]) + data[place + 4 :]


def test_a_flipped_bit_is_found():
    data = flipped_in_the_weights(ours().to_bytes(), weight_of(ours()))
    with pytest.raises(CorruptModelError, match="Linear"):
        ours().from_bytes(data)


def test_stock_a_flipped_bit_is_loaded():
    shim = stock()
    shim.from_bytes(flipped_in_the_weights(shim.to_bytes(), weight_of(shim)))
    assert not numpy.array_equal(weight_of(shim), weight_of(stock()))


def test_bytes_of_another_net_are_refused():
    other = RNNShim(torch.nn.Linear, {"in_features": 3, "out_features": 4})
    other.build()
    with pytest.raises(CorruptModelError, match="Linear"):
        ours().from_bytes(other.to_bytes())


def test_refused_bytes_change_nothing():
    shim, other = stir_shim(), RNNShim(torch.nn.Linear, {"in_features": 9, "out_features": 2})
    other.build()
    before = shim.to_bytes()
    with pytest.raises(CorruptModelError):
        shim.from_bytes(other.to_bytes())
    assert shim.to_bytes() == before


def test_nan_is_not_saved():
    shim = ours()
    module_of(shim).weight.data[0, 0] = numpy.nan
    with pytest.raises(NonFiniteError, match="weight"):
        shim.to_bytes()


# No code in files


def names_in(path):
    """Every imported module and every dotted name of a source file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node)


FORBIDDEN = ("pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "torch.load")
FORBIDDEN += ("torch.save", "torch.jit", "numpy.load", "srsly.pickle_loads", "srsly.pickle_dumps")


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_nothing_reads_or_writes_code(path):
    used = [n for n in names_in(path) if (n + ".").startswith(tuple(f + "." for f in FORBIDDEN))]
    assert used == ["numpy.load"] * len(arrays_without_code(path))


def arrays_without_code(path):
    """Calls that refuse what would run."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf8")))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    found = [call for call in calls if ast.unparse(call.func) == "numpy.load"]
    return [c for c in found if "allow_pickle=False" in map(ast.unparse, c.keywords)]


def test_the_search_for_code_can_find_it(tmp_path):
    (tmp_path / "x.py").write_text("import torch, pickle\nfrom torch import load\ntorch.save(1)")
    assert {"pickle", "torch.load", "torch.save"} <= set(names_in(tmp_path / "x.py"))


def test_arrays_that_may_hold_code_are_found(tmp_path):
    lines = ["numpy.load(f, allow_pickle=False)", "numpy.load(f)", "numpy.load(f, allow_pickle=x)"]
    (tmp_path / "x.py").write_text("\n".join(lines))
    assert len(arrays_without_code(tmp_path / "x.py")) == 1
