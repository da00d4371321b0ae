"""Every failure that this provider tells a person about, in three families: the user's input, the remote side, our bug.

Each error's text is what the terminal shows: what failed, on which key and project, why, and what to do. No error
carries a secret, a token, or the `value` that a server's problem report echoes.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self


class ApiKeysError(Exception):
    """Any failure this provider foresees; its text is complete and needs no traceback."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: the property (Pulumi's path form, like `scopes[1]`) and the reason in words."""

    property: str
    reason: str

    def __str__(self) -> str:
        """The property and the reason, for one line at the terminal."""
        return f"{self.property}: {self.reason}" if self.property else self.reason


class InputError(ApiKeysError):
    """The user's input can't be used: resource inputs, an import id, or provider configuration."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Take the problems found, at least one."""
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class SettingsError(InputError):
    """The provider configuration can't be used, or lacks something that the operation needs."""


def _state_delete(urn: str | None) -> str:
    """The command that lets Pulumi forget a resource; a URN may hold `$`, and the name in it anything."""
    if urn is None:
        return "`pulumi state delete` with the key's URN, which `pulumi stack --show-urns` tells"
    quoted = urn.replace("'", "'\"'\"'")
    return f"`pulumi state delete '{quoted}'`"


class OfflineError(ApiKeysError):
    """A write was asked for while `offline` is set."""


class ElsewhereError(ApiKeysError):
    """A key lives at another endpoint than the provider is set to, so nothing was asked or done about it."""

    def __init__(self, key: str, home: str, endpoint: str) -> None:
        """`key` names the key and its project, `home` is where it lives, `endpoint` what the provider is set to."""
        super().__init__(
            f"{key} lives at {home}, but the provider is set to {endpoint}: nothing was sent or changed. If that is a"
            f" mistake, set endpoint back to {home}. To move to another API, set it back, destroy the keys there, and"
            " only then change it. If both are addresses of the same API, name the old one in the provider's setting"
            f" formerEndpoints, or in APIKEYS_FORMER_ENDPOINTS={home}"
        )


class UnconfirmedPlaceError(ApiKeysError):
    """A key is not listed at the endpoint that, as the user says, is another address of where it lives."""

    def __init__(self, key: str, home: str, endpoint: str, urn: str | None) -> None:
        """As `ElsewhereError`; `urn` is the resource, if it is known."""
        super().__init__(
            f"{key} lives at {home}. By formerEndpoints, {endpoint} is the same API, but it lists no such key: nothing"
            " was changed. If it is another API after all, correct endpoint and formerEndpoints. If it is the same and"
            f" the key was removed by hand, let Pulumi forget it, by {_state_delete(urn)}"
        )


class CredentialError(ApiKeysError):
    """No usable bearer token could be had; the text says from which source and how to get one."""


@dataclass(frozen=True)
class Subject:
    """What a call was about: `action` as a verb phrase ("revoke"), the key's name or id, and the project's UUID."""

    action: str
    project_id: str
    key: str | None = None

    def __str__(self) -> str:
        """Such as `create API key "deploy" in project 5f0c…` (or `list the API keys of project 5f0c…`)."""
        if self.key is None:
            return f"{self.action} the API keys of project {self.project_id}"
        return f'{self.action} API key "{self.key}" in project {self.project_id}'


class RemoteError(ApiKeysError):
    """The API did not do what was asked.

    `subject` says what was asked, `reason` why it failed in the server's own words, `advice` what to do. `status` is
    the HTTP status if there was one. `may_have_acted` tells whether the server may have acted all the same, and
    `retry_after` how many seconds it asks to wait before another try.
    """

    advice = ""
    passing_statuses = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})

    def __init__(
        self,
        subject: Subject,
        reason: str,
        *,
        status: int | None = None,
        may_have_acted: bool = False,
        retry_after: float | None = None,
    ) -> None:
        """Compose the text; `retry_after` is in seconds, if the server named it. A last full stop is left out."""
        self.subject = subject
        self.reason = reason.strip().removesuffix(".")
        self.status = status
        self.may_have_acted = may_have_acted
        self.retry_after = retry_after
        super().__init__(f"could not {subject}: {self.reason}" + (f". {self.advice}" if self.advice else ""))

    @property
    def may_repeat(self) -> bool:
        """Whether the failure can pass by itself, so that another try may succeed if it does no harm."""
        return self.status in self.passing_statuses

    def with_reason(self, reason: str) -> Self:
        """The same failure in other words."""
        return type(self)(
            self.subject, reason, status=self.status, may_have_acted=self.may_have_acted, retry_after=self.retry_after
        )


class UnauthorizedError(RemoteError):
    """401: the token was refused, also after it was fetched anew; a create was not sent twice if it is uncertain."""

    @property
    def may_repeat(self) -> bool:
        """With another token, once it is certain that the first try made nothing."""
        return self.may_have_acted

    advice = (
        "Check the token: it must be a current session JWT of this API's dashboard. Sessions are short-lived;"
        " tokenCommand, tokenFile or clerkSecretKey with clerkSessionId fetch a new one when needed"
    )


class ForbiddenError(RemoteError):
    """403: the token is good, its user may not do this."""

    advice = "Check that the token's user may manage API keys of this project, and that projectId is the right one"


class AdminManagedError(ForbiddenError):
    """403 to the revoke of a key that administrators manage."""

    advice = (
        "The key is managed by administrators, and the API lets nobody else revoke it. Ask one to revoke it, then run"
        " again; or let Pulumi forget the key and leave it alive, with `pulumi state delete`"
    )


class NotFoundError(RemoteError):
    """404: no such project or key, or another server answers at this address."""

    advice = "Check projectId and endpoint"


class MissingProjectError(NotFoundError):
    """404 of a whole project, for a key that the state knows: it may have ended with its project."""

    def __init__(self, error: NotFoundError, subject: Subject, urn: str | None) -> None:
        """Tell of `error` as one about `subject`; `urn` is the resource, if it is known."""
        project_id = subject.project_id
        self.advice = (
            f"{error.advice}. If project {project_id} was deleted, its keys ended with it: name it in the provider's"
            f" setting deletedProjects, or in APIKEYS_DELETED_PROJECTS={project_id}, and run again; or let Pulumi"
            f" forget this key alone, by {_state_delete(urn)}"
        )
        super().__init__(subject, error.reason, status=error.status, may_have_acted=error.may_have_acted)


class RejectedError(RemoteError):
    """400, 409, 422 and the other 4xx: the server refuses the request as it is."""


class RateLimitedError(RemoteError):
    """429, still after all retries."""

    advice = "The server limits the rate of calls: run again later, or lower maxConcurrency"


class ServerFailedError(RemoteError):
    """5xx, still after all retries."""

    advice = "The server failed; run again later"
    may_repeat = True


class BadAnswerError(RemoteError):
    """An answer that is not what the API promises: HTML from a proxy, a cut-off body, an empty body."""

    advice = "Something between here and the API may have answered in its place: check endpoint and proxies"

    @property
    def may_repeat(self) -> bool:
        """So if it came as a success; an answer such as a redirect will be the same again."""
        return self.status is None or self.status < HTTPStatus.MULTIPLE_CHOICES


class UnreachableError(RemoteError):
    """No connection, or none that lasted until the answer."""

    advice = "Check endpoint, and that the server is up and can be reached from here"
    may_repeat = True


class LostKeyError(RemoteError):
    """A create may have made a key whose secret nobody can read any more, and it could not be cleaned up safely."""


class CancelledRunError(ApiKeysError):
    """The user cancelled the run before this was done; nothing was sent that was not answered."""


class InternalError(ApiKeysError):
    """Our own bug."""


def describe_bug(error: Exception) -> str:
    """Words for an error that nobody foresaw: its type and where it arose, not its text, which may hold a secret."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    return (
        f"this is a bug in the apikeys provider ({type(error).__name__} at {where}); nothing of what was asked is"
        " known to have happened. Please report it"
    )
