"""From the calls of a dynamic provider to a lifecycle and back.

Three things that the engine tells a plugin reach no dynamic provider, so they travel as properties of ours: the
resource's name and which inputs are secret (input `_program`), and the inputs that the state was made from (output
`_inputs`, a secret as a whole, since it may hold secret inputs).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from pulumi_resource_apikeys.errors import ApiKeysError, InputError
from pulumi_resource_apikeys.lifecycle.catalogue import RESOURCES
from pulumi_resource_apikeys.lifecycle.checking import visible
from pulumi_resource_apikeys.lifecycle.differing import input_changes, nameable
from pulumi_resource_apikeys.lifecycle.resource import CheckRequest, DiffRequest, Gone
from pulumi_resource_apikeys.model.validation import names_of
from pulumi_resource_apikeys.model.values import text

from . import engine_call
from .values import PROVIDER, decode, encode, secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_resource_apikeys.errors import Problem
    from pulumi_resource_apikeys.lifecycle.resource import Lifecycle, Live
    from pulumi_resource_apikeys.model.values import Props, Value

    from .host import Host

    Wire = dict[str, Any]

PROGRAM = "__program"
INPUTS = "_inputs"


class Adapter:
    """One resource type for one dynamic provider process. Its methods may be called from any thread."""

    def __init__(self, host: Host, token: str) -> None:
        """Take the process's host, and the type's token in `lifecycle.catalogue`."""
        self._host = host
        self._token = token
        self._checked: set[str] = set()

    def check(self, olds: Wire, news: Wire) -> CheckResult:
        """Validate a resource's inputs and fill in what is left out; problems with the configuration come up here."""
        try:
            found = decode(news)
            lifecycle = self._lifecycle()
        except InputError as error:
            return CheckResult(_given(news), _failures(error.problems))
        about = _about(found)
        self._checked.add(about)
        checked = lifecycle.check(
            CheckRequest(
                name=about,
                news=found,
                olds=decode(olds),
                secret_names=_secret_names(found),
                owner=engine_call.owner(),
            )
        )
        inputs = {**checked.inputs, PROGRAM: found.get(PROGRAM)}
        return CheckResult(encode(inputs), _failures(checked.problems, _secret_names(found)))

    def diff(self, resource_id: str, olds: Wire, news: Wire) -> DiffResult:
        """Compare a resource with what is wanted.

        The engine asks this after a refresh too, to show what that found. Only what the program brought to `check`
        is worth words to the user.
        """
        lifecycle = self._lifecycle()
        state, old_inputs = self._split(olds)
        found = decode(news)
        request = DiffRequest(resource_id, state, old_inputs, found, owner=engine_call.owner())
        difference = self._host.run(lifecycle.diff(request))
        about = _about(found)
        if about in self._checked:
            for note in difference.notes:
                self._host.voice.inform(note, about)
            self._warn(difference.warnings, about)
        changes = None if INPUTS in olds and _engine_sees(old_inputs, found) else bool(difference.changes)
        return DiffResult(changes=changes, replaces=difference.replaces, delete_before_replace=False)

    def create(self, props: Wire) -> CreateResult:
        """Make a resource."""
        lifecycle = self._lifecycle()
        inputs = decode(props, lifecycle.secrets)
        live = self._host.write(lifecycle.create(inputs, engine_call.owner()), {})
        return CreateResult(live.id, self._outputs(live, {}))

    def read(self, resource_id: str, props: Wire) -> ReadResult:
        """Look at a resource; properties without a key's id are those of a program's `get`."""
        lifecycle = self._lifecycle()
        state, inputs = self._split(props) if "keyId" in props else ({}, {})
        found = self._host.run(lifecycle.read(resource_id, inputs, state, engine_call.owner()))
        if isinstance(found, Gone):
            about = text(state, "name") or resource_id
            self._host.voice.inform(found.reason, about)
            self._warn(found.warnings, about)
            return ReadResult("", {})
        return ReadResult(found.id, self._outputs(found, state))

    def update(self, resource_id: str, olds: Wire, news: Wire) -> UpdateResult:
        """Change a resource in place."""
        lifecycle = self._lifecycle()
        state, _ = self._split(olds)
        inputs = decode(news, lifecycle.secrets)
        live = self._host.write(lifecycle.update(resource_id, state, inputs, engine_call.owner()), state)
        return UpdateResult(self._outputs(live, state))

    def delete(self, resource_id: str, props: Wire) -> None:
        """Revoke a resource's keys."""
        lifecycle = self._lifecycle()
        state, _ = self._split(props)
        warnings = self._host.change(lifecycle.delete(resource_id, state, engine_call.owner()))
        self._warn(warnings, text(state, "name") or resource_id)

    def _lifecycle(self) -> Lifecycle:
        services = self._host.services()
        self._warn(tuple(services.notices), "")
        services.notices.clear()
        return services.lifecycles[self._token]

    def _split(self, outputs: Mapping[str, Any]) -> tuple[dict[str, Value], Props]:
        """The state, and the inputs that it was made from."""
        made = RESOURCES[self._token]
        state = decode({name: value for name, value in outputs.items() if name != INPUTS}, made.secrets)
        if INPUTS not in outputs:
            return state, {name: state[name] for name in names_of(made.args) if name in state}
        kept = decode({"kept": outputs[INPUTS]})["kept"]
        return state, decode(kept) if isinstance(kept, dict) else {}

    def _outputs(self, live: Live, before: Props) -> Wire:
        """The outputs for the engine.

        A dynamic provider can't fail and still have its outputs saved. So where a key was made, what failed beside it
        is a warning, and the next run goes on from there; where none was, the call fails, and nothing is lost.
        """
        about = _about(live.inputs) or text(live.state, "name") or live.id
        self._warn(live.warnings, about)
        for note in live.notes:
            self._host.voice.inform(note, about)
        if live.failures and live.state.get("keyId") == before.get("keyId"):
            raise ApiKeysError("; ".join(live.failures))
        self._warn(live.failures, about)
        return {**encode(live.state), INPUTS: secret(encode(live.inputs))}

    def _warn(self, warnings: Iterable[str], about: str) -> None:
        for warning in warnings:
            self._host.voice.warn(warning, about)


def _told_by_program(inputs: Props) -> Props:
    told = inputs.get(PROGRAM)
    return told if isinstance(told, Mapping) else {}


def _about(inputs: Props) -> str:
    return text(_told_by_program(inputs), "name") or ""


def _engine_sees(old_inputs: Props, news: Props) -> bool:
    """Whether the engine finds changed inputs by itself, as it does where it is not told whether there are changes.

    Then it knows their paths, which options such as `replace_on_changes` are about; the host has no way to tell it.
    """
    both = (old_inputs, news)
    return bool(input_changes(*both, ())) and all(nameable(visible(inputs)) for inputs in both)


def _secret_names(inputs: Props) -> frozenset[str]:
    names = _told_by_program(inputs).get("secrets")
    return frozenset(map(str, names)) if isinstance(names, list) else frozenset()


def _given(news: Wire) -> Wire:
    return {name: value for name, value in news.items() if name != PROVIDER}


def _failures(problems: Iterable[Problem], secret_names: frozenset[str] = frozenset()) -> list[CheckFailure]:
    """The problems for the engine, which prints the value of a property that it is told, also a secret one."""
    return [
        CheckFailure("", str(problem))
        if problem.property in secret_names
        else CheckFailure(problem.property, problem.reason)
        for problem in problems
    ]
