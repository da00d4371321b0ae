"""The command `apikeys-emulator`: starts the server, and talks to one that runs."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn

import durationpy
import typer

from apikeys_emulator.terms import (
    DEFAULT_CLERK_SECRET_KEY,
    DEFAULT_JWT_SECRET,
    DEFAULT_TOKEN_TTL_SECONDS,
    FaultKind,
    FaultTarget,
)

SHORTEST_SECRET_BYTES = 32

cli = typer.Typer(
    help="A local server of the API-keys API, for tests, demos and CI.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

URL = Annotated[str, typer.Option("--url", envvar="APIKEYS_EMULATOR_URL", help="Where the emulator listens.")]


def fail(message: str) -> NoReturn:
    """End with a message for the person at the terminal."""
    typer.echo(f"apikeys-emulator: {message}", err=True)
    raise typer.Exit(1)


@cli.command()
def serve(  # noqa: PLR0913 - options of a command
    *,
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free port.")] = 0,
    database: Annotated[
        Path | None, typer.Option(help="SQLite file of the keys; without it they are lost at the end.")
    ] = None,
    jwt_secret: Annotated[
        str, typer.Option(envvar="APIKEYS_EMULATOR_JWT_SECRET", help="Signs bearer tokens; 32 bytes or more.")
    ] = DEFAULT_JWT_SECRET,
    clerk_secret_key: Annotated[
        str, typer.Option(envvar="APIKEYS_EMULATOR_CLERK_SECRET_KEY", help="Opens the stand-in for Clerk.")
    ] = DEFAULT_CLERK_SECRET_KEY,
    token_ttl: Annotated[float, typer.Option(min=1, help="Life in seconds of tokens from the stand-in for Clerk.")] = (
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
    if len(jwt_secret.encode()) < SHORTEST_SECRET_BYTES:
        fail(f"the JWT secret is shorter than {SHORTEST_SECRET_BYTES} bytes")
    try:
        server.serve(
            server.Listening(host, port),
            Options(database, jwt_secret, clerk_secret_key, token_ttl, access_log),
            exit_with_parent=exit_with_parent,
        )
    except OSError as error:
        fail(f"can't listen on {host}:{port}: {error}")
    except sqlite3.Error as error:
        fail(f"can't use the database {database}: {error}")


@cli.command()
def token(
    ttl: Annotated[str, typer.Option(help="Lifetime, such as 10m or 1h30m; -1m makes an expired one.")] = "1h",
    url: Annotated[str | None, typer.Option(envvar="APIKEYS_EMULATOR_URL", help="Ask the emulator there.")] = None,
    jwt_secret: Annotated[
        str, typer.Option(envvar="APIKEYS_EMULATOR_JWT_SECRET", help="Without --url: sign with this.")
    ] = DEFAULT_JWT_SECRET,
    subject: Annotated[str, typer.Option(help="The user that the token speaks for.")] = "user_emulator",
) -> None:
    """Print a bearer token."""
    seconds = _duration(ttl).total_seconds()
    if url is not None:
        answer = _call("POST", url, "/token", {"ttl_seconds": seconds, "subject": subject})
        typer.echo(answer["token"])
        return
    from apikeys_emulator.clock import Clock  # noqa: PLC0415 - the other commands do without a JWT library
    from apikeys_emulator.tokens import Tokens  # noqa: PLC0415 - the same

    typer.echo(Tokens(jwt_secret, Clock()).mint(seconds, subject=subject).token)


@cli.command()
def keys(
    url: URL, project: Annotated[str | None, typer.Option(help="Only keys of this project (UUID).")] = None
) -> None:
    """Print all keys as JSON, without their secrets."""
    path = "/keys" if project is None else f"/keys?project_id={project}"
    typer.echo(json.dumps(_call("GET", url, path), indent=2))


@cli.command()
def revoke(key_id: str, url: URL) -> None:
    """Revoke a key by hand, as somebody in the dashboard would."""
    _call("PATCH", url, f"/keys/{key_id}", {"is_active": False})
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


def _call(method: str, url: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
    import httpx  # noqa: PLC0415 - the server does without a client

    try:
        answer = httpx.request(method, f"{url.rstrip('/')}/_emulator{path}", json=body, trust_env=False)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        fail(f"no emulator answers at {url}: {error}")
    if answer.is_error:
        fail(_reason(answer))
    return answer.json() if answer.content else None


def _reason(answer: Any) -> str:  # noqa: ANN401 - httpx is imported only where it is used
    try:
        problem = answer.json()
    except ValueError:
        return f"status {answer.status_code}"
    places = [f"{each['location']}: {each['message']}" for each in problem.get("errors", [])]
    return "; ".join([str(problem.get("detail", answer.status_code)), *places])


def main() -> None:
    """Entry point of the executable."""
    cli(prog_name="apikeys-emulator")


if __name__ == "__main__":
    main()
