"""What Pulumi's Python host asks pip in each command, answered from what pip itself said once; all else goes to pip.

The host runs `pip list` before each command, a third of a second of work, to learn which installed packages bring a
plugin. What is installed does not change while tests run. `harness.installed` asks pip.
"""

import os
import runpy
import sys
from pathlib import Path

HERE = str(Path(__file__).parents[1])

if __name__ == "__main__":
    answer = Path(os.environ["HARNESS_PIP_ANSWERS"], f"{sys.prefix} {' '.join(sys.argv[1:])}".replace(os.sep, "_"))
    if answer.exists():
        sys.stdout.write(answer.read_text())
        sys.exit()
    sys.path[:] = [entry for entry in sys.path if entry != HERE]
    del sys.modules["pip"]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
