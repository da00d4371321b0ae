"""The two ways to the same resources."""

from __future__ import annotations

import pytest

PLUGIN = "pulumi_apikeys"
DYNAMIC = "pulumi_resource_apikeys.dynamic"

VARIANTS = {"plugin": PLUGIN, "dynamic": DYNAMIC}

both = pytest.mark.parametrize("variant", list(VARIANTS.values()), ids=list(VARIANTS))
"""Runs a test with the plugin's SDK and with the dynamic resources."""
