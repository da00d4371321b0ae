"""Stands before Python and the plugin on PATH: has `server.py` run what the command line says, and ends as that ends.

`harness.warm` makes programs of this. They run without site packages and import next to nothing, for a quick start.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # `signal` without its enumerations, which take longer to import
import _socket
import marshal
import os
import sys

# An interrupt that comes early ends this without a word.
_signal.signal(_signal.SIGINT, _signal.SIG_DFL)

FOLDER, NAME = os.path.split(sys.argv[0])


def have_run(arguments: list[str]) -> None:
    """Be a shell around that process: signals go to it, and if this one is killed, it is killed too.

    If the server is gone, Python is started in this one's place, as it is for a user.
    """
    server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    try:
        server.connect(f"{FOLDER}/socket")
    except OSError:
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - Python in its own place
    files = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
    request = marshal.dumps((arguments, os.getcwd(), dict(os.environb)))  # noqa: PTH109 - pathlib takes long to import
    server.sendmsg([request], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
    process = int.from_bytes(server.recv(4), sys.byteorder)
    for number in (_signal.SIGINT, _signal.SIGTERM):
        _signal.signal(number, lambda number, _: os.kill(process, number))
    code = os.waitstatus_to_exitcode(int.from_bytes(server.recv(4), sys.byteorder))
    if code < 0:
        _signal.signal(-code, _signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def main() -> None:
    """What is not known here is left to Python itself."""
    arguments = [each for each in sys.argv[1:] if each != "-u"]
    if NAME == "pulumi-resource-apikeys":
        have_run(["-m", "pulumi_resource_apikeys", *arguments])
    elif arguments[0] == "-m" or arguments[0].endswith("/pulumi-language-python-exec"):
        have_run(arguments)
    elif arguments == ["--version"]:
        sys.stdout.write(f"Python {sys.version.split()[0]}\n")
    else:
        os.execv(sys.executable, [sys.executable, *sys.argv[1:]])  # noqa: S606 - Python in its own place


main()
