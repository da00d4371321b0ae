#!/usr/bin/env python3
"""Starts the apikeys provider from the folder `lib` beside this file: `pulumi-resource-apikeys` of a plugin archive."""

import sys
from pathlib import Path

if sys.version_info < (3, 10):  # noqa: UP036 - whichever Python comes first on PATH runs this
    sys.exit(f"the apikeys provider needs Python 3.10 or newer as python3 on PATH; this is {sys.version.split()[0]}")
sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))

from pulumi_resource_apikeys.__main__ import main

main()
