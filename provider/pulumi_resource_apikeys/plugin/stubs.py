"""The gRPC stubs generated from Pulumi's protocol, as the SDK carries them, but without the SDK around them.

`pulumi.runtime.proto` holds nothing but generated modules, which need only gRPC and protobuf. Importing one the plain
way runs `pulumi/__init__.py` and `pulumi/runtime/__init__.py` first, which load the whole SDK with OpenTelemetry, YAML
and the automation API: several times what the stubs cost, at each start of the plugin. So empty packages stand in for
the three around the stubs while these are imported, and are taken away afterwards. The generated modules keep their own
names, so that an `import pulumi` later in this process, as in tests, finds and uses them: no message type exists twice.

If the SDK is imported already, or keeps its stubs elsewhere than today, this is the plain import.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("pulumi", "pulumi.runtime", "pulumi.runtime.proto")
"""The packages around the stubs, the outermost first."""


@contextmanager
def packages_left_empty() -> Iterator[None]:
    """Within, importing a stub runs none of the packages around it."""
    folders = _folders()
    for package, folder in folders.items():
        module = ModuleType(package)
        module.__path__ = [str(folder)]
        sys.modules[package] = module
    try:
        yield
    finally:
        for package in folders:
            del sys.modules[package]


def _folders() -> dict[str, Path]:
    """Where the packages lie; nothing where they are imported already, or the stubs don't lie where they do today."""
    spec = None if PACKAGES[0] in sys.modules else find_spec(PACKAGES[0])
    for location in (spec and spec.submodule_search_locations) or ():
        folders = {package: Path(location, *package.split(".")[1:]) for package in PACKAGES}
        if (folders[PACKAGES[-1]] / "provider_pb2_grpc.py").is_file():
            return folders
    return {}


with packages_left_empty():
    from pulumi.runtime.proto import (
        engine_pb2,
        engine_pb2_grpc,
        plugin_pb2,
        provider_pb2,
        provider_pb2_grpc,
        status_pb2,
    )

__all__ = ["engine_pb2", "engine_pb2_grpc", "plugin_pb2", "provider_pb2", "provider_pb2_grpc", "status_pb2"]
