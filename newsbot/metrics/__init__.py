"""What newsbot counts of its own work, and how the counts of all its processes come together."""
