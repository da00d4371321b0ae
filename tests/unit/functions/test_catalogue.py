"""The catalogue names every function that there is a module for."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from pulumi_resource_apikeys import functions
from pulumi_resource_apikeys.functions.catalogue import FUNCTIONS
from pulumi_resource_apikeys.functions.function import Function


def test_every_function_has_its_row() -> None:
    for module in iter_modules(functions.__path__, f"{functions.__name__}."):
        import_module(module.name)

    assert set(Function.__subclasses__()) == set(FUNCTIONS.values())
