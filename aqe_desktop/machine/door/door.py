"""The maker of every HTTP client: one door per process, over one ledger."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.errors import PrivacyRefused, SettingsBroken
from aqe_desktop.core.ports import Ledger
from aqe_desktop.machine.door.address import Address
from aqe_desktop.machine.door.gate import gate_class
from aqe_desktop.machine.door.passage import AsksOffline, Leave, Passage, stays_here
from aqe_desktop.machine.door.rehearsal import rehearsing_class

if TYPE_CHECKING:
    import httpx
    import httpx2

_CONNECT_S = 5.0


def warm_up() -> None:
    """Import the client library; a fifth of a second when cold, so callers do it in a thread."""
    import httpx  # noqa: F401


class Door:
    """Clients for Turns and Errands. `offline` closes it for everything but proved `device`; `extra_ca` names a file
    with certificates that are trusted beside the usual ones, "" none.

    No client asks the environment for a proxy or a login, and none follows a redirect."""

    def __init__(self, ledger: Ledger, offline: AsksOffline, extra_ca: str = "") -> None:
        self._ledger = ledger
        self._offline = offline
        self._extra_ca = extra_ca
        self._inner: dict[tuple[str, Address], Any] = {}
        self._trust: ssl.SSLContext | None = None

    async def client(
        self, leave: Leave, to: Address, headers: Mapping[str, str] | None = None, *, read_s: float | None = None
    ) -> httpx.AsyncClient:
        """A client for this leave at this one place. `read_s`: seconds without a byte until it gives up; None waits
        for ever, for a busy engine holds back even its headers. Raises SettingsBroken for a bad `extra_ca`."""
        import httpx

        client: httpx.AsyncClient = await self._client(httpx, leave, to, headers, read_s)
        return client

    async def client2(
        self, leave: Leave, to: Address, headers: Mapping[str, str] | None = None, *, read_s: float | None = None
    ) -> httpx2.AsyncClient:
        """The same for libraries that speak through httpx2."""
        import httpx2

        client: httpx2.AsyncClient = await self._client(httpx2, leave, to, headers, read_s)
        return client

    def rehearsal(self, to: Address, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
        """A client that sends nothing: each request ends in `Rehearsed`, which holds its body as it would have left."""
        import httpx

        return httpx.AsyncClient(
            transport=rehearsing_class(httpx)(to.host),
            base_url=to.base_url,
            headers=dict(headers or {}),
            trust_env=False,
            follow_redirects=False,
        )

    def passage(self, leave: Leave, host: str, via: str) -> Passage:
        """For what another process, `via`, sends for us to `host`: begin before that one is told to, end it after."""
        return Passage(leave, host, self._ledger, self._offline, via)

    async def forget(self, to: Address) -> None:
        """Close the connections to a server that is gone."""
        for key in [key for key in self._inner if key[1] == to]:
            await self._inner.pop(key).aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        for _, to in list(self._inner):
            await self.forget(to)

    async def _client(
        self, http: Any, leave: Leave, to: Address, headers: Mapping[str, str] | None, read_s: float | None
    ) -> Any:
        if stays_here(leave.place) and to.url:
            raise PrivacyRefused(f"What is cleared for this device only cannot go to {to}.")
        passage = Passage(leave, to.host, self._ledger, self._offline)
        gate = gate_class(http)(passage, await self._transport(http, to), http.URL(to.base_url))
        return http.AsyncClient(
            transport=gate,
            base_url=to.base_url,
            headers=dict(headers or {}),
            timeout=http.Timeout(read_s, connect=_CONNECT_S),
            trust_env=False,
            follow_redirects=False,
        )

    async def _transport(self, http: Any, to: Address) -> Any:
        """Kept by place: a TLS handshake is paid once."""
        key = (http.__name__, to)
        if key not in self._inner:
            trust = await self._trusted() if to.base_url.startswith("https:") else _nobody()
            self._inner[key] = http.AsyncHTTPTransport(
                uds=str(to.path) if to.path else None,
                verify=trust,
                trust_env=False,
                # An engine on this machine closes kept connections by itself, now and then in the middle of a reuse.
                limits=http.Limits() if to.url else http.Limits(max_keepalive_connections=0),
            )
        return self._inner[key]

    async def _trusted(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = await asyncio.to_thread(_usual_and, self._extra_ca)
        return self._trust


def _nobody() -> ssl.SSLContext:
    """No TLS is spoken here; an empty trust store spares the 0.1 s and more of loading the usual one."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _usual_and(extra: str) -> ssl.SSLContext:
    import certifi

    context = ssl.create_default_context(cafile=certifi.where())
    if extra:
        try:
            context.load_verify_locations(Path(extra).expanduser())
        except (OSError, RuntimeError) as error:  # ssl.SSLError is an OSError; expanduser knows no such user
            raise SettingsBroken(
                f"The certificates in {extra} cannot be read: {error}.",
                "Point the setting at a PEM file, or empty it.",
            ) from error
    return context
