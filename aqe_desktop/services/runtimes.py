"""Where runtimes listen, and servers of the user's own: what the settings say of them, changed by command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.models import Zone

MOVABLE = frozenset({"ollama"})
"""Runtimes with an address of their own in the settings."""


class RuntimeSettings(Protocol):
    """The settings as this service needs them. Methods raise UsageError for what is not valid or not there, and
    StorageFailed or a kind of it."""

    async def change(self, changes: Mapping[str, Any]) -> Any:
        """Set `{"section.key": value}`, None back to the default."""

    async def add_server(self, server: str, url: str, zone: str = "", name: str = "", program: str = "") -> None: ...

    async def set_server(self, server: str, changes: Mapping[str, str | int]) -> None: ...

    async def remove_server(self, server: str) -> None: ...


class RuntimeService:
    """What is changed here counts from the next start of each program: a running one keeps its runtimes."""

    def __init__(self, settings: RuntimeSettings, own: Sequence[str]) -> None:
        """`own` are the ids of the runtimes that are there without being added."""
        self._settings = settings
        self._own = own

    async def set_url(self, runtime: str, url: str) -> None:
        """Where it listens, "" for its usual address. UsageError for an engine that listens nowhere, or no address."""
        if runtime in MOVABLE:
            await self._settings.change({f"{runtime}.url": url or None})
        elif runtime in self._own:
            raise UsageError(
                f"“{runtime}” has no address: this app starts it itself.", "`aqe runtimes` shows the others."
            )
        elif not url:
            raise UsageError("A server needs an address.", f"Give one, or: aqe runtimes remove {runtime}")
        else:
            await self._settings.set_server(runtime, {"url": url})

    async def set_zone(self, runtime: str, zone: Zone | None) -> None:
        """The user's word where it runs; None takes it back."""
        told = "" if zone is None else str(zone)
        if runtime in MOVABLE:
            near = zone in (Zone.DEVICE, Zone.LAN)  # what is not said to be near counts as a cloud anyway
            await self._settings.change({f"{runtime}.zone": told if near else None})
        elif runtime in self._own:
            raise UsageError(
                f"Where “{runtime}” runs is read from the kernel.", "`aqe runtimes --json` shows the facts."
            )
        else:
            await self._settings.set_server(runtime, {"zone": told})

    async def set_program(self, runtime: str, program: str) -> None:
        """The file that its server runs from, by which one on this device can be proved."""
        if runtime in MOVABLE:
            await self._settings.change({f"{runtime}.program": program or None})
        elif runtime in self._own:
            raise UsageError(f"“{runtime}” needs no program of yours.", "`aqe runtimes` shows the others.")
        else:
            await self._settings.set_server(runtime, {"program": program})

    async def add(self, runtime: str, url: str, zone: Zone | None = None, *, name: str = "", program: str = "") -> None:
        """A server of the user's own that speaks OpenAI's protocol."""
        if runtime in self._own:
            raise UsageError(f"There is a runtime “{runtime}” already.", "Choose another id.")
        await self._settings.add_server(runtime, url, "" if zone is None else str(zone), name, program)

    async def remove(self, runtime: str) -> None:
        """Forget a server that was added; nothing at that server changes."""
        if runtime in self._own:
            raise UsageError(
                f"“{runtime}” comes with the app and cannot be removed.", "`aqe runtimes` lists the others."
            )
        await self._settings.remove_server(runtime)
