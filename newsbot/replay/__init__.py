"""Pages out of WARC files, through extraction and into the archive, without a network.

``reader`` (records → pages) → ``reading`` (pages → articles, in processes of their own) → ``engine``
(in order, several pages of one article joined) → ``archiving`` or ``lines`` (where they go), with
``progress`` to say where to go on after a stop.
"""
