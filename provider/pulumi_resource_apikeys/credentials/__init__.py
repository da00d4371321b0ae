"""Where a bearer token comes from: a module per source."""
