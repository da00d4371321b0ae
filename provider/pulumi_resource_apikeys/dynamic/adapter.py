"""From the calls of a dynamic provider to a lifecycle and back.

Three things that the engine tells a plugin reach no dynamic provider, so they travel as properties of ours: the
resource's name and what of it is secret (input `_program`), and the inputs that the state was made from (output
`_inputs`, a secret as a whole, since it may hold secret inputs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from pulumi_resource_apikeys.errors import ApiKeysError, InputError
from pulumi_resource_apikeys.model.facts import names_of
from pulumi_resource_apikeys.resources.catalogue import RESOURCES
from pulumi_resource_apikeys.resources.checking import visible
from pulumi_resource_apikeys.resources.diffing import input_changes, nameable
from pulumi_resource_apikeys.resources.lifecycle import CheckRequest, DiffRequest, Gone

from . import engine_call
from .confidential import (
    PROGRAM,
    resource_name,
    secret_inputs,
    secret_outputs,
    secret_strings,
)
from .values import PROVIDER, decode, encode, secret
from .words import Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi_resource_apikeys.errors import Problem
    from pulumi_resource_apikeys.keys.ownership import Owner
    from pulumi_resource_apikeys.model.fields import Args
    from pulumi_resource_apikeys.model.values import Props, Value
    from pulumi_resource_apikeys.resources.lifecycle import Lifecycle, Live

    from .host import Host

    Wire = dict[str, Any]

INPUTS = "_inputs"


class Adapter:
    """One resource type for one dynamic provider process. Its methods may be called from any thread."""

    def __init__(self, host: Host, token: str) -> None:
        """Take the process's host, and the type's token in `resources.catalogue`."""
        self._host = host
        self._token = token
        self._type = RESOURCES[token]
        self._checked: set[Owner | str] = set()

    def check(self, olds: Wire, news: Wire) -> CheckResult:
        """Validate a resource's inputs and fill in what is left out; problems with the configuration come up here."""
        try:
            wanted = decode(news)
            lifecycle = self._lifecycle()
        except InputError as error:
            return CheckResult(_given(news), _failures(error.problems))
        old_inputs, owner = decode(olds), engine_call.owner()
        self._checked.add(owner or resource_name(wanted))
        secret_names = secret_inputs(wanted) | {name for name in secret_inputs(old_inputs) if wanted.get(name) is None}
        checked = lifecycle.check(
            CheckRequest(
                name=resource_name(wanted),
                news=wanted,
                olds=old_inputs,
                secret_names=secret_names,
                owner=owner,
            )
        )
        inputs = {**checked.inputs, PROGRAM: wanted.get(PROGRAM)}
        return CheckResult(encode(inputs), _failures(checked.problems, secret_names))

    def diff(self, resource_id: str, olds: Wire, news: Wire) -> DiffResult:
        """Compare a resource with what is wanted.

        The engine asks this after a refresh too, to show what that found. Only what the program brought to `check`
        is what the user wants.
        """
        lifecycle = self._lifecycle()
        state, old_inputs = self._split(olds)
        wanted, owner = decode(news), engine_call.owner()
        report = self._report(resource_id, wanted, old_inputs, state)
        refreshed = (owner or resource_name(wanted)) not in self._checked
        request = DiffRequest(resource_id, state, old_inputs, wanted, refreshed, owner)
        with report.errors():
            difference = self._host.run(lifecycle.diff(request))
        report.inform(difference.notes)
        report.warn(difference.warnings)
        changes = (
            None if INPUTS in olds and _engine_sees(self._type.args, old_inputs, wanted) else bool(difference.changes)
        )
        return DiffResult(changes=changes, replaces=difference.replaces, delete_before_replace=False)

    def create(self, props: Wire) -> CreateResult:
        """Make a resource."""
        lifecycle = self._lifecycle()
        inputs = decode(props, lifecycle.secrets)
        report = self._report("", inputs)
        with report.errors():
            live = self._host.write(lifecycle.create(inputs, engine_call.owner()), {})
            return CreateResult(live.id, self._outputs(live, {}, report))

    def read(self, resource_id: str, props: Wire) -> ReadResult:
        """Look at a resource; properties without a key's id are those of a program's `get`."""
        lifecycle = self._lifecycle()
        known = "keyId" in props
        state, inputs = self._split(props) if known else ({}, {})
        report = self._report(resource_id, inputs if known else decode(props), state)
        with report.errors():
            result = self._host.run(lifecycle.read(resource_id, inputs, state, engine_call.owner()))
            if isinstance(result, Gone):
                report.inform([result.reason])
                report.warn(result.warnings)
                return ReadResult("", {})
            return ReadResult(result.id, self._outputs(result, state, report))

    def update(self, resource_id: str, olds: Wire, news: Wire) -> UpdateResult:
        """Change a resource in place."""
        lifecycle = self._lifecycle()
        state, old_inputs = self._split(olds)
        inputs = decode(news, lifecycle.secrets)
        report = self._report(resource_id, inputs, old_inputs, state)
        with report.errors():
            live = self._host.write(lifecycle.update(resource_id, state, inputs, engine_call.owner()), state)
            return UpdateResult(self._outputs(live, state, report))

    def delete(self, resource_id: str, props: Wire) -> None:
        """Revoke a resource's keys."""
        lifecycle = self._lifecycle()
        state, inputs = self._split(props)
        report = self._report(resource_id, inputs, state)
        with report.errors():
            report.warn(self._host.change(lifecycle.delete(resource_id, state, engine_call.owner())))

    def _lifecycle(self) -> Lifecycle:
        services = self._host.services()
        for notice in services.notices:
            self._host.reporter.warn(notice)
        services.notices.clear()
        return services.lifecycles[self._token]

    def _split(self, outputs: Mapping[str, Any]) -> tuple[dict[str, Value], Props]:
        """The state, and the inputs that it was made from."""
        state = decode({name: value for name, value in outputs.items() if name != INPUTS}, self._type.secrets)
        if INPUTS not in outputs:
            return state, {name: state[name] for name in names_of(self._type.args) if name in state}
        kept = decode({"kept": outputs[INPUTS]})["kept"]
        return state, decode(kept) if isinstance(kept, dict) else {}

    def _report(self, resource_id: str, inputs: Props, *more: Props) -> Report:
        """What a call tells about the resource of these inputs; more of its properties may hold secrets too."""
        secrets = (secret_strings(self._type.outputs, props, inputs, *more) for props in (inputs, *more))
        return Report(self._host.reporter, resource_name(inputs) or resource_id, frozenset[str]().union(*secrets))

    def _outputs(self, live: Live, before: Props, report: Report) -> Wire:
        """The outputs for the engine.

        A dynamic provider can't fail and still have its outputs saved. So if a key was made, what failed beside it
        is a warning, and the next run goes on from there; if none was, the call fails, and nothing is lost.
        """
        report.warn(live.warnings)
        report.inform(live.notes)
        if live.partial_failures and live.state.get("keyId") == before.get("keyId"):
            raise ApiKeysError("; ".join(live.partial_failures))
        report.warn(live.partial_failures)
        hidden = secret_outputs(self._type.outputs, live.inputs) - self._type.secrets
        shown = encode({name: value for name, value in live.state.items() if name not in hidden})
        kept = encode({name: value for name, value in live.state.items() if name in hidden})
        return {
            **shown,
            **{name: secret(value) for name, value in kept.items()},
            INPUTS: secret(encode(live.inputs)),
        }


def _engine_sees(args: type[Args], old_inputs: Props, news: Props) -> bool:
    """Whether the engine finds changed inputs by itself, as it does if it is not told whether there are changes.

    Then it knows their paths, which options such as `replace_on_changes` are about; the host has no way to tell it.
    """
    both = (old_inputs, news)
    return bool(input_changes(*both, args)) and all(nameable(visible(inputs)) for inputs in both)


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
