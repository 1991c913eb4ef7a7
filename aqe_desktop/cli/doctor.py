"""`aqe doctor` and `aqe diagnostics`: what is wrong here, and a report to give away after reading it."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict
from pathlib import Path

from aqe_desktop.cli import output
from aqe_desktop.cli.parser import Subparsers, add_command
from aqe_desktop.services.diagnostics import Bundle
from aqe_desktop.services.doctor import Finding
from aqe_desktop.upkeep import open_diagnostics, open_doctor

DOCTOR_FIELDS = ("ok", "checks[].name", "checks[].ok", "checks[].detail", "checks[].hint")
DIAGNOSTICS_FIELDS = ("files[].name", "files[].text", "saved")
FAILED = 4


def add_doctor(commands: Subparsers) -> None:
    add_command(commands, "doctor", "check this installation", doctor, DOCTOR_FIELDS)
    does = "show what a diagnostics bundle holds, and save it"
    parser = add_command(commands, "diagnostics", does, diagnostics, DIAGNOSTICS_FIELDS)
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the bundle as a zip file after showing it")


def doctor(args: argparse.Namespace) -> int:
    """0 where all is well, 4 otherwise. Opens neither the database for writing nor an engine."""
    findings = asyncio.run(open_doctor().run())
    sound = all(finding.ok for finding in findings)
    if args.json:
        output.as_json({"ok": sound, "checks": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            output.line(_row(finding))
    return 0 if sound else FAILED


def diagnostics(args: argparse.Namespace) -> int:
    bundle = asyncio.run(_diagnose(args))
    saved = None if args.save is None else str(args.save)
    if args.json:
        files = [{"name": name, "text": text} for name, text in bundle.files]
        output.as_json({"files": files, "saved": saved})
    else:
        output.note("Nothing was saved. --save FILE writes it." if saved is None else f"Saved to {saved}.")
    return 0


async def _diagnose(args: argparse.Namespace) -> Bundle:
    service = open_diagnostics()
    bundle = await service.collect()
    if not args.json:
        output.line(bundle.preview)
    if args.save is not None:
        await service.save(bundle, args.save, replace=False)  # nobody was asked
    return bundle


def _row(finding: Finding) -> str:
    hint = f"\n       {finding.hint}" if finding.hint else ""
    return f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name}: {finding.detail}{hint}"
