"""The broker that carries runs to workers on other machines: Celery over Redis or RabbitMQ.

A message is the id of a run and no more: what there is to do, and whether anybody may do it, stands in the
archive. So a message that comes twice, late or never changes when a run starts, and nothing else.

Messages are acknowledged late, and no worker is given more of them than it may run at once. Loaded only
where ``dispatch`` is ``celery``.
"""

import contextlib
import logging
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from celery import Celery
from kombu import Connection, Producer, Queue
from kombu.exceptions import KombuError

from newsbot.config import Config

TASK = "newsbot.crawl"

# Seconds that the broker has to take a connection, and to answer.
PATIENCE = 4.0
# Seconds beyond a run's longest time after which a message that nobody acknowledged is given out again.
SLACK = 900.0

_log = logging.getLogger(__name__)


class BrokerError(Exception):
    """The broker cannot be used; the text says why and what to do."""


def queue_of(config: Config) -> Queue:
    """Return the queue of an archive's runs: one broker may carry those of several."""
    return Queue(
        f"{config.database}.runs",
        # RabbitMQ closes the channel of a worker that has not acknowledged within half an hour.
        queue_arguments={"x-consumer-timeout": int(1_000 * (config.run_seconds + SLACK))},
    )


def application(config: Config) -> Celery:
    """Return Celery, set up for this archive's runs."""
    app = Celery("newsbot", broker=config.broker_url, set_as_current=False)
    queue = queue_of(config)
    app.conf.update(
        task_queues=[queue],
        task_default_queue=queue.name,
        task_serializer="json",
        # Whoever can write to the broker can name runs, and cannot have anything unpickled.
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        # A worker that has lost the broker goes on with what it crawls: its leases decide.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_timeout=PATIENCE,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport_options(config),
    )
    return app


def _transport_options(config: Config) -> dict[str, Any]:
    if not urlsplit(config.broker_url).scheme.startswith("redis"):
        return {"confirm_publish": True}
    return {
        "global_keyprefix": f"{config.database}:",
        # Redis knows no connection that broke: what was not acknowledged for so long is given out again.
        "visibility_timeout": config.run_seconds + SLACK,
        "socket_connect_timeout": PATIENCE,
        "socket_timeout": 30.0,
        "socket_keepalive": True,
    }


class Broker:
    """One process's way to the broker, for sending. Not safe for threads."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._app = application(config)
        self._queue = queue_of(config)
        self._connection: Connection | None = None

    def waiting(self) -> int:
        """Return how many messages no worker has taken yet.

        Raises:
            BrokerError: when the broker does not answer.
        """
        with self._asked() as connection:
            return int(self._queue(connection.default_channel).queue_declare().message_count)

    def send(self, run_ids: Iterable[str]) -> None:
        """Send runs to the workers.

        Raises:
            BrokerError: when the broker does not take them all.
        """
        with self._asked() as connection:
            producer = Producer(connection)
            for each in run_ids:
                self._app.send_task(
                    TASK, (each,), producer=producer, retry=False, ignore_result=True
                )

    def close(self) -> None:
        """Leave the broker."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.release()
            self._connection = None

    @contextlib.contextmanager
    def _asked(self) -> Iterator[Connection]:
        try:
            if self._connection is None:
                made = self._app.connection_for_write()
                self._connection = made.ensure_connection(max_retries=1, timeout=PATIENCE)
            yield self._connection
        except (OSError, KombuError, *self._errors()) as error:
            self.close()
            raise BrokerError(
                f"the broker {shown(self._config)} does not answer ({type(error).__name__}: {error}); see that "
                "it runs and that broker_url is right. Runs that are due wait in the archive meanwhile"
            ) from None

    def _errors(self) -> tuple[type[BaseException], ...]:
        connection = self._connection or self._app.connection_for_write()
        return (*connection.connection_errors, *connection.channel_errors)


def shown(config: Config) -> str:
    """Return the broker's address without its password."""
    return str(Connection(config.broker_url).as_uri())
