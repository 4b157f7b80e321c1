"""``python -m newsbot.cli`` is ``newsbot``."""

from newsbot.cli import main

main()
