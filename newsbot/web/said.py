"""The sentences and words of other parts that pages show, as messages of the catalogues."""


def _(message: str) -> str:
    """Mark a message for the catalogues."""
    return message


MESSAGES: tuple[str, ...] = (
    # Steps of a timeline
    *(_("hour"), _("day"), _("week"), _("month")),
    # States
    *(_("active"), _("paused"), _("removed")),
    *(_("queued"), _("running"), _("done"), _("failed"), _("lost"), _("cancelled")),
)
