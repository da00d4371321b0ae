"""Starts the plugin: `pulumi-resource-apikeys ENGINE_ADDRESS`, as the engine does."""

import sys


def main() -> None:
    """Serve the provider until the engine ends it."""
    from pulumi_resource_apikeys.plugin.server import main as serve  # noqa: PLC0415 - the signal to start comes first

    serve(sys.argv[1:])


if __name__ == "__main__":
    main()
