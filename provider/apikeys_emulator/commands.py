"""The commands of `apikeys-emulator`: they start the server, and talk to one that runs."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn
from urllib.parse import quote

import durationpy
import typer

from apikeys_emulator.terms import (
    CENTURY_SECONDS,
    DEFAULT_CLERK_SECRET_KEY,
    DEFAULT_JWT_SECRET,
    DEFAULT_TOKEN_TTL_SECONDS,
    FaultKind,
    FaultTarget,
)

SHORTEST_SECRET_BYTES = 32
SHORTEST_TOKEN_SECONDS = 1

cli = typer.Typer(
    help="A local server of the API-keys API, for tests, demos and CI.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

URL = Annotated[str, typer.Option("--url", envvar="APIKEYS_EMULATOR_URL", help="Where the emulator listens.")]
JWTSecret = Annotated[
    str | None, typer.Option(envvar="APIKEYS_EMULATOR_JWT_SECRET", help="Signs bearer tokens; 32 bytes or more.")
]
JWTSecretFile = Annotated[
    Path | None, typer.Option(envvar="APIKEYS_EMULATOR_JWT_SECRET_FILE", help="A file that holds that secret.")
]
ClerkSecretKey = Annotated[
    str | None, typer.Option(envvar="APIKEYS_EMULATOR_CLERK_SECRET_KEY", help="Opens the stand-in for Clerk.")
]
ClerkSecretKeyFile = Annotated[
    Path | None, typer.Option(envvar="APIKEYS_EMULATOR_CLERK_SECRET_KEY_FILE", help="A file that holds that key.")
]


def fail(message: str) -> NoReturn:
    """End with a message for the person at the terminal."""
    typer.echo(f"apikeys-emulator: {message}", err=True)
    raise typer.Exit(1)


@cli.command()
def serve(  # noqa: PLR0913 - options of a command
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free port.")] = 0,
    database: Annotated[
        Path | None, typer.Option(help="SQLite file of the keys; without it they are lost at the end.")
    ] = None,
    jwt_secret: JWTSecret = None,
    jwt_secret_file: JWTSecretFile = None,
    clerk_secret_key: ClerkSecretKey = None,
    clerk_secret_key_file: ClerkSecretKeyFile = None,
    token_ttl: Annotated[float, typer.Option(help="Life in seconds of tokens from the stand-in for Clerk.")] = (
        DEFAULT_TOKEN_TTL_SECONDS
    ),
    access_log: Annotated[bool, typer.Option("--access-log", help="Print operation and status of each call.")] = False,
    exit_with_parent: Annotated[
        bool, typer.Option("--exit-with-parent", help="End when standard input is closed.")
    ] = False,
) -> None:
    """Serve the API; the line with the URL comes once connections are taken."""
    from apikeys_emulator import server  # noqa: PLC0415 - half a second that the other commands do without
    from apikeys_emulator.state import Options  # noqa: PLC0415 - the same

    if not server.is_loopback(host):
        fail(f"host {host!r} is not a loopback address; the control API is open, so no other is allowed")
    if not SHORTEST_TOKEN_SECONDS <= token_ttl <= CENTURY_SECONDS:
        fail(f"--token-ttl is from {SHORTEST_TOKEN_SECONDS} s to a century")
    signs = _jwt_secret(context, jwt_secret, jwt_secret_file)
    opens = _secret(context, "clerk_secret_key", clerk_secret_key, clerk_secret_key_file) or DEFAULT_CLERK_SECRET_KEY
    try:
        server.serve(
            server.Listening(host, port),
            Options(database, signs, opens, token_ttl, access_log),
            exit_with_parent=exit_with_parent,
        )
    except OSError as error:
        fail(f"can't listen on {host}:{port}: {error}")
    except sqlite3.Error as error:
        fail(f"can't use the database {database}: {error}")


@cli.command()
def token(  # noqa: PLR0913, PLR0917 - options of a command
    context: typer.Context,
    ttl: Annotated[str, typer.Option(help="Lifetime, such as 10m or 1h30m; -1m makes an expired one.")] = "1h",
    url: Annotated[str | None, typer.Option(envvar="APIKEYS_EMULATOR_URL", help="Ask the emulator there.")] = None,
    jwt_secret: JWTSecret = None,
    jwt_secret_file: JWTSecretFile = None,
    subject: Annotated[str, typer.Option(help="The user that the token speaks for.")] = "user_emulator",
) -> None:
    """Print a bearer token: of the emulator at --url, or else signed here with the JWT secret."""
    seconds = _duration(ttl).total_seconds()
    if url is not None:
        answer = _call("POST", url, "/token", {"ttl_seconds": seconds, "subject": subject})
        typer.echo(answer["token"] if isinstance(answer, dict) and "token" in answer else _no_emulator(url))
        return
    signs = _jwt_secret(context, jwt_secret, jwt_secret_file)
    from apikeys_emulator.clock import Clock  # noqa: PLC0415 - the other commands do without a JWT library
    from apikeys_emulator.tokens import Tokens  # noqa: PLC0415 - the same

    typer.echo(Tokens(signs, Clock()).mint(seconds, subject=subject).token)


@cli.command()
def keys(
    url: URL, project: Annotated[str | None, typer.Option(help="Only keys of this project (UUID).")] = None
) -> None:
    """Print all keys as JSON, without their secrets."""
    path = "/keys" if project is None else f"/keys?project_id={_quoted(project)}"
    typer.echo(json.dumps(_call("GET", url, path), indent=2))


@cli.command()
def create(  # noqa: PLR0913 - options of a command
    url: URL,
    *,
    project: Annotated[str, typer.Option(help="The project (UUID) that the key is for.")],
    name: Annotated[str, typer.Option(help="The key's name.")] = "made-by-hand",
    scope: Annotated[list[str] | None, typer.Option(help="A scope; give it again for each further one.")] = None,
    expires_at: Annotated[str | None, typer.Option(help="When it ends (RFC 3339); without it, never.")] = None,
    admin_managed: Annotated[bool, typer.Option("--admin-managed", help="The API won't revoke it.")] = False,
) -> None:
    """Make a key by hand, as somebody in the dashboard would; its secret is printed now and never again."""
    wanted = {
        "project_id": project,
        "name": name,
        "scopes": scope or None,
        "expires_at": expires_at,
        "is_admin_managed": admin_managed,
    }
    match _call("POST", url, "/keys", wanted):
        case [made]:
            typer.echo(json.dumps(made, indent=2))
        case _:
            _no_emulator(url)


@cli.command()
def verify(
    context: typer.Context,
    url: URL,
    key: Annotated[str | None, typer.Option(envvar="APIKEYS_EMULATOR_KEY", help="The key's secret.")] = None,
    key_file: Annotated[
        Path | None, typer.Option(envvar="APIKEYS_EMULATOR_KEY_FILE", help="A file that holds it.")
    ] = None,
) -> None:
    """Use a key as its consumers do, and print which one it is; it fails if the server doesn't take the key."""
    secret = _secret(context, "key", key, key_file)
    if secret is None:
        fail("no key to use: give --key-file, or set APIKEYS_EMULATOR_KEY")
    typer.echo(json.dumps(_call("POST", url, "/verify", {"key": secret}), indent=2))


@cli.command()
def revoke(key_id: str, url: URL) -> None:
    """Revoke a key by hand, as somebody in the dashboard would."""
    _call("PATCH", url, f"/keys/{_quoted(key_id)}", {"is_active": False})
    typer.echo(f"revoked {key_id}")


@cli.command()
def fault(  # noqa: PLR0913 - options of a command
    operation: FaultTarget,
    kind: FaultKind,
    url: URL,
    *,
    times: Annotated[int, typer.Option(min=0, help="For how many calls; 0: until cleared.")] = 1,
    after: Annotated[int, typer.Option(min=0, help="How many calls to let pass first.")] = 0,
    status: Annotated[int | None, typer.Option(help="For the kinds status and html.")] = None,
    retry_after: Annotated[str | None, typer.Option(help="Seconds or an HTTP date.")] = None,
    latency_ms: Annotated[float | None, typer.Option(help="For the kind latency.")] = None,
) -> None:
    """Make coming calls fail."""
    wanted = {
        "operation": operation,
        "kind": kind,
        "times": times or None,
        "after": after,
        "status": status,
        "retry_after": retry_after,
        "latency_ms": latency_ms,
    }
    typer.echo(json.dumps(_call("POST", url, "/faults", wanted)))


@cli.command("clear-faults")
def clear_faults(url: URL) -> None:
    """Forget all faults."""
    _call("DELETE", url, "/faults")


@cli.command()
def counts(url: URL) -> None:
    """Print how often each operation was called, as JSON."""
    typer.echo(json.dumps(_call("GET", url, "/counts")))


def _duration(text: str) -> timedelta:
    try:
        return durationpy.from_str(text)
    except durationpy.DurationError:
        fail(f"{text!r} is no duration; write 90s, 10m or 1h30m")


def _jwt_secret(context: typer.Context, text: str | None, file: Path | None) -> str:
    secret = _secret(context, "jwt_secret", text, file) or DEFAULT_JWT_SECRET
    if len(secret.encode()) < SHORTEST_SECRET_BYTES:
        fail(f"the JWT secret is shorter than {SHORTEST_SECRET_BYTES} bytes")
    return secret


def _secret(context: typer.Context, option: str, text: str | None, file: Path | None) -> str | None:
    """A secret from its option or its file; what the command line says goes before the environment."""
    flag = f"--{option.replace('_', '-')}"
    if text is not None and file is not None:
        on_the_line = [each for each in (option, f"{option}_file") if _is_on_the_command_line(context, each)]
        if len(on_the_line) != 1:
            fail(f"both {flag} and {flag}-file, or the variables that stand for them, are set; leave one out")
        text, file = (text, None) if on_the_line == [option] else (None, file)
    secret = text if file is None else _content(file, flag)
    if secret is not None and not _is_utf8(secret):
        fail(f"{flag} is no UTF-8 text")
    return secret


def _is_on_the_command_line(context: typer.Context, parameter: str) -> bool:
    source = context.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def _content(file: Path, flag: str) -> str:
    try:
        secret = file.read_text("utf-8").rstrip("\r\n")
    except OSError as error:
        fail(f"can't read {flag}-file {file}: {error.strerror}")
    except UnicodeDecodeError:
        fail(f"can't read {flag}-file {file}: it is no UTF-8 text")
    return secret or fail(f"{flag}-file {file} is empty")


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _call(method: str, url: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
    import httpx  # noqa: PLC0415 - the server does without a client

    try:
        # As ASCII, so that bytes of the command line that are no text get as far as the server, which refuses them.
        content = None if body is None else json.dumps(body)
        answer = httpx.request(method, f"{url.rstrip('/')}/_emulator{path}", content=content, trust_env=False)
    except (httpx.RequestError, httpx.InvalidURL) as error:
        fail(f"no emulator answers at {url}: {error}")
    try:
        told = answer.json() if answer.content else None
    except ValueError:
        _no_emulator(url)
    if not answer.is_success:
        fail(_reason(told) or f"the emulator at {url} answers with status {answer.status_code}")
    return told


def _no_emulator(url: str) -> NoReturn:
    fail(f"what answers at {url} is no emulator; give the URL that serve prints")


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _reason(problem: Any) -> str | None:  # noqa: ANN401 - JSON
    """What a problem of the emulator says; None if it is none."""
    match problem:
        case {"detail": str(detail)}:
            places = [f"{each.get('location')}: {each.get('message')}" for each in problem.get("errors") or []]
            return "; ".join([detail, *places])
        case _:
            return None
