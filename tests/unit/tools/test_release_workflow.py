"""What the release workflow may do, and that it stays in step with what `make release` makes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from pulumi_resource_apikeys import __version__, publishing
from pulumi_resource_apikeys.schema import schema

CHECKOUT = Path(__file__).resolve().parents[3]
WORKFLOW: dict[Any, Any] = yaml.safe_load((CHECKOUT / ".github" / "workflows" / "release.yml").read_text())
JOBS = WORKFLOW["jobs"]
PUBLISHING = {"pypi", "npm", "go"}


def test_only_a_tag_of_a_version_or_a_hand_starts_it() -> None:
    assert WORKFLOW[True] == {"push": {"tags": ["v*"]}, "workflow_dispatch": None}  # YAML 1.1 reads `on` so


def test_nothing_is_released_that_was_not_tested_and_nothing_is_published_unless_it_is_turned_on() -> None:
    assert JOBS["build"]["needs"] == "test"
    assert JOBS["release"]["needs"] == "build"
    assert {name for name, job in JOBS.items() if job.get("needs") == "release"} == PUBLISHING
    for name in PUBLISHING:
        assert JOBS[name]["if"] == f"vars.PUBLISH_{name.upper()} == 'yes'"


def test_jobs_may_do_little_and_name_the_versions_of_their_actions() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    writing = {name for name, job in JOBS.items() if job.get("permissions", {}).get("contents") == "write"}
    assert writing == {"release", "go"}
    used = [step["uses"] for job in JOBS.values() for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"[\w-]+(/[\w-]+)+@(v\d+|release/v\d+)", action) for action in used)


def test_the_tag_is_compared_with_the_version_that_stands_in_the_code() -> None:
    (check,) = [step["run"] for step in JOBS["build"]["steps"] if step.get("if") == "github.ref_type == 'tag'"]
    for tag, passes in ((f"v{__version__}", True), ("v9.9.9", False)):
        done = subprocess.run(["bash", "-c", check], cwd=CHECKOUT, env={"GITHUB_REF_NAME": tag}, check=False)
        assert (done.returncode == 0) is passes


def test_the_version_stands_in_one_place_and_all_that_is_made_has_it() -> None:
    made = [CHECKOUT / "provider" / "schema.json", *(CHECKOUT / "sdk").glob("*/package.json")]
    made += [CHECKOUT / "sdk" / "python" / "pyproject.toml", CHECKOUT / "sdk/go/apikeys/pulumi-plugin.json"]
    for file in made:
        assert __version__ in file.read_text(), file


def test_what_the_publisher_fills_in_is_in_the_schema_and_empty_values_are_not() -> None:
    assert schema()["license"] == publishing.LICENSE
    told = {"publisher", "homepage", "repository", "logoUrl", "pluginDownloadURL"} & schema().keys()
    filled = {
        "publisher": publishing.PUBLISHER,
        "homepage": publishing.HOMEPAGE or publishing.REPOSITORY,
        "repository": publishing.REPOSITORY,
        "logoUrl": publishing.LOGO_URL,
        "pluginDownloadURL": publishing.PLUGIN_DOWNLOAD_URL,
    }
    assert told == {name for name, value in filled.items() if value}
