"""What a release consists of, installed away from the checkout as its users install it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import yaml

from apikeys_emulator.testing import Emulator
from harness.engine import hosts_folder
from harness.released import released
from pulumi_resource_apikeys import __version__
from pulumi_resource_apikeys.publishing import GO_MODULE

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = CHECKOUT / "examples"
PROGRAM = """
import pulumi
import pulumi_apikeys as apikeys
from pulumi import automation


def program() -> None:
    deploy = apikeys.APIKey("deploy", scopes=["builds:write"])
    pulumi.export("deployKey", deploy.key)


stack = automation.create_or_select_stack("dev", "infra", program)
done = stack.up(on_output=print)
assert done.outputs["deployKey"].secret
print("MINTED", done.outputs["deployKey"].value)
"""


def bare(folder: Path, engine_bin: Path) -> dict[str, str]:
    """The environment of a machine that has Pulumi and nothing of the provider, neither on PATH nor in its home."""
    own = str(Path(sys.executable).parent)
    elsewhere = [entry for entry in os.environ["PATH"].split(os.pathsep) if not entry.startswith(own)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "APIKEYS_", "PYTHON"))}
    state = folder / "state"
    state.mkdir()
    return {
        **kept,
        "PATH": os.pathsep.join([str(engine_bin), str(hosts_folder()), *elsewhere]),
        "PULUMI_HOME": str(folder / "pulumi"),
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_CONFIG_PASSPHRASE": "correct horse",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
    }


def with_api(environment: dict[str, str], emulator: Emulator, project: str) -> dict[str, str]:
    token = emulator.token(ttl_seconds=3600)
    api = {"APIKEYS_ENDPOINT": emulator.url, "APIKEYS_TOKEN": token, "APIKEYS_PROJECT_ID": project}
    return {**environment, **api}


def run(*argv: str | Path, folder: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        argv, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def venv(folder: Path, *arguments: str | Path) -> Path:
    """A new virtual environment and one `pip install` in it; gives its folder of programs."""
    run(sys.executable, "-m", "venv", folder / "venv", folder=folder)
    bin_folder = folder / "venv" / "bin"
    if "--no-deps" in arguments:
        (packages,) = (folder / "venv").glob("lib/python*/site-packages")
        (packages / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    pip: list[str | Path] = [
        bin_folder / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
    ]
    run(*pip, *arguments, folder=folder)
    return bin_folder


def wheels() -> list[Path]:
    return sorted(released("python").glob(f"*-{__version__}-py3-none-any.whl"))


def test_the_archives_hold_what_they_should_and_nothing_stray() -> None:
    dist = released("python", "source-plugin", "go")
    contents: dict[str, list[str]] = {}
    for file in dist.iterdir():
        if file.suffix in {".whl", ".zip"}:
            contents[file.name] = zipfile.ZipFile(file).namelist()
        elif file.name.endswith(".tar.gz"):
            with tarfile.open(file) as archive:
                contents[file.name] = archive.getnames()
    assert {f"pulumi_apikeys-{__version__}.tar.gz", f"pulumi-apikeys-go-v{__version__}.zip"} < contents.keys()
    for name, members in contents.items():
        assert any(member.endswith("LICENSE") for member in members), name
        ours = [member for member in members if not re.match("lib/(?!pulumi_resource_apikeys|apikeys_)", member)]
        strays = [member for member in ours if re.search("example(?!.com/)|tests|node_modules|__pycache__", member)]
        assert strays == [], name
    for package in ("pulumi_resource_apikeys", "apikeys_emulator", "apikeys_cli"):
        assert f"{package}/__init__.py" in contents[f"pulumi_resource_apikeys-{__version__}-py3-none-any.whl"]
    assert "PulumiPlugin.yaml" in contents[f"pulumi-resource-apikeys-v{__version__}-source.tar.gz"]
    assert len(wheels()) == 2
    for wheel in wheels():
        archive_file = zipfile.ZipFile(wheel)
        (metadata,) = [name for name in archive_file.namelist() if name.endswith(".dist-info/METADATA")]
        text = archive_file.read(metadata).decode()
        assert "License-Expression: Apache-2.0" in text
        assert "\n# " in text, "the page of a package index"
        assert not re.findall(r"\]\((?!https?:)", text), "links that lead nowhere there"
    files = [file for file in dist.iterdir() if file.name != "SHA256SUMS"]
    sums = {f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}" for file in files}
    assert set((dist / "SHA256SUMS").read_text().splitlines()) == sums


def test_two_wheels_and_the_executable_they_bring_serve_a_program_of_the_automation_api(
    tmp_path: Path, engine_bin: Path, emulator: Emulator, project: str
) -> None:
    environment = bare(tmp_path, engine_bin)
    bin_folder = venv(tmp_path, *wheels())
    executable = bin_folder / "pulumi-resource-apikeys"
    install = ["pulumi", "plugin", "install", "resource", "apikeys", __version__, "--file"]
    run(*install, executable, folder=tmp_path, environment=environment)
    (tmp_path / "program.py").write_text(PROGRAM)

    said = run(
        bin_folder / "python", "program.py", folder=tmp_path, environment=with_api(environment, emulator, project)
    )

    assert emulator.verify(said.rpartition("MINTED ")[2].strip())
    assert "warning" not in said


def test_the_archive_of_a_platform_serves_a_program_that_names_no_path(
    tmp_path: Path, engine_bin: Path, emulator: Emulator, project: str
) -> None:
    environment = bare(tmp_path, engine_bin)
    (archive,) = released("plugin").glob(f"pulumi-resource-apikeys-v{__version__}-linux-*.tar.gz")
    install = ["pulumi", "plugin", "install", "resource", "apikeys", __version__, "--file"]
    run(*install, archive, folder=tmp_path, environment=environment)
    program = tmp_path / "program"
    program.mkdir()
    settings = yaml.safe_load((EXAMPLES / "basic" / "yaml" / "Pulumi.yaml").read_text())
    del settings["plugins"]
    (program / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
    run("pulumi", "stack", "init", "dev", folder=program, environment=environment)

    up = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
    said = run(*up, folder=program, environment=with_api(environment, emulator, project))

    assert "+ 3 created" in said
    assert "using pulumi-resource-apikeys from" not in said
    assert len(emulator.active_keys(project)) == 2


def test_the_archive_of_sources_does_what_a_current_python_host_asks_of_it(tmp_path: Path) -> None:
    """The host makes a `venv` beside PulumiPlugin.yaml, installs the folder and runs the module of its distribution.

    What the provider depends on is borrowed from the environment of the tests.
    """
    with tarfile.open(released("source-plugin") / f"pulumi-resource-apikeys-v{__version__}-source.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    assert yaml.safe_load((tmp_path / "PulumiPlugin.yaml").read_text()) == {"runtime": "python"}
    bin_folder = venv(tmp_path, "--no-index", "--no-deps", "--no-build-isolation", tmp_path)
    host = [str(bin_folder / "python"), "-m", "pulumi.run.plugin", "pulumi-resource-apikeys", "127.0.0.1:1"]
    with subprocess.Popen(host, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as plugin:
        assert plugin.stdout is not None
        port = plugin.stdout.readline()
        plugin.terminate()
    assert re.fullmatch(r"\d+\n", port)


def test_the_go_module_is_had_from_a_module_proxy_under_its_import_path(tmp_path: Path) -> None:
    versions = tmp_path / "proxy" / GO_MODULE / "@v"
    versions.mkdir(parents=True)
    archive = released("go") / f"pulumi-apikeys-go-v{__version__}.zip"
    shutil.copy(archive, versions / f"v{__version__}.zip")
    (versions / f"v{__version__}.info").write_text(f'{{"Version": "v{__version__}"}}')
    with zipfile.ZipFile(archive) as module:
        (versions / f"v{__version__}.mod").write_bytes(module.read(f"{GO_MODULE}@v{__version__}/go.mod"))
    # Go's cache keeps modules for good, so this one, which changes under its version, goes to another.
    own = {"GOMODCACHE": str(tmp_path / "modules"), "GOPROXY": (tmp_path / "proxy").as_uri(), "GONOSUMDB": GO_MODULE}
    environment = {**os.environ, **own, "GOFLAGS": "-modcacherw"}

    download = ["go", "mod", "download", "-json", f"{GO_MODULE}@v{__version__}"]
    had = json.loads(run(*download, folder=tmp_path, environment=environment))

    assert "Error" not in had
    assert files_below(Path(had["Dir"])) == files_below(CHECKOUT / "sdk" / "go")


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
