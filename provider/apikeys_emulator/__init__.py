"""A local server of the API-keys API: for tests, demos and a CI that must not touch the real one.

It keeps its keys in SQLite, checks bearer tokens, and can be told to fail in the ways that real servers and proxies
fail.
`python -m apikeys_emulator serve` starts it; `apikeys_emulator.testing.Emulator` starts it from a test.
"""
