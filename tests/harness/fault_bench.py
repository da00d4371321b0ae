"""Cells of the fault table on the real engine: several in one `up`, each in a project of its own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from apikeys_emulator.testing import Emulator

from .faults import Cell, Heard, Outcome, judge, named_in
from .stack import FAILURE, TRACEBACK, Result, Stack
from .variants import PLUGIN


class Bench:
    """A stack with an emulator of its own. Each cell of a batch has a project of its own, in which alone it fails."""

    def __init__(self, folder: Path, engine_bin: Path, module: str = PLUGIN) -> None:
        """Start the emulator and make the stack."""
        self._emulator = Emulator()
        self._emulator.start()
        self._stack = Stack(folder, engine_bin, self._emulator.url, None, module=module, warm=True)
        self._numbers = count(1)

    def close(self) -> None:
        """Stop the emulator."""
        self._emulator.close()

    def run(self, batch: Sequence[Cell]) -> list[Outcome]:
        """Run the cells of a batch in the same `up`, which goes on after an error."""
        self._emulator.reset()
        self._stack.environment = batch[0].environment(self._emulator)
        projects = {cell: str(uuid4()) for cell in batch}
        keys: dict[str, dict[str, Any]] = {}
        for cell, project in projects.items():
            number = next(self._numbers)
            keys[f"key{number}"] = {"args": {"project_id": project, **cell.args(number)}}
        self._stack.declare(keys)
        if batch[0].operation != "create":
            prepared = self._stack.up()
            if not prepared.ok:
                raise RuntimeError(prepared.output)
        if batch[0].operation == "revoke":
            self._stack.declare({})
        for cell, project in projects.items():
            cell.set(self._emulator, project)
        first = self._stack.up("--continue-on-error")
        for cell in batch:
            cell.end(self._emulator)
        late = {project for cell, project in projects.items() if cell.fault.late}
        while any(call.status is None and call.project_id in late for call in self._emulator.calls()):
            time.sleep(0.1)
        self._revoke_suspects(first, projects)
        second = self._stack.up()
        return self._judged(first, second, projects)

    def _revoke_suspects(self, first: Result, projects: dict[Cell, str]) -> None:
        """Do what the errors ask the user to do."""
        for project in projects.values():
            for suspect in named_in(first.output, self._emulator.active_keys(project)):
                if suspect.key_id not in self._known(project):
                    self._emulator.revoke(suspect.key_id)

    def _judged(self, first: Result, second: Result, projects: dict[Cell, str]) -> list[Outcome]:
        working = {value for name, value in self._stack.outputs().items() if name.endswith(".key")}
        outcomes = []
        for cell, project in projects.items():
            known = self._known(project)
            before, after = (_heard(result, project, alone=len(projects) == 1) for result in (first, second))
            outcome = judge(cell, before, after, known, self._emulator.active_keys(project))
            wanted = 0 if cell.operation == "revoke" else 1
            if second.ok and len(known) != wanted:
                outcome = replace(outcome, complaints=(*outcome.complaints, f"{len(known)} keys, not {wanted}"))
            outcomes.append(outcome)
        refused = [secret for secret in working if not self._emulator.verify(secret)]
        if refused or (second.ok and _wanted_keys(projects) != len(working)):
            complaint = f"{len(working)} secrets in the outputs, of which {len(refused)} do not work"
            outcomes = [replace(outcome, complaints=(*outcome.complaints, complaint)) for outcome in outcomes]
        return outcomes

    def _known(self, project: str) -> set[str]:
        resources = self._stack.state()["deployment"].get("resources", [])
        outputs = [resource.get("outputs", {}) for resource in resources]
        return {each["keyId"] for each in outputs if each.get("projectId") == project and "keyId" in each}


def _wanted_keys(projects: dict[Cell, str]) -> int:
    """How many keys a batch ends with."""
    return sum(cell.operation != "revoke" for cell in projects)


def _heard(result: Result, project: str, *, alone: bool) -> Heard:
    """What a command said about a project; all that it said where it was about one alone."""
    errors = {error for error in result.errors() if alone or project in error}
    # A dynamic host's words stand below a traceback; and the engine, where a difference fails, interrupts the program.
    hosts_own = FAILURE in result.output or "KeyboardInterrupt" in result.output
    output = result.output.replace(TRACEBACK, "") if hosts_own else result.output
    lines = [line for line in output.splitlines() if alone or project in line or "Traceback" in line]
    return Heard(not errors, errors, "\n".join(lines))
