"""What the resources are made of: property values, times, the users' inputs, the states, and the API's keys."""
