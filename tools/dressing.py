"""What a generated SDK needs before it can be released, and Pulumi's generators don't write. Called by `generate.py`.

`pulumi package add` makes the same SDKs without it: nothing here changes code.
"""

from __future__ import annotations

import json
from pathlib import Path

from pulumi_resource_apikeys import __version__
from pulumi_resource_apikeys.publishing import LICENSE
from pulumi_resource_apikeys.schema import README

LICENSE_TEXT = Path(__file__).resolve().parent.parent / "LICENSE"


class DressingError(Exception):
    """A generator writes something else than what is dressed here; the message says what was looked for."""


def dressed(language: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """Add to a language's generated files, by their place in its SDK, what a release needs. Raises DressingError."""
    added = {"LICENSE": LICENSE_TEXT.read_bytes()}
    if language == "python":
        added["README.md"] = README.format(language="Python").encode()
        added["pyproject.toml"] = python_project(files["pyproject.toml"].decode()).encode()
    if language == "nodejs":
        added["package.json"] = node_package(files["package.json"].decode()).encode()
    if language == "go":
        added["README.md"] = README.format(language="Go").encode()
    return {**files, **added}


def python_project(generated: str) -> str:
    """Make the Python SDK's project file one that current build tools take without a warning.

    The generator writes the licence in a form that setuptools gives up. The plugin is an extra and no dependency: who
    installs it another way needs none from pip, and nobody who installs the SDK alone gets what somebody may have
    published under the plugin's name.
    """
    license_as_table = f'  [project.license]\n    text = "{LICENSE}"\n'
    name = '  name = "pulumi_apikeys"\n'
    backend = "setuptools>=61.0"
    for expected in (license_as_table, name, backend):
        if generated.count(expected) != 1:
            raise DressingError(f"the Python generator's pyproject.toml has no single {expected!r}")
    extra = f'  [project.optional-dependencies]\n    plugin = ["pulumi-resource-apikeys=={__version__}"]\n'
    return (
        generated.replace(license_as_table, extra)
        .replace(name, f'{name}  license = "{LICENSE}"\n  license-files = ["LICENSE"]\n')
        .replace(backend, "setuptools>=77.0.3")
    )


def node_package(generated: str) -> str:
    """Make the Node SDK's package one that compiles itself when npm packs it or installs it from its folder.

    The compiled code looks for its version in a package.json beside it.
    """
    package = json.loads(generated)
    if package["scripts"] != {"build": "tsc"}:
        raise DressingError("the Node generator's package.json has other scripts than `tsc` as `build`")
    copy = "require('fs').copyFileSync('package.json', 'bin/package.json')"
    package["scripts"] = {
        "build": f'tsc && node -e "{copy}"',
        "prepare": "npm install --ignore-scripts --no-package-lock --no-save && npm run build",
    }
    package |= {"main": "bin/index.js", "types": "bin/index.d.ts", "files": ["bin"]}
    return json.dumps(package, indent=4) + "\n"
