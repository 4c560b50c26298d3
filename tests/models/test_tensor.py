import numpy
import pytest
import spacy
from numpy.testing import assert_allclose, assert_array_equal
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry
from spacy.vocab import Vocab
from thinc.api import Adam

from spacy_rnn.errors import CorruptModelError
from spacy_rnn.models.storage import model_from_parts, model_to_parts
from spacy_rnn.models.tensor import build_tensor_embed_v1

from ..helpers import ENCODER, ner_config, stir_model, tok2vec_config

CONFIG = {"@architectures": "spacy_rnn.TensorEmbed.v1"}
LENGTHS = [3, 0, 1, 0, 4]
WIDTH = 5


@pytest.fixture
def docs():
    rng = numpy.random.default_rng(0)
    return [make_doc(rng.normal(3, 2, size=(n, WIDTH))) for n in LENGTHS]


def make_doc(tensor, n=None):
    doc = Doc(Vocab(), words=["w"] * (len(tensor) if n is None else n))
    doc.tensor = tensor
    return doc


def make(docs, **settings):
    return build_tensor_embed_v1(**settings).initialize(X=docs)


def both(model, docs):
    return model.predict(docs), model.begin_update(docs)[0]


def test_it_says_what_stands_on_the_document(docs):
    for Ys in both(make(docs), docs):
        assert [Y.dtype.name for Y in Ys] == ["float32"] * len(docs)
        for Y, doc in zip(Ys, docs):
            assert_array_equal(Y, doc.tensor.astype("float32"))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64", "bool"])
def test_every_kind_of_number_becomes_float32(dtype):
    doc = make_doc(numpy.array([[0, 1], [1, 0]], dtype=dtype))
    Y = make([doc]).predict([doc])[0]
    assert Y.dtype == "float32" and Y.tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.parametrize("tensor", [numpy.zeros((0,), "f"), numpy.zeros((0, WIDTH), "f"), None])
def test_a_batch_without_tokens_stays_empty(docs, n, tensor):
    model, empty = make(docs), [make_doc(tensor, n=0)] * n
    for Ys in both(model, empty):
        assert [Y.shape for Y in Ys] == [(0, WIDTH)] * n
    assert model.begin_update(empty)[1](Ys) == []


@pytest.mark.parametrize("normalize", [False, True])
def test_a_document_says_the_same_alone_and_in_any_batch(docs, normalize):
    model = make(docs, normalize=normalize)
    alone = [model.predict([doc])[0] for doc in docs]
    for order in ([0, 1, 2, 3, 4], [4, 3, 0, 2, 1], [2, 2]):
        for i, Y in zip(order, model.predict([docs[i] for i in order])):
            assert_array_equal(Y, alone[i])


def test_who_writes_into_an_answer_does_not_write_on_the_document(docs):
    before = docs[0].tensor.copy()
    docs[0].tensor = docs[0].tensor.astype("float32")
    make(docs).predict(docs[:1])[0][:] = 99
    assert_allclose(docs[0].tensor, before, rtol=1e-6)


def test_a_step_changes_nothing(docs):
    model = make(docs, normalize=True)
    before = model.to_bytes()
    Ys, backprop = model.begin_update(docs)
    assert backprop(Ys) == []
    model.finish_update(Adam(0.1))
    assert model.to_bytes() == before


# Mean and deviation


def test_normalized_columns_have_mean_0_and_deviation_1(docs):
    docs = [make_doc(doc.tensor * [1, 1e-3, 1e3, 1, 1] + [0, 0, 0, 1e5, -7]) for doc in docs]
    rows = numpy.concatenate(make(docs, normalize=True).predict(docs))
    assert_allclose(rows.mean(axis=0), 0, atol=2e-2)  # float32 near 1e5 steps by 0.008
    assert_allclose(rows.std(axis=0), 1, rtol=2e-2)


def test_new_documents_are_measured_by_the_old_mean(docs):
    model = make(docs, normalize=True)
    shifted = make_doc(docs[0].tensor + 100)
    assert model.predict([shifted])[0].min() > 10


@pytest.mark.parametrize("value", [0.0, 0.1, -1e6])
def test_a_column_that_never_changes_becomes_0(value):
    doc = make_doc(numpy.full((1000, 1), value))
    assert_allclose(make([doc], normalize=True).predict([doc])[0], 0, atol=0.1)


# Reading and writing


@pytest.mark.parametrize("normalize", [False, True])
def test_bytes_round_trip(docs, normalize):
    model = make(docs, normalize=normalize)
    twin = build_tensor_embed_v1(normalize).from_bytes(model.to_bytes())
    assert twin.get_dim("nO") == WIDTH and twin.to_bytes() == model.to_bytes()
    for a, b in zip(twin.predict(docs), model.predict(docs)):
        assert_array_equal(a, b)


def test_the_mean_is_under_our_weights(docs):
    model = make(docs, normalize=True)
    parts = model_to_parts(model, {})
    twin = build_tensor_embed_v1()
    model_from_parts(twin, parts, {})
    assert_array_equal(twin.predict(docs)[4], model.predict(docs)[4])


def test_a_file_of_another_width_is_refused(docs):
    parts = model_to_parts(make(docs), {})
    other = make([make_doc(numpy.ones((2, WIDTH + 1)))])
    with pytest.raises(CorruptModelError, match=r"nO.*5.*nO.*6"):
        model_from_parts(other, parts, {})


def test_it_goes_into_a_pipeline_and_to_the_disk(tmp_path, docs):
    nlp, docs = tagged_pipeline(docs)
    stir_model(nlp.get_pipe("rnn_ner").model)
    nlp.to_disk(tmp_path)
    twin = spacy.load(tmp_path)
    tags = [predicted_tags(pipe, docs) for pipe in (nlp, twin)]
    assert tags[0] == tags[1] and any(tags[0])


def test_workers_get_the_numbers_too(docs):
    nlp, docs = tagged_pipeline(docs)
    stir_model(nlp.get_pipe("rnn_ner").model)
    assert predicted_tags(nlp, docs, n_process=2) == predicted_tags(nlp, docs)


def tagged_pipeline(docs):
    """An `rnn_ner` that reads numbers, and documents of its vocabulary."""
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config(embed=CONFIG, encode=ENCODER))
    examples = []
    for old in docs:
        new = Doc(nlp.vocab, words=["w"] * len(old))
        new.tensor = old.tensor
        entities = ["U-X"] * len(new)
        examples.append(Example.from_dict(new, {"entities": entities}))
    nlp.initialize(lambda: examples)
    return nlp, [eg.predicted for eg in examples]


def predicted_tags(nlp, docs, **settings):
    copies = [doc.copy() for doc in docs]
    return [[t.ent_iob_ for t in doc] for doc in nlp.pipe(copies, **settings)]


def test_a_tagger_learns_what_stood_in_the_row_before(tmp_path):
    nlp, rng, examples = spacy.blank("en"), numpy.random.default_rng(0), []
    model = {"@architectures": "spacy_rnn.SequenceLabeler.v1", "decoding": "softmax"}
    nlp.add_pipe("rnn_tagger", config={"model": {**model, "tok2vec": tok2vec_config(CONFIG)}})
    for rows in rng.normal(size=(10, 12, 1)):
        doc = Doc(nlp.vocab, words=["w"] * len(rows))
        doc.tensor = rows
        before = numpy.roll(rows[:, 0], 1)
        tags = ["UP" if number > 0 else "DOWN" for number in before]
        examples.append(Example.from_dict(doc, {"tags": ["START", *tags[1:]]}))
    nlp.initialize(lambda: examples)
    optimizer = Adam(0.05)
    for _ in range(60):
        nlp.update(examples, sgd=optimizer)
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path).evaluate(examples)["tag_acc"] > 0.95


# What it refuses, by name and with the mend


def refused(model, docs):
    errors = []
    for call in (model.predict, model.begin_update):
        with pytest.raises(ValueError) as error:
            call(docs)
        errors.append(str(error.value))
    assert errors[0] == errors[1]
    return errors[0]


def test_a_document_without_numbers(docs):
    message = refused(make(docs), [docs[0], Doc(Vocab(), words=["Hello", "world"])])
    assert "document 2 of the batch ('Hello world" in message
    assert "no array in doc.tensor" in message and "doc_of_tensor" in message


@pytest.mark.parametrize("tensor", [[[1.0]], None, "x"], ids=repr)
def test_what_is_no_array(docs, tensor):
    assert "no array" in refused(make(docs), [make_doc(tensor, n=1)])


@pytest.mark.parametrize(
    "shape", [(4, WIDTH), (2, WIDTH), (3,), (3, WIDTH, 1), (WIDTH, 3)], ids=str
)
def test_not_one_row_for_each_token(docs, shape):
    message = refused(make(docs), [make_doc(numpy.ones(shape), n=3)])
    assert f"has the shape {shape}, but must have 3 row(s)" in message


@pytest.mark.parametrize("dtype", ["complex64", "U3", object])
def test_what_is_no_number(docs, dtype):
    message = refused(make(docs), [make_doc(numpy.ones((2, WIDTH)).astype(dtype))])
    assert f"holds {numpy.ones(1).astype(dtype).dtype}" in message and "astype" in message


@pytest.mark.parametrize("width", [1, WIDTH - 1, WIDTH + 1])
def test_another_width_than_in_training(docs, width):
    message = refused(make(docs), [docs[0], make_doc(numpy.ones((2, width)))])
    assert "document 2" in message and f"is {width} wide" in message
    assert f"reads width {WIDTH}" in message


@pytest.mark.parametrize("value", [numpy.nan, numpy.inf, -numpy.inf, 1e300])
@pytest.mark.parametrize("row", [0, 2])
def test_what_is_not_finite(docs, value, row):
    docs[4].tensor[row, 3] = value
    model = make(docs[:1])
    message = refused(model, docs)
    assert "document 5" in message and f"in row {row}, column 3" in message
    assert "nan_to_num" in message


def test_two_widths_at_once_are_refused_at_the_start(docs):
    with pytest.raises(ValueError, match="document 2 .* is 2 wide.* width 5"):
        make([docs[0], make_doc(numpy.ones((3, 2)))])


def test_it_needs_numbers_to_know_its_width():
    model = registry.resolve({"embed": CONFIG})["embed"].initialize()
    with pytest.raises(ValueError, match="no width yet.*Initialize"):
        model.predict([make_doc(numpy.zeros((0, 3)))])


def test_a_pipeline_without_examples_says_what_is_missing():
    nlp = spacy.blank("en")
    nlp.add_pipe("rnn_ner", config=ner_config(embed=CONFIG))
    with pytest.raises(ValueError, match="'spacy_rnn.TensorEmbed.v1' reads"):
        nlp.initialize()
