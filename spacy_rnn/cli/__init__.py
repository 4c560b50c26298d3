"""The commands `python -m spacy rnn ...`. spaCy imports this module by its entry point."""

import io
import sys

from spacy.cli._util import app
from typer import Typer

from .convert import convert_cli
from .debug_data import debug_cli
from .explain import explain_cli
from .prepare import prepare_cli
from .report import report_cli
from .visualize import show_cli, visualize_cli

HELP = "Tools for the recurrent components of spacy-rnn."


def print_any_text() -> None:
    """What is not UTF-8, such as a file that a console on Windows writes to, gets a question mark
    for each character that it cannot have.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


rnn_cli = Typer(name="rnn", help=HELP, no_args_is_help=True, callback=print_any_text)
rnn_cli.command("convert")(convert_cli)
rnn_cli.command("prepare")(prepare_cli)
rnn_cli.command("visualize")(visualize_cli)
rnn_cli.command("show")(show_cli)
rnn_cli.command("report")(report_cli)
rnn_cli.command("explain")(explain_cli)
rnn_cli.add_typer(debug_cli)
app.add_typer(rnn_cli)
