"""A Pulumi provider for the API keys of a project: minted, healed, rotated and revoked by `pulumi up`."""

__version__ = "0.1.0"
"""The distribution's too: pyproject.toml reads it from here, for `importlib.metadata` would cost each start 20 ms."""
