"""The two ways to the same resources."""

from __future__ import annotations

import pytest

PLUGIN = "pulumi_apikeys"
DYNAMIC = "pulumi_resource_apikeys.dynamic"

both = pytest.mark.parametrize("variant", [PLUGIN, DYNAMIC], ids=["plugin", "dynamic"])
"""Runs a test with the plugin's SDK and with the dynamic resources."""
