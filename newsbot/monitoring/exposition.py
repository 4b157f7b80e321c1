"""What is at ``/metrics``: the counts of all processes, and how newsbot is, in Prometheus' text format."""

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

from newsbot.archive.connection import AWAY, Database
from newsbot.config import Config
from newsbot.metrics.sheets import Sheets
from newsbot.monitoring.picture import Photographer, Picture, troubles_by_kind


class Exposition:
    """Metrics of one newsbot."""

    def __init__(self, config: Config, database: Database) -> None:
        self._photographer = Photographer(config, database)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(Sheets(config.data_dir))
        self._registry.register(_State(self._photographer))

    def text(self) -> bytes:
        """Return the page; while MongoDB is away it is without what is read from there."""
        return generate_latest(self._registry)


class _State:
    """A collector of how newsbot is."""

    def __init__(self, photographer: Photographer) -> None:
        self._photographer = photographer

    def collect(self) -> Iterator[Metric]:
        """Yield it."""
        yield InfoMetricFamily("newsbot", "What newsbot this is.", {"version": version("newsbot")})
        try:
            picture = self._photographer.take()
        except AWAY:
            yield _one("newsbot_archive_up", "Whether MongoDB answers.", 0)
            return
        yield _one("newsbot_archive_up", "Whether MongoDB answers.", 1)
        yield from gauges(picture)


def gauges(picture: Picture) -> Iterable[Metric]:
    """Return what a picture shows as metrics."""
    yield _by("newsbot_sources", "Sources, by state.", "state", picture.sources)
    yield _one(
        "newsbot_sources_due",
        "Sources that are due and of which no run was asked for.",
        picture.due,
    )
    yield _one(
        "newsbot_poll_lag_seconds", "Seconds for which the first of these is due.", picture.poll_lag
    )
    yield _by(
        "newsbot_runs",
        "Runs that wait for a worker, and that are under way.",
        "state",
        {"queued": picture.queued, "running": len(picture.running)},
    )
    yield _one(
        "newsbot_queue_lag_seconds",
        "Seconds for which the first queued run waits.",
        picture.queue_lag,
    )
    yield _by(
        "newsbot_outbox_messages",
        "Messages that are due, wait for their digest, or were set aside (dead).",
        "state",
        picture.messages,
    )
    yield _one(
        "newsbot_delivery_lag_seconds",
        "Seconds for which the first message is due that nobody has tried.",
        picture.delivery_lag,
    )
    if picture.index_lag is not None:
        yield _one(
            "newsbot_index_lag_seconds",
            "Seconds that the index is behind the archive.",
            picture.index_lag,
        )
    yield _one("newsbot_indexed_articles", "Articles in the index.", picture.articles)
    yield _one("newsbot_frontier_links", "Links that wait to be fetched, at most.", picture.links)
    yield _one(
        "newsbot_spool_bytes", "Bytes of articles on disk that wait for MongoDB.", picture.spooled
    )
    yield _one(
        "newsbot_spool_limit_bytes",
        "Bytes that one process keeps there at most.",
        picture.spool_room,
    )
    yield _one(
        "newsbot_disk_free_bytes", "Free bytes on the disk of the data folder.", picture.disk_free
    )
    yield _one("newsbot_disk_size_bytes", "Bytes of that disk.", picture.disk_total)
    yield _by(
        "newsbot_troubles", "Troubles that stand, by kind.", "kind", troubles_by_kind(picture)
    )
    yield _by(
        "newsbot_leader",
        "Whether a process leads in what one does for all.",
        "task",
        dict.fromkeys(picture.leaders, 1),
    )
    if picture.parts is not None:
        up = {each.name: int(not each.waiting) for each in picture.parts}
        deaths = {each.name: each.deaths for each in picture.parts}
        yield _by("newsbot_part_up", "Whether a part of the service runs.", "part", up)
        yield _by(
            "newsbot_part_deaths",
            "How often a part died of late, without a steady minute.",
            "part",
            deaths,
        )


def _one(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=value)


def _by(name: str, says: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family
