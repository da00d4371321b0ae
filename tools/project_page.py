"""What a package index shows of the provider: its README with links that lead somewhere there, and its addresses.

A metadata hook of hatchling: it runs wherever the project is built, so that it needs nothing but hatchling.
"""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LOCAL_LINK = re.compile(r"\[([^\]]+)\]\((?![a-z]+:)([^)]*)\)")


class ProjectPage(MetadataHookInterface):
    """Sets `readme` and `urls`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add them to the project's metadata, from the README and the publisher's settings."""
        root = Path(self.root)
        published = runpy.run_path(str(root / "provider" / "pulumi_resource_apikeys" / "publishing.py"))
        repository = published["REPOSITORY"]
        text = (root / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": with_links(text, f"{repository}/blob/v{metadata['version']}" if repository else ""),
        }
        urls = {"Repository": repository, "Homepage": published["HOMEPAGE"] or repository}
        metadata["urls"] = {name: address for name, address in urls.items() if address}


def with_links(text: str, base: str) -> str:
    """Let links to files of the checkout lead below an address; without one, their words alone are left.

    Links to a part of the page itself lead nowhere on an index that names its headings otherwise: their words are left.
    """

    def led(link: re.Match[str]) -> str:
        words, target = link.groups()
        return f"[{words}]({base}/{target})" if base and not target.startswith("#") else words

    return LOCAL_LINK.sub(led, text)
