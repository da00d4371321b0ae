"""Stands before pip in the commands of stacks; see `__main__.py`."""
