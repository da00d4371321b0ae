"""Keys that this stack made and lost: made by a run that was killed, or by one whose state was put back since.

Two things tell that a key is such a one. Its name bears the mark of a resource (`ownership`) whose state does not know
it. Or this machine's journal says that a run was about to make it, and was killed. What bears the mark of a resource
that is not met is kept in mind from run to run (`strays`). What only looks alike belongs to somebody else for all that
is known here, and no word is said about it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from pulumi_resource_apikeys.errors import ApiKeysError
from pulumi_resource_apikeys.journal import Attempt, digest
from pulumi_resource_apikeys.model.times import describe_duration, format_instant
from pulumi_resource_apikeys.text import one_line

from .identity import KeyPath
from .operation import within
from .ownership import mark_of
from .port import KeyStatus, RemoteKey, canonical_id, server_time
from .revoking import revoke
from .strays import Sighting, is_kept, write_down

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from pulumi_resource_apikeys.clock import Clock, Deadline
    from pulumi_resource_apikeys.journal import Journal

    from .ownership import Mark, Owner
    from .port import Keys, NewKey

Group = TypeVar("Group")

SETTLED = timedelta(hours=1)
"""How old an unknown key must be so that no run under way can be about to record it."""
SKEW = timedelta(minutes=10)
"""How far the server's clock may be off ours for a key to count as made by an attempt."""


class OrphanWatch:
    """What one run knows of its stack's keys, held against the lists of their projects."""

    def __init__(self, keys: Keys, clock: Clock, journal: Journal, endpoint: str = "") -> None:
        """Take the API, the time, the journal, and the API's address, by which the journal tells places apart."""
        self._keys = keys
        self._clock = clock
        self._journal = journal
        self._endpoint = endpoint
        self._known: defaultdict[Owner | None, dict[str, None]] = defaultdict(dict)
        self._in_state: set[Owner] = set()
        self._met: set[Owner] = set()
        self._all_known: set[str] = set()
        self._wanted_by: dict[str, Owner] = {}
        self._told: set[str] = set()
        self._first: dict[str, frozenset[str]] = {}
        self._latest: dict[str, Sequence[RemoteKey]] = {}
        self._index = _Index(())
        self._stack: str | None = None

    def note_known(self, owner: Owner | None, key_ids: Iterable[str | None]) -> None:
        """Take note that the state of that resource knows these keys."""
        if owner is not None:
            self._met.add(owner)
        self._note(owner, key_ids)

    def note_in_state(self, owner: Owner | None) -> None:
        """Take note that the state has that resource, with keys that may never be told here.

        An engine that was told to replace it, or to change its provider, asks for no difference.
        """
        if owner is not None:
            self._in_state.add(owner)

    def _note(self, owner: Owner | None, key_ids: Iterable[str | None]) -> None:
        if owner is not None:
            self._stack = self._stack or owner.mark.stack
            self._journal.bind(owner.mark.stack)
        ids = dict.fromkeys(canonical_id(key_id) for key_id in key_ids if key_id)
        self._known[owner] |= ids
        self._all_known |= ids.keys()

    def known_of(self, owner: Owner | None) -> list[str]:
        """The keys that the state of that resource is known to know, the newest last."""
        return list(self._known.get(owner, ()))

    def _state_is_known(self, owner: Owner) -> bool:
        return owner in self._met or owner not in self._in_state

    def wanted(self, owner: Owner | None, key_id: str | None) -> tuple[str, ...]:
        """Take note that the program has that resource, with that key; words if another one has the same key."""
        if owner is None or key_id is None:
            return ()
        first = self._wanted_by.setdefault(canonical_id(key_id), owner)
        if first == owner:
            return ()
        warning = (
            f"API key {key_id} is in the state twice: as {first.name} and as {owner.name}. What replaces, rotates or"
            " destroys one of them revokes the key of the other: keep one, and let Pulumi forget the other with"
            " `pulumi state delete`"
        )
        return (warning,)

    def looked(self, project_id: str, listing: Sequence[RemoteKey]) -> None:
        """Take note of a project's list."""
        if self._latest.get(project_id) is listing:
            return
        self._first.setdefault(project_id, frozenset(key.key_id for key in listing))
        self._latest[project_id] = listing
        settled = self._clock.now() - SETTLED
        for attempt in self._attempts():
            of_this = attempt.project_id == project_id and attempt.started < settled
            if of_this and not self._made_by(attempt, listing):
                self._journal.close(attempt)

    async def look(self, project_id: str, deadline: Deadline | None = None) -> Sequence[RemoteKey]:
        """The project's list as of this run, before anything was made in it; raises what `Keys.list` raises."""
        if project_id not in self._latest:
            self.looked(project_id, await self._keys.list(project_id, deadline=deadline))
        return self._latest[project_id]

    def seen_first(self, project_id: str) -> frozenset[str] | None:
        """The keys that were there when this run first looked at the project; None if it has not yet."""
        return self._first.get(project_id)

    def about_to_make(self, name: str, *, besides: str) -> bool:
        """Whether a create of that name is under way in this run, other than the one of the name `besides`."""
        return name.casefold() != besides.casefold() and digest(name) in self._journal.names_under_way

    @property
    def known(self) -> frozenset[str]:
        """The keys that a state that this run met knows, and those that it made."""
        return frozenset(self._all_known)

    def words(self, owner: Owner | None, listing: Sequence[RemoteKey]) -> tuple[str, ...]:
        """Words about each live key that this resource made and its state does not know, each told once a run."""
        now = self._now(listing)
        left = [(key, attempt) for key, attempt in self._lost(listing, owner) if key.key_id not in self._told]
        self._told |= {key.key_id for key, _ in left}
        return tuple(warning(key, now, owner, attempt) for key, attempt in left)

    async def clean_up(
        self, owner: Owner | None, listing: Sequence[RemoteKey], deadline: Deadline | None = None
    ) -> tuple[str, ...]:
        """Revoke what a killed run of this machine made and never handed on; words about these and about the others.

        Only the journal can tell that nobody else holds a key: a mark is copied where a state is copied.
        """
        words, settled, left = [], dict[str, Attempt](), set[str]()
        for key, attempt in self._lost(listing, owner):
            if attempt is None:
                continue
            settled[attempt.id] = attempt
            if not await self._revoked(key, attempt, deadline):
                left.add(attempt.id)
                continue
            self._told.add(key.key_id)
            words.append(
                f"API key {_called(key, owner, attempt)} was revoked: a run that was killed or failed had made it,"
                " nothing had recorded it, and it was never used"
            )
        for attempt in settled.values():
            if attempt.id not in left:
                self._journal.close(attempt)
        return (*words, *self.words(owner, listing))

    async def _revoked(self, key: RemoteKey, attempt: Attempt, deadline: Deadline | None) -> bool:
        """Revoke the key if nobody can hold it; whether it is revoked."""
        if not attempt.unique or attempt.recorded or _may_be_in_use(key, attempt):
            return False
        try:
            await revoke(within(self._keys, deadline), self._clock, KeyPath(key.project_id, key.key_id), key.name)
        except ApiKeysError:
            return False
        return True

    async def last_look(
        self, owner: Owner | None, project_id: str, deadline: Deadline | None = None
    ) -> tuple[str, ...]:
        """After a delete: what `clean_up` does, by the list as it is now; nothing if that can't be had."""
        try:
            listing = await self._keys.list(project_id, deadline=deadline)
        except ApiKeysError:
            return ()
        self.looked(project_id, listing)
        return await self.clean_up(owner, listing, deadline)

    def begin(self, new: NewKey) -> Attempt:
        """Write down that a create is about to be sent."""
        self._note(new.owner, ())
        attempt = Attempt(
            owner=digest(str(new.owner)),
            endpoint=self._endpoint,
            project_id=new.project_id,
            name=digest(new.name),
            unique=new.unique,
            started_at=format_instant(self._clock.now()),
        )
        self._journal.begin(attempt)
        return attempt

    def made(self, attempt: Attempt, owner: Owner | None, key_id: str) -> None:
        """Write down which key it made, before its answer goes anywhere."""
        self._journal.made(attempt, key_id)
        self._note(owner, [key_id])

    def nothing_left(self, attempt: Attempt) -> None:
        """Write down that the create left nothing behind."""
        self._journal.close(attempt)

    def same_name(self, listing: Sequence[RemoteKey], name: str) -> list[RemoteKey]:
        """The live keys of that very name that this run does not know."""
        now = self._now(listing)
        return [key for key in listing if key.name == name and alive(key, now) and key.key_id not in self._all_known]

    def left_behind(self) -> list[str]:
        """At the end of a run: words about what killed runs left of resources that this run has not met."""
        words = []
        for listing in self._latest.values():
            now = self._now(listing)
            for attempt in self._attempts():
                for key in [] if attempt.recorded else self._made_by(attempt, listing):
                    if key.key_id not in self._told:
                        self._told.add(key.key_id)
                        sure = attempt.unique and attempt.key_id is None
                        words.append(warning(key, now, None, attempt) if sure else _perhaps(key, attempt))
        return words

    def strays(self, about_all: Callable[[], bool]) -> list[str]:
        """At the end of a run: words about keys that no resource has any more.

        `about_all` tells whether the engine was told to do its work for all resources; it is asked only if need be.
        """
        missed = {project: self._missed(listing, self._now(listing)) for project, listing in self._latest.items()}
        if not (any(missed.values()) or is_kept(self._journal.folder)) or not about_all():
            return []
        words = []
        for project_id, keys in missed.items():
            seen = Sighting(frozenset(keys), frozenset(self._all_known))
            due = write_down(self._journal.folder, project_id, seen, self._clock.now())
            words += [_stray(keys[key_id], self._now(self._latest[project_id])) for key_id in sorted(due)]
        return words

    def _missed(self, listing: Sequence[RemoteKey], now: datetime) -> dict[str, RemoteKey]:
        """The live keys that this stack made of resources that this run has not met, by their ids."""
        met = {owner for owner in (*self._met, *self._in_state, *self._known) if owner is not None}
        marks, index = {owner.mark.resource for owner in met}, self._index_of(listing)
        digests = {digest(str(owner)) for owner in met}
        by_name = [
            key
            for mark, keys in index.by_mark.items()
            if mark.stack == self._stack and mark.resource not in marks
            for key in keys
        ]
        by_journal = [
            key
            for attempt in self._attempts()
            if attempt.recorded and attempt.owner not in digests
            for key in self._made_by(attempt, listing)
        ]
        known = self._all_known | self._told
        return {key.key_id: key for key in (*by_name, *by_journal) if key.key_id not in known and alive(key, now)}

    def _now(self, listing: Sequence[RemoteKey]) -> datetime:
        """The time by which the keys of a list are judged: the server's if it told one."""
        return server_time(listing) or self._clock.now()

    def _attempts(self) -> list[Attempt]:
        """What earlier runs left at this endpoint, without what has been settled since."""
        attempts = []
        for attempt in self._journal.of_earlier_runs():
            if attempt.key_id in self._all_known:
                if attempt.unique:
                    self._journal.close(attempt)
            elif attempt.endpoint == self._endpoint:
                attempts.append(attempt)
        return attempts

    def _made_by(self, attempt: Attempt, listing: Sequence[RemoteKey]) -> list[RemoteKey]:
        """The live keys that an attempt has, or may have, made: each of its tries one."""
        now, index = self._now(listing), self._index_of(listing)
        candidates = (
            [key for key in index.by_name.get(attempt.name, ()) if attempt.unique or _since(key, attempt.started)]
            if attempt.key_id is None
            else index.by_id.get(attempt.key_id, ())
        )
        return [
            key
            for key in candidates
            if key.project_id == attempt.project_id and alive(key, now) and key.key_id not in self._all_known
        ]

    def _index_of(self, listing: Sequence[RemoteKey]) -> _Index:
        """The index of a list, made once as long as the list is the latest that was asked about."""
        if self._index.listing is not listing:
            self._index = _Index(listing)
        return self._index

    def _lost(self, listing: Sequence[RemoteKey], owner: Owner | None) -> list[tuple[RemoteKey, Attempt | None]]:
        """The keys that this resource surely lost, with what the journal says of them.

        A made name whose answer never came is in no state, whichever resource it is of. A key whose answer may be
        recorded, or that only bears a name of the user's, counts once its resource was met and does not know it.
        """
        by_journal: dict[str, Attempt] = {}
        mine = digest(str(owner))
        sure = owner is not None and self._state_is_known(owner)
        for attempt in self._attempts():
            if (attempt.unique and attempt.key_id is None) or (sure and attempt.owner == mine):
                by_journal |= {key.key_id: attempt for key in self._made_by(attempt, listing)}
        now, index = self._now(listing), self._index_of(listing)
        marked = index.by_mark.get(owner.mark, ()) if sure and owner is not None else ()
        lost = {key.key_id: key for key in (*marked, *(key for name in by_journal for key in index.by_id[name]))}
        return [
            (key, by_journal.get(key.key_id))
            for key in lost.values()
            if key.key_id not in self._all_known and alive(key, now)
        ]


class _Index:
    """A project's keys by what is looked for."""

    def __init__(self, listing: Sequence[RemoteKey]) -> None:
        self.listing = listing

    @cached_property
    def by_id(self) -> Mapping[str, Sequence[RemoteKey]]:
        return _grouped((key.key_id, key) for key in self.listing)

    @cached_property
    def by_mark(self) -> Mapping[Mark, Sequence[RemoteKey]]:
        return _grouped((mark, key) for key in self.listing if (mark := mark_of(key.name)) is not None)

    @cached_property
    def by_name(self) -> Mapping[str, Sequence[RemoteKey]]:
        """By the digests of the names, as the journal has them."""
        return _grouped((digest(key.name), key) for key in self.listing)


def _grouped(pairs: Iterable[tuple[Group, RemoteKey]]) -> Mapping[Group, Sequence[RemoteKey]]:
    groups: defaultdict[Group, list[RemoteKey]] = defaultdict(list)
    for group, key in pairs:
        groups[group].append(key)
    return groups


def alive(key: RemoteKey, now: datetime) -> bool:
    """Whether a key may still be used."""
    return key.status_at(now) is KeyStatus.ACTIVE


def _since(key: RemoteKey, started: datetime) -> bool:
    return key.made_at is None or key.made_at >= started - SKEW


def _may_be_in_use(key: RemoteKey, attempt: Attempt) -> bool:
    """Whether somebody may have the secret, which is so once its answer was read, and may have used it."""
    return key.last_used_at is not None or (attempt.key_id is not None and not key.use_told)


def _perhaps(key: RemoteKey, attempt: Attempt) -> str:
    """Words about a key whose resource, if there is one, this run has not met."""
    who = (
        "was made by a run that" if attempt.key_id else "bears the name that a run was about to make a key with when it"
    )
    return (
        f"API key {key.key_id} in project {key.project_id} {who} was killed or failed, and no resource"
        " that this run looked at has it. If `pulumi stack export` does not show that id either, and nobody knows the"
        " key, revoke it in the dashboard"
    )


def _stray(key: RemoteKey, now: datetime) -> str:
    """Words about a key whose resource several runs have not met."""
    called = _called(key, None, None, *_age(key, now), _use(key, now)[0])
    return (
        f"API key {called} in project {key.project_id} was made by this stack, and no resource that the last runs on"
        " this machine looked at has it. Where `pulumi stack export` shows its id, or it was let go on purpose (`pulumi"
        " state delete`, retainOnDelete), all is well. Else a state that was put back lost it: find out whether"
        " something uses it, and revoke it in the dashboard. This is said once"
    )


def _use(key: RemoteKey, now: datetime) -> tuple[str, str]:
    """How a key was used, in words, and what to do before it is revoked."""
    if key.used_at is not None:
        return f"last used {_ago(key.used_at, now)}", "something uses it: find out what, and"
    return "never used" if key.never_used else "whether it was used is not known", "if nothing uses it,"


def warning(key: RemoteKey, now: datetime, owner: Owner | None, attempt: Attempt | None) -> str:
    """Words for a resource about a live key that this stack made and no state knows."""
    made_at = key.made_at
    used, remedy = _use(key, now)
    cut_off = attempt is not None and not attempt.recorded
    who = (
        "a run that was killed or failed made it" if cut_off else "this resource made it, and its state has another key"
    )
    if attempt is not None and not attempt.unique and attempt.key_id is None:
        who = "it bears the name that a run was about to make a key with when it was killed or failed"
    lost = (
        "its secret never reached Pulumi"
        if cut_off
        else "an interrupted run, two at once, or a state that was put back lost it"
    )
    young = made_at is not None and now - made_at < SETTLED and not cut_off
    other = " Where another run of this stack is under way, it may be that one's." if young else ""
    return (
        f"API key {_called(key, owner, attempt, *_age(key, now), used)} in project {key.project_id} is active and in no"
        f" state: {who} ({lost})."
        f"{other} Nothing here will revoke it: {remedy} revoke it in the dashboard"
    )


def _called(key: RemoteKey, owner: Owner | None, attempt: Attempt | None, *details: str) -> str:
    """What words for a resource call a key: by its id, and by its name if it was made for that very resource.

    Another one's name may come of a secret, of which nothing is known here.
    """
    mine = owner is not None and (
        mark_of(key.name) == owner.mark or (attempt is not None and attempt.owner == digest(str(owner)))
    )
    if mine:
        return f'"{one_line(key.name, limit=120)}" ({", ".join([key.key_id, *details])})'
    return f"{key.key_id} ({', '.join(details)})" if details else key.key_id


def _age(key: RemoteKey, now: datetime) -> tuple[str, ...]:
    return (f"made {_ago(key.made_at, now)}",) if key.made_at is not None else ()


def _ago(then: datetime, now: datetime) -> str:
    return f"{describe_duration(max(now - then, timedelta(0)))} ago"
