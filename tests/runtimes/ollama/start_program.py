"""A user of the app, as a process: starts Ollama over the profile of AQE_HOME and waits, or ends when told to `leave`.

`start_program.py PORT BINARY HOME stay|leave`; prints the server's pid."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aqe_desktop.machine.paths import find_paths
from aqe_desktop.runtimes.ollama.server import Options, Server
from tests.doors import local_door


async def main(port: str, binary: str, home: str, then: str) -> None:
    options = Options(url=f"127.0.0.1:{port}", binary=Path(binary), outlives=then == "leave")
    server = Server(find_paths(), local_door(), options, {"HOME": home, "PATH": "/usr/bin:/bin"})
    await server.start()
    print(server.pid, flush=True)
    if then == "stay":
        await asyncio.sleep(600)
    await server.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
