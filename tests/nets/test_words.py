import numpy
import pytest
import torch

from spacy_rnn.nets.words import CharCNN, CharLSTM, Forms, OneHot, WordEmbed

from ..helpers import stir

WORDS = ["a", "London", "was", "Österreich", "x" * 20]
NO, NM = 6, 4
NETS = {"cnn": CharCNN, "lstm": CharLSTM}
every_net = pytest.mark.parametrize("kind", list(NETS))


def make_net(kind):
    """A net with random weights."""
    return stir(NETS[kind](NO, nM=NM)).double()


def bytes_of(words, padding=0):
    data = [word.encode("utf8") for word in words]
    chars = torch.zeros(len(data), max(map(len, data)) + padding, dtype=torch.int64)
    for i, word in enumerate(data):
        chars[i, : len(word)] = torch.tensor(list(word)) + 1
    return chars


@every_net
@pytest.mark.parametrize("padding", [1, 2, 30])
def test_chars_never_see_the_padding(kind, padding):
    net = make_net(kind)
    torch.testing.assert_close(net(bytes_of(WORDS, padding)), net(bytes_of(WORDS)))


@every_net
def test_chars_never_see_the_neighbours(kind):
    net = make_net(kind)
    together = net(bytes_of(WORDS))
    alone = torch.cat([net(bytes_of([word])) for word in WORDS])
    torch.testing.assert_close(together, alone)


@every_net
def test_chars_tell_words_apart(kind):
    Y = make_net(kind)(bytes_of([*WORDS, "Londno"]))
    assert len({tuple(row) for row in Y.tolist()}) == len(WORDS) + 1


@every_net
def test_padding_never_learns(kind):
    net = NETS[kind](NO, nM=NM)
    assert (net.bytes.weight[0] == 0).all()
    net(bytes_of(WORDS, padding=3)).sum().backward()
    assert (net.bytes.weight.grad[0] == 0).all()
    assert (net.bytes.weight.grad != 0).any()


@every_net
def test_chars_of_a_form_without_bytes_are_finite(kind):
    Y = make_net(kind)(torch.zeros(2, 1, dtype=torch.int64))
    assert Y.shape == (2, NO)
    assert torch.isfinite(Y).all()


def test_cnn_equals_a_numpy_loop():
    net = make_net("cnn")
    table, W, b = [
        w.detach().numpy() for w in (net.bytes.weight, net.window.weight, net.window.bias)
    ]
    expected = []
    for word in WORDS:
        X = numpy.pad(table[bytes_of([word])[0].numpy()], ((2, 2), (0, 0)))
        windows = [X[i : i + 3].flatten() for i in range(len(X) - 2)]
        expected.append(numpy.max([numpy.maximum(0, W @ x + b) for x in windows], axis=0))
    numpy.testing.assert_allclose(net(bytes_of(WORDS)).detach().numpy(), expected)


def test_lstm_joins_the_last_states_of_both_directions():
    net = make_net("lstm")
    for word, Y in zip(WORDS, net(bytes_of(WORDS))):
        X = net.bytes(bytes_of([word])).transpose(0, 1)
        _, (h, _) = net.rnn.layers[0](X)
        torch.testing.assert_close(Y, h[:, 0].flatten())


# Words


def make_embed(nV=0, chars=None, vector_width=0):
    shape = {"n_features": 2, "feature_rows": 7, "feature_width": 3, "word_width": 4}
    return WordEmbed(rows=10, chars=chars, char_width=6, nV=nV, vector_width=vector_width, **shape)


def forms(words, vectors):
    n = len(words)
    features, chars = torch.arange(2 * n).view(n, 2) % 7, bytes_of(["ab"] * n)
    return Forms(torch.tensor(words), features, chars, vectors)


@pytest.mark.parametrize("chars", [None, "cnn", "lstm"])
@pytest.mark.parametrize("nV", [0, 8])
def test_embed_gives_a_row_for_each_form(nV, chars):
    net = make_embed(nV, chars)
    assert net(forms([0, 3, 9], torch.randn(3, nV))).shape == (3, net.nO)
    assert net.nO == 4 + nV + 2 * 3 + (6 if chars else 0)


def test_a_hidden_layer_reads_the_static_vectors():
    net, vectors = stir(make_embed(nV=8, vector_width=3)).double(), torch.randn(2, 8).double()
    net.norm = torch.nn.Identity()
    W, b = net.neighbourhoods.weight, net.neighbourhoods.bias
    wanted = torch.relu(vectors @ W.T + b)
    assert net.nO == 4 + 8 + 3 + 2 * 3
    torch.testing.assert_close(net(forms([0, 5], vectors))[:, 12:15], wanted)


def test_without_static_vectors_there_is_no_hidden_layer_over_them():
    assert make_embed(vector_width=3).nO == make_embed().nO


def test_the_difference_to_a_static_vector_starts_at_0():
    net, vector = make_embed(nV=8), torch.randn(1, 8)
    net.words.weight.data.zero_()
    assert torch.equal(net(forms([0], vector)), net(forms([7], vector)))


def test_the_difference_to_a_static_vector_learns():
    net = make_embed(nV=8)
    (net(forms([7], torch.randn(1, 8))) * torch.randn(1, net.nO)).sum().backward()
    assert (net.differences.weight.grad[7] != 0).any()
    assert (net.differences.weight.grad[[0, 1, 9]] == 0).all()


def test_words_without_static_vectors_start_apart():
    net = make_embed()
    nothing = torch.zeros(1, 0)
    assert not torch.equal(net(forms([0], nothing)), net(forms([7], nothing)))


def test_embed_brings_all_that_it_knows_to_one_scale():
    net = stir(make_embed(nV=8, chars="cnn")).double()
    X = forms([2, 5], torch.randn(2, 8, dtype=torch.float64))
    parts = [net.words.weight[X.words], X.vectors + net.differences.weight[X.words]]
    parts += [table.weight[X.features[:, i]] for i, table in enumerate(net.features)]
    joined = torch.cat([*parts, net.chars(X.chars)], dim=1)
    spread = (joined.var(dim=1, correction=0, keepdim=True) + 1e-5).sqrt()
    scaled = (joined - joined.mean(dim=1, keepdim=True)) / spread
    torch.testing.assert_close(net(X), scaled * net.norm.weight + net.norm.bias)


def test_one_hot_is_a_row_of_the_identity():
    assert torch.equal(OneHot(5)(torch.tensor([3, 0])), torch.eye(5)[[3, 0]])
