"""Configuration: built-in defaults, then ``newsbot.toml``, then ``NEWSBOT_*`` variables."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

FILE = Path("newsbot.toml")


class ConfigurationError(Exception):
    """A setting that cannot be used; the text says which, why and what would be right."""


class Config(BaseSettings):
    """Every setting of newsbot, with its default."""

    model_config = SettingsConfigDict(
        env_prefix="NEWSBOT_", toml_file=FILE, extra="forbid", frozen=True, env_ignore_empty=True
    )

    data_dir: Path = Field(
        Path("newsbot-data"),
        description="Folder for everything newsbot keeps: database, search index, logs.",
    )
    mongodb_uri: str | None = Field(
        None,
        description="Address of a MongoDB (`mongodb://…`). Unset: an embedded server under the data folder.",
    )
    mongodb_cache: str = Field(
        "256M",
        pattern=r"^\d+[MG]$",
        description="Cache of the embedded MongoDB, as `256M` or `1G`.",
    )
    # What MongoDB takes on all systems (manual, "Naming Restrictions"), and room for the demo's.
    database: str = Field(
        "newsbot",
        pattern=r'^[^/\\. "$*<>:|?\x00]{1,50}$',
        description="Name of the database in MongoDB.",
    )
    web_host: str = Field("127.0.0.1", description="Address that the web page listens on.")
    web_port: int = Field(8650, ge=1, le=65535, description="Port of the web page.")
    demo_port: int = Field(
        8660, ge=1024, le=65500, description="First port of the demo newsroom; it uses seven."
    )
    demo_interval: float = Field(
        4.0, gt=0, description="Seconds between two stories that the demo newsroom publishes."
    )
    public_address: str = Field(
        "",
        pattern=r"^(https?://[^/\s?#@]+(/[^\s?#]*)?)?$",
        description="Address under which readers reach the web page (`https://newsbot.example`), for links "
        "in messages and feeds. Unset: `web_host` and `web_port`.",
    )
    api_requests: int = Field(
        600,
        ge=0,
        description="Requests to the API in any minute by one token, session or address; 0: any number.",
    )
    api_costly_requests: int = Field(
        60, ge=0, description="Of these, exports, backtests, surveys and tests; 0: any number."
    )
    session_days: float = Field(
        30.0, gt=0, le=366, description="Days after which people have to sign in again."
    )
    session_idle_hours: float = Field(
        72.0, gt=0, description="Hours without use after which people have to sign in again."
    )
    contact: str = Field(
        "",
        description="Address (URL or e-mail) that publishers can turn to; it stands in the User-Agent.",
    )
    download_delay: float = Field(
        0.5, ge=0, description="Seconds between two requests to one site, unless the source says."
    )
    concurrency: int = Field(
        2, ge=1, le=64, description="Requests to one site at a time, unless the source says."
    )
    page_bytes: int = Field(
        10_000_000, ge=10_000, description="Largest page that is read, in bytes, unpacked."
    )
    # The sitemap protocol's own bound on a file.
    entry_point_bytes: int = Field(
        52_428_800,
        ge=10_000,
        description="Largest feed, sitemap or page of links that is read, in bytes, unpacked.",
    )
    unpack_ratio: float = Field(
        200.0,
        ge=2,
        description="How many times its packed size a body may unpack to, beyond its first megabyte.",
    )
    # What Chromium takes.
    header_bytes: int = Field(
        262_144, ge=4_096, description="Largest header of a response that is read, in bytes."
    )
    page_timeout: float = Field(
        30.0, gt=0, description="Seconds that a page may take to arrive, and again to be extracted."
    )
    first_byte_timeout: float = Field(
        20.0, gt=0, description="Seconds after which an answer must have begun."
    )
    redirects: int = Field(
        8, ge=0, le=50, description="Redirects that are followed, one to the next."
    )
    redirect_cookies: int = Field(
        20,
        ge=0,
        le=1000,
        description="Cookies that are taken from one redirect to the next; no others are kept.",
    )
    url_length: int = Field(
        4_096, ge=200, le=65_536, description="Longest address that is fetched, in characters."
    )
    links_per_page: int = Field(
        50_000, ge=1, description="Links that are read of one feed, sitemap or page of links."
    )
    sitemaps_per_run: int = Field(
        2_000, ge=1, description="Sitemaps, named by other sitemaps, that one run reads."
    )
    depth: int = Field(
        6, ge=1, le=100, description="Steps from an entry point to the last page behind it."
    )
    pages_per_run: int = Field(
        20_000,
        ge=1,
        description="Pages that one run fetches at most; the rest is for the next run.",
    )
    warc: bool = Field(
        True,
        description="Whether pages are kept as they came, in WARC files under the data folder.",
    )
    warc_file_bytes: int = Field(
        1_000_000_000, ge=1_000_000, description="Bytes at which the next WARC file is begun."
    )
    warc_keep_bytes: int = Field(
        20_000_000_000,
        ge=0,
        description="Bytes of WARC files beyond which the oldest are removed; 0 keeps all.",
    )
    warc_keep_days: float = Field(
        0.0, ge=0, description="Days after which a WARC file is removed; 0 keeps all."
    )
    spool_bytes: int = Field(
        1_000_000_000,
        ge=0,
        description="Bytes of articles that one process keeps on disk while MongoDB is away; when they are "
        "reached its crawls wait.",
    )
    # RabbitMQ and Elasticsearch stop taking work at a reserve as well. This one is for what the embedded
    # MongoDB has in its cache and writes at its next checkpoint (256 MB), and for its log.
    disk_reserve: int = Field(
        500_000_000,
        ge=0,
        description="Free bytes on the disk of the data folder below which crawls stop.",
    )
    run_seconds: float = Field(
        21_600.0,
        gt=0,
        description="Seconds after which a run asks for nothing more; the rest is for the next run.",
    )
    trap_pages: int = Field(
        50,
        ge=5,
        description="Pages of one kind of address that a run reads before it gives the kind up, "
        "if none was an article.",
    )
    retries: int = Field(
        2, ge=0, le=10, description="Times that a failed request is tried again in one run."
    )
    retry_pause: float = Field(
        1.0,
        ge=0,
        le=600,
        description="Seconds before the first of these; each takes four times longer.",
    )
    host_pause_wait: float = Field(
        60.0,
        ge=0,
        le=3_600,
        description="Longest pause, in seconds, that a host may ask for and a run waits for; for a "
        "longer one the run ends, and goes on after it.",
    )
    crawl_delay_most: float = Field(
        30.0,
        ge=0,
        description="Longest `Crawl-delay` of a robots.txt that is kept, in seconds.",
    )
    # RFC 9309, 2.4: not longer than 24 hours.
    robots_seconds: float = Field(
        86_400.0,
        ge=0,
        le=86_400,
        description="Seconds for which a robots.txt that was read is not asked for again.",
    )
    frontier_links: int = Field(
        100_000,
        ge=1_000,
        description="Links that a source may have waiting to be fetched; the oldest beyond are left out.",
    )
    poll_fastest: float = Field(
        60.0, gt=0, description="Seconds between two crawls of a source that publishes often."
    )
    poll_slowest: float = Field(
        21_600.0, gt=0, description="Seconds between two crawls of a source that is quiet."
    )
    poll_rarest: float = Field(
        604_800.0,
        gt=0,
        description="Seconds between two looks at an entry point of a source that brings nothing "
        "which others do not bring before, or that is gone.",
    )
    poll_worth: float = Field(
        20.0,
        gt=0,
        description="Seconds by which one article has to arrive sooner for one request more. Four "
        "times as much halves the requests and doubles the delay.",
    )
    revisit_after: tuple[float, ...] = Field(
        (3_600, 10_800, 43_200, 86_400, 259_200, 604_800),
        description="Seconds after its first visit at which an article is looked at again for edits.",
    )
    revisit_worth: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Share of such looks at a source's articles that has to find an edit for all of "
        "them to be made; below it one in ten is.",
    )
    revisits_per_run: int = Field(
        500,
        ge=1,
        description="Looks for edits, and second tries, that one run makes at most, the longest due first.",
    )
    extraction_processes: int = Field(
        2,
        ge=0,
        le=64,
        description="Processes that extract articles; 0 does it in the worker itself.",
    )
    runs_at_once: int = Field(
        16, ge=1, le=256, description="Crawls that one worker runs at a time."
    )
    worker_memory: int = Field(
        1_500_000_000,
        ge=100_000_000,
        description="Bytes of memory after which a worker is replaced.",
    )
    browser_pages: int = Field(
        4, ge=1, le=64, description="Pages that one worker has open in its browser at a time."
    )
    browser_memory: int = Field(
        1_500_000_000,
        ge=200_000_000,
        description="Bytes of memory after which a worker's browser is replaced.",
    )
    dispatch: Literal["local", "celery"] = Field(
        "local",
        description="How runs reach workers: `local`, where each looks into the archive, or `celery`, where a "
        "broker hands them out. See [scaling](scaling.md).",
    )
    broker_url: str = Field(
        "",
        repr=False,
        pattern=r"^((rediss?|amqps?)://\S+)?$",
        description="The broker of `celery`: a Redis (`redis://:password@host:6379/0`) or a RabbitMQ "
        "(`amqp://user:password@host:5672//`).",
    )
    runs_keep_days: float = Field(
        30.0,
        ge=1,
        description="Days for which a run that is over is kept; a poll that found nothing is for one.",
    )
    lease_seconds: float = Field(
        15.0,
        ge=1,
        description="Seconds after which the run of a silent worker is given to another.",
    )
    batch_articles: int = Field(100, ge=1, le=1000, description="Articles written at a time.")
    batch_seconds: float = Field(
        0.05, ge=0, le=5, description="Seconds that an article waits at most for others to join it."
    )
    secret_key: str | None = Field(
        None,
        repr=False,
        description="Key that seals secrets in the archive (32 bytes, URL-safe base64). Unset: a file "
        "`secret.key` in the data folder, made at first need. Machines that share an archive share it.",
    )
    delivery_timeout: float = Field(
        10.0, gt=0, description="Seconds that the receiver of an alert has to answer."
    )
    delivery_give_up: float = Field(
        86_400.0, gt=0, description="Seconds after which an undeliverable message is set aside."
    )
    delivery_per_channel: int = Field(
        8, ge=1, le=64, description="Messages that go to one channel at a time."
    )
    webhook_hosts: tuple[str, ...] = Field(
        (),
        description="Hosts outside of the public Internet that messages may go to, by a webhook or a "
        "service, as `10.0.0.5:8080` or `chat.intranet.example`.",
    )
    smtp_host: str = Field("", description="Server that takes e-mail. Unset: none is sent.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_security: str = Field(
        "starttls",
        pattern=r"^(starttls|tls|none)$",
        description="How it is spoken to: `starttls`, `tls` from the start (port 465), or `none`, in the "
        "open, for a server on this machine.",
    )
    smtp_user: str = Field("", description="Name to log in with. Unset: without.")
    smtp_password: str = Field("", repr=False, description="The password of that name.")
    email_from: str = Field(
        "", description="Sender of e-mail, as `newsbot <alerts@newsroom.example>`."
    )
    uplink_probes: tuple[str, ...] = Field(
        (),
        description="Hosts (`host:port`) that take a connection whenever ours is up, as a router's, tried "
        "beside sources' own hosts to tell whether it is.",
    )
    trouble_failures: int = Field(
        3, ge=1, le=100, description="Failed runs in a row after which a source counts as failing."
    )
    trouble_seconds: float = Field(
        600.0,
        ge=0,
        description="Seconds for which it has to fail, and to be well, before operators are told of that.",
    )
    trouble_again: float = Field(
        21_600.0,
        gt=0,
        description="Seconds after which operators are told again of what is still wrong; four times as long "
        "each time, a week at most.",
    )
    trouble_late: float = Field(
        900.0,
        gt=0,
        description="Seconds that runs, messages and the search index may be behind before operators are told.",
    )
    log_level: str = Field(
        "INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged."
    )

    log_format: str = Field(
        "auto",
        pattern=r"^(auto|json|console)$",
        description="Form of the logs: `json`, `console` (readable), or `auto`: readable on a terminal, else JSON.",
    )

    @model_validator(mode="after")
    def _has_a_broker(self) -> "Config":
        if self.dispatch == "celery" and not self.broker_url:
            raise ValueError(
                "dispatch is celery, and broker_url (NEWSBOT_BROKER_URL) is not set; name the broker, as "
                "redis://127.0.0.1:6379/0, or leave dispatch local"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources in order of precedence: arguments, environment, file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def index_dir(self) -> Path:
        """Folder of the search index."""
        return self.data_dir / "index"

    @property
    def web_address(self) -> str:
        """Where the web page is for its readers, without a slash at the end."""
        if self.public_address:
            return self.public_address.rstrip("/")
        host = f"[{self.web_host}]" if ":" in self.web_host else self.web_host
        return f"http://{host}:{self.web_port}"

    @property
    def user_agent(self) -> str:
        """The name under which newsbot fetches, as robots.txt files are asked for it."""
        contact = f"; +{self.contact}" if self.contact else ""
        return f"newsbot/0.1 (news archive{contact})"

    def for_demo(self) -> "Config":
        """Return the same configuration on the demo newsroom's own data, apart from the real."""
        return self.model_copy(
            update={
                "data_dir": self.data_dir / "demo",
                "database": f"{self.database}_demo",
                "revisit_after": (15.0, 30.0, 60.0, 120.0, 300.0),
                "poll_fastest": 5.0,
                "poll_slowest": 10.0,
                "poll_rarest": 30.0,
                "poll_worth": 0.1,
                "lease_seconds": 5.0,
                # Where the demo's own inbox is.
                "webhook_hosts": (*self.webhook_hosts, "127.0.0.1"),
            }
        )


def load_config(**given: object) -> Config:
    """Return the configuration of this process.

    Raises:
        ConfigurationError: naming each setting that cannot be used, where it was set and why.
    """
    try:
        return Config(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise ConfigurationError("\n".join(_complaints(error))) from None
    except SettingsError as error:  # a list or table in the environment that is no JSON
        name = _QUOTED.search(str(error))
        setting = f"NEWSBOT_{name[1].upper()}" if name else str(error)
        raise ConfigurationError(
            f"{setting} cannot be read; write it as JSON, as in [3600, 86400]."
        ) from None
    except (ValueError, OSError) as error:  # a newsbot.toml that is no TOML
        raise ConfigurationError(f"{FILE} cannot be read: {error}") from None


_QUOTED = re.compile(r'field "(\w+)"')


def _complaints(error: ValidationError) -> list[str]:
    lines = []
    for each in error.errors():
        name = ".".join(str(part) for part in each["loc"])
        if each["type"] == "extra_forbidden":
            lines.append(f"newsbot.toml: there is no setting {name!r}; see docs/configuration.md.")
        elif not name:  # of several settings together
            lines.append(f"{each['msg'].removeprefix('Value error, ')}.")
        else:
            field = Config.model_fields.get(name)
            got = f"; got {each['input']!r}" if field is None or field.repr else ""
            lines.append(
                f"setting {name} (NEWSBOT_{name.upper()} or newsbot.toml): {each['msg']}{got}."
            )
    return lines
