"""``newsbot apply``: what is kept as files, compared with what there is, and brought in line with it."""
