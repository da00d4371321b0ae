"""`Emulator`: the server as a process of its own, for the tests of any project.

    with Emulator() as emulator:
        run_my_program(endpoint=emulator.url, token=emulator.token())
        assert len(emulator.active_keys()) == 2

`url` is the origin, such as `http://127.0.0.1:40123`: give it to a client as its endpoint; the calls are below
`/api/v1`. It stays the same over `restart`. The keys are in a file of a folder of its own, removed at the end.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

import httpx
from typing_extensions import Self

from apikeys_emulator.remote import EmulatedCall, EmulatedKey, RemoteEmulator
from apikeys_emulator.terms import DEFAULT_CLERK_SECRET_KEY, DEFAULT_JWT_SECRET, DEFAULT_TOKEN_TTL_SECONDS

__all__ = ["EmulatedCall", "EmulatedKey", "Emulator", "RemoteEmulator"]

ANNOUNCEMENT = "apikeys-emulator listening on "
SECONDS_TO_STOP = 10


class Emulator(RemoteEmulator):
    """A running emulator. Use it as a context manager, or call `start` and `stop`."""

    def __init__(
        self,
        *,
        jwt_secret: str = DEFAULT_JWT_SECRET,
        clerk_secret_key: str = DEFAULT_CLERK_SECRET_KEY,
        token_ttl_seconds: float = DEFAULT_TOKEN_TTL_SECONDS,
    ) -> None:
        """`token_ttl_seconds` is the life of tokens from the stand-in for Clerk."""
        super().__init__("")
        self.clerk_secret_key = clerk_secret_key
        self._folder = tempfile.TemporaryDirectory(prefix="apikeys-emulator-")
        self.database = Path(self._folder.name) / "keys.sqlite"
        self._log = Path(self._folder.name) / "stderr.txt"
        self._environment = {
            "APIKEYS_EMULATOR_JWT_SECRET": jwt_secret,
            "APIKEYS_EMULATOR_CLERK_SECRET_KEY": clerk_secret_key,
        }
        self._token_ttl_seconds = token_ttl_seconds
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server and remove its database."""
        self.close()

    def start(self, port: int = 0) -> None:
        """Start the server process and wait until it takes connections.

        Raises:
            RuntimeError: it ended instead; the message is what it said.
        """
        command = [sys.executable, "-m", "apikeys_emulator", "serve", "--exit-with-parent"]
        command += ["--port", str(port), "--database", str(self.database)]
        command += ["--token-ttl", str(self._token_ttl_seconds)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **self._environment},
                start_new_session=True,  # an interrupt of the test run must not end it before the test has cleaned up
            )
        if self._process.stdout is None:
            raise RuntimeError("the emulator has no standard output")
        line = self._process.stdout.readline()
        if not line.startswith(ANNOUNCEMENT):
            self.stop()
            raise RuntimeError(f"the emulator did not start: {self.stderr().strip() or repr(line)}")
        self.url = line.removeprefix(ANNOUNCEMENT).strip()

    def stop(self) -> None:
        """Stop the server; the database stays, so that `start` or `restart` goes on with its keys."""
        self.disconnect()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.communicate(timeout=SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
            self._process = None

    def restart(self) -> None:
        """Stop and start again at the same URL; keys are kept, all else is as at the first start."""
        port = httpx.URL(self.url).port
        self.stop()
        self.start(port or 0)

    def close(self) -> None:
        """Stop the server and remove its database."""
        self.stop()
        self._folder.cleanup()

    def stderr(self) -> str:
        """What the server has written to standard error, over all starts."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""
