"""The two ways to the same resources."""

from __future__ import annotations

import pytest

both = pytest.mark.parametrize(
    "variant", ["pulumi_apikeys", "pulumi_resource_apikeys.dynamic"], ids=["plugin", "dynamic"]
)
"""Runs a test with the plugin's SDK and with the dynamic resources."""
