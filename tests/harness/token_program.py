"""A program for `tokenCommand`: it asks the emulator for a token, and leaves a mark for each run."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = """
import http.client, json, sys
url, marks, body, says = sys.argv[1:]
with open(marks, "a") as file:
    file.write("ran\\n")
if says:
    print(says, file=sys.stderr)
connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
connection.request("POST", "/_emulator/token", body, {"Content-Type": "application/json"})
print(json.loads(connection.getresponse().read())["token"])
"""


@dataclass(frozen=True)
class TokenProgram:
    """The program in a folder, its tokens' life and user, and what it says on standard error."""

    folder: Path
    url: str
    ttl_seconds: float = 3600.0
    subject: str = "user_of_the_command"
    says: str = ""

    @property
    def argv(self) -> list[str]:
        """The program and its arguments; Python without its site packages starts quickly."""
        body = f'{{"ttl_seconds": {self.ttl_seconds}, "subject": "{self.subject}"}}'
        return [sys.executable, "-I", "-S", "-c", SOURCE, self.url, str(self._marks), body, self.says]

    @property
    def _marks(self) -> Path:
        return self.folder / "runs.txt"

    def runs(self) -> int:
        """How often it was run."""
        return len(self._marks.read_text().splitlines()) if self._marks.exists() else 0
