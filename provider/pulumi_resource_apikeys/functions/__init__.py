"""Look-ups: what a program or a terminal can ask about the keys of a project, one module each. Never a secret."""
