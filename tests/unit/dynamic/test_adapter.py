"""The adapter: calls of a dynamic provider, in the dynamic host's own values, over the real lifecycles."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import pulumi
import pytest
from pulumi.dynamic import CheckResult
from pulumi.output import Unknown
from pulumi.runtime import rpc
from pydantic import SecretStr

from fakes.clock import FakeClock
from fakes.engine import plain
from fakes.keys import PROJECT, SECRET_PREFIX, FakeKeys, lost_answer
from pulumi_resource_apikeys.dynamic.adapter import Adapter
from pulumi_resource_apikeys.dynamic.host import Host
from pulumi_resource_apikeys.dynamic.values import decode, encode
from pulumi_resource_apikeys.dynamic.words import StderrReporter
from pulumi_resource_apikeys.errors import ApiKeysError, ForbiddenError, Problem, RejectedError, SettingsError, Subject
from pulumi_resource_apikeys.interruption import InterruptibleClock
from pulumi_resource_apikeys.keys.run import run_of
from pulumi_resource_apikeys.model.values import UNKNOWN, Props
from pulumi_resource_apikeys.resources.catalogue import RESOURCES
from pulumi_resource_apikeys.wiring import Services

Wire = dict[str, Any]
REVOKE_REFUSED = ForbiddenError(Subject("revoke", PROJECT, "service"), "not yours", status=403)
ROTATING: dict[str, Any] = {"rotateEvery": "30d", "overlap": "7d"}


class Process:
    """A dynamic provider's process with keys in memory, and the engine's part of the work."""

    def __init__(self, problems: list[Problem] | None = None) -> None:
        self.clock = FakeClock()
        self.keys = FakeKeys(self.clock)
        self.stderr = io.StringIO()
        self.engine_gone = False
        self.interruption = InterruptibleClock(self.clock)
        self.host = Host(self._build, problems or [], lambda: self.engine_gone, StderrReporter(self.stderr))
        self.api_key = Adapter(self.host, "apikeys:index:APIKey")
        self.rotating = Adapter(self.host, "apikeys:index:RotatingAPIKey")

    def _build(self, _report: object) -> Services:
        run = run_of(self.keys, self.interruption)
        made = {token: row(self.keys, self.interruption, PROJECT, run) for token, row in RESOURCES.items()}
        return Services(made, run, None, self.interruption)

    @property
    def said(self) -> list[str]:
        return self.stderr.getvalue().splitlines()


def program(name: str = "deploy", /, secrets: tuple[str | list[str | int], ...] = (), **args: object) -> Wire:
    """What the resource classes send."""
    return {**args, "_program": {"name": name, "secrets": list(secrets)}, "__provider": "a reference"}


def secret_names(outs: Wire | None) -> set[str]:
    assert outs is not None
    return {name for name, value in outs.items() if rpc.is_rpc_secret(value)}


def checked(adapter: Adapter, news: Wire, olds: Wire | None = None) -> Wire:
    result = adapter.check(olds or {}, news)
    assert result.failures == []
    return result.inputs


def failures(result: CheckResult) -> list[tuple[str, str]]:
    return [(failure.property, failure.reason) for failure in result.failures]


def stored(outs: Wire | None) -> Wire:
    """Outputs as they come back from the state: the engine sends secrets plain to a dynamic provider."""
    assert outs is not None
    return {**{name: rpc.unwrap_rpc_secret(value) for name, value in outs.items()}, "__provider": "a reference"}


@pytest.fixture
def process() -> Iterator[Process]:
    running = Process()
    yield running
    running.host.close()


def test_a_check_fills_in_project_and_name_and_remembers_what_it_filled_in(process: Process) -> None:
    first = checked(process.api_key, program(scopes=["read"]))
    again = checked(process.api_key, program(scopes=["read"]), first)

    assert first["projectId"] == PROJECT
    assert first["name"].startswith("deploy-")
    assert sorted(first["_defaults"]) == ["name", "projectId"]
    assert again == first
    assert not [name for name in first if name.startswith("__")]


@pytest.mark.parametrize(
    ("news", "problem"),
    [
        (program(expiresIn="soon"), ("expiresIn", "soon")),
        (program(scopes=["a b"]), ("scopes[0]", "white space")),
        (program(triggers={"file": pulumi.StringAsset("text")}), ("triggers.file", "must not be an asset")),
        (program("deploy", secrets=("expiresIn",), expiresIn="soon"), ("", "expiresIn: is not valid")),
        (
            program("deploy", secrets=("scopes",), scopes=["a b"]),
            ("scopes[0]", "is not valid; its value is secret"),
        ),
    ],
)
def test_bad_input_names_the_property_and_shows_no_secret(
    process: Process, news: Wire, problem: tuple[str, str]
) -> None:
    ((where, reason),) = failures(process.api_key.check({}, news))

    assert where == problem[0]
    assert problem[1] in reason
    assert not ("secret" in reason and "soon" in reason)


def test_bad_configuration_is_told_by_the_check_and_stops_all_else() -> None:
    process = Process([Problem("", "apikeys:endpoint: is required")])

    assert failures(process.api_key.check({}, program())) == [("", "apikeys:endpoint: is required")]
    with pytest.raises(SettingsError, match="apikeys:endpoint"):
        process.api_key.delete(f"{PROJECT}/{PROJECT}", {})
    process.host.close()


def test_what_a_preview_cannot_know_goes_through_and_counts_as_a_change(process: Process) -> None:
    made = process.api_key.create(checked(process.api_key, program("deploy", scopes=["read"])))

    unknown = checked(process.api_key, program(scopes=Unknown()))  # type: ignore[no-untyped-call] # pulumi's own

    assert isinstance(unknown["scopes"], Unknown)
    assert process.api_key.diff(made.id, stored(made.outs), unknown).replaces == ["name", "scopes"]


def test_a_create_hands_the_secret_over_as_a_secret_and_keeps_the_inputs_as_one(process: Process) -> None:
    inputs = checked(process.api_key, program(scopes=["read"], triggers={"token": "quiet"}))

    made = process.api_key.create(inputs)

    outs = made.outs
    assert outs is not None
    assert made.id == f"{PROJECT}/{outs['keyId']}"
    assert rpc.unwrap_rpc_secret(outs["key"]).startswith(SECRET_PREFIX)
    assert secret_names(outs) == {"key", "_inputs"}
    assert rpc.unwrap_rpc_secret(outs["_inputs"]) == inputs


def test_the_same_inputs_are_no_change_however_they_are_written(process: Process) -> None:
    inputs = checked(process.api_key, program(scopes=["b", "a"], expiresIn="24h", rotateAfter="12h"))
    made = process.api_key.create(inputs)
    news = checked(process.api_key, program(scopes=["a", "b"], expiresIn="1d", rotateAfter="12h"), inputs)

    difference = process.api_key.diff(made.id, stored(made.outs), news)

    assert (difference.changes, difference.replaces) == (False, [])


def test_a_changed_input_replaces_and_a_renewal_in_time_does_so_with_the_reason(process: Process) -> None:
    inputs = checked(process.api_key, program(rotateAfter="30d"))
    made = process.api_key.create(inputs)
    news = checked(process.api_key, program(rotateAfter="30d", scopes=["read"]), inputs)

    assert process.api_key.diff(made.id, stored(made.outs), news).replaces == ["scopes"]
    assert process.said == []

    process.clock.advance(31 * 86400)
    due = process.api_key.diff(made.id, stored(made.outs), inputs)

    assert due.replaces == ["rotateAfter"]
    assert len(process.said) == 1
    assert process.said[0].startswith("deploy: is replaced: ")


def test_the_engine_compares_changed_inputs_itself_and_is_told_of_what_it_can_not_see(process: Process) -> None:
    """It knows their paths then, for options such as `replace_on_changes`."""
    inputs = checked(process.api_key, program(rotateAfter="30d", triggers={"build": "1"}))
    made = process.api_key.create(inputs)
    state = stored(made.outs)

    def changes(**news: Any) -> bool | None:
        return process.api_key.diff(made.id, state, checked(process.api_key, program(**news), inputs)).changes

    assert changes(rotateAfter="30d", triggers={"build": "1"}) is False
    assert changes(rotateAfter="60d", triggers={"build": "1"}) is None
    assert changes(rotateAfter="30d", triggers={"build": "2"}) is None
    assert changes(rotateAfter="30d", triggers={"build": "1", "a\\": "1"}) is True
    assert changes(rotateAfter="30d", triggers={"build": "1", "": "1"}) is True

    process.clock.advance(31 * 86400)
    assert changes(rotateAfter="30d", triggers={"build": "1"}) is True


def test_words_are_said_once_and_only_of_what_the_program_declared(process: Process) -> None:
    inputs = checked(process.api_key, program(rotateAfter="30d"))
    made = process.api_key.create(inputs)
    process.clock.advance(31 * 86400)
    refreshing = Adapter(process.host, "apikeys:index:APIKey")

    assert refreshing.diff(made.id, stored(made.outs), inputs).changes is False
    assert process.said == []
    process.api_key.diff(made.id, stored(made.outs), inputs)
    process.api_key.diff(made.id, stored(made.outs), inputs)

    assert len(process.said) == 1


def test_a_state_without_the_kept_inputs_is_compared_by_its_outputs(process: Process) -> None:
    inputs = checked(process.api_key, program(scopes=["read"], triggers={"build": 1}))
    made = process.api_key.create(inputs)
    state = {name: value for name, value in stored(made.outs).items() if name != "_inputs"}

    same = process.api_key.diff(made.id, state, inputs)
    other = process.api_key.diff(made.id, state, checked(process.api_key, program(triggers={"build": 2}), inputs))

    assert same.changes is False
    assert other.replaces == ["scopes", "triggers"]


def test_a_read_keeps_what_the_state_knows_and_answers_no_id_for_a_revoked_key(process: Process) -> None:
    made = process.api_key.create(checked(process.api_key, program()))
    state = stored(made.outs)

    found = process.api_key.read(made.id, state)
    process.keys.change(str(state["keyId"]), is_active=False)
    gone = process.api_key.read(made.id, state)

    assert (found.id, stored(found.outs)) == (made.id, state)
    assert (gone.id, gone.outs) == ("", {})


def test_a_programs_get_finds_the_key_without_its_secret(process: Process) -> None:
    remote = process.keys.add("by-hand")

    found = process.api_key.read(f"{PROJECT}/{remote.key_id}", program())

    assert found.outs is not None
    assert found.outs["name"] == "by-hand"
    assert "key" not in found.outs


def test_a_delete_revokes(process: Process) -> None:
    made = process.api_key.create(checked(process.api_key, program()))

    process.api_key.delete(made.id, stored(made.outs))

    assert process.keys.live == []


def test_a_refresh_shows_no_rotation_that_is_due(process: Process) -> None:
    inputs = checked(process.rotating, program("service", **ROTATING))
    made = process.rotating.create(inputs)
    process.clock.advance(31 * 86400)

    refreshed = Adapter(process.host, "apikeys:index:RotatingAPIKey").diff(made.id, stored(made.outs), inputs)
    wanted = process.rotating.diff(made.id, stored(made.outs), inputs)

    assert (refreshed.changes, wanted.changes) == (False, True)


class TestSecrets:
    """The engine sends them unmarked; the resource's class tells which they are."""

    NEWS: ClassVar[dict[str, Any]] = {
        "name": "quiet-name",
        "triggers": {"by": ["open-word", "quiet-trigger"]},
        "scopes": ["quiet-scope"],
    }
    SECRETS: ClassVar[tuple[str | list[str | int], ...]] = ("name", ["triggers", "by", 1], "scopes")
    WORDS = "quiet-name: quiet-trigger, quiet-scope, open-word"

    def error(self, action: str) -> RejectedError:
        return RejectedError(Subject(action, PROJECT, "quiet-name"), self.WORDS, status=422)

    def assert_discreet(self, words: str) -> None:
        assert "quiet" not in words
        assert "[secret]: [secret], [secret], open-word" in words

    @pytest.mark.parametrize("kind", ["api_key", "rotating"])
    def test_no_error_shows_one(self, process: Process, kind: str) -> None:
        adapter: Adapter = getattr(process, kind)
        rotating = ROTATING if kind == "rotating" else {}
        inputs = checked(adapter, program(secrets=self.SECRETS, **self.NEWS, **rotating))
        process.keys.mint_fails(self.error("create"))
        with pytest.raises(ApiKeysError) as create:
            adapter.create(inputs)
        self.assert_discreet(str(create.value))

        made = adapter.create(inputs)
        state = stored(made.outs)
        process.keys.list_fails(self.error("list"))
        with pytest.raises(ApiKeysError) as read:
            adapter.read(made.id, state)
        process.keys.revoke_fails(self.error("revoke"))
        with pytest.raises(ApiKeysError) as delete:
            adapter.delete(made.id, state)
        for failed in (read, delete):
            self.assert_discreet(str(failed.value))

    def test_no_error_of_an_update_shows_one_of_before_or_after(self, process: Process) -> None:
        inputs = checked(process.rotating, program(secrets=self.SECRETS, **self.NEWS, **ROTATING))
        made = process.rotating.create(inputs)
        news = checked(process.rotating, program(secrets=("name",), name="hushed-name", **ROTATING), inputs)
        process.keys.mint_fails(
            RejectedError(Subject("create", PROJECT, "hushed-name-1"), f"not {self.WORDS}", status=422)
        )

        with pytest.raises(ApiKeysError) as update:
            process.rotating.update(made.id, stored(made.outs), news)

        self.assert_discreet(str(update.value))
        assert "hushed" not in str(update.value)

    def test_no_warning_or_note_shows_one(self, process: Process) -> None:
        emergency = {"emergencyTriggers": {"incident": 1}}
        inputs = checked(process.rotating, program(secrets=self.SECRETS, **self.NEWS, **ROTATING, **emergency))
        made = process.rotating.create(inputs)
        again = {**self.NEWS, **ROTATING, "emergencyTriggers": {"incident": 2}}
        news = checked(process.rotating, program(secrets=self.SECRETS, **again), inputs)
        process.rotating.diff(made.id, stored(made.outs), news)
        process.keys.revoke_fails(self.error("revoke"))

        process.rotating.update(made.id, stored(made.outs), news)

        assert process.said[0] == "deploy: rotates: emergencyTriggers changed"
        self.assert_discreet(process.said[-1])
        assert not [line for line in process.said if "quiet" in line]

    @pytest.mark.parametrize(
        ("kind", "given", "computed"),
        [
            ("api_key", {"name": "quiet-name"}, set()),
            ("api_key", {"expiresIn": "90d"}, {"expiresAt"}),
            ("rotating", {"name": "quiet-name"}, {"keyName"}),
            ("rotating", {"expiresAfter": "90d"}, {"expiresAt"}),
            ("rotating", {"rotateEvery": "30d"}, {"nextRotationAt", "_lateBy"}),
            ("rotating", {"overlap": "7d"}, {"previousRevokesAt"}),
        ],
    )
    def test_outputs_that_tell_one_are_secret(
        self, process: Process, kind: str, given: dict[str, str], computed: set[str]
    ) -> None:
        adapter: Adapter = getattr(process, kind)
        rotating = {**ROTATING, **given} if kind == "rotating" else given
        inputs = checked(adapter, program(secrets=tuple(given), **rotating))
        always = {"key", "_inputs", *({"previousKey"} if kind == "rotating" else ())}

        made = adapter.create(inputs)
        found = adapter.read(made.id, stored(made.outs))
        process.clock.advance(60 * 86400)
        updated = adapter.update(made.id, stored(made.outs), inputs)

        for outs in (made.outs, found.outs, updated.outs):
            assert outs is not None
            assert secret_names(outs) == {*always, *given, *computed & outs.keys()}

    def test_outputs_that_the_program_wants_to_be_secret_are_in_no_words(self, process: Process) -> None:
        inputs = checked(process.api_key, program(name="open-name"))
        inputs["_program"]["secretOutputs"] = ["keyPrefix", "name"]
        made = process.api_key.create(inputs)
        state = stored(made.outs)
        words = f"open-name {state['keyPrefix']}"
        process.keys.revoke_fails(RejectedError(Subject("revoke", PROJECT, "open-name"), words, status=422))

        with pytest.raises(ApiKeysError) as delete:
            process.api_key.delete(made.id, state)

        assert secret_names(made.outs) == {"key", "_inputs", "keyPrefix", "name"}
        assert "[secret] [secret]" in str(delete.value)
        assert "open-name" not in str(delete.value)

    def test_what_a_state_of_before_tells_is_heeded(self, process: Process) -> None:
        """It names whole arguments only."""
        inputs = checked(process.api_key, program(secrets=("name", "triggers"), **self.NEWS))
        made = process.api_key.create(inputs)
        process.keys.revoke_fails(self.error("revoke"))

        with pytest.raises(ApiKeysError) as delete:
            process.api_key.delete(made.id, stored(made.outs))

        assert "[secret]: [secret], quiet-scope, [secret]" in str(delete.value)

    def test_a_problem_quotes_no_secret_that_the_program_has_left_out(self, process: Process) -> None:
        olds = checked(process.api_key, program(secrets=("name",), name="quiet-name"))

        kept = process.api_key.check(olds, program(expiresIn="soon"))

        assert kept.inputs["name"] == "quiet-name"
        assert "quiet" not in str(failures(kept))


ODD = {"nothing": None, "empty": "", "half an emoji": "\ud83d", "two lines": "a\nb", "no date": "year 0", "nul": "\x00"}


@pytest.mark.parametrize("kind", ["api_key", "rotating"])
@pytest.mark.parametrize(
    "field", ["name", "key_prefix", "created_at", "created_by", "expires_at", "tenant_id", "scopes"]
)
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_whatever_the_answer_to_a_create_holds_the_engine_gets_the_key(
    process: Process, monkeypatch: pytest.MonkeyPatch, kind: str, field: str, odd: str | None
) -> None:
    add = process.keys.add
    value = (odd or "",) if field == "scopes" else odd or "" if field == "name" else odd
    change = process.keys.change
    monkeypatch.setattr(
        process.keys, "add", lambda name, **fields: change(add(name, **fields).key_id, **{field: value})
    )
    adapter: Adapter = getattr(process, kind)
    given = {**(ROTATING if kind == "rotating" else {}), "triggers": {"a": None, "b": [None, {}], "": "c"}}

    made = adapter.create(checked(adapter, program(secrets=("triggers",), **given)))

    assert made.outs is not None
    sent = plain(process.host.run(rpc.serialize_properties(made.outs, {})))
    assert sent["keyId"] in process.keys.keys
    assert sent["key"]["value"].startswith(SECRET_PREFIX)


class Deaf(io.StringIO):
    """Standard error that takes nothing any more."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def write(self, _text: str) -> int:
        raise self.error


@pytest.mark.parametrize(
    "error", [BrokenPipeError("gone"), UnicodeEncodeError("ascii", "ä", 0, 1, "no"), ValueError("closed file")]
)
def test_a_key_that_was_made_is_in_the_state_though_its_words_reach_nobody(process: Process, error: Exception) -> None:
    process.host.reporter = StderrReporter(Deaf(error))
    process.keys.mint_fails(lost_answer(), made=True)

    made = process.api_key.create(checked(process.api_key, program()))

    assert [key.key_id for key in process.keys.live] == [stored(made.outs)["keyId"]]


def test_a_failure_beside_a_new_key_is_a_warning_and_the_next_run_goes_on(process: Process) -> None:
    inputs = checked(process.rotating, program("service", **ROTATING, emergencyTriggers={"incident": 1}))
    made = process.rotating.create(inputs)
    news = checked(process.rotating, program("service", **ROTATING, emergencyTriggers={"incident": 2}), inputs)
    process.keys.revoke_fails(REVOKE_REFUSED)

    updated = process.rotating.update(made.id, stored(made.outs), news)

    state = stored(updated.outs)
    assert state["keyId"] != stored(made.outs)["keyId"]
    assert any(line.startswith("warning: service: ") and "not yours" in line for line in process.said)
    assert len(process.keys.live) == 2

    assert process.rotating.diff(made.id, state, news).changes is True
    process.rotating.update(made.id, state, news)

    assert [key.key_id for key in process.keys.live] == [state["keyId"]]


async def released(keys: FakeKeys) -> None:
    keys.release()


def test_a_key_made_for_an_engine_that_goes_is_revoked_and_what_waits_is_not_sent(process: Process) -> None:
    inputs = checked(process.api_key, program())
    process.keys.hold()
    with ThreadPoolExecutor(1) as threads:
        making = threads.submit(process.api_key.create, inputs)
        while process.keys.counts["mint"] < 1:
            process.host.run(process.clock.sleep(0))
        process.engine_gone = True
        while not process.interruption.interrupted:
            process.host.run(process.clock.sleep(0))
        process.host.run(released(process.keys))

        with pytest.raises(ApiKeysError, match="takes no answer any more, so a key that was made is revoked again"):
            making.result()

    assert process.keys.counts["mint"] == 1
    assert process.keys.live == []


def test_nothing_begins_for_an_engine_that_is_gone(process: Process) -> None:
    inputs = checked(process.api_key, program())
    made = process.api_key.create(inputs)
    state = stored(made.outs)
    process.engine_gone = True
    refused = pytest.raises(ApiKeysError, match="cancelled before this began; nothing was done")

    with refused:
        process.api_key.create(inputs)
    with refused:
        process.api_key.update(made.id, state, {**inputs, "rotateAfter": "30d"})
    with refused:
        process.api_key.delete(made.id, state)

    assert [key.key_id for key in process.keys.live] == [state["keyId"]]


def test_all_threads_of_the_host_share_one_loop(process: Process) -> None:
    process.keys.hold()
    with ThreadPoolExecutor(4) as threads:
        making = [
            threads.submit(process.api_key.create, checked(process.api_key, program(f"key-{number}")))
            for number in range(4)
        ]
        while process.keys.counts["mint"] < 4:
            process.host.run(process.clock.sleep(0))
        process.host.run(released(process.keys))

        ids = {each.result().id for each in making}

    assert len(ids) == len(process.keys.live) == 4


def test_values_come_and_go_unchanged() -> None:
    props: Props = {
        "a": [1.0, True, None, {"b": "c"}],
        "__defaults": ["a"],
        "key": SecretStr("quiet"),
        "later": UNKNOWN,
    }

    wire = encode(props)

    assert wire["_defaults"] == ["a"]
    assert decode(wire, {"key"}) == props
    assert "quiet" not in repr(decode(wire, {"key"}))


def test_text_that_utf_8_can_not_hold_is_sent_with_a_mark_in_its_place() -> None:
    wire = encode({"a": "half \ud83d", "b": ["\udd11"], "c": {"\ud83d": "x"}, "d": SecretStr("ak_\ud83d")})
    assert {name: wire[name] for name in "abc"} == {"a": "half \ufffd", "b": ["\ufffd"], "c": {"\ufffd": "x"}}
    assert rpc.unwrap_rpc_secret(wire["d"]) == "ak_\ufffd"
