"""What stays in the record and what leaves it: holds, removal, retention."""
