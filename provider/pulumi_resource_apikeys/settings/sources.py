"""Where a token may come from, as the configuration names it, and which place's source comes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pulumi_resource_apikeys.errors import Problem
from pulumi_resource_apikeys.model.times import parse_duration

from .args import CLERK_API_URL, ProviderArgs, environment_variable

if TYPE_CHECKING:
    from pydantic import SecretStr


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


@dataclass(frozen=True)
class HalfOfClerk:
    """One half of a Clerk source, if nothing else is set: the option that is set and the one that is not."""

    present: str
    missing: str


TokenSource: TypeAlias = StaticToken | TokenFile | TokenCommand | ClerkSession | HalfOfClerk


def sources(args: ProviderArgs, elsewhere: ProviderArgs, origin: str) -> dict[str, TokenSource]:
    """The token sources that one place names, by the option that names each.

    The two halves of a Clerk source may stand in two places (the session in the stack, the key in the environment).
    """
    by_option: dict[str, TokenSource] = {}
    if args.token is not None and args.token.get_secret_value():
        by_option["token"] = StaticToken(args.token, origin)
    if args.token_file:
        by_option["tokenFile"] = TokenFile(args.token_file)
    if args.token_command:
        by_option["tokenCommand"] = TokenCommand(tuple(args.token_command))
    secret_key = args.clerk_secret_key or elsewhere.clerk_secret_key
    session_id = args.clerk_session_id or elsewhere.clerk_session_id
    if (args.clerk_secret_key or args.clerk_session_id) and secret_key is not None and session_id is not None:
        lifetime = args.clerk_token_lifetime or elsewhere.clerk_token_lifetime
        by_option["clerkSecretKey" if args.clerk_secret_key else "clerkSessionId"] = ClerkSession(
            secret_key,
            session_id,
            args.clerk_api_url or elsewhere.clerk_api_url or CLERK_API_URL,
            int(parse_duration(lifetime).total_seconds()) if lifetime else None,
        )
    return by_option


def half_of_clerk(inputs: ProviderArgs, environment: ProviderArgs) -> HalfOfClerk | None:
    """The half that stands alone, over both places."""
    secret_key = inputs.clerk_secret_key or environment.clerk_secret_key
    session_id = inputs.clerk_session_id or environment.clerk_session_id
    if (secret_key is None) == (session_id is None):
        return None
    halves = ("clerkSecretKey", "clerkSessionId") if session_id is None else ("clerkSessionId", "clerkSecretKey")
    return HalfOfClerk(*halves)


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
