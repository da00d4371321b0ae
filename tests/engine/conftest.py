"""The real engine, a real server, and stacks between them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from apikeys_emulator.testing import Emulator
from harness.engine import engine_folder
from harness.stack import Stack
from harness.variants import DYNAMIC, PLUGIN
from harness.world import World, dynamic_world, plugin_world


@pytest.fixture(scope="session")
def engine_bin() -> Path:
    """The folder with `pulumi` and its Python host."""
    return engine_folder()


@pytest.fixture
def project() -> str:
    """A project's UUID, new for each test."""
    return str(uuid4())


@pytest.fixture
def variant() -> str:
    """The module that a stack's program imports; `harness.variants.both` runs a test with each."""
    return PLUGIN


@pytest.fixture
def warm() -> bool:
    """Whether the Python processes of a stack's commands are forked; a test of how they start or end says no."""
    return True


@pytest.fixture
def new_stack(tmp_path: Path, engine_bin: Path, emulator: Emulator, variant: str, warm: bool) -> Callable[..., Stack]:
    """Makes stacks against the emulator, with a token that lasts."""

    def make(folder: str = "stack", **settings: object) -> Stack:
        token = emulator.token(ttl_seconds=3600)
        chosen: dict[str, object] = {
            "endpoint": emulator.url,
            "token": token,
            "module": variant,
            "warm": warm,
            **settings,
        }
        return Stack(tmp_path / folder, engine_bin, **chosen)  # type: ignore[arg-type] # checked by the dataclass's use

    return make


@pytest.fixture
def stack(new_stack: Callable[..., Stack]) -> Stack:
    """One stack against the emulator."""
    return new_stack()


@pytest.fixture
def world(tmp_path: Path, engine_bin: Path, emulator: Emulator, project: str, variant: str) -> Iterator[World]:
    """A stack whose time begins now and passes only when it is moved."""
    made = dynamic_world if variant == DYNAMIC else plugin_world
    with made(tmp_path / "stack", engine_bin, emulator, project) as world:
        yield world


@pytest.fixture
def plugin_folder() -> Path:
    """The folder with the executable of the provider."""
    return Path(sys.executable).parent
