"""How what was found is written down: a module for each form. Nothing is decided here.

All text of others (names, scopes, stacks) goes through `words`, and is then escaped as the form needs it.
"""
