"""The emulator as a process: its command, its start and end, and what is on its disk."""

import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from apikeys_emulator.testing import Emulator

COMMAND = [sys.executable, "-m", "apikeys_emulator"]
LINE = re.compile(r"apikeys-emulator listening on (http://127\.0\.0\.1:\d+)\n")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "NO_COLOR": "1", **environment},
    )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*COMMAND, "serve", "--exit-with-parent", "--access-log", "--database", str(tmp_path / "keys.sqlite")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    match = LINE.fullmatch(process.stdout.readline())
    assert match is not None
    return match[1]


class TestServe:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_takes_calls_once_it_says_so_and_ends_cleanly_on_a_signal(
        self, served: subprocess.Popen[str], number: signal.Signals
    ) -> None:
        assert httpx.get(f"{url_of(served)}/_emulator/health").status_code == 200
        served.send_signal(number)
        output, errors = served.communicate(timeout=30)
        assert served.returncode == 0
        assert (output, errors) == ("", "")

    def test_ends_when_its_input_is_closed(self, served: subprocess.Popen[str]) -> None:
        url_of(served)
        assert served.stdin is not None
        served.stdin.close()
        assert served.wait(timeout=30) == 0

    def test_ends_in_time_although_a_call_hangs(self, served: subprocess.Popen[str]) -> None:
        url = url_of(served)
        fault = {"operation": "list", "kind": "latency", "latency_ms": 600_000}
        httpx.post(f"{url}/_emulator/faults", json=fault)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/api/v1/projects/{uuid.uuid4()}/keys", timeout=httpx.Timeout(30, read=0.2))
        served.terminate()
        assert served.wait(timeout=30) == 0

    def test_logs_operation_and_status_only(self, served: subprocess.Popen[str]) -> None:
        url = url_of(served)
        token = httpx.post(f"{url}/_emulator/token", json={}).json()["token"]
        path = f"{url}/api/v1/projects/{uuid.uuid4()}/keys"
        httpx.post(path, json={"name": "ci"}, headers={"Authorization": f"Bearer {token}"})
        httpx.get(path)
        served.terminate()
        assert served.communicate(timeout=30)[1] == "create 200\nlist 401\n"

    @pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "::", "example.com"])  # noqa: S104 - to be refused
    def test_listens_on_loopback_only(self, host: str) -> None:
        done = run("serve", "--host", host)
        assert done.returncode == 1
        assert f"host {host!r} is not a loopback address" in done.stderr
        assert done.stdout == ""

    def test_refuses_a_weak_secret_without_showing_it(self) -> None:
        done = run("serve", "--jwt-secret", "too-short")
        assert done.returncode == 1
        assert "shorter than 32 bytes" in done.stderr
        assert "too-short" not in done.stderr

    def test_says_that_the_port_is_taken(self, emulator: Emulator) -> None:
        done = run("serve", "--port", emulator.url.rpartition(":")[2])
        assert done.returncode == 1
        assert "can't listen on" in done.stderr
        assert "Traceback" not in done.stderr

    def test_says_that_the_database_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "no.sqlite").write_bytes(b"this is no database" * 100)
        done = run("serve", "--database", str(tmp_path / "no.sqlite"))
        assert done.returncode == 1
        assert "can't use the database" in done.stderr
        assert "Traceback" not in done.stderr


class TestRestart:
    def test_keeps_the_keys_the_url_and_the_tokens(self, own_emulator: Emulator, project_id: str) -> None:
        key = own_emulator.add_key(project_id, scopes=["read"])
        own_emulator.revoke(own_emulator.add_key(project_id).key_id)
        before, url, token = own_emulator.keys(), own_emulator.url, own_emulator.token()
        own_emulator.restart()
        assert own_emulator.keys() == before
        assert own_emulator.url == url
        assert own_emulator.verify(key.key)
        answer = httpx.get(f"{url}/api/v1/projects/{project_id}/keys", headers={"Authorization": f"Bearer {token}"})
        assert len(answer.json()) == 2

    def test_forgets_faults_counts_and_switches(self, own_emulator: Emulator, project_id: str) -> None:
        own_emulator.fault("any", "html", None)
        own_emulator.set_project(project_id, "missing")
        own_emulator.restart()
        headers = {"Authorization": f"Bearer {own_emulator.token()}"}
        assert httpx.get(f"{own_emulator.url}/api/v1/projects/{project_id}/keys", headers=headers).status_code == 200

    def test_loses_nothing_when_the_process_was_killed(self, own_emulator: Emulator, project_id: str) -> None:
        key = own_emulator.add_key(project_id)
        assert own_emulator._process is not None
        own_emulator._process.kill()
        own_emulator.restart()
        assert own_emulator.verify(key.key)


def test_no_secret_or_token_is_on_the_disk(own_emulator: Emulator, project_id: str) -> None:
    token = own_emulator.token()
    headers = {"Authorization": f"Bearer {token}"}
    path = f"{own_emulator.url}/api/v1/projects/{project_id}/keys"
    minted = httpx.post(path, json={"name": "ci"}, headers=headers).json()["key"]
    secrets = [minted, own_emulator.add_key(project_id).key]
    assert all(own_emulator.verify(secret) for secret in secrets)
    own_emulator.stop()
    files = [path for path in own_emulator.database.parent.iterdir() if path.is_file()]
    assert own_emulator.database in files
    stored = b"".join(path.read_bytes() for path in files)
    assert project_id.encode() in stored
    for secret in [*secrets, token]:
        assert secret.encode() not in stored
        assert secret[12:].encode() not in stored


def test_a_start_that_fails_says_why() -> None:
    emulator = Emulator(jwt_secret="too-short")
    with pytest.raises(RuntimeError, match="shorter than 32 bytes"):
        emulator.start()
    emulator.close()


class TestCommands:
    def test_mint_tokens_through_the_server_or_with_the_secret(self, emulator: Emulator, keys_path: str) -> None:
        for done in (run("token", "--ttl", "10m", "--url", emulator.url), run("token", "--ttl", "10m")):
            assert done.returncode == 0, done.stderr
            headers = {"Authorization": f"Bearer {done.stdout.strip()}"}
            assert httpx.get(f"{emulator.url}/api/v1{keys_path}", headers=headers).status_code == 200

    def test_mint_expired_tokens(self, emulator: Emulator, keys_path: str) -> None:
        token = run("token", "--ttl=-1m").stdout.strip()
        answer = httpx.get(f"{emulator.url}/api/v1{keys_path}", headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["detail"] == "token has expired"

    def test_show_and_revoke_keys(self, emulator: Emulator, project_id: str) -> None:
        key = emulator.add_key(project_id)
        shown = json.loads(run("keys", "--project", project_id, APIKEYS_EMULATOR_URL=emulator.url).stdout)
        assert [each["key_id"] for each in shown] == [key.key_id]
        assert run("revoke", key.key_id, "--url", emulator.url).returncode == 0
        assert emulator.active_keys(project_id) == []

    def test_set_and_clear_faults_and_show_counts(self, emulator: Emulator, api: httpx.Client, keys_path: str) -> None:
        options = ["--status", "503", "--retry-after", "2", "--times", "0", "--url", emulator.url]
        assert run("fault", "list", "status", *options).returncode == 0
        assert [api.get(keys_path).status_code for _ in range(2)] == [503, 503]
        assert run("clear-faults", "--url", emulator.url).returncode == 0
        assert api.get(keys_path).status_code == 200
        assert json.loads(run("counts", "--url", emulator.url).stdout)["list"] == 3

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["revoke", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"], "key not found"),
            (["revoke", "x"], "expected string to be RFC 4122 uuid"),
            (["fault", "list", "status"], "status belongs to the kinds status"),
            (["token", "--ttl", "soon"], "'soon' is no duration"),
        ],
    )
    def test_say_what_is_wrong(self, emulator: Emulator, arguments: list[str], message: str) -> None:
        done = run(*arguments, "--url", emulator.url)
        assert done.returncode == 1
        assert message in done.stderr
        assert "Traceback" not in done.stderr

    def test_say_that_no_emulator_answers(self) -> None:
        done = run("counts", "--url", "http://127.0.0.1:1")
        assert done.returncode == 1
        assert "no emulator answers at http://127.0.0.1:1" in done.stderr
