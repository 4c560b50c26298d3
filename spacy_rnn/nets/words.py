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
    """max over positions of ReLU(W [c_{i-1}; c_i; c_{i+1}] + b) (Santos and Zadrozny,
    2014). Padding is zero and the maximum starts at zero, so it never shows.

    nO (int): Width of the output.
    nM (int): Width of a byte.
    """

    def __init__(self, nO: int, *, nM: int = 24):
        super().__init__()
        self.bytes = nn.Embedding(257, nM, padding_idx=PADDING)
        self.conv = nn.Conv1d(nM, nO, kernel_size=3, padding=2)

    def forward(self, chars: Tensor) -> Tensor:
        """*Shapes:* ``(U, L)`` to ``(U, nO)``"""
        Y = self.conv(self.bytes(chars).transpose(1, 2))
        length = (chars != PADDING).sum(1, keepdim=True)[:, None]
        inside = torch.arange(Y.shape[2], device=Y.device) < length + 2
        return torch.relu(Y).mul(inside).amax(dim=2)


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
    """Everything that is known of a word form, side by side, mixed by one matrix:

        x = W [word; features; chars; vector + word's difference]

    With static vectors the word's row is a difference that is added to the vector: it
    starts at zero, so training moves a word away from its vector only for a reason
    (Qi et al., 2020). Without, rows start small and random.

    width (int): Width of the output.
    rows (int): Rows of the word table, row 0 for unknown words.
    word_width (int): Width of a word's row; with static vectors it is theirs.
    n_features (int): Number of hashed features (prefix, suffix, shape ...).
    feature_rows (int): Rows of each feature's table.
    feature_width (int): Width of a feature.
    chars (str): ``cnn``, ``lstm`` or None.
    char_width (int): Width of what is read off the bytes.
    nV (int): Width of the static vectors, 0 for none.
    """

    def __init__(
        self,
        width: int,
        *,
        rows: int,
        word_width: int,
        n_features: int,
        feature_rows: int,
        feature_width: int,
        chars: Optional[CharNet],
        char_width: int,
        nV: int = 0,
    ):
        super().__init__()
        self.words = nn.Embedding(rows, nV or word_width)
        self.features = nn.ModuleList(
            nn.Embedding(feature_rows, feature_width) for _ in range(n_features)
        )
        self.chars = {"cnn": CharCNN, "lstm": CharLSTM, None: None}[chars]
        self.chars = self.chars(char_width) if self.chars else None
        total = (nV or word_width) + n_features * feature_width
        self.mix = nn.Linear(total + (char_width if chars else 0), width)
        self.register_buffer("keys", torch.zeros(rows, dtype=torch.int64))
        self._init_tables(zero_words=nV > 0)

    def _init_tables(self, zero_words: bool) -> None:
        for table in (self.words, *self.features):
            nn.init.uniform_(table.weight, -0.1, 0.1)
        if zero_words:
            nn.init.zeros_(self.words.weight)
        nn.init.xavier_uniform_(self.mix.weight)
        nn.init.zeros_(self.mix.bias)

    def forward(self, forms: Forms) -> Tensor:
        """*Shape:* ``(U, width)``"""
        words = self.words(forms.words)
        if forms.vectors.shape[1]:
            words = words + forms.vectors
        parts = [words]
        parts += [table(ids) for table, ids in zip(self.features, forms.features.T)]
        if self.chars is not None:
            parts.append(self.chars(forms.chars))
        return self.mix(torch.cat(parts, dim=1))


class OneHot(nn.Module):
    """The embedding of the classroom: x_t is all zeros but a 1 at the word's place.

    nO (int): Words known, place 0 for the unknown ones.
    """

    def __init__(self, nO: int):
        super().__init__()
        self.register_buffer("keys", torch.zeros(nO, dtype=torch.int64))

    def forward(self, words: Tensor) -> Tensor:
        """*Shapes:* ``(U,)`` to ``(U, nO)``"""
        return nn.functional.one_hot(words, len(self.keys)).float()


