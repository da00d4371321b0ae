"""What holds for all tests."""

from hypothesis import settings

# The same cases in every run, so that a red run is red for what was changed, and no case fails for a busy machine.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")
