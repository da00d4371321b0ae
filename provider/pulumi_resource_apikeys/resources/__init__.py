"""What Pulumi can ask of a resource: a folder per type, and what the types share. Time is passed in, no I/O here."""
