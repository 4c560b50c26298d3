import re
import sys
from html import unescape

import pytest

from spacy_rnn.cli.shading import (
    ANSI,
    BLACK,
    SHADES,
    STEPS,
    Word,
    bounds,
    draw,
    draw_legend,
    has_colours,
    number,
    number_legend,
    paint,
    paint_legend,
    plain,
    short,
    steps_of,
)

TEXT = [Word("A", " ", 0.02), Word("dull", " ", 0.8), Word("film", "", 0.16), Word(".", "", 0.02)]


def words(*shares):
    return [Word("w", " ", share) for share in shares]


def steps_in(html):
    return [int(step) for step in re.findall(r'class="s(\d)"', html)]


def without_ansi(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


# How strongly


def test_the_largest_share_has_the_strongest_shade():
    assert steps_of(words(0.8, 0.16, 0.04)) == [STEPS, 1, 0]
    assert steps_of(words(0.08, 0.016, 0.004)) == [STEPS, 1, 0]  # however small


def test_a_larger_share_has_no_weaker_shade():
    steps = steps_of(words(*[i / 100 for i in range(101)]))
    assert steps == sorted(steps) and set(steps) == set(range(STEPS + 1))


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_bounds_are_where_a_shade_begins(step):
    bound = bounds(words(0.7))[step - 1]
    assert steps_of(words(0.7, bound - 1e-6, bound + 1e-6))[1:] == [step - 1, step]


@pytest.mark.parametrize("shares", [(), (0.0, 0.0)])
def test_nothing_is_shaded_without_attention(shares):
    assert steps_of(words(*shares)) == [0] * len(shares)
    assert steps_in(draw(words(*shares))) == [] and draw_legend(words(*shares)) == ""


def test_white_space_is_not_shaded():
    assert steps_of([Word("\n\n", "", 0.9), Word("a", "", 0.1)]) == [0, 1]


@pytest.mark.parametrize(
    "share, written",
    [(1.0, "1.00"), (0.123, "0.12"), (0.0999, "0.10"), (0.0123, "0.012"), (0.00019, "0.00019")],
)
def test_shares_have_two_digits_that_count(share, written):
    assert short(share) == written


# Legible


def luminance(colour):
    """WCAG 2.1"""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def xterm(n):
    """A colour of the cube of 6 x 6 x 6 in a terminal's palette."""
    assert 16 <= n < 232
    levels = (0, 95, 135, 175, 215, 255)
    return "#" + "".join(f"{levels[(n - 16) // 6**i % 6]:02x}" for i in (2, 1, 0))


@pytest.mark.parametrize("shade", SHADES)
def test_ink_is_legible_on_each_shade_of_the_page(shade):
    assert contrast(shade, "#222222") >= 4.5


@pytest.mark.parametrize("code", ANSI)
def test_text_is_legible_on_each_colour_of_the_terminal(code):
    assert contrast(xterm(code), xterm(BLACK)) >= 4.5


@pytest.mark.parametrize("code", ANSI)
def test_colours_stand_out_from_dark_and_light_ground(code):
    assert min(contrast(xterm(code), ground) for ground in ("#000000", "#ffffff")) >= 1.8


def test_shades_of_the_page_grow_darker():
    shades = [luminance(shade) for shade in SHADES]
    assert shades == sorted(shades, reverse=True) and len(ANSI) == len(set(ANSI)) == STEPS


# On a page


def test_the_page_says_the_share_of_a_word():
    assert re.findall(r'class="s(\d)" title="(.*?)">(.*?)<', draw(TEXT)) == [
        ("5", "0.80", "dull"),
        ("1", "0.16", "film"),
    ]


@pytest.mark.parametrize("text", ["<b>", "&amp;", '"', "'", "</div><script>alert(1)</script>"])
def test_text_is_escaped(text):
    html = draw([Word(text, "  \n", 0.5), Word(text, "", 0.001)])
    assert set(re.findall(r"<[^>]*?(?=[ >])", html)) == {"<div", "</div", "<span", "</span"}
    assert unescape(re.sub("<.*?>", "", html)) == f"{text}  \n{text}"


@pytest.mark.parametrize("legend", [draw_legend, paint_legend, number_legend])
def test_a_legend_says_what_even_shares_would_be(legend):
    assert (
        legend(TEXT)
        .removesuffix("</p>")
        .endswith("to 0.80; if all 4 tokens counted the same: 0.25 each")
    )


# In a terminal


def test_words_are_painted():
    painted = paint(TEXT)
    assert without_ansi(painted) == "A dull film."
    assert f"48;5;{ANSI[-1]}mdull\x1b" in painted and f"48;5;{ANSI[0]}mfilm\x1b" in painted
    assert painted.startswith("A \x1b") and painted.endswith("\x1b[0m.")


def test_numbers_stand_in_for_colours():
    assert number(TEXT) == "A [dull](0.80) [film](0.16)."
    assert number_legend(TEXT).startswith("share from 0.08 to 0.80;")


@pytest.mark.parametrize("write", [paint, number])
def test_text_gives_the_terminal_no_orders(write):
    found = write([Word("a\x1b[31m\x9b\r\x07", "", 0.0), Word("b\x1b[2J", "\n", 1.0)])
    assert "a\ufffd[31m\ufffd\ufffd\ufffd" in found and "b\ufffd[2J" in found
    assert found.endswith("\n")


def test_letters_stay():
    assert plain("naïve\t日本\n") == "naïve\t日本\n"


@pytest.mark.parametrize(
    "is_terminal, env, wanted",
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),  # as no-color.org has it
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(monkeypatch, is_terminal, env, wanted):
    for name in ("NO_COLOR", "TERM", "ANSI_COLORS_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    assert has_colours() is wanted
