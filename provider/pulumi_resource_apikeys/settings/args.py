"""The provider configuration as users write it: every option, how its value is read, and the variable that sets it.

Annotations are not postponed in here: pydantic would compile the text of each again, at each start.
"""

import json
import re
import shlex
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel, to_snake

from pulumi_resource_apikeys.errors import Problem
from pulumi_resource_apikeys.http_client.loopback import is_loopback
from pulumi_resource_apikeys.http_client.plain import plain_host
from pulumi_resource_apikeys.model.fields import Duration, ProjectId
from pulumi_resource_apikeys.model.times import parse_duration

from .endpoints import base_of

CLERK_API_URL = "https://api.clerk.com"


def _url(text: str) -> str:
    plain = plain_host(text)
    if plain is not None:
        return _guarded(*plain, text)
    from pulumi_resource_apikeys.http_client import addresses  # noqa: PLC0415 - loads HTTP, which no start needs

    try:
        url = addresses.read_address(text)
    except addresses.ImpureAddressError:
        raise ValueError("must be a plain address, without credentials, query or fragment") from None
    except addresses.NoAddressError:
        raise ValueError("must be an http(s) address, such as https://api.example.com") from None
    return _guarded(url.scheme, url.host, str(url).rstrip("/"))


def _guarded(scheme: str, host: str, address: str) -> str:
    if scheme == "http" and not is_loopback(host):
        raise ValueError("must be https: over plain http, tokens and new keys can be read on the way")
    return address


def _endpoint(text: str) -> str:
    return base_of(_url(text))


def _clerk_secret_key(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]*", value.get_secret_value()):
        raise ValueError(
            "must be a secret key as Clerk shows it, such as sk_live_…: one word of ASCII letters, digits and signs."
            " A blank, a line break or another character is in it"
        )
    return value


def _clerk_session_id(text: str) -> str:
    if text.startswith("sk_"):
        raise ValueError("must be the id of a session, such as sess_…; a secret key belongs into clerkSecretKey")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError("must be the id of a session, such as sess_…: ASCII letters, digits, _ and - alone")
    return text


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


def _list(value: object) -> object:
    """A list as the stack and the environment write one: JSON, or its items between commas."""
    if not isinstance(value, str):
        return value
    if not value.lstrip().startswith("["):
        return [item for part in value.split(",") if (item := part.strip())]
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError("is not a JSON list of strings") from None


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
Endpoints = Annotated[list[Endpoint], BeforeValidator(_list)]
ProjectIds = Annotated[list[ProjectId], BeforeValidator(_list)]


class ProviderArgs(BaseModel):
    """The provider configuration as users write it. The schema and the reference are made from this."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True
    )

    endpoint: Endpoint | None = Field(
        None,
        description=(
            "Address of the API, such as `https://api.example.com`; required. Plain http only for this machine."
            " Environment: `APIKEYS_ENDPOINT`."
        ),
    )
    former_endpoints: Endpoints | None = Field(
        None,
        description=(
            "Earlier addresses of the very same API, where its host was renamed: keys made there are then found at"
            " `endpoint`. Without it, a key of another address is left alone, and the run fails and says so."
            " Environment: `APIKEYS_FORMER_ENDPOINTS`, a JSON list or addresses between commas."
        ),
    )
    project_id: ProjectId | None = Field(
        None,
        description="UUID of the project for resources that name none. Environment: `APIKEYS_PROJECT_ID`.",
    )
    deleted_projects: ProjectIds | None = Field(
        None,
        description=(
            "UUIDs of projects that were deleted, and their keys with them: where the API answers 404 for one of"
            " these, its keys count as revoked. Environment: `APIKEYS_DELETED_PROJECTS`, a JSON list or UUIDs between"
            " commas."
        ),
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
    clerk_secret_key: Annotated[SecretStr, AfterValidator(_clerk_secret_key)] | None = Field(
        None,
        description=(
            "Secret key of the Clerk instance, for whoever runs it; mints session tokens together with"
            " `clerkSessionId`. Environment: `APIKEYS_CLERK_SECRET_KEY`."
        ),
    )
    clerk_session_id: Annotated[str, AfterValidator(_clerk_session_id)] | None = Field(
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
    "is required: the address of the API. Set it on the provider, which for the default provider is"
    " `pulumi config set apikeys:endpoint https://…`, or in APIKEYS_ENDPOINT",
)
OPTIONS = tuple(to_camel(name) for name in ProviderArgs.model_fields)


def environment_variable(option: str) -> str:
    """The environment variable of an option: `tokenFile` → `APIKEYS_TOKEN_FILE`."""
    return f"APIKEYS_{to_snake(option).upper()}"
