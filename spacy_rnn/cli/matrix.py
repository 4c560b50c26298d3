"""Attention as a matrix, on a page and in a terminal: a row for each unit that was written, a
column for each that was read.
"""

from html import escape
from typing import List, NamedTuple, Sequence

from .shading import STEPS, plain, short, swatch

GLYPHS = " ·░▒▓█"  # from nothing to the largest share, where there are no colours
LONGEST = 12  # characters of a symbol that are shown
VISIBLE = str.maketrans({" ": "␣", "\n": "⏎", "\t": "⇥"})

STYLE = """
.matrix { overflow-x: auto; margin: .6rem 0; }
.matrix table { margin: 0; }
.matrix th, .matrix td:first-child, .matrix th:first-child { font-weight: normal; }
.matrix td, .matrix th { padding: 0; min-width: 1.5em; height: 1.5em; text-align: center; }
.matrix thead th { vertical-align: bottom; padding-bottom: .2em; }
.matrix thead .long { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; }
.matrix tbody th:first-child { text-align: right; padding-right: .5em; white-space: nowrap; }
.matrix td { border: 1px solid #eee; print-color-adjust: exact;
  -webkit-print-color-adjust: exact; }
"""


class Matrix(NamedTuple):
    """Where a decoder looked.

    columns (Sequence[str]): What it read.
    rows (Sequence[str]): What it wrote.
    shares (Sequence[Sequence[float]]): The attention. *Shape:* ``(rows, columns)``
    """

    columns: Sequence[str]
    rows: Sequence[str]
    shares: Sequence[Sequence[float]]


def step_of(share: float) -> int:
    """How strongly to shade a share of a row, which is 1 in sum."""
    return round(STEPS * share)


def label(symbol: str) -> str:
    """A symbol so that it can be seen: white space too, and no orders to a terminal."""
    text = plain(symbol.translate(VISIBLE))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


# On a page


def draw_matrix(matrix: Matrix) -> str:
    """The matrix as HTML, with each share under the pointer."""
    heads = "".join(_head(label(symbol)) for symbol in matrix.columns)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(label(symbol))}</th>{_cells(matrix.columns, shares)}</tr>'
        for symbol, shares in zip(matrix.rows, matrix.shares)
    )
    return (
        '<div class="matrix"><table>\n'
        f"<thead><tr><th></th>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _head(text: str) -> str:
    inner = f'<span class="long">{escape(text)}</span>' if len(text) > 2 else escape(text)
    return f'<th scope="col">{inner}</th>'


def _cells(columns: Sequence[str], shares: Sequence[float]) -> str:
    parts = []
    for symbol, share in zip(columns, shares):
        step = step_of(share)
        name = f' class="s{step}"' if step else ""
        parts.append(f'<td{name} title="{escape(label(symbol))} {short(share)}"></td>')
    return "".join(parts)


# In a terminal


def matrix_lines(matrix: Matrix, colours: bool, width: int) -> List[str]:
    """The matrix as lines, in blocks of columns if it is wider than the terminal. The symbols
    that were read stand upright, those that were written at the left.

    width (int): Characters on a line.
    """
    left = max((len(label(row)) for row in matrix.rows), default=0)
    n = max((width - left - 1) // 2, 1)
    lines: List[str] = []
    for start in range(0, max(len(matrix.columns), 1), n):
        lines += [""] if start else []
        lines += _block(matrix, slice(start, start + n), left, colours)
    return lines


def _block(matrix: Matrix, part: slice, left: int, colours: bool) -> List[str]:
    columns = [label(symbol) for symbol in matrix.columns[part]]
    height = max(map(len, columns), default=0)
    upright = [" ".join(line) for line in zip(*(c.rjust(height) for c in columns))]
    lines = [f"{'':{left}} {line}".rstrip() for line in upright]
    for row, shares in zip(matrix.rows, matrix.shares):
        cells = "".join(_cell(step_of(share), colours) for share in shares[part])
        lines.append(f"{label(row):>{left}} {cells}".rstrip())
    return lines


def _cell(step: int, colours: bool) -> str:
    return swatch("  ", step) if colours else GLYPHS[step] * 2


def matrix_legend(colours: bool) -> str:
    """What the shades mean."""
    marks = [swatch("  ", s) if colours else GLYPHS[s] * 2 for s in range(1, STEPS + 1)]
    bounds = [f"{mark} {(s - 0.5) / STEPS:.1f}" for s, mark in enumerate(marks, 1)]
    return f"share of the attention from {'  '.join(bounds)}"


def draw_matrix_legend() -> str:
    """The same as HTML."""
    swatches = "\n".join(
        f'<span class="swatch s{s}">{(s - 0.5) / STEPS:.1f}</span>' for s in range(1, STEPS + 1)
    )
    return f'<p class="legend">share of the attention from\n{swatches}</p>'
