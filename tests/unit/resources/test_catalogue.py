"""The catalogue names every resource type that has a folder here."""

from __future__ import annotations

from pathlib import Path

from pulumi_resource_apikeys import resources
from pulumi_resource_apikeys.resources.catalogue import RESOURCES


def test_every_folder_of_a_type_has_its_row() -> None:
    folders = {file.parent.name for file in Path(resources.__path__[0]).glob("*/properties.py")}
    assert folders == {row.__module__.split(".")[-2] for row in RESOURCES.values()}
