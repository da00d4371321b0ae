"""What can be done with a key, whichever resource it is of: the API as we need it, making, finding and revoking."""
