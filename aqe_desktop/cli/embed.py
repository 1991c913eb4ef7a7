"""`aqe embed`: texts as vectors, one for each."""

from __future__ import annotations

import argparse
import json
import sys

from aqe_desktop.app import App
from aqe_desktop.cli import output
from aqe_desktop.cli.chat import attachments_of
from aqe_desktop.cli.parser import Subparsers, add_command
from aqe_desktop.cli.project import add_project, chosen_project
from aqe_desktop.cli.running import Session
from aqe_desktop.core.embedding import Embedded
from aqe_desktop.core.models import ModelRef
from aqe_desktop.machine.files import MAX_BYTES, decode

FIELDS = ("model", "vectors", "dimensions", *(f"usage.{name}" for name in ("input", "requests")))


def add_embed(commands: Subparsers) -> None:
    parser = add_command(commands, "embed", "turn texts into vectors, one for each", embed, FIELDS)
    parser.add_argument("model", metavar="REF", help="RUNTIME/MODEL; one that is made for embeddings does it best")
    parser.add_argument("text", nargs="?", metavar="TEXT", help="the text; - reads it from standard input")
    parser.add_argument("--file", action="append", default=[], metavar="PATH", help="a text file; repeatable")
    add_project(parser)


def embed(args: argparse.Namespace) -> int:
    model = ModelRef.parse(args.model)
    texts = [_piped()] if args.text == "-" else [args.text] if args.text is not None else []
    with Session("aqe embed") as session:
        found = session.run(_embed(session.app, model, texts, args))
    if args.json:
        usage = {"input": found.usage.input, "requests": found.usage.requests}
        vectors = [list(each) for each in found.vectors]
        output.as_json({"model": str(model), "vectors": vectors, "dimensions": found.dimensions, "usage": usage})
    else:
        for each in found.vectors:
            output.line(json.dumps(list(each)))
    return 0


async def _embed(app: App, model: ModelRef, texts: list[str], args: argparse.Namespace) -> Embedded:
    project = chosen_project(args.project)
    files = await attachments_of(app, args.file)
    return await app.embedding.embed(model, texts, files, project=str(project) if project else "")


def _piped() -> str:
    return decode(sys.stdin.buffer.read(MAX_BYTES + 1), "Standard input")
