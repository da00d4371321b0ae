"""A Pulumi provider for the API keys of a project: minted, healed, rotated and revoked by `pulumi up`."""

from importlib.metadata import version

__version__ = version("pulumi-resource-apikeys")
