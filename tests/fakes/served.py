"""A plugin served in process for tests of the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import grpc.aio

    from pulumi_resource_apikeys.plugin.servicer import Servicer
    from pulumi_resource_apikeys.resources.lifecycle import Lifecycle

    from .clock import FakeClock
    from .engine import Driver, FakeEngine
    from .keys import FakeKeys


@dataclass
class Served:
    """A served plugin and all that a test may want to look at or turn."""

    servicer: Servicer
    engine: FakeEngine
    engine_address: str
    keys: FakeKeys
    clock: FakeClock
    environment: dict[str, str]
    lifecycles: dict[str, Lifecycle]
    channel: grpc.aio.Channel
    address: str
    driver: Driver
