"""The API under ``/api/v1``: all that the pages can do, for programs.

``frame.py`` is what every area stands in (models, ETags, JSON alone), ``problems.py`` how it says what
went wrong, ``paging.py`` how lists go on, ``limits.py`` how much one may ask, ``document.py`` what it says of
itself. Then a file an area. How a route is added is told in ``docs/api.md``.
"""
