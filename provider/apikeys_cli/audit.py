"""What a project's keys are: one pure function of what the API lists, what the states of stacks know, and now.

It tells of each key whose it is and what is wrong with it (`rules`), and of each resource what is wrong with that.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pulumi_resource_apikeys.keys.ownership import mark_of
from pulumi_resource_apikeys.keys.port import KeyStatus, Listing, RemoteKey, server_time

from . import rules
from .findings import MEASURED, FindingKind, Relation, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from .findings import Finding
    from .states import ManagedKey, StackState

_RELATIONS = list(Relation)
_RANK = {kind: (list(Severity).index(kind.severity), at) for at, kind in enumerate(FindingKind)}


@dataclass(frozen=True, slots=True)
class Claim:
    """A resource that has a key, of the stack of that name (`project/stack`)."""

    stack: str
    resource: ManagedKey
    relation: Relation


@dataclass(frozen=True, slots=True)
class AuditedKey:
    """A key of the listing that was not revoked: whose it is, and what is found of it.

    `made_by` is the stack that made an orphan, `of_resource` its resource if that stack still has it.
    """

    key: RemoteKey
    status: KeyStatus
    relation: Relation
    claims: tuple[Claim, ...] = ()
    made_by: str | None = None
    of_resource: ManagedKey | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def owner(self) -> Claim | None:
        """The resource that has it; of several, the one whose current key it is."""
        return self.claims[0] if self.claims else None

    @property
    def shown_name(self) -> str | None:
        """Its name, None if a stack keeps that as a secret."""
        resources = [*(claim.resource for claim in self.claims), *filter(None, [self.of_resource])]
        return None if any(resource.secret_name for resource in resources) else self.key.name


@dataclass(frozen=True, slots=True)
class AuditedResource:
    """A resource of the stack of that name, what the listing says of its key, and what is found of it."""

    stack: str
    resource: ManagedKey
    status: KeyStatus
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Audit:
    """What was found. `now` is the server's time if it told one. `left_out` says in clauses what was not looked at."""

    now: datetime
    projects: tuple[str, ...]
    stacks: tuple[str, ...]
    keys: tuple[AuditedKey, ...] = ()
    resources: tuple[AuditedResource, ...] = ()
    left_out: tuple[str, ...] = ()

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, the worst first."""
        of_keys = [finding for key in self.keys for finding in key.findings]
        found = of_keys + [finding for resource in self.resources for finding in resource.findings]
        return tuple(sorted(found, key=lambda finding: _RANK[finding.kind]))


def audit(
    listings: Mapping[str, Sequence[RemoteKey]],
    stacks: Sequence[StackState],
    now: datetime,
    *,
    limits: Mapping[FindingKind, timedelta] = MEASURED,
    here: frozenset[str] = frozenset(),
) -> Audit:
    """Compare the keys of projects, by the projects' ids, with what stacks know of them.

    `here` are the addresses of the API that was asked, in the form of `settings.canonical`: a resource whose key lives
    elsewhere is left out, and so is one of a project that was not listed.
    """
    told = [time for listing in listings.values() if (time := server_time(listing)) is not None]
    comparison = _Comparison(listings, stacks, max(told, default=now), limits, here)
    return Audit(
        comparison.now,
        tuple(listings),
        tuple(dict.fromkeys(stack.name for stack in stacks)),
        tuple(comparison.keys()),
        tuple(comparison.resources()),
        comparison.left_out(),
    )


@dataclass(frozen=True)
class _Comparison:
    listings: Mapping[str, Sequence[RemoteKey]]
    stacks: Sequence[StackState]
    now: datetime
    limits: Mapping[FindingKind, timedelta]
    here: frozenset[str]

    def _is_here(self, key: ManagedKey) -> bool:
        return not self.here or key.endpoint is None or key.endpoint in self.here

    @cached_property
    def _looked_at(self) -> list[Claim]:
        """The resources of these projects and this API, each once, even if its stack was given twice."""
        claims = {
            (stack.name, key.urn, key.key_id): Claim(
                stack.name, key, Relation.LEAVING if key.leaving else Relation.MANAGED
            )
            for stack in self.stacks
            for key in stack.keys
            if self._is_here(key) and key.project_id in self.listings
        }
        return list(claims.values())

    @cached_property
    def _claims(self) -> Mapping[str, Sequence[Claim]]:
        """The resources by the ids of the keys that they have."""
        found: defaultdict[str, list[Claim]] = defaultdict(list)
        for claim in self._looked_at:
            found[claim.resource.key_id].append(claim)
            if claim.resource.previous_key_id:
                found[claim.resource.previous_key_id].append(replace(claim, relation=Relation.PREVIOUS))
        return {
            key_id: sorted(claims, key=lambda claim: _RELATIONS.index(claim.relation))
            for key_id, claims in found.items()
        }

    @cached_property
    def _listed(self) -> Mapping[str, Listing]:
        return {
            project: listing if isinstance(listing, Listing) else Listing(listing)
            for project, listing in self.listings.items()
        }

    @cached_property
    def _replaced(self) -> Mapping[str, Claim]:
        """The resources by the ids of the keys that they had before."""
        return {key_id: claim for claim in self._looked_at for key_id in claim.resource.replaced}

    @cached_property
    def _letters(self) -> Mapping[str, StackState]:
        """The stacks by the letters of their keys' names; what follows from a stack's own name counts most."""
        learnt = {letters: stack for stack in self.stacks for letters in stack.letters}
        return learnt | {letters: stack for stack in self.stacks for letters in stack.stack_marks}

    def left_out(self) -> tuple[str, ...]:
        keys = [key for stack in self.stacks for key in stack.keys]
        homes = sorted({key.endpoint for key in keys if key.endpoint is not None and not self._is_here(key)})
        others = sorted({key.project_id for key in keys if self._is_here(key)} - self.listings.keys())
        return (
            *(f"resources whose keys live at another API, {home}" for home in homes),
            *(f"keys of project {project}, which the states tell of: add --project {project}" for project in others),
        )

    def keys(self) -> Iterator[AuditedKey]:
        for listing in self.listings.values():
            told = server_time(listing) or self.now
            for key in listing:
                status = key.status_at(told)
                if status is not KeyStatus.REVOKED:
                    audited = self._audited(key, status)
                    yield replace(audited, findings=tuple(rules.of_key(audited, told, self.limits)))

    def _audited(self, key: RemoteKey, status: KeyStatus) -> AuditedKey:
        claims = tuple(self._claims.get(key.key_id, ()))
        if claims:
            return AuditedKey(key, status, claims[0].relation, claims)
        made_by, of_resource = self._maker(key)
        relation = Relation.UNMANAGED if made_by is None else Relation.ORPHANED
        return AuditedKey(key, status, relation, made_by=made_by, of_resource=of_resource)

    def _maker(self, key: RemoteKey) -> tuple[str | None, ManagedKey | None]:
        """The stack that made a key which none has, and its resource, if the stack still has that.

        A stack knows by their ids the keys that it replaced; else the mark of the name tells, and nothing else.
        """
        if (claim := self._replaced.get(key.key_id)) is not None:
            return claim.stack, claim.resource
        mark = mark_of(key.name)
        stack = self._letters.get(mark.stack) if mark is not None else None
        if mark is None or stack is None:
            return None, None
        return stack.name, stack.resource_marks.get(mark.resource)

    def resources(self) -> Iterator[AuditedResource]:
        for claim in self._looked_at:
            resource, listing = claim.resource, self._listed[claim.resource.project_id]
            told = server_time(listing) or self.now
            remote = listing.by_id.get(resource.key_id)
            previous = listing.by_id.get(resource.previous_key_id or "")
            status = KeyStatus.ABSENT if remote is None else remote.status_at(told)
            facts = rules.Facts(resource, claim.stack, status, remote, previous)
            found = tuple(rules.of_resource(facts, told, self.limits))
            yield AuditedResource(claim.stack, resource, status, found)
