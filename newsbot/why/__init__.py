"""Why, for one address: the steps that it went, from its source to a channel, and where it ended."""
