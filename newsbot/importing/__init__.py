"""Articles out of files: what newsbot exported, and JSON Lines of others, into the archive."""
