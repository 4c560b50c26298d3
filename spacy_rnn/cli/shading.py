"""Words shaded by their share of the attention, on a page and in a terminal."""

import os
import re
import sys
from html import escape
from typing import List, NamedTuple, Sequence

from wasabi.util import color, supports_ansi

# From pale to strong. On the page under the ink of its text; in a terminal, numbers of its
# 256 colours under black text, apart from a dark ground as well as from a light one
SHADES = ("#fff0b8", "#ffdc85", "#ffc35a", "#ffa240", "#fa7f2c")
ANSI = (144, 179, 215, 208, 202)
BLACK = 16
STEPS = len(SHADES)

STYLE = "\n".join(
    [
        ".shaded { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.8; }",
        ".shaded span, .swatch { padding: .1em .15em; border-radius: .2em; color: #222;",
        "  print-color-adjust: exact; -webkit-print-color-adjust: exact; }",
        *(f".s{step} {{ background: {shade}; }}" for step, shade in enumerate(SHADES, 1)),
    ]
)

# What a terminal would obey instead of showing it
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Word(NamedTuple):
    """A token with the white space behind it, and its share of the attention."""

    text: str
    space: str
    share: float


def steps_of(words: Sequence[Word]) -> List[int]:
    """How strongly to shade each word, from 0, not at all, to `STEPS` for the largest share.
    White space is not shaded: it would draw bars across the page.
    """
    top = largest(words)
    steps = [round(STEPS * word.share / top) if top else 0 for word in words]
    return [0 if word.text.isspace() else step for word, step in zip(words, steps)]


def largest(words: Sequence[Word]) -> float:
    """The largest share."""
    return max((word.share for word in words), default=0.0)


def bounds(words: Sequence[Word]) -> List[float]:
    """The share from which on a word is shaded by each step."""
    return [largest(words) * (step - 0.5) / STEPS for step in range(1, STEPS + 1)]


def short(share: float) -> str:
    """Two digits that count: in long texts all shares are small."""
    return f"{share:.2f}" if share > 0.095 else f"{share:.2g}"


# On a page


def draw(words: Sequence[Word]) -> str:
    """The text as HTML, with the share of each shaded word under the pointer."""
    parts = []
    for word, step in zip(words, steps_of(words)):
        text = escape(word.text)
        if step:
            text = f'<span class="s{step}" title="{short(word.share)}">{text}</span>'
        parts.append(text + word.space)
    return f'<div class="shaded" dir="auto">{"".join(parts)}</div>'


def draw_legend(words: Sequence[Word]) -> str:
    """What the shades mean, as HTML; nothing if nothing is shaded."""
    if not largest(words):
        return ""
    swatches = "\n".join(
        f'<span class="swatch s{step}">{short(bound)}</span>'
        for step, bound in enumerate(bounds(words), 1)
    )
    return f'<p class="legend">share from\n{swatches}\nto {legend_end(words)}</p>'


def legend_end(words: Sequence[Word]) -> str:
    n = len(words)
    return f"{short(largest(words))}; if all {n} tokens counted the same: {short(1 / n)} each"


# In a terminal


def has_colours() -> bool:
    """Whether what is printed goes to a terminal that wants colours."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty() and supports_ansi()


def paint(words: Sequence[Word]) -> str:
    """The text with its words on coloured ground."""
    return "".join(
        swatch(plain(word.text), step) + word.space for word, step in zip(words, steps_of(words))
    )


def swatch(text: str, step: int) -> str:
    return color(text, fg=BLACK, bg=ANSI[step - 1]) if step else text


def number(words: Sequence[Word]) -> str:
    """The text with the share of each word that would be shaded: `A [dull](0.72) film.`"""
    return "".join(
        (f"[{plain(word.text)}]({short(word.share)})" if step else plain(word.text)) + word.space
        for word, step in zip(words, steps_of(words))
    )


def plain(text: str) -> str:
    """Text that gives a terminal no orders."""
    return CONTROL.sub("\ufffd", text)


def paint_legend(words: Sequence[Word]) -> str:
    """What the colours mean."""
    swatches = [swatch(f" {short(b)} ", step) for step, b in enumerate(bounds(words), 1)]
    return f"share from {''.join(swatches)} to {legend_end(words)}"


def number_legend(words: Sequence[Word]) -> str:
    """What the numbers mean."""
    return f"share from {short(bounds(words)[0])} to {legend_end(words)}"
