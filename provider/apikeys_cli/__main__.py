"""The executable `apikeys`: its commands, where the extra `cli` is installed, and how it ends.

Exit statuses: 0 all is well; 1 an audit found what --fail-on names; 2 a mistake in what was given; 3 the API or Pulumi
could not be asked; 4 a bug of ours.
"""

from __future__ import annotations

import sys
from typing import NoReturn

from pulumi_resource_apikeys.errors import ApiKeysError, InputError, describe_bug

OWN_PACKAGES = frozenset({"apikeys_cli", "pulumi_resource_apikeys"})
WRONG_INPUT, NOT_ASKED, BUG = 2, 3, 4


def main() -> None:
    """Entry point of the executable."""
    try:
        from .commands import cli  # noqa: PLC0415 - its imports are what may be missing
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] in OWN_PACKAGES:
            raise
        missing = f"{error.name} is missing or too old; install the provider with its extra"
        _end(f"{missing}: pip install 'pulumi-resource-apikeys[cli]'", NOT_ASKED)
    try:
        cli(prog_name="apikeys")
    except InputError as error:
        _end(str(error), WRONG_INPUT)
    except ApiKeysError as error:
        _end(str(error), NOT_ASKED)
    except Exception as error:  # noqa: BLE001 - a traceback could show what must not be seen
        _end(describe_bug(error), BUG)


def _end(words: str, status: int) -> NoReturn:
    sys.stderr.write(f"apikeys: {words}\n")
    sys.exit(status)


if __name__ == "__main__":
    main()
