"""`apikeys:index:RotatingAPIKey`: a key that is replaced in time, beside the one before it."""
