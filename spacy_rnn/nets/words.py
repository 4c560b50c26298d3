"""A vector for a word form, from the form alone."""

from typing import Literal, NamedTuple, Optional

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from .packing import Packing, make_packing, pack
from .rnn import RNN

CharNet = Literal["cnn", "lstm"]
PADDING = 0  # row of the byte table that stays zero; byte b has row b + 1


class Forms(NamedTuple):
    """Distinct word forms as numbers. U forms, F hashed features, L bytes."""

    words: Tensor  # (U,) row of the word table, 0 for an unknown word
    features: Tensor  # (U, F) rows of the feature tables
    chars: Tensor  # (U, L) bytes plus 1, then zeros
    vectors: Tensor  # (U, V) static vectors, zeros where there is none


class CharCNN(nn.Module):
    """max over positions i of ReLU(W [c_{i-1}; c_i; c_{i+1}] + b), positions beyond either
    end being zeros (Santos and Zadrozny, 2014).

    nO (int): Width of the output.
    nM (int): Width of a byte.
    """

    def __init__(self, nO: int, *, nM: int = 24):
        super().__init__()
        self.bytes = nn.Embedding(257, nM, padding_idx=PADDING)
        self.window = nn.Linear(3 * nM, nO)

    def forward(self, chars: Tensor) -> Tensor:
        """*Shapes:* ``(U, L)`` to ``(U, nO)``"""
        C = self.bytes(nn.functional.pad(chars, (2, 2)))
        Y = self.window(torch.cat([C[:, :-2], C[:, 1:-1], C[:, 2:]], dim=2))
        length = (chars != PADDING).sum(1, keepdim=True)
        beyond = torch.arange(Y.shape[1], device=Y.device) >= length + 2
        # Padding gets 0, which the ReLU after the maximum makes harmless
        return torch.relu(Y.masked_fill(beyond[:, :, None], 0.0).max(dim=1).values)


class CharLSTM(nn.Module):
    """The last states of an LSTM that reads the bytes from both ends (Lample et al.,
    2016).

    nO (int): Width of the output.
    nM (int): Width of a byte.
    """

    def __init__(self, nO: int, *, nM: int = 24):
        super().__init__()
        self.bytes = nn.Embedding(257, nM, padding_idx=PADDING)
        self.rnn = RNN(nM, nO, cell="lstm")

    def forward(self, chars: Tensor) -> Tensor:
        """*Shapes:* ``(U, L)`` to ``(U, nO)``"""
        lengths = (chars != PADDING).sum(1).clamp(min=1).cpu()
        packing = make_packing(lengths.tolist())
        inside = torch.arange(chars.shape[1]) < lengths[:, None]
        states = self.rnn(pack(self.bytes(chars[inside.to(chars.device)]), packing))
        return self._ends(states, packing, lengths)

    def _ends(self, states: PackedSequence, packing: Packing, lengths: Tensor) -> Tensor:
        """The forward state of the last byte beside the backward state of the first."""
        ends = lengths.cumsum(0) - 1
        last = states.data[packing.to_flat[ends].to(states.data.device)]
        first = states.data[packing.to_flat[ends - lengths + 1].to(states.data.device)]
        half = states.data.shape[1] // 2
        return torch.cat([last[:, :half], first[:, half:]], dim=1)


class WordEmbed(nn.Module):
    """Everything that is known of a word form, side by side and brought to one scale:

        x = LayerNorm([word; vector + difference; ReLU(W vector + b); features; chars])

    Nothing is mixed here, so that dropout on x takes a word's identity away in one place
    and its spelling in another; what belongs together is for W_xh to find. Static vectors
    stay as they are, and each word has a difference to its vector that starts at zero:
    training moves a word only for a reason (Qi et al., 2020). The hidden layer over them tells
    in which neighbourhoods a word lies, so that what is learnt of one name holds for those
    beside it that training never meets.

    rows (int): Rows of the word table, row 0 for unknown words.
    word_width (int): Width of a word's row.
    n_features (int): Number of hashed features (prefix, suffix, shape ...).
    feature_rows (int): Rows of each feature's table.
    feature_width (int): Width of a feature.
    chars (str): ``cnn``, ``lstm`` or None.
    char_width (int): Width of what is read off the bytes.
    nV (int): Width of the static vectors, 0 for none.
    vector_width (int): Width of the hidden layer over them, 0 for none.
    """

    def __init__(
        self,
        *,
        rows: int,
        word_width: int,
        n_features: int,
        feature_rows: int,
        feature_width: int,
        chars: Optional[CharNet],
        char_width: int,
        nV: int = 0,
        vector_width: int = 0,
    ):
        super().__init__()
        vector_width = vector_width if nV else 0
        self.words = nn.Embedding(rows, word_width)
        self.differences = nn.Embedding(rows, nV) if nV else None
        self.neighbourhoods = nn.Linear(nV, vector_width) if vector_width else None
        self.features = nn.ModuleList(
            nn.Embedding(feature_rows, feature_width) for _ in range(n_features)
        )
        self.chars = make_char_net(chars, char_width)
        of_spelling = n_features * feature_width + (char_width if chars else 0)
        self.nO = word_width + nV + vector_width + of_spelling
        self.norm = nn.LayerNorm(self.nO)
        self.register_buffer("keys", torch.zeros(rows, dtype=torch.int64))
        for table in (self.words, *self.features):
            nn.init.uniform_(table.weight, -0.3, 0.3)
        if self.differences is not None:
            nn.init.zeros_(self.differences.weight)

    def forward(self, forms: Forms) -> Tensor:
        """*Shape:* ``(U, nO)``"""
        parts = [self.words(forms.words)]
        if self.differences is not None:
            parts.append(forms.vectors + self.differences(forms.words))
        if self.neighbourhoods is not None:
            parts.append(torch.relu(self.neighbourhoods(forms.vectors)))
        parts += [table(ids) for table, ids in zip(self.features, forms.features.T)]
        if self.chars is not None:
            parts.append(self.chars(forms.chars))
        return self.norm(torch.cat(parts, dim=1))


def make_char_net(chars: Optional[CharNet], nO: int) -> Optional[nn.Module]:
    """The net over a form's bytes."""
    if chars is None:
        return None
    return CharCNN(nO) if chars == "cnn" else CharLSTM(nO)


class OneHot(nn.Module):
    """The embedding of the classroom: x_t is all zeros but a 1 at the word's place.

    nO (int): Words known, place 0 for the unknown ones.
    """

    def __init__(self, nO: int):
        super().__init__()
        self.nO = nO
        self.register_buffer("keys", torch.zeros(nO, dtype=torch.int64))

    def forward(self, words: Tensor) -> Tensor:
        """*Shapes:* ``(U,)`` to ``(U, nO)``"""
        return nn.functional.one_hot(words, self.nO).float()
