"""The emulator as a process: its command, its start and end, and what is on its disk."""

import contextlib
import http.server
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from apikeys_emulator.testing import Emulator
from harness import warm

COMMAND = [sys.executable, "-m", "apikeys_emulator"]
NO_PROJECT = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
LINE = re.compile(r"apikeys-emulator listening on (http://127\.0\.0\.1:\d+)\n")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself, in a process that starts quickly; all others here start as a user's do."""
    return subprocess.run(
        [f"{warm.folder()}/python", *COMMAND[1:], *arguments],
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

    @pytest.mark.parametrize("life", ["0", "nan", "inf", "-1", "1e99"])
    def test_refuses_a_life_of_tokens_that_is_none(self, life: str) -> None:
        done = run("serve", f"--token-ttl={life}")
        assert done.returncode == 1
        assert "--token-ttl is from 1 s to a century" in done.stderr

    def test_says_that_the_port_is_taken(self, emulator: Emulator) -> None:
        done = run("serve", "--port", emulator.url.rpartition(":")[2])
        assert done.returncode == 1
        assert "can't listen on" in done.stderr
        assert "Traceback" not in done.stderr

    def test_says_that_the_database_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "no.sqlite").write_bytes(b"this is no database" * 100)
        for file in ("no.sqlite", "nowhere/keys.sqlite", "."):
            done = run("serve", "--database", str(tmp_path / file))
            assert done.returncode == 1
            assert f"can't use the database {tmp_path / file}: " in done.stderr
            assert "Traceback" not in done.stderr


class TestDatabase:
    """Its files are for their owner only, and a row that is no key is told of."""

    @staticmethod
    def modes(folder: Path) -> dict[str, str]:
        return {file.suffix: oct(file.stat().st_mode & 0o777) for file in folder.iterdir()}

    @staticmethod
    def served(file: Path, umask: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, "serve", "--exit-with-parent", "--database", str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            umask=umask,
        )

    @pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
    @pytest.mark.parametrize("before", [None, 0o644])
    def test_is_closed_to_others_whatever_the_umask(self, tmp_path: Path, umask: int, before: int | None) -> None:
        file = tmp_path / "keys.sqlite"
        if before is not None:
            for name in (file, tmp_path / "keys.sqlite-wal", tmp_path / "keys.sqlite-shm"):
                name.touch()
                name.chmod(before)
        with self.served(file, umask) as process:
            httpx.post(f"{url_of(process)}/_emulator/keys", json={"project_id": str(uuid.uuid4())}).raise_for_status()
            assert self.modes(tmp_path) == {".sqlite": "0o600", ".sqlite-wal": "0o600", ".sqlite-shm": "0o600"}
            process.terminate()

    @pytest.mark.parametrize(
        ("change", "columns"),
        [
            ("scopes = '{'", "scopes"),
            ("scopes = '7'", "scopes"),
            ("""scopes = '["read", 7]'""", "scopes"),
            ("name = cast(x'ff' as text)", "name"),
            ("name = x'00'", "name"),
            ("created_at = 'yesterday', expires_at = 5", "created_at, expires_at"),
            ("is_active = 'maybe'", "is_active"),
        ],
    )
    def test_names_the_key_of_a_row_that_it_can_not_read(
        self, own_emulator: Emulator, project_id: str, change: str, columns: str
    ) -> None:
        key, other = own_emulator.add_key(project_id), own_emulator.add_key(str(uuid.uuid4()))
        with contextlib.closing(sqlite3.connect(own_emulator.database)) as database, database:
            database.execute(f"UPDATE keys SET {change} WHERE key_id = ?", (key.key_id,))  # noqa: S608 - the test's own words
        sentence = (
            f"the emulator's database failed: can't read key {key.key_id} (row 1 of the table keys), wrong values in:"
            f" {columns}; mend that row or delete it"
        )
        answer = httpx.get(
            f"{own_emulator.url}/api/v1/projects/{project_id}/keys",
            headers={"Authorization": f"Bearer {own_emulator.token()}"},
        )
        assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
        assert answer.json()["detail"] == sentence
        assert own_emulator.calls()[-1].status == 500
        assert run("keys", "--url", own_emulator.url).stderr == f"apikeys-emulator: {sentence}\n"
        assert [each.key_id for each in own_emulator.keys(other.project_id)] == [other.key_id]
        assert set(own_emulator.stderr().splitlines()) == {f"apikeys-emulator: {sentence}"}
        own_emulator.forget(key.key_id)
        assert len(own_emulator.keys()) == 1

    def test_names_the_row_of_a_key_whose_id_is_no_text(self, own_emulator: Emulator, project_id: str) -> None:
        own_emulator.add_key(project_id)
        with contextlib.closing(sqlite3.connect(own_emulator.database)) as database, database:
            database.execute("UPDATE keys SET key_id = x'ff'")
        with pytest.raises(ValueError, match=r"can't read a key \(row 1 of the table keys\), wrong values in: key_id;"):
            own_emulator.keys()

    def test_says_what_else_is_wrong(self, own_emulator: Emulator, project_id: str) -> None:
        with contextlib.closing(sqlite3.connect(own_emulator.database)) as database:
            database.execute("DROP TABLE keys")
        with pytest.raises(ValueError, match="the emulator's database failed: no such table: keys"):
            own_emulator.add_key(project_id)
        assert "Traceback" not in own_emulator.stderr()

    def test_of_an_older_version_is_taken_on(self, project_id: str) -> None:
        emulator = Emulator()
        with contextlib.closing(sqlite3.connect(emulator.database)) as database, database:
            database.execute(
                "CREATE TABLE keys (sequence INTEGER PRIMARY KEY, key_id TEXT NOT NULL UNIQUE,"
                " key_hash TEXT NOT NULL UNIQUE, key_prefix TEXT NOT NULL, project_id TEXT NOT NULL,"
                " tenant_id TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT, created_at TEXT NOT NULL,"
                " created_by TEXT NOT NULL, expires_at TEXT, last_used_at TEXT, is_active INTEGER NOT NULL,"
                " is_admin_managed INTEGER NOT NULL)"
            )
            database.execute(
                "INSERT INTO keys VALUES (1, ?, 'h', 'p', ?, 't', 'n', NULL, '2026-01-01T00:00:00.000000000Z', 'u',"
                " NULL, NULL, 1, 0)",
                (str(uuid.uuid4()), project_id),
            )
        with emulator:
            (key,) = emulator.keys(project_id)
            emulator.revoke(key.key_id)
            assert emulator.keys(project_id)[0].revoked_at is not None


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

    def test_make_and_use_a_key_by_hand(self, emulator: Emulator, project_id: str, tmp_path: Path) -> None:
        options = ["--project", project_id, "--name", "deploy", "--scope", "read", "--scope", "write"]
        options += ["--expires-at", "2999-01-01T00:00:00Z", "--admin-managed"]
        made = json.loads(run("create", *options, "--url", emulator.url).stdout)
        (key,) = emulator.keys(project_id)
        assert made["key_id"] == key.key_id
        assert (key.name, key.scopes, key.is_admin_managed) == ("deploy", ["read", "write"], True)
        assert (key.expires_at or "").startswith("2999-01-01")
        (tmp_path / "key").write_text(made["key"] + "\n")
        for given in ({"APIKEYS_EMULATOR_KEY": made["key"]}, {"APIKEYS_EMULATOR_KEY_FILE": str(tmp_path / "key")}):
            done = run("verify", "--url", emulator.url, **given)
            assert json.loads(done.stdout)["key_id"] == key.key_id
            assert made["key"] not in done.stdout
        assert emulator.keys(project_id)[0].last_used_at is not None
        emulator.revoke(key.key_id)
        done = run("verify", "--url", emulator.url, "--key-file", str(tmp_path / "key"))
        assert (done.returncode, done.stderr) == (1, f"apikeys-emulator: key {key.key_id} is revoked\n")

    def test_make_a_key_with_a_project_alone(self, emulator: Emulator, project_id: str) -> None:
        assert run("create", "--project", project_id, "--url", emulator.url).returncode == 0
        (key,) = emulator.active_keys(project_id)
        assert (key.name, key.scopes, key.expires_at, key.is_admin_managed) == ("made-by-hand", None, None, False)

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
            (["token", "--ttl", "99999999999999999h"], "is no duration"),
            (["token", "--ttl", "9999999h"], "body.ttl_seconds: "),
            (["create", "--project", "x"], "body.project_id: expected string to be RFC 4122 uuid"),
            (["create", "--project", NO_PROJECT, "--name", ""], "body.name: expected length >= 1"),
            (["create", "--project", NO_PROJECT, "--name", "\udcff"], "body.name: expected string"),
            (["create", "--project", NO_PROJECT, "--expires-at", "soon"], "body.expires_at: "),
            (["keys", "--project", "a&b"], "query.project_id: "),
            (["revoke", "../reset"], "Not Found"),
            (["revoke", "\udcff"], "path.key_id: "),
            (["fault", "list", "latency", "--latency-ms", "nan"], "invalid character in NaN"),
            (["verify"], "no key to use: give --key-file, or set APIKEYS_EMULATOR_KEY"),
            (["verify", "--key", "unknown"], "key is unknown"),
        ],
    )
    def test_say_what_is_wrong(self, emulator: Emulator, arguments: list[str], message: str) -> None:
        done = run(*arguments, "--url", emulator.url)
        assert done.returncode == 1
        assert message in done.stderr
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[", "nowhere", "http://\x7f"])
    def test_say_that_no_emulator_answers(self, url: str) -> None:
        done = run("counts", "--url", url)
        assert done.returncode == 1
        assert "no emulator answers at " in done.stderr
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize(
        ("arguments", "page"),
        [
            (["keys"], b"<html>"),
            (["token"], b"<html>"),
            (["token"], b"{}"),
            (["token"], b"[]"),
            (["create", "--project", NO_PROJECT], b"{}"),
            (["create", "--project", NO_PROJECT], b"[]"),
        ],
    )
    def test_say_that_something_else_answers(self, arguments: list[str], page: bytes) -> None:
        with another_server(page) as url:
            done = run(*arguments, "--url", url)
        assert done.returncode == 1
        assert done.stderr == (
            f"apikeys-emulator: what answers at {url} is no emulator; give the URL that serve prints\n"
        )


@contextlib.contextmanager
def another_server(page: bytes) -> Iterator[str]:
    """A server that answers every call with this page."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        do_GET = do_POST = answer  # noqa: N815 - the library's names

        def log_message(self, *_words: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


LONG_SECRET = "a secret of its own, which is long enough"


class TestSecrets:
    """A secret comes from its option, from a file, or from the environment."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> str:
        (tmp_path / "secret").write_text(f"{LONG_SECRET}\n")
        return str(tmp_path / "secret")

    @staticmethod
    def signed(*arguments: str, **environment: str) -> bool:
        """Whether a token was signed with the secret of these tests."""
        done = run("token", *arguments, **environment)
        assert done.returncode == 0, done.stderr
        with contextlib.suppress(jwt.InvalidSignatureError):
            return bool(jwt.decode(done.stdout.strip(), LONG_SECRET, ["HS256"]))
        return False

    def test_that_signs_tokens_comes_from_each_of_them(self, file: str) -> None:
        assert not self.signed()
        assert self.signed("--jwt-secret", LONG_SECRET)
        assert self.signed("--jwt-secret-file", file)
        assert self.signed(APIKEYS_EMULATOR_JWT_SECRET=LONG_SECRET)
        assert self.signed(APIKEYS_EMULATOR_JWT_SECRET_FILE=file)

    def test_on_the_command_line_goes_before_the_environment(self, file: str) -> None:
        assert self.signed("--jwt-secret-file", file, APIKEYS_EMULATOR_JWT_SECRET="x" * 40)
        assert self.signed("--jwt-secret", LONG_SECRET, APIKEYS_EMULATOR_JWT_SECRET_FILE="/nowhere")

    def test_of_clerk_comes_from_a_file_too(self, tmp_path: Path) -> None:
        (tmp_path / "clerk").write_text("sk_test_of_a_file")
        with subprocess.Popen(
            [*COMMAND, "serve", "--exit-with-parent", "--clerk-secret-key-file", str(tmp_path / "clerk")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            url = f"{url_of(process)}/v1/sessions/sess_1/tokens"
            assert httpx.post(url, headers={"Authorization": "Bearer sk_test_of_a_file"}).status_code == 200
            assert httpx.post(url, headers={"Authorization": "Bearer sk_test_emulator"}).status_code == 401
            process.terminate()

    @pytest.mark.parametrize("command", ["serve", "token"])
    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (None, "can't read --jwt-secret-file {}: No such file or directory"),
            (b"\n", "--jwt-secret-file {} is empty"),
            (b"\xff" * 40, "can't read --jwt-secret-file {}: it is no UTF-8 text"),
            (b"short-one", "the JWT secret is shorter than 32 bytes"),
        ],
    )
    def test_that_can_not_be_had_from_a_file_is_told_of(
        self, tmp_path: Path, command: str, content: bytes | None, says: str
    ) -> None:
        file = tmp_path / "secret"
        if content is not None:
            file.write_bytes(content)
        done = run(command, "--jwt-secret-file", str(file))
        assert (done.returncode, done.stderr) == (1, f"apikeys-emulator: {says.format(file)}\n")

    @pytest.mark.parametrize(
        ("arguments", "environment"),
        [
            (["--jwt-secret", LONG_SECRET, "--jwt-secret-file", "/nowhere"], {}),
            ([], {"APIKEYS_EMULATOR_JWT_SECRET": LONG_SECRET, "APIKEYS_EMULATOR_JWT_SECRET_FILE": "/nowhere"}),
        ],
        ids=["command line", "environment"],
    )
    def test_given_twice_in_one_place_is_refused(self, arguments: list[str], environment: dict[str, str]) -> None:
        done = run("token", *arguments, **environment)
        assert done.returncode == 1
        assert "both --jwt-secret and --jwt-secret-file, or the variables" in done.stderr
        assert LONG_SECRET not in done.stderr

    def test_that_is_no_text_is_refused(self) -> None:
        done = run("token", "--jwt-secret", "\udcff" * 40)
        assert (done.returncode, done.stderr) == (1, "apikeys-emulator: --jwt-secret is no UTF-8 text\n")


@pytest.mark.parametrize(
    ("missing", "arguments"),
    [
        ("typer", []),
        ("typer", ["serve"]),
        ("fastapi", ["serve"]),
        ("uvicorn", ["serve"]),
        ("jwt", ["token"]),
        ("uvicorn.protocols.http.h11_impl", ["serve"]),
    ],
)
def test_without_its_extra_says_what_to_install(missing: str, arguments: list[str]) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None; sys.argv[1:] = {arguments!r}\n"
        "from apikeys_emulator.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"apikeys-emulator: {missing} is missing or too old; install the emulator with its extra:"
        " pip install 'pulumi-resource-apikeys[emulator]'\n"
    )


def test_a_test_without_the_extra_is_told_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError(name='uvicorn')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    emulator = Emulator()
    with pytest.raises(RuntimeError, match=r"the emulator did not start: apikeys-emulator: uvicorn is missing"):
        emulator.start()
    emulator.close()
