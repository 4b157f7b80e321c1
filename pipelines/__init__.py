"""The item pipelines, in order: normalize, deduplicate, store, notify.

An ``Article`` enters; each stage is thin and calls the library below. An article leaves the last
stage when it is in the archive and its alerts are on record.
"""
