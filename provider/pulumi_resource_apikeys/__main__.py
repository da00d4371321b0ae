"""Starts the plugin: `pulumi-resource-apikeys ENGINE_ADDRESS`, as the engine does."""

import signal
import sys


def main() -> None:
    """Serve the provider until the engine ends it."""
    # Until the server is up there is nothing to finish, and the imports below take most of a second.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda _number, _frame: sys.exit(0))
    from pulumi_resource_apikeys.plugin.server import main as serve  # noqa: PLC0415 - after the handlers, as they say

    serve(sys.argv[1:])


if __name__ == "__main__":
    main()
