"""What to do with a resource: checks, differences, reads and plans; no HTTP, gRPC or Pulumi, and the clock is passed in."""
