"""Gives a dynamic host the time that stands in the file of HARNESS_CLOCK.

Python runs this module at the start of each process that has this folder on PYTHONPATH.
"""

import os
from datetime import datetime
from pathlib import Path

from pulumi_resource_apikeys.clock import SystemClock


def _told(_clock: SystemClock) -> datetime:
    return datetime.fromisoformat(Path(os.environ["HARNESS_CLOCK"]).read_text())


SystemClock.now = _told  # type: ignore[method-assign,assignment] # the place of the real clock, in a process that is not ours
