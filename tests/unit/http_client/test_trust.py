"""Whose certificates are trusted, and what is told where a variable names what can't be used."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import certifi
import pytest
import trustme

from pulumi_resource_apikeys.http_client.failures import MisconfiguredError
from pulumi_resource_apikeys.http_client.trust import trust


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable but the test's own."""
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(variable, raising=False)


def problem() -> str:
    with pytest.raises(MisconfiguredError) as caught:
        trust()
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_without_a_variable_the_public_authorities_are_trusted() -> None:
    tls = trust()
    assert tls.verify_mode is ssl.CERT_REQUIRED
    assert tls.check_hostname
    assert len(tls.get_ca_certs()) > 50


def test_a_file_takes_their_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    assert len(trust().get_ca_certs()) == 1
    assert trust().verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("folders", ["{0}", "/nowhere:{0}"])
def test_so_does_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folders: str) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", folders.format(tmp_path).replace(":", os.pathsep))
    assert trust().get_ca_certs() == []
    assert trust().verify_mode is ssl.CERT_REQUIRED


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.setenv(variable, "")
    assert trust().get_ca_certs()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "holds no CA certificates in PEM form"),
        (b"rubbish", "holds no CA certificates in PEM form"),
        (b"-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n", "holds no CA certificates in PEM form"),
        (bytes(range(256)), "holds no CA certificates in PEM form"),
    ],
    ids=["empty", "words", "damaged", "bytes"],
)
def test_a_file_without_certificates_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, why: str
) -> None:
    file = tmp_path / "ca{0}.pem"
    file.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    assert problem() == (
        f"the environment variable SSL_CERT_FILE names {file}, which {why}; set it to a file of CA certificates in PEM"
        " form, or unset it"
    )


def test_what_is_not_there_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for missing in (tmp_path / "nothing", tmp_path, Path("/dev/null")):
        monkeypatch.setenv("SSL_CERT_FILE", str(missing))
        assert f"SSL_CERT_FILE names {missing}, which is not there; set it to a file of CA" in problem()
    monkeypatch.delenv("SSL_CERT_FILE")
    file = tmp_path / "file"
    file.touch()
    for missing in (tmp_path / "nothing", file):
        monkeypatch.setenv("SSL_CERT_DIR", str(missing))
        assert f"SSL_CERT_DIR names {missing}, which is not there; set it to a folder of CA certificates" in problem()


def test_a_pipe_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "pipe"))
    assert "which is not there" in problem()


def test_a_key_log_that_can_not_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "no" / "keys.log"))
    assert problem() == (
        "the environment variable SSLKEYLOGFILE names a file that can't be opened (No such file or directory); unset it"
    )
