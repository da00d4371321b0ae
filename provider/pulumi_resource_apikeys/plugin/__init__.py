"""The gRPC adapter between the Pulumi engine and the lifecycles."""
