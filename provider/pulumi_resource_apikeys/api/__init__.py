"""The HTTP API: wire shapes, problem+json, retries, the shared listing and the client."""
