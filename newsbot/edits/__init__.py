"""Two versions of one article: what changed between them, and what kind of change it is. Pure.

Nothing is gathered here: what only names the kinds need not load what tells them apart.
"""
