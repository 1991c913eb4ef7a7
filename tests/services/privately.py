"""What clears a request in a test: real policies, the real scanner (compiled once for all tests), a real ledger."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aqe_desktop.core.chat import Attachment, Message, Role
from aqe_desktop.core.findings import Found
from aqe_desktop.machine.files import read_attachment
from aqe_desktop.machine.ignored import ignored_by_git
from aqe_desktop.machine.places import files_below, names_of, real
from aqe_desktop.machine.texts import shared_by, stamp_of, text_of
from aqe_desktop.services.clearing import Clearing
from aqe_desktop.services.dismissals import DismissalService
from aqe_desktop.services.models import ModelService
from aqe_desktop.services.policy import PolicyService, Surroundings
from aqe_desktop.services.privacy import PrivacyService
from aqe_desktop.services.private_texts import PrivateTexts
from aqe_desktop.services.scanning import Scanning
from aqe_desktop.settings.policy_file import PolicyFiles
from aqe_desktop.store.database import Database
from aqe_desktop.store.dismissals import DismissalStore
from aqe_desktop.store.ledger import LedgerStore
from aqe_desktop.store.shingles import ShingleStore
from aqe_desktop.store.trust import TrustStore
from aqe_desktop.store.words import WordStore
from tests.rules import compiled_scanner


async def a_key() -> bytes:
    return b"k" * 32


@dataclass
class Privately:
    """The services over one database, and what they stand on. `key` may be exchanged between two calls."""

    policies: PolicyService
    privacy: PrivacyService
    scanning: Scanning
    ledger: LedgerStore
    dismissals: DismissalService


def privately(database: Database) -> Privately:
    assert database.path is not None
    home = database.path.parent
    around = Surroundings(PolicyFiles().above, names_of, real, ignored_by_git, files_below)
    policies = PolicyService(around, TrustStore(database), WordStore(database))
    ledger = LedgerStore(home / "ledger.db", "this machine")
    scanning = Scanning(lambda make: compiled_scanner())
    dismissals = DismissalService(DismissalStore(database), a_key, ledger)
    texts = PrivateTexts(policies, ShingleStore(database), stamp_of, text_of, shared_by)
    return Privately(policies, PrivacyService(scanning, policies, texts, dismissals), scanning, ledger, dismissals)


def clearing_over(models: ModelService, database: Database) -> Clearing:
    parts = privately(database)
    return Clearing(models, parts.policies, parts.privacy)


CODE = """\
def settle(invoice, ledger):
    remaining = invoice.total - sum(part.amount for part in invoice.parts)
    if remaining < ledger.threshold:
        ledger.postpone(invoice, reason="small remainder")
    else:
        ledger.collect(invoice, remaining, account=ledger.suspense)
"""


def asks(text: str, *files: Attachment) -> tuple[Message, ...]:
    return (Message(Role.USER, text, files),)


def kinds(found: Sequence[Found]) -> list[str]:
    return [each.finding.kind for each in found]


def policy(project: Path, text: str) -> None:
    (project / ".aqe" / "policy.toml").write_text(text)


def git(project: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=project, check=True, capture_output=True, timeout=60)


def written(path: Path, text: str) -> Attachment:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return read_attachment(path)
