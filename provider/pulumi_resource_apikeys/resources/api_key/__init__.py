"""`apikeys:index:APIKey`: one key, never changed."""
