"""Each fault as an HTTP client sees it, and what the server has done by then."""

import contextlib
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from apikeys_emulator.faults import Fault, Faults
from apikeys_emulator.terms import FaultKind, Operation
from apikeys_emulator.testing import Emulator

OPERATIONS: list[Operation] = ["list", "create", "revoke", "clerk"]
Call = Callable[[], httpx.Response]


@pytest.fixture
def calls(api: httpx.Client, emulator: Emulator, project_id: str, keys_path: str) -> dict[Operation, Call]:
    key = emulator.add_key(project_id)
    clerk = f"{emulator.url}/v1/sessions/sess_1/tokens"
    return {
        "list": lambda: api.get(keys_path),
        "create": lambda: api.post(keys_path, json={"name": "ci"}),
        "revoke": lambda: api.delete(f"{keys_path}/{key.key_id}"),
        "clerk": lambda: api.post(clerk, headers={"Authorization": "Bearer sk_test_emulator"}),
    }


@pytest.fixture
def done(emulator: Emulator, project_id: str) -> Callable[[Operation], bool]:
    """Whether the work of an operation that changes something was done."""

    def was_done(operation: Operation) -> bool:
        states = sorted(key.state for key in emulator.keys(project_id))
        return states == {"create": ["active", "active"], "revoke": ["revoked"]}[operation]

    return was_done


@pytest.mark.parametrize("operation", OPERATIONS)
class TestEveryCall:
    def test_can_fail_with_a_status(
        self, emulator: Emulator, calls: dict[Operation, Call], operation: Operation
    ) -> None:
        emulator.fault(operation, "status", status=503, retry_after="7", detail="come back later")
        answer = calls[operation]()
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "7"
        assert "come back later" in answer.text
        assert calls[operation]().status_code == 200

    def test_can_be_unauthorized(self, emulator: Emulator, calls: dict[Operation, Call], operation: Operation) -> None:
        emulator.fault(operation, "unauthorized")
        assert calls[operation]().status_code == 401
        assert calls[operation]().status_code == 200

    def test_can_answer_html(self, emulator: Emulator, calls: dict[Operation, Call], operation: Operation) -> None:
        emulator.fault(operation, "html")
        answer = calls[operation]()
        assert answer.status_code == 502
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.text.startswith("<html>")

    @pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
    def test_can_be_dropped(
        self, emulator: Emulator, calls: dict[Operation, Call], operation: Operation, kind: FaultKind
    ) -> None:
        emulator.fault(operation, kind)
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            calls[operation]()
        assert calls[operation]().status_code == 200

    def test_can_be_cut_off(self, emulator: Emulator, calls: dict[Operation, Call], operation: Operation) -> None:
        emulator.fault(operation, "truncate")
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            calls[operation]()
        assert calls[operation]().status_code == 200

    def test_can_answer_nothing(self, emulator: Emulator, calls: dict[Operation, Call], operation: Operation) -> None:
        emulator.fault(operation, "empty")
        answer = calls[operation]()
        assert answer.status_code == 200
        assert answer.content == b""
        assert answer.headers["content-type"] == "application/json"

    def test_can_be_slow(self, emulator: Emulator, calls: dict[Operation, Call], operation: Operation) -> None:
        emulator.fault(operation, "latency", latency_ms=80)
        answer = calls[operation]()
        assert answer.status_code == 200
        assert answer.elapsed.total_seconds() >= 0.08


@pytest.mark.parametrize("operation", ["create", "revoke"])
class TestWork:
    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            ({"kind": "status", "status": 500}, False),
            ({"kind": "unauthorized"}, False),
            ({"kind": "html"}, False),
            ({"kind": "drop_before"}, False),
            ({"kind": "drop_after"}, True),
            ({"kind": "truncate"}, True),
            ({"kind": "empty"}, True),
            ({"kind": "latency", "latency_ms": 1}, True),
            ({"kind": "status", "status": 504, "work": True}, True),
            ({"kind": "html", "work": True}, True),
            ({"kind": "unauthorized", "work": True}, True),
            ({"kind": "empty", "work": False}, False),
        ],
    )
    def test_is_done_or_not(  # noqa: PLR0913, PLR0917 - fixtures
        self,
        emulator: Emulator,
        calls: dict[Operation, Call],
        done: Callable[[Operation], bool],
        operation: Operation,
        fault: dict[str, Any],
        expected: bool,
    ) -> None:
        emulator.fault(operation, **fault)
        with contextlib.suppress(httpx.RemoteProtocolError):
            calls[operation]()
        assert done(operation) is expected

    def test_is_not_done_twice(
        self, emulator: Emulator, calls: dict[Operation, Call], done: Callable[[Operation], bool], operation: Operation
    ) -> None:
        emulator.fault(operation, "drop_after")
        with pytest.raises(httpx.RemoteProtocolError):
            calls[operation]()
        assert done(operation)
        assert emulator.counts()[operation] == 1


def test_a_revoke_without_a_body_can_be_cut_off_too(emulator: Emulator, calls: dict[Operation, Call]) -> None:
    emulator.set_behaviour(revoke_status=204)
    emulator.fault("revoke", "truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        calls["revoke"]()


def test_html_can_have_another_status_and_retry_after(emulator: Emulator, calls: dict[Operation, Call]) -> None:
    emulator.fault("list", "html", status=503, retry_after="Wed, 21 Oct 2065 07:28:00 GMT")
    answer = calls["list"]()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "Wed, 21 Oct 2065 07:28:00 GMT"


def test_a_rate_limit_of_clerk_is_worded_like_clerk(emulator: Emulator, calls: dict[Operation, Call]) -> None:
    emulator.fault("clerk", "status", status=429, retry_after="3")
    answer = calls["clerk"]()
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "3"
    assert answer.json()["errors"][0]["code"] == "too_many_requests"


def test_a_dropped_call_is_counted_and_has_no_status(emulator: Emulator, calls: dict[Operation, Call]) -> None:
    emulator.fault("list", "drop_after")
    with pytest.raises(httpx.RemoteProtocolError):
        calls["list"]()
    calls["list"]()
    assert emulator.counts()["list"] == 2
    assert [(call.status, call.fault) for call in emulator.calls()] == [(None, "drop_after"), (200, None)]


def test_other_connections_survive_a_dropped_one(emulator: Emulator, api: httpx.Client, keys_path: str) -> None:
    with httpx.Client(base_url=f"{emulator.url}/api/v1", headers=api.headers) as other:
        assert other.get(keys_path).status_code == 200
        emulator.fault("list", "drop_before")
        with pytest.raises(httpx.RemoteProtocolError):
            api.get(keys_path)
        assert other.get(keys_path).status_code == 200


def test_a_dropped_call_leaves_no_trace_in_the_log(own_emulator: Emulator) -> None:
    own_emulator.fault("any", "drop_before")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{own_emulator.url}/api/v1/projects/{uuid.uuid4()}/keys")
    own_emulator.stop()
    assert own_emulator.stderr() == ""


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status"},
        {"kind": "status", "status": 200},
        {"kind": "drop_before", "status": 500},
        {"kind": "latency"},
        {"kind": "status", "status": 500, "latency_ms": 5},
        {"kind": "drop_before", "work": True},
        {"kind": "unauthorized", "retry_after": "5"},
        {"kind": "html", "times": 0},
        {"kind": "html", "after": -1},
        {"kind": "explosion"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(emulator: Emulator, fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="emulator refused POST /_emulator/faults"):
        emulator.fault("list", **fault)


class TestPlan:
    @staticmethod
    def met(faults: Faults, *operations: Operation) -> list[FaultKind | None]:
        troubles = [faults.take(operation) for operation in operations]
        return [trouble.fault.kind if trouble.fault else None for trouble in troubles]

    def test_uses_a_fault_for_a_number_of_calls_of_its_operation(self) -> None:
        faults = Faults()
        faults.add(Fault(operation="list", kind="html", times=2))
        assert self.met(faults, "create", "list", "revoke", "list", "list") == [None, "html", None, "html", None]

    def test_uses_any_for_all_operations(self) -> None:
        faults = Faults()
        faults.add(Fault(operation="any", kind="html", times=None))
        assert self.met(faults, *OPERATIONS) == ["html"] * 4

    def test_lets_calls_pass_first(self) -> None:
        faults = Faults()
        faults.add(Fault(operation="create", kind="html", after=2))
        assert self.met(faults, "create", "list", "create", "create", "create") == [None, None, None, "html", None]

    def test_uses_faults_in_the_order_they_were_set(self) -> None:
        faults = Faults()
        faults.add(Fault(operation="list", kind="html"))
        faults.add(Fault(operation="any", kind="empty"))
        assert self.met(faults, "list", "list", "list") == ["html", "empty", None]

    def test_adds_latencies_to_each_other_and_to_another_fault(self) -> None:
        faults = Faults()
        faults.add(Fault(operation="any", kind="latency", latency_ms=200, times=None))
        faults.add(Fault(operation="list", kind="html"))
        faults.add(Fault(operation="list", kind="latency", latency_ms=50))
        first, second = faults.take("list"), faults.take("list")
        assert (first.latency_seconds, first.fault and first.fault.kind) == (0.25, "html")
        assert (second.latency_seconds, second.fault) == (0.2, None)

    def test_tells_what_is_left(self) -> None:
        faults = Faults()
        faults.add(Fault(operation="list", kind="html", times=3, after=1))
        faults.add(Fault(operation="any", kind="empty", times=None))
        self.met(faults, "list", "list")
        assert [(fault.still_to_skip, fault.remaining) for fault in faults.listing()] == [(0, 2), (0, None)]

    def test_is_empty_when_cleared(self) -> None:
        faults = Faults()
        faults.add(Fault(operation="any", kind="html", times=None))
        faults.clear()
        assert self.met(faults, "list") == [None]


def test_the_work_is_done_too_for_a_caller_who_hangs_up(
    emulator: Emulator, api: httpx.Client, keys_path: str, project_id: str
) -> None:
    emulator.fault("create", "latency", latency_ms=500)
    with pytest.raises(httpx.ReadTimeout):
        api.post(keys_path, json={"name": "deploy"}, timeout=0.1)
    assert emulator.active_keys(project_id) == []
    while emulator.calls()[-1].status is None:
        time.sleep(0.01)
    assert [key.name for key in emulator.active_keys(project_id)] == ["deploy"]


def test_a_fault_of_one_project_spares_the_others(emulator: Emulator, api: httpx.Client, keys_path: str) -> None:
    emulator.fault("any", "status", status=500, project_id=str(uuid.uuid4()))
    assert api.get(keys_path).status_code == 200
    emulator.fault("any", "status", status=503, project_id=keys_path.split("/")[2])
    assert api.get(keys_path).status_code == 503
