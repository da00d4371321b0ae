"""A Python process that has imported all that the programs below tests do, and forks the processes that are asked for.

`python.py` asks. The argument is the path of the socket to listen at; "ready" is printed once it does. It ends with its
standard input, which is a pipe.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import marshal
import os
import runpy
import selectors
import signal
import socket
import sys
import traceback
from contextlib import suppress
from typing import NoReturn

from pulumi_resource_apikeys import wiring

WANTED = (
    "pulumi_resource_apikeys.plugin.process",
    "pulumi_resource_apikeys.plugin.ending",
    "pulumi_resource_apikeys.plugin.server",
    "pulumi.dynamic",
    "pulumi_apikeys",
    "pulumi_resource_apikeys.dynamic",
    "grpc._channel",
    "grpc._server",
    "httpcore",
    "anyio._backends._asyncio",
    "filelock",
    "apikeys_emulator.commands",
    "apikeys_emulator.server",
    "apikeys_emulator.tokens",
)
"""What the plugin, the program, the dynamic host and the emulator import at once or when it is used."""
REQUEST_LIMIT = 1 << 20
"""Bytes of one request: a command line and an environment."""


def load() -> None:
    """Import all of it, under the conditions that the plugin sets itself."""
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "1"
    for module in WANTED:
        importlib.import_module(module)
    wiring.preload()
    gc.collect()
    gc.freeze()


def be(arguments: list[str], folder: str, environment: dict[bytes, bytes], files: list[int]) -> NoReturn:
    """Be the Python process of this command line; `files` are its standard input, output and error."""
    code = 1
    try:
        _take_over(folder, environment, files)
        _run(arguments)
        code = 0
    except SystemExit as end:
        code = _code(end)
    except BaseException as error:  # noqa: BLE001 - as the interpreter does
        _print(error)
    atexit._run_exitfuncs()  # what is left out is the interpreter's cleaning up, which takes longer than all the rest
    os._exit(code)


def _take_over(folder: str, environment: dict[bytes, bytes], files: list[int]) -> None:
    """Have all that a process is given."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.closerange(3, 4096)
    os.chdir(folder)
    os.environb.clear()
    os.environb.update(environment)
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in os.environ
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(number, "w" if number else "r", closefd=False), write_through=True)
        for number in range(3)
    )


def _run(arguments: list[str]) -> None:
    """Run the module or the file that a command line names."""
    first, *rest = arguments
    if ahead := os.environ.get("PYTHONPATH"):
        sys.path[:0] = ahead.split(os.pathsep)
        sys.modules.pop("sitecustomize", None)
        with suppress(ModuleNotFoundError):
            importlib.import_module("sitecustomize")
    if first == "-m":
        sys.argv = rest
        sys.path.insert(0, os.getcwd())  # noqa: PTH109 - as Python does
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        sys.path.insert(0, os.path.dirname(first))  # noqa: PTH120 - the same
        runpy.run_path(first, run_name="__main__")


def _code(end: SystemExit) -> int:
    """The exit code; what is none is told and means 1."""
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    sys.stderr.write(f"{end.code}\n")
    return 1


def _print(error: BaseException) -> None:
    """Print it without the frames that no Python of its own would have."""
    where = error.__traceback__
    while where is not None and where.tb_frame.f_code.co_filename in {__file__, runpy.__file__, "<frozen runpy>"}:
        where = where.tb_next
    traceback.print_exception(type(error), error, where)


class Server:
    """Forks a process for each connection, says how it ended, and kills it when the connection breaks."""

    def __init__(self, listener: socket.socket) -> None:
        """Take the socket that listens."""
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(sys.stdin, selectors.EVENT_READ)

    def serve(self) -> None:
        """Do so until standard input ends."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is self._listener:
                    self._begin(self._listener.accept()[0])
                elif not isinstance(key.fileobj, socket.socket):
                    self._end(key.fd, *key.data)
                elif key.fileobj.fileno() >= 0 and key.fileobj in self._selector.get_map():
                    # Else its process has ended at the same time.
                    self._selector.unregister(key.fileobj)
                    signal.pidfd_send_signal(key.data, signal.SIGKILL)

    def _begin(self, asker: socket.socket) -> None:
        request, files, _, _ = socket.recv_fds(asker, REQUEST_LIMIT, 3)
        if not request:  # who asks was killed meanwhile
            asker.close()
            return
        arguments, folder, environment = marshal.loads(request)  # noqa: S302 - a process of the same tests wrote it
        process = os.fork()
        if process == 0:
            be(arguments, folder, environment, files)
        for file in files:
            os.close(file)
        with suppress(OSError):
            asker.send(process.to_bytes(4, sys.byteorder))
        ended = os.pidfd_open(process)
        self._selector.register(asker, selectors.EVENT_READ, ended)
        self._selector.register(ended, selectors.EVENT_READ, (process, asker))

    def _end(self, ended: int, process: int, asker: socket.socket) -> None:
        _, status = os.waitpid(process, 0)
        self._selector.unregister(ended)
        os.close(ended)
        if asker in self._selector.get_map():
            self._selector.unregister(asker)
            with suppress(OSError):
                asker.send(status.to_bytes(4, sys.byteorder))
        asker.close()


def main() -> None:
    """Load, listen and serve."""
    load()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(sys.argv[1])
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        Server(listener).serve()


if __name__ == "__main__":
    main()
