"""What the forms of an audit promise their readers, with names that try to be more than names."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest

import apikeys_cli
from apikeys_cli.findings import FindingKind
from apikeys_cli.formats import document, findings_table, junit, listing, markdown, sarif
from fakes.audits import HOSTILE, NOW, everything, keys
from fakes.keys import uuid

COMMITTED = Path(apikeys_cli.__file__).with_name("audit.schema.json")
AUDIT = everything()
FAILING = [finding for finding in AUDIT.findings if finding.kind is FindingKind.UNMANAGED]


def test_the_made_up_audit_has_a_finding_of_every_kind() -> None:
    assert {finding.kind for finding in AUDIT.findings} == set(FindingKind)


def test_json_is_as_its_committed_schema_says() -> None:
    written = document.as_json(AUDIT, FAILING, "https://api.example.com")
    assert COMMITTED.read_text() == document.schema_text()
    jsonschema_rs.validator_for(json.loads(COMMITTED.read_text())).validate(json.loads(written))
    read = json.loads(written)
    assert read["failing"]
    assert {finding["kind"] for finding in read["findings"] if finding["failing"]} == {"unmanaged"}
    assert len(read["findings"]) == len(AUDIT.findings) == sum(read["counts"].values())
    assert {key["keyId"]: key["relation"] for key in read["keys"]}[uuid(3)] == "previous"


@pytest.mark.parametrize("form", [sarif.render, junit.render, markdown.render, findings_table.text])
def test_each_form_tells_of_every_finding_and_of_no_secret_name(form: object) -> None:
    written = form(AUDIT, FAILING)  # type: ignore[operator] # one of those above
    for finding in AUDIT.findings:
        assert finding.kind.value in written
        assert finding.key_id in written or finding.urn is not None
    assert "the-secret-name" not in written


@pytest.mark.parametrize("form", [sarif.render, junit.render, markdown.render, findings_table.text])
def test_no_control_character_and_no_change_of_direction_is_left(form: object) -> None:
    written = form(AUDIT, FAILING)  # type: ignore[operator] # one of those above
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", written)
    assert "redevil line" in written


def test_sarif_has_what_code_scanning_asks_for() -> None:
    (run,) = json.loads(sarif.render(AUDIT, FAILING))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == [kind.value for kind in FindingKind]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert result["level"] == "error" or result["ruleId"] != "unmanaged"
    marks = [result["partialFingerprints"]["apikeys/v1"] for result in run["results"]]
    assert len(set(marks)) == len(marks)
    assert json.loads(sarif.render(everything(), []))["runs"][0]["results"][0]["partialFingerprints"]


def test_junit_fails_for_what_fails_and_tells_the_rest() -> None:
    root = ET.fromstring(junit.render(AUDIT, FAILING))  # noqa: S314 - our own
    suites = {suite.get("name"): suite for suite in root}
    assert len(suites["keys"]) == len(AUDIT.keys)
    assert len(suites["resources"]) == len(AUDIT.resources)
    failures = root.findall(".//failure")
    assert [failure.get("type") for failure in failures] == ["unmanaged"] * len(FAILING)
    assert suites["keys"].get("failures") == str(len(FAILING))
    assert any("orphaned" in (told.text or "") for told in root.findall(".//system-out"))


def test_markdown_names_mention_nobody_link_nowhere_and_end_no_table() -> None:
    written = markdown.render(AUDIT, FAILING)
    assert written.startswith(markdown.MARKER)
    rows = [line for line in written.splitlines() if line.startswith("| `")]
    assert len(rows) == len(AUDIT.findings)
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 4
        outside = re.sub(r"`[^`]*`", "", row)
        assert "@" not in outside
        assert "<" not in outside
        assert "](" not in outside


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ends on 2026-12-01, in 11 d; it was made by user_1", "ends on 2026-12-01, in 11 d; it was made by user_1"),
        ("made by www.evil.example", "`made by www.evil.example`"),
        ("made by https://evil.example", "`made by https://evil.example`"),
        ("made by @team", "`made by @team`"),
        ("made by *x* `y` | z", "`made by *x* 'y' \\| z`"),
    ],
)
def test_markdown_prose_is_plain_only_where_nothing_in_it_has_a_meaning(text: str, shown: str) -> None:
    assert markdown.prose(text) == shown


@pytest.mark.parametrize("width", ["60", "80", "200"])
def test_a_narrow_terminal_shows_whole_ids(width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings_table, "UNFOLDED", int(width))
    written = findings_table.text(AUDIT, FAILING)
    assert "…" not in written


def test_markdown_of_many_findings_stays_within_a_comment() -> None:
    many = [finding for finding in AUDIT.findings for _ in range(400)]
    flood = type(AUDIT)(NOW, AUDIT.projects, AUDIT.stacks)
    flood.__dict__["findings"] = tuple(many)
    written = markdown.render(flood, [])
    assert len(written) < 65_536
    assert "more | |" in written


def test_csv_has_a_line_for_each_key_and_no_formula() -> None:
    rows = list(csv.DictReader(listing.as_csv(keys(), NOW).splitlines()))
    assert [row["keyId"] for row in rows] == [key.key_id for key in keys()]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert rows[4]["name"] == HOSTILE
    assert rows[11]["status"] == "revoked"
    assert listing.as_csv([], NOW).count("\n") == 1


def test_listed_json_has_no_more_than_the_server_told() -> None:
    facts = listing.facts(keys()[6], NOW)
    assert (facts["neverUsed"], facts["lastUsedAt"], facts["scopes"]) == (True, None, [])
