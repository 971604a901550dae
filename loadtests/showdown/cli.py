"""The `showdown` command."""

import os
import sys
from io import TextIOWrapper

import typer

from showdown.commands.lazy import add_lazily
from showdown.console import EXIT_CODES

# Set by the scripts that shells run when Tab is pressed.
COMPLETED = "_SHOWDOWN_COMPLETE"
UNBOUNDED = "10000"
# What each does, in the order of `showdown --help`; commands/ has a module for each.
COMMANDS = {
    "list": "Show the variants, scenarios, profiles and chains there are.",
    "verify": "Replay every golden case against each variant, and show where bytes differ.",
    "up": "Start the stack with one variant, until Ctrl-C or while a command runs.",
    "run": "Measure variants under scenarios, and report.",
    "explain": "Measure a chain of variants, and show what each step between them changes.",
    "sweep": "Measure variants at several values of one knob or parameter of the load, and show the curves.",
    "report": "Show a run's tables again, and write its report.html, report.md and charts anew; "
    "or print it in another form.",
    "compare": "Show what differs between two runs, variant by variant, with intervals.",
    "reproduce": "Make a run again by its recorded settings, and show which figures lie in its intervals.",
    "capacity": "Find the highest rate at which variants keep a latency, and their latency at 50, 70 and 85% of it.",
    "faults": "Cause faults under load, and show what clients saw: failures, wrong answers, lost rows, and until when.",
    "overload": "Ask variants for up to ten times what they can do, and see what they refuse and how soon they "
    "recover.",
    "keep": "Keep a run's results under docs/results, compressed, for documents to cite.",
    "prepare-hosts": "Set up hosts of one's own for `showdown run --stack hosts`.",
    "cloud-cost": "Say what the hosts of infra/ cost, before they are made.",
    "cloud-run": "Make the hosts of infra/, measure on them, and destroy them, whatever happens.",
}

app = typer.Typer(
    name="showdown",
    help="Compare implementations of one HTTP API over Postgres: answers, throughput, latency, CPU and memory.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for name, told in COMMANDS.items():
    add_lazily(app, name, told)


def main() -> None:
    """Entry point."""
    # A terminal that cannot show a character gets its number.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    _require_one_line_each()
    app()


def _require_one_line_each() -> None:
    """Typer breaks what a name stands for into lines as wide as the terminal, and fish takes the second for a name."""
    if COMPLETED in os.environ:
        os.environ["COLUMNS"] = UNBOUNDED
