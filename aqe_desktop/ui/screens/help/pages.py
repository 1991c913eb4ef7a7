"""The pages of the user guide: Markdown files in resources/help, named by their first heading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from aqe_desktop.resources import resource
from aqe_desktop.ui.widgets.transcript.markdown import PAGE

FIRST = "getting-started"
_PAGE_LINK = re.compile(r"\]\(([a-z-]+)\.md(?:#[a-z-]+)?\)")


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `name` is its file's stem."""

    name: str
    title: str
    path: Path

    def body(self) -> str:
        """The page without its title; links to other pages have the scheme that the transcript knows for them."""
        text = self.path.read_text(encoding="utf-8").partition("\n")[2].strip()
        return _PAGE_LINK.sub(rf"]({PAGE}\1)", text)


def pages() -> tuple[Page, ...]:
    """All of them, the first steps first and the rest by title."""
    found = [Page(path.stem, _title(path), path) for path in sorted(resource("help").glob("*.md"))]
    return tuple(sorted(found, key=lambda page: (page.name != FIRST, page.title.lower())))


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        first = next((line for line in file if line.startswith("# ")), f"# {path.stem}")
    return first.removeprefix("# ").replace("`", "").strip()
