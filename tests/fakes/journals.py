"""Journals of processes that were killed: what a test needs so that a later run finds one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_resource_apikeys.journal import Journal


def kill(journal: Journal) -> None:
    """What the system does for a process that was killed: its files are closed, its locks are gone, nothing else."""
    if journal._file is not None and journal._lock is not None:
        journal._file.close()
        journal._lock.release()
    for _, lock in journal._dead_files:
        lock.release()
