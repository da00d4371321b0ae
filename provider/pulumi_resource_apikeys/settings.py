"""The provider's configuration: what may be set, where it comes from, and which place comes first.

Each option may be set in the stack (or on an explicit provider) and, in its place, by an environment variable
`APIKEYS_…`. What comes from the environment stays there: nothing here writes it back into the inputs, so no credential
from there lands in a state.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel, to_snake

from .errors import Problem
from .model.apikey import ProjectId
from .model.times import Duration, parse_duration
from .model.validation import validate
from .model.values import Value, known, unknown_names

if TYPE_CHECKING:
    from collections.abc import Mapping

CLERK_API_URL = "https://api.clerk.com"


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _url(text: str) -> str:
    no_address = "must be an http(s) address, such as https://api.example.com"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(no_address) from None
    if parts.scheme not in {"http", "https"} or not host or port == 0 or any(map(str.isspace, text)):
        raise ValueError(no_address)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be a plain address, without credentials, query or fragment")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("must be https: over plain http, tokens and new keys can be read on the way")
    return text.rstrip("/")


def _endpoint(text: str) -> str:
    return _url(text).removesuffix("/api/v1")


def _argv(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError("is not a JSON list of strings") from None
    try:
        return shlex.split(value)
    except ValueError as error:
        raise ValueError(f"can't be split into words: {error}") from None


def _boolean(value: object) -> object:
    if isinstance(value, str):
        word = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
        if value.strip().lower() not in word:
            raise ValueError("must be true or false")
        return word[value.strip().lower()]
    return value


def _whole(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _seconds(text: str) -> str:
    if parse_duration(text) < timedelta(seconds=1):
        raise ValueError(f'"{text}" must be a second at least')
    return text


Boolean = Annotated[bool, BeforeValidator(_boolean)]
Whole = Annotated[int, BeforeValidator(_whole)]
Argv = Annotated[list[str], Field(min_length=1), BeforeValidator(_argv)]
Url = Annotated[str, AfterValidator(_url)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]


class ProviderArgs(BaseModel):
    """The provider configuration as users write it. The schema and the reference are made from this."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, frozen=True, hide_input_in_errors=True
    )

    endpoint: Endpoint | None = Field(
        None,
        description=(
            "Address of the API, such as `https://api.example.com`; required. Plain http only for this machine."
            " Environment: `APIKEYS_ENDPOINT`."
        ),
    )
    project_id: ProjectId | None = Field(
        None,
        description="UUID of the project for resources that name none. Environment: `APIKEYS_PROJECT_ID`.",
    )
    token: SecretStr | None = Field(
        None,
        description=(
            "A bearer session JWT. It lives about a minute, so it suits a short run; the other sources renew"
            " theirs. Environment: `APIKEYS_TOKEN`."
        ),
    )
    token_file: str | None = Field(
        None,
        description="File that holds the JWT; read again when it changes. Environment: `APIKEYS_TOKEN_FILE`.",
    )
    token_command: Argv | None = Field(
        None,
        description=(
            "Program and arguments that print a JWT, or JSON with `token` and `expires_at`; run without a shell,"
            " and again when the token is about to expire."
            " Environment: `APIKEYS_TOKEN_COMMAND`, a JSON list or words quoted as for a shell."
        ),
    )
    clerk_secret_key: SecretStr | None = Field(
        None,
        description=(
            "Secret key of the Clerk instance, for whoever runs it; mints session tokens together with"
            " `clerkSessionId`. Environment: `APIKEYS_CLERK_SECRET_KEY`."
        ),
    )
    clerk_session_id: str | None = Field(
        None, description="The Clerk session to mint tokens of. Environment: `APIKEYS_CLERK_SESSION_ID`."
    )
    clerk_api_url: Url | None = Field(
        None, description=f"Address of Clerk's API. Default: `{CLERK_API_URL}`. Environment: `APIKEYS_CLERK_API_URL`."
    )
    clerk_token_lifetime: Annotated[Duration, AfterValidator(_seconds)] | None = Field(
        None,
        description=(
            "Life to ask for when minting through Clerk, such as `5m`. Default: Clerk's own, about a minute."
            " Environment: `APIKEYS_CLERK_TOKEN_LIFETIME`."
        ),
    )
    offline: Boolean | None = Field(
        None,
        description=(
            "No token and no call: reads answer the last known state, writes fail. For previews in CI that must not"
            " hold credentials. Environment: `APIKEYS_OFFLINE`."
        ),
    )
    detect_revoked: Boolean | None = Field(
        None,
        description=(
            "See keys revoked by hand in a plain `preview` and `up`, without `--refresh`. Default: true."
            " Environment: `APIKEYS_DETECT_REVOKED`."
        ),
    )
    request_timeout: Duration | None = Field(
        None, description="Limit for one HTTP call. Default: `30s`. Environment: `APIKEYS_REQUEST_TIMEOUT`."
    )
    max_retries: Annotated[Whole, Field(ge=0, le=20)] | None = Field(
        None, description="How often a call that failed is tried again. Default: 5. Environment: `APIKEYS_MAX_RETRIES`."
    )
    max_concurrency: Annotated[Whole, Field(ge=1, le=64)] | None = Field(
        None, description="How many HTTP calls run at once. Default: 8. Environment: `APIKEYS_MAX_CONCURRENCY`."
    )


SECRET_OPTIONS = frozenset({"token", "clerkSecretKey"})
MISSING_ENDPOINT = Problem(
    "endpoint",
    "is required: the address of the API, by `pulumi config set apikeys:endpoint https://…` or APIKEYS_ENDPOINT",
)
OPTIONS = tuple(to_camel(name) for name in ProviderArgs.model_fields)


@dataclass(frozen=True)
class StaticToken:
    """A token as such. `origin` says where it was set, for messages."""

    token: SecretStr
    origin: str


@dataclass(frozen=True)
class TokenFile:
    """A file that holds a token."""

    path: str


@dataclass(frozen=True)
class TokenCommand:
    """A program that prints a token."""

    argv: tuple[str, ...]


@dataclass(frozen=True)
class ClerkSession:
    """A Clerk session to mint tokens of; `lifetime` in whole seconds, None for Clerk's default."""

    secret_key: SecretStr
    session_id: str
    api_url: str = CLERK_API_URL
    lifetime: int | None = None


TokenSource: TypeAlias = StaticToken | TokenFile | TokenCommand | ClerkSession


@dataclass(frozen=True)
class Settings:
    """The configuration in force. Durations in seconds.

    `sources` are where a token may come from, the first to be tried first; a later one is used where the one before
    is a static token that has expired. `unknown` names the options that a preview can't know yet.
    """

    endpoint: str | None = None
    project_id: str | None = None
    sources: tuple[TokenSource, ...] = ()
    offline: bool = False
    detect_revoked: bool = True
    request_timeout: float = 30.0
    max_retries: int = 5
    max_concurrency: int = 8
    unknown: frozenset[str] = field(default_factory=frozenset)


def environment_variable(option: str) -> str:
    """The environment variable of an option: `tokenFile` → `APIKEYS_TOKEN_FILE`."""
    return f"APIKEYS_{to_snake(option).upper()}"


def from_environment(environment: Mapping[str, str]) -> dict[str, Value]:
    """The options that the environment sets; an empty variable counts as not set."""
    values = {option: environment.get(environment_variable(option)) for option in OPTIONS}
    return {option: value for option, value in values.items() if value}


def stated(props: Mapping[str, Value]) -> dict[str, Any]:
    """What the inputs fully say: known, not null, and not the engine's own `version` and `pluginDownloadURL`."""
    engine_own = {"version", "pluginDownloadURL"}
    return {
        name: value
        for name, value in known(props).items()
        if value is not None and name not in engine_own and not name.startswith("__")
    }


def sources(args: ProviderArgs, elsewhere: ProviderArgs, origin: str) -> dict[str, TokenSource]:
    """The token sources that one place names, by the option that names each.

    The two halves of a Clerk source may stand in two places (the session in the stack, the key in the environment).
    """
    found: dict[str, TokenSource] = {}
    if args.token is not None and args.token.get_secret_value():
        found["token"] = StaticToken(args.token, origin)
    if args.token_file:
        found["tokenFile"] = TokenFile(args.token_file)
    if args.token_command:
        found["tokenCommand"] = TokenCommand(tuple(args.token_command))
    secret_key = args.clerk_secret_key or elsewhere.clerk_secret_key
    session_id = args.clerk_session_id or elsewhere.clerk_session_id
    if (args.clerk_secret_key or args.clerk_session_id) and secret_key is not None and session_id is not None:
        lifetime = args.clerk_token_lifetime or elsewhere.clerk_token_lifetime
        found["clerkSecretKey" if args.clerk_secret_key else "clerkSessionId"] = ClerkSession(
            secret_key,
            session_id,
            args.clerk_api_url or elsewhere.clerk_api_url or CLERK_API_URL,
            int(parse_duration(lifetime).total_seconds()) if lifetime else None,
        )
    return found


def conflicts(inputs: ProviderArgs, environment: ProviderArgs) -> list[Problem]:
    """Two token sources in one place: a problem that names both, for each place."""
    problems: list[Problem] = []
    for args, elsewhere, origin in (
        (inputs, environment, "the provider configuration"),
        (environment, inputs, "the environment"),
    ):
        named = list(sources(args, elsewhere, origin))
        if len(named) > 1:
            shown = [environment_variable(option) for option in named] if args is environment else named
            # Of no property: a problem with a secret one would be shown without its reason.
            problems.append(Problem("", f"{origin} sets more than one token source, {' and '.join(shown)}: keep one"))
    return problems


def resolve(inputs: ProviderArgs, environment: ProviderArgs, unknown: frozenset[str] = frozenset()) -> Settings:
    """Put the two places together: option by option, the inputs come before the environment.

    Token sources go by place: that of the inputs, then that of the environment (see `Settings.sources`).
    """
    merged = environment.model_copy(
        update={name: value for name in ProviderArgs.model_fields if (value := getattr(inputs, name)) is not None}
    )
    default = Settings()
    in_order = (
        *sources(inputs, environment, "the provider configuration").values(),
        *sources(environment, inputs, "the environment").values(),
    )
    return Settings(
        endpoint=merged.endpoint,
        project_id=merged.project_id,
        sources=tuple(dict.fromkeys(in_order)),
        offline=bool(merged.offline),
        detect_revoked=default.detect_revoked if merged.detect_revoked is None else merged.detect_revoked,
        request_timeout=parse_duration(merged.request_timeout).total_seconds()
        if merged.request_timeout
        else default.request_timeout,
        max_retries=default.max_retries if merged.max_retries is None else merged.max_retries,
        max_concurrency=merged.max_concurrency or default.max_concurrency,
        unknown=unknown,
    )


def read(props: Mapping[str, Value], environment: Mapping[str, str]) -> tuple[Settings, list[Problem]]:
    """The settings in force from the provider's inputs and the process environment, and every problem with either.

    A problem from the environment names its variable. Where there are problems, the settings are the defaults.
    """
    unknown = unknown_names(props) & frozenset(OPTIONS)
    inputs, input_problems = validate(ProviderArgs, stated(props))
    elsewhere = {option: value for option, value in from_environment(environment).items() if option not in unknown}
    surroundings, surrounding_problems = validate(ProviderArgs, elsewhere)
    problems = [
        *input_problems,
        *(Problem(environment_variable(p.property), p.reason) for p in surrounding_problems),
    ]
    if inputs is None or surroundings is None:
        return Settings(), problems
    problems += conflicts(inputs, surroundings)
    return resolve(inputs, surroundings, unknown), problems
