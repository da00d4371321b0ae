"""Starts the plugin: `pulumi-resource-apikeys ENGINE_ADDRESS`, as the engine does."""

import gc
import os
import signal
import sys


def main() -> None:
    """Serve the provider until the engine ends it."""
    # Until the server is up there is nothing to finish, and the imports below take a while.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda _number, _frame: sys.exit(0))
    # What is imported stays, so the collector would look through it in vain; the process turns it on again.
    gc.disable()
    # pydantic looks through all that is installed for plugins of its own, at the first model; here there is none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    from pulumi_resource_apikeys.plugin.process import main as serve  # noqa: PLC0415 - after the handlers, as they say

    serve(sys.argv[1:])


if __name__ == "__main__":
    main()
