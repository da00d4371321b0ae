"""An audit as SARIF 2.1.0, for code scanning (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).

A finding is about a key or a resource and about no line of code. GitHub shows only results with a place in a file, so
each has the program's Pulumi.yaml for one, and tells by a fingerprint whether it is the same as in an earlier run.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from apikeys_cli.findings import FindingKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apikeys_cli.audit import Audit
    from apikeys_cli.findings import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
PLACE = "Pulumi.yaml"


def render(audit: Audit, failing: Sequence[Finding]) -> str:
    """A log with one run; `failing` findings are errors whatever their severity."""
    bad = set(map(id, failing))
    rules = [
        {
            "id": kind.value,
            "shortDescription": {"text": kind.summary},
            "defaultConfiguration": {"level": kind.severity.value},
        }
        for kind in FindingKind
    ]
    run = {
        "tool": {"driver": {"name": "apikeys", "rules": rules}},
        "results": [_result(finding, failing=id(finding) in bad) for finding in audit.findings],
        "columnKind": "utf16CodeUnits",
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(finding: Finding, *, failing: bool) -> dict[str, Any]:
    about = finding.urn or f"{finding.project_id}/{finding.key_id}"
    return {
        "ruleId": finding.kind.value,
        "ruleIndex": list(FindingKind).index(finding.kind),
        "level": "error" if failing else finding.severity.value,
        "message": {"text": f"{finding.subject} {finding.message}. {finding.remedy}."},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": PLACE}, "region": {"startLine": 1}},
                "logicalLocations": [{"fullyQualifiedName": about, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"apikeys/v1": _fingerprint(finding, about)},
    }


def _fingerprint(finding: Finding, about: str) -> str:
    return hashlib.sha256(f"{finding.kind.value}\0{about}\0{finding.key_id}".encode()).hexdigest()
