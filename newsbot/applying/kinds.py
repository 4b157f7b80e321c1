"""The kinds of records that files may keep: a line each, in the order in which they are added.

What a kind names (a schedule its source, an alert its lists) comes before it; what goes, goes in the opposite order.
"""

from newsbot.applying.alerts import Alerts
from newsbot.applying.kind import Kind
from newsbot.applying.lists import Lists
from newsbot.applying.schedules import Schedules
from newsbot.applying.sources import Sources

KINDS: tuple[type[Kind], ...] = (
    Lists,
    Sources,
    Schedules,
    Alerts,
)
