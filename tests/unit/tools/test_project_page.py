"""What a package index is shown of the README."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))

from project_page import with_links


@pytest.mark.parametrize("repository", ["", "https://code.example.com/team/apikeys"])
def test_links_of_the_readme_lead_to_the_repository_where_its_address_is_known(repository: str) -> None:
    text = "See [docs](docs/ci.md), [below](#part) and [RFC](https://example.com/rfc)."
    told = with_links(text, repository and f"{repository}/blob/v1")
    docs = f"[docs]({repository}/blob/v1/docs/ci.md)" if repository else "docs"
    assert told == f"See {docs}, below and [RFC](https://example.com/rfc)."
