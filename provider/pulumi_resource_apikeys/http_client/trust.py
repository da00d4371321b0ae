"""Whose certificates are trusted: a bundle of public authorities, or what `SSL_CERT_FILE` or `SSL_CERT_DIR` names."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import certifi

from .failures import MisconfiguredError

FILE, FOLDER, KEY_LOG = "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"


def trust() -> ssl.SSLContext:
    """What TLS connections are checked with. Raises `MisconfiguredError` where a variable names what can't be used."""
    if file := os.environ.get(FILE):
        # A pipe, which is no file either, would be waited for.
        problem = _problem(FILE, file, "a file of CA certificates in PEM form", there=Path(file).is_file())
        return _loaded(file, None, problem)
    if folder := os.environ.get(FOLDER):
        there = any(Path(part).is_dir() for part in folder.split(os.pathsep))
        return _loaded(None, folder, _problem(FOLDER, folder, "a folder of CA certificates", there=there))
    return _loaded(certifi.where(), None, "the certificates that come with this program {}")


def _problem(variable: str, named: str, kind: str, *, there: bool) -> str:
    """A sentence with a gap for what is wrong with what the variable names; raises where that is not there."""
    named = named.replace("{", "{{").replace("}", "}}")
    problem = f"the environment variable {variable} names {named}, which {{}}; set it to {kind}, or unset it"
    if not there:
        raise MisconfiguredError(problem.format("is not there"))
    return problem


def _loaded(file: str | None, folder: str | None, problem: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=file, capath=folder)
    except ssl.SSLError:
        raise MisconfiguredError(problem.format("holds no CA certificates in PEM form")) from None
    except OSError as error:
        log = os.environ.get(KEY_LOG)
        if log and error.filename == log:
            problem = f"the environment variable {KEY_LOG} names a file that {{}}; unset it"
        raise MisconfiguredError(problem.format(f"can't be opened ({error.strerror})")) from None
