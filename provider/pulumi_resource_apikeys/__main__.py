"""Starts the plugin: `pulumi-resource-apikeys ENGINE_ADDRESS`, as the engine does."""

import gc
import os
import signal
import sys

from pulumi_resource_apikeys import __version__

HELP = """\
usage: pulumi-resource-apikeys [--help] [--version] [ENGINE_ADDRESS]

Serves the Pulumi provider for API keys. Pulumi starts it by itself, for programs that use the package "apikeys".
Started by hand, it prints the port that it listens on; PULUMI_DEBUG_PROVIDERS=apikeys:PORT makes Pulumi use it.
It ends at Ctrl-C.

  --help         show this and end
  --version      show the version and end
  ENGINE_ADDRESS host:port where the Pulumi engine that started it listens
"""


def main() -> None:
    """Serve the provider until the engine ends it, or answer `--help` or `--version`."""
    parent = os.getppid()
    if "--help" in sys.argv[1:]:
        sys.stdout.write(HELP)
        return
    if "--version" in sys.argv[1:]:
        sys.stdout.write(f"{__version__}\n")
        return
    # Until the server is up there is nothing to finish, and the imports below take a while.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda _number, _frame: os._exit(0))
    # What is imported stays, so the collector would look through it in vain; the process turns it on again.
    gc.disable()
    # pydantic looks through all that is installed for plugins of its own, at the first model; here there is none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    from pulumi_resource_apikeys.plugin.process import main as serve  # noqa: PLC0415 - after the handlers, as they say

    serve(sys.argv[1:], parent)


if __name__ == "__main__":
    main()
