"""The executable `apikeys-emulator`: its commands, where the emulator's extra is installed."""

import sys

OWN_PACKAGE = "apikeys_emulator"


def main() -> None:
    """Entry point of the executable."""
    try:
        from apikeys_emulator.commands import cli  # noqa: PLC0415 - its imports are what may be missing

        cli(prog_name="apikeys-emulator")
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] == OWN_PACKAGE:
            raise
        sys.exit(
            f"apikeys-emulator: {error.name} is missing or too old; install the emulator with its extra:"
            " pip install 'pulumi-resource-apikeys[emulator]'"
        )


if __name__ == "__main__":
    main()
