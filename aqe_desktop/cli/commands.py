"""The whole grammar of `aqe`, and the running of one command; imported late, for it loads the app."""

from __future__ import annotations

from collections.abc import Sequence

from aqe_desktop import __version__
from aqe_desktop.cli.chat import add_chat
from aqe_desktop.cli.doctor import add_doctor
from aqe_desktop.cli.embed import add_embed
from aqe_desktop.cli.history import add_history
from aqe_desktop.cli.ledger import add_ledger
from aqe_desktop.cli.models import add_models
from aqe_desktop.cli.parser import Parser
from aqe_desktop.cli.plan import add_plan
from aqe_desktop.cli.policy import add_policy
from aqe_desktop.cli.restore import add_restore
from aqe_desktop.cli.runtimes import add_runtimes
from aqe_desktop.cli.scan import add_scan
from aqe_desktop.cli.stock import add_stock
from aqe_desktop.core.errors import UsageError

CODES = """exit codes:
  0 done, 1 our bug, 2 usage, 3 refused by privacy policy, 4 provider or runtime failed, 5 budget,
  6 nothing local can serve it; 130 and 143 when interrupted, 141 when the reader of a pipe has gone

AQE_HOME moves all data and settings."""


def run_command(words: Sequence[str]) -> int:
    """The command's exit code. Raises AqeError, SystemExit after help, and whatever else can go wrong."""
    args = build_parser().parse_args(words)
    if not hasattr(args, "command"):
        raise UsageError("Name a command.", "`aqe --help` lists them.")
    code: int = args.command(args)
    return code


def build_parser() -> Parser:
    parser = Parser(prog="aqe", description="Chat with models on this machine, from the terminal.", epilog=CODES)
    parser.add_argument("--version", action="version", version=f"aqe {__version__}")
    parser.set_defaults(json=False)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)
    for add in (add_chat, add_history, add_models, add_runtimes, add_stock, add_plan, add_embed):
        add(commands)
    for add in (add_policy, add_ledger, add_doctor, add_restore, add_scan):
        add(commands)
    return parser
