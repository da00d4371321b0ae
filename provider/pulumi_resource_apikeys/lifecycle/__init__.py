"""What to do with a resource: checks, differences, reads and plans. No HTTP, gRPC or Pulumi; time is passed in."""
