"""The provider's configuration: what may be set, where it comes from, and which place comes first.

Each option may be set in the stack (or on an explicit provider) and, in its place, by an environment variable
`APIKEYS_…`. What comes from the environment stays there: nothing here writes it back into the inputs, so no credential
from there lands in a state.
"""

from .args import (
    CLERK_API_URL,
    MISSING_ENDPOINT,
    OPTIONS,
    SECRET_OPTIONS,
    Argv,
    Boolean,
    Endpoint,
    ProviderArgs,
    Url,
    Whole,
    environment_variable,
)
from .endpoints import base_of, canonical
from .import_secrets import IMPORT_SECRET, variable_of
from .reading import Settings, read
from .sources import (
    ClerkSession,
    HalfOfClerk,
    StaticToken,
    TokenCommand,
    TokenFile,
    TokenSource,
)

__all__ = [
    "CLERK_API_URL",
    "IMPORT_SECRET",
    "MISSING_ENDPOINT",
    "OPTIONS",
    "SECRET_OPTIONS",
    "Argv",
    "Boolean",
    "ClerkSession",
    "Endpoint",
    "HalfOfClerk",
    "ProviderArgs",
    "Settings",
    "StaticToken",
    "TokenCommand",
    "TokenFile",
    "TokenSource",
    "Url",
    "Whole",
    "base_of",
    "canonical",
    "environment_variable",
    "read",
    "variable_of",
]
