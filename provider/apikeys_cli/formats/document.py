"""An audit as JSON, by models that its schema is made from.

Annotations are not postponed in here: pydantic would have to compile the text of each again.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from apikeys_cli.audit import Audit, AuditedKey, AuditedResource
from apikeys_cli.findings import Finding, FindingKind, Relation, Severity
from pulumi_resource_apikeys.keys.port import KeyStatus
from pulumi_resource_apikeys.model.times import format_instant


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class ResourceReference(_Part):
    """A resource that has a key."""

    stack: str = Field(description="`project/stack`.")
    urn: str
    name: str
    kind: Literal["APIKey", "RotatingAPIKey"]


class FindingRecord(_Part):
    """One thing that was found."""

    kind: FindingKind
    severity: Severity
    failing: bool = Field(description="Whether --fail-on names it.")
    subject: str = Field(description="What it is about, in words.")
    message: str = Field(description="What is the matter with it.")
    remedy: str = Field(description="What to do.")
    project_id: str
    key_id: str
    stack: str | None = Field(None, description="The stack of the resource, or that made the key.")
    urn: str | None = Field(None, description="The resource, where it is about one.")
    amount_seconds: float | None = Field(
        None, description="What the limit of the kind is compared with: what is left of a life, a time without use, …"
    )


class KeyRecord(_Part):
    """A key that was not revoked. Times are RFC 3339, as the server wrote them."""

    project_id: str
    key_id: str
    name: str | None = Field(description="Null where a stack keeps it as a secret.")
    key_prefix: str | None = None
    status: KeyStatus
    relation: Relation
    managed_by: list[ResourceReference] = Field(description="More than one for a key that is shared.")
    made_by_stack: str | None = Field(None, description="Of an orphan: the stack that made it.")
    scopes: list[str]
    created_at: str | None = None
    created_by: str | None = None
    expires_at: str | None = None
    last_used_at: str | None = None
    never_used: bool = Field(description="Whether the server says so; where it says nothing of use, this is false.")
    is_admin_managed: bool | None = None


class ResourceRecord(ResourceReference):
    """A resource of a stack, and what the listing says of its key."""

    project_id: str
    key_id: str
    key_status: KeyStatus
    previous_key_id: str | None = None
    next_rotation_at: str | None = None


class AuditDocument(_Part):
    """What `apikeys audit --json` writes."""

    schema_version: Literal[1] = 1
    now: str = Field(description="The time that all was judged by (RFC 3339); the server's, where it told one.")
    endpoint: str | None
    projects: list[str]
    stacks: list[str]
    counts: dict[str, int] = Field(description="How often each kind was found; kinds that were not are left out.")
    failing: bool = Field(description="Whether any finding is named by --fail-on.")
    findings: list[FindingRecord] = Field(description="The worst first.")
    keys: list[KeyRecord]
    resources: list[ResourceRecord]
    left_out: list[str] = Field(description="What was not looked at, in words.")


def document(audit: Audit, failing: Sequence[Finding], endpoint: str | None) -> AuditDocument:
    """The audit, with the findings that make it fail."""
    bad = set(map(id, failing))
    counts = Counter(finding.kind.value for finding in audit.findings)
    return AuditDocument(
        now=format_instant(audit.now),
        endpoint=endpoint,
        projects=list(audit.projects),
        stacks=list(audit.stacks),
        counts=dict(counts),
        failing=bool(failing),
        findings=[_finding(finding, failing=id(finding) in bad) for finding in audit.findings],
        keys=[_key(key) for key in audit.keys],
        resources=[_resource(resource) for resource in audit.resources],
        left_out=list(audit.left_out),
    )


def schema_text() -> str:
    """The JSON schema of the document, as it is committed beside the package."""
    schema = AuditDocument.model_json_schema(mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


def as_json(audit: Audit, failing: Sequence[Finding], endpoint: str | None) -> str:
    """The document's text."""
    return document(audit, failing, endpoint).model_dump_json(by_alias=True, indent=2) + "\n"


def _finding(finding: Finding, *, failing: bool) -> FindingRecord:
    return FindingRecord(
        kind=finding.kind,
        severity=finding.severity,
        failing=failing,
        subject=finding.subject,
        message=finding.message,
        remedy=finding.remedy,
        project_id=finding.project_id,
        key_id=finding.key_id,
        stack=finding.stack,
        urn=finding.urn,
        amount_seconds=finding.amount.total_seconds() if finding.amount is not None else None,
    )


def _key(audited: AuditedKey) -> KeyRecord:
    key = audited.key
    return KeyRecord(
        project_id=key.project_id,
        key_id=key.key_id,
        name=audited.shown_name,
        key_prefix=key.key_prefix,
        status=audited.status,
        relation=audited.relation,
        managed_by=[
            ResourceReference.model_validate(
                {"stack": c.stack, "urn": c.resource.urn, "name": c.resource.name, "kind": c.resource.kind}
            )
            for c in audited.claims
        ],
        made_by_stack=audited.made_by,
        scopes=list(key.scopes),
        created_at=key.created_at,
        created_by=key.created_by,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        never_used=key.never_used,
        is_admin_managed=key.is_admin_managed,
    )


def _resource(audited: AuditedResource) -> ResourceRecord:
    resource = audited.resource
    due = resource.next_rotation_at
    return ResourceRecord.model_validate(
        {
            "stack": audited.stack,
            "urn": resource.urn,
            "name": resource.name,
            "kind": resource.kind,
            "project_id": resource.project_id,
            "key_id": resource.key_id,
            "key_status": audited.status,
            "previous_key_id": resource.previous_key_id,
            "next_rotation_at": format_instant(due) if due is not None else None,
        }
    )
