"""The commands `python -m spacy rnn ...`. spaCy imports this module by its entry point."""

from spacy.cli._util import app
from typer import Typer

from .convert import convert_cli
from .debug_data import debug_cli
from .explain import explain_cli
from .prepare import prepare_cli
from .report import report_cli
from .visualize import show_cli, visualize_cli

HELP = "Tools for the recurrent components of spacy-rnn."

rnn_cli = Typer(name="rnn", help=HELP, no_args_is_help=True)
rnn_cli.command("convert")(convert_cli)
rnn_cli.command("prepare")(prepare_cli)
rnn_cli.command("visualize")(visualize_cli)
rnn_cli.command("show")(show_cli)
rnn_cli.command("report")(report_cli)
rnn_cli.command("explain")(explain_cli)
rnn_cli.add_typer(debug_cli)
app.add_typer(rnn_cli)
