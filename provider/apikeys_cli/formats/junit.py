"""An audit as JUnit XML: a test case for each key and each resource, which fails for what `--fail-on` names."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from . import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apikeys_cli.audit import Audit
    from apikeys_cli.findings import Finding


def render(audit: Audit, failing: Sequence[Finding]) -> str:
    """A suite of keys and one of resources. What is found and does not fail stands in the case's output."""
    bad = frozenset(map(id, failing))
    keys = [(f"{words.name_of(key)} ({key.key.key_id})", key.findings) for key in audit.keys]
    resources = [
        (f"{words.plain(each.resource.name)} of {words.plain(each.stack)}", each.findings) for each in audit.resources
    ]
    root = ET.Element("testsuites", name="apikeys audit")
    for name, cases in (("keys", keys), ("resources", resources)):
        failures = sum(any(id(finding) in bad for finding in found) for _, found in cases)
        suite = ET.SubElement(root, "testsuite", name=name, tests=str(len(cases)), failures=str(failures))
        for title, found in cases:
            _add_case(suite, name, title, found, bad)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_case(suite: ET.Element, group: str, title: str, found: Sequence[Finding], bad: frozenset[int]) -> None:
    case = ET.SubElement(suite, "testcase", classname=f"apikeys.{group}", name=_xml(title))
    failures = [finding for finding in found if id(finding) in bad]
    if failures:
        failure = ET.SubElement(case, "failure", type=failures[0].kind.value, message=_xml(failures[0].message))
        failure.text = _lines(failures)
    others = [finding for finding in found if id(finding) not in bad]
    if others:
        ET.SubElement(case, "system-out").text = _lines(others)


def _lines(findings: Sequence[Finding]) -> str:
    return "\n".join(_xml(f"{one.kind.value}: {one.subject} {one.message}. {one.remedy}.") for one in findings)


def _xml(text: str) -> str:
    """Text without what XML 1.0 can't hold; control characters are gone by now."""
    return text.replace("\ufffe", "").replace("\uffff", "")
