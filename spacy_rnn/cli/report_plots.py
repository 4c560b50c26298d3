"""The figures of `spacy rnn report`, each as the address of an image that holds it all."""

from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING, Any, Dict, List

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, LINE, BLUE, GREY = "#333", "#bbb", "#4c78a8", "#c9d3df"


def plot_reliability(bins: List[Dict[str, Any]]) -> str:
    """Precision over confidence, and below it how many entities there are."""
    figure = new_figure(4.6, 4.6)
    axes, counts = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    middles = [(of["start"] + of["end"]) / 2 for of in bins]
    width = bins[0]["end"] - bins[0]["start"]
    axes.bar(middles, [of["precision"] or 0.0 for of in bins], width, color=BLUE, edgecolor="white")
    axes.plot([0, 1], [0, 1], color=INK, linestyle=(0, (4, 3)), linewidth=1)
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="share that is right")
    counts.bar(middles, [of["entities"] for of in bins], width, color=GREY, edgecolor="white")
    counts.set(xlabel="confidence", ylabel="entities", xticks=[i / 5 for i in range(6)])
    return as_image(figure, [axes, counts])


def plot_curve(curve: List[Dict[str, float]]) -> str:
    """F over steps of training."""
    figure = new_figure(6.4, 3.2)
    axes = figure.subplots()
    steps, scores = [at["step"] for at in curve], [100 * at["f1"] for at in curve]
    axes.plot(steps, scores, color=BLUE, marker="o", markersize=3, linewidth=1.5)
    axes.set(xlabel="step", ylabel="F1 in %")
    axes.grid(axis="y", color="#eee")
    return as_image(figure, [axes])


def new_figure(width: float, height: float) -> "Figure":
    """A figure of its own: pyplot would keep it, and ask for a display.

    width (float): In inches.
    height (float): In inches.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def as_image(figure: "Figure", all_axes: List["Axes"]) -> str:
    """Calm the axes and pack the figure as SVG."""
    for axes in all_axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(LINE)
        axes.tick_params(color=LINE, labelcolor=INK, labelsize=9)
        axes.xaxis.label.set_color(INK)
        axes.yaxis.label.set_color(INK)
    svg = BytesIO()
    figure.savefig(svg, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + b64encode(svg.getvalue()).decode("ascii")
