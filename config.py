"""Every setting of Karya, read from the environment and checked at start.

Each setting is named ``KARYA_<NAME>``; the class below says its unit and default. Nothing else in the house reads
the environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

DEMO_SECRET = "karya-demo-only-not-a-secret"  # noqa: S105 - accepted in demonstration mode alone
SIGNERS = ("embedded", "pkcs12", "pkcs11", "remote")
_YES = {"1", "true", "yes", "ya", "on"}


class ConfigError(Exception):
    """A setting is missing or can't be used; the message names it and says what to do."""


@dataclass(frozen=True)
class Settings:
    """The settings of one process.

    Sources: the environment (`load`), or written out by a test. Paths are absolute.
    """

    data: Path
    """Folder of everything kept on disk: database, files, keys, mail, logs. ``KARYA_DATA``, default ``var/``."""
    database_url: str
    """SQLAlchemy URL. ``KARYA_DATABASE_URL``, default SQLite in the data folder."""
    secret_key: str
    """Signs sessions and tokens, seals the embedded keys. ``KARYA_SECRET_KEY``, at least 32 characters."""
    demo: bool = False
    """Demonstration mode (``KARYA_DEMO``): accounts with a known password, a development CA. Never in production."""
    owner_url: str | None = None
    """``KARYA_OWNER_URL``: connection of the migrations, default the database URL as it is."""
    app_url: str | None = None
    """``KARYA_APP_URL``: default the database URL with ``SET ROLE karya_app``."""
    national_url: str | None = None
    """``KARYA_NATIONAL_URL``: default the database URL with ``SET ROLE karya_national``."""
    public_url: str | None = None
    """``KARYA_PUBLIC_URL``: default the database URL with ``SET ROLE karya_public``."""
    jobs_url: str | None = None
    """``KARYA_JOBS_URL``: the queue's database; default the database URL."""
    base_url: str = "http://127.0.0.1:8080"
    """Address that people see, without a trailing slash. ``KARYA_BASE_URL``."""
    host: str = "127.0.0.1"
    port: int = 8080
    """``KARYA_HOST`` and ``PORT`` or ``KARYA_PORT``."""
    threads: int = 8
    """``KARYA_THREADS``: request threads of the web process."""
    slot: str = "web-0"
    """``KARYA_SLOT``: the stable name of this worker; its interrupted jobs are taken up under the same name."""
    run_jobs: bool = True
    """``KARYA_RUN_JOBS``: whether this process works on the queue."""
    renderers: int = 2
    """``KARYA_RENDERERS``: processes that render letters side by side, each at most 512 MB; default one a processor, at
    most four."""
    smtp_url: str | None = None
    """``KARYA_SMTP_URL``, e.g. ``smtp://user:pass@host:587``; default: .eml files in the data folder."""
    mail_from: str = "karya@localhost"
    """``KARYA_MAIL_FROM``."""
    recap_mail: str = "link"
    """``KARYA_RECAP_MAIL``: what the mail about a recap that came brings, ``link`` or ``file``."""
    recap_mail_mb: int = 10
    """``KARYA_RECAP_MAIL_MB``: the largest file that such a mail brings; a larger one comes as a link."""
    tsa_url: str | None = None
    """``KARYA_TSA_URL``: RFC 3161 time stamping service; default none (signatures are then PAdES B-B)."""
    archive_stamps: bool = True
    """``KARYA_ARCHIVE_STAMPS``: whether signed files get time stamps for the archive (PAdES B-LTA), where a
    time stamping service is set."""
    signer: str = "embedded"
    """``KARYA_SIGNER``: who holds the keys: ``embedded`` (development certificates), ``pkcs12`` (files of the office),
    ``pkcs11`` (tokens, HSM) or ``remote`` (a service in the manner of BSrE)."""
    signer_folder: Path | None = None
    """``KARYA_SIGNER_FOLDER``: the office's ``<id>.p12`` files; default ``keys/officers`` in the data folder."""
    pkcs11_module: str | None = None
    """``KARYA_PKCS11_MODULE``: the token's library, e.g. ``/usr/lib/softhsm/libsofthsm2.so``."""
    pkcs11_token: str = "{id}"  # noqa: S105 - a label
    """``KARYA_PKCS11_TOKEN``: label of an officer's token; ``{id}`` is his id."""
    pkcs11_label: str | None = None
    """``KARYA_PKCS11_LABEL``: label of key and certificate on the token, may hold ``{id}``; default the only
    one there."""
    remote_url: str | None = None
    """``KARYA_REMOTE_URL``: the signing service, https; http only on the loopback address."""
    remote_user: str = ""
    remote_password: str = field(default="", repr=False)
    """``KARYA_REMOTE_USER``, ``KARYA_REMOTE_PASSWORD``: the office's own account at the service."""
    revocation_allow: tuple[str, ...] = ()
    """``KARYA_REVOCATION_ALLOW``: origins inside from which revocation data may be fetched, separated by commas.
    Default none: only the public internet is asked."""
    webhook_allow: tuple[str, ...] = ()
    """``KARYA_WEBHOOK_ALLOW``: origins that webhooks may reach though they are inside, e.g. ``https://gateway:8443``,
    separated by commas; http only to the loopback address or in demonstration mode. Default none."""
    secure_cookies: bool = False
    """``KARYA_SECURE_COOKIES``: default on when the base URL is https."""
    session_hours: int = 10
    """``KARYA_SESSION_HOURS``: hours until a signed-in officer signs in again."""
    claim_minutes: int = 120
    """``KARYA_CLAIM_MINUTES``: minutes until a case that an officer took is free again."""
    sign_in_limit: str = "20 per minute"
    """``KARYA_SIGN_IN_LIMIT``: attempts per address, on the page and on the API together."""
    public_seconds: int = 60
    """``KARYA_PUBLIC_SECONDS``: seconds for which a cache may show a page of the catalogue without asking again."""
    question_days: int = 180
    """``KARYA_QUESTION_DAYS``: days after its end until a visitor's question loses what is about a person."""
    guard_off: bool = False
    """Tests alone: switches the application's tenant guard off, to show that RLS holds by itself. No variable."""

    @property
    def url(self) -> URL:
        return make_url(self.database_url)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.url.get_backend_name()


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Raises:
        ConfigError: no or a weak secret outside the demonstration mode, or a value of the wrong kind.
    """
    env = os.environ if env is None else env

    def text(name: str) -> str | None:
        return env.get(f"KARYA_{name}", "").strip() or None

    def flag(name: str, default: bool = False) -> bool:
        value = text(name)
        return default if value is None else value.lower() in _YES

    def whole(name: str, default: int, low: int, high: int) -> int:
        value = text(name)
        if value is None:
            return default
        if not value.isdigit() or not low <= int(value) <= high:
            raise ConfigError(f"KARYA_{name} must be a whole number from {low} to {high}, not {value!r}.")
        return int(value)

    def one_of(name: str, *allowed: str) -> str:
        value = (text(name) or allowed[0]).lower()
        if value not in allowed:
            raise ConfigError(f"KARYA_{name} must be one of {', '.join(allowed)}, not {value!r}.")
        return value

    demo = flag("DEMO")
    secret = text("SECRET_KEY")
    if secret is None and demo:
        secret = DEMO_SECRET
    if secret is None or (not demo and (len(secret) < 32 or secret == DEMO_SECRET)):
        raise ConfigError(
            "KARYA_SECRET_KEY is missing or too short. Set it to at least 32 random characters, e.g. "
            "KARYA_SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(48))'). "
            "To look at Karya with demonstration data instead, use `make run`."
        )
    data = Path(text("DATA") or "var").absolute()
    port = env.get("PORT", "").strip() or text("PORT") or "8080"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError(f"PORT must be a number from 1 to 65535, not {port!r}.")
    host = text("HOST") or "127.0.0.1"
    base_url = (text("BASE_URL") or f"http://{host}:{port}").rstrip("/")
    database_url = text("DATABASE_URL") or f"sqlite:///{data}/karya.sqlite"
    try:
        backend = make_url(database_url).get_backend_name()
    except (ArgumentError, ValueError):
        raise ConfigError("KARYA_DATABASE_URL is not a database address SQLAlchemy understands.") from None
    if backend not in ("sqlite", "postgresql"):
        raise ConfigError(f"KARYA_DATABASE_URL must name SQLite or PostgreSQL, not {backend}.")
    if backend == "postgresql":
        database_url = _psycopg(database_url) or database_url
    return Settings(
        data=data,
        database_url=database_url,
        secret_key=secret,
        demo=demo,
        owner_url=_psycopg(text("OWNER_URL")),
        app_url=_psycopg(text("APP_URL")),
        national_url=_psycopg(text("NATIONAL_URL")),
        public_url=_psycopg(text("PUBLIC_URL")),
        jobs_url=_psycopg(text("JOBS_URL")),
        base_url=base_url,
        host=host,
        port=int(port),
        threads=whole("THREADS", 8, 1, 256),
        slot=text("SLOT") or "web-0",
        run_jobs=flag("RUN_JOBS", True),
        renderers=whole("RENDERERS", max(1, min(4, os.cpu_count() or 1)), 1, 16),
        smtp_url=text("SMTP_URL"),
        mail_from=text("MAIL_FROM") or "karya@localhost",
        recap_mail=one_of("RECAP_MAIL", "link", "file"),
        recap_mail_mb=whole("RECAP_MAIL_MB", 10, 1, 50),
        tsa_url=text("TSA_URL"),
        archive_stamps=flag("ARCHIVE_STAMPS", True),
        **_signing(text),
        revocation_allow=_origins(text("REVOCATION_ALLOW"), name="REVOCATION_ALLOW", plain=True),
        webhook_allow=_origins(text("WEBHOOK_ALLOW"), name="WEBHOOK_ALLOW", plain=demo),
        secure_cookies=flag("SECURE_COOKIES", base_url.startswith("https://")),
        session_hours=whole("SESSION_HOURS", 10, 1, 168),
        claim_minutes=whole("CLAIM_MINUTES", 120, 1, 10_080),
        sign_in_limit=text("SIGN_IN_LIMIT") or "20 per minute",
        public_seconds=whole("PUBLIC_SECONDS", 60, 0, 86_400),
        question_days=whole("QUESTION_DAYS", 180, 1, 3650),
    )


def _signing(text: Callable[[str], str | None]) -> dict[str, Any]:
    """Who signs, and what that needs.

    Raises:
        ConfigError: no such signer, or what it needs isn't there.
    """
    chosen = text("SIGNER") or "embedded"
    if chosen not in SIGNERS:
        raise ConfigError(f"KARYA_SIGNER must be one of {', '.join(SIGNERS)}, not {chosen!r}.")
    folder, module, url = text("SIGNER_FOLDER"), text("PKCS11_MODULE"), text("REMOTE_URL")
    if chosen == "pkcs12" and folder is not None and not Path(folder).is_dir():
        raise ConfigError(f"KARYA_SIGNER_FOLDER is no folder: {folder}.")
    if chosen == "pkcs11" and (module is None or not Path(module).is_file()):
        raise ConfigError("KARYA_SIGNER=pkcs11 needs KARYA_PKCS11_MODULE, the file of the token's library.")
    if chosen == "remote":
        if url is None or not text("REMOTE_USER") or not text("REMOTE_PASSWORD"):
            raise ConfigError(
                "KARYA_SIGNER=remote needs KARYA_REMOTE_URL, KARYA_REMOTE_USER and KARYA_REMOTE_PASSWORD."
            )
        parts = urlsplit(url)
        inside = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if (
            not parts.hostname
            or "@" in url
            or not (parts.scheme == "https" or (parts.scheme == "http" and inside))
        ):
            raise ConfigError("KARYA_REMOTE_URL must be https, or http on the loopback address.")
    return {
        "signer": chosen,
        "signer_folder": Path(folder).absolute() if folder else None,
        "pkcs11_module": module,
        "pkcs11_token": text("PKCS11_TOKEN") or "{id}",
        "pkcs11_label": text("PKCS11_LABEL"),
        "remote_url": url.rstrip("/") if url else None,
        "remote_user": text("REMOTE_USER") or "",
        "remote_password": text("REMOTE_PASSWORD") or "",
    }


def _origins(listed: str | None, *, name: str, plain: bool) -> tuple[str, ...]:
    """Origins as ``scheme://host:port``, separated by commas or spaces. `plain`: http is allowed everywhere."""
    found = []
    for one in (listed or "").replace(",", " ").split():
        try:
            parts = urlsplit(one)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port = "", None
        if not host or parts.scheme not in ("https", "http") or parts.path.strip("/") or "@" in one:
            raise ConfigError(
                f"KARYA_{name} lists origins such as https://gateway.internal:8443, not {one!r}."
            )
        if parts.scheme == "http" and not plain and host not in ("localhost", "127.0.0.1", "::1"):
            raise ConfigError(f"KARYA_{name}: {one} must be https, or the loopback address.")
        shown = f"[{host}]" if ":" in host else host
        found.append(f"{parts.scheme}://{shown}:{port or (443 if parts.scheme == 'https' else 80)}")
    return tuple(found)


def _psycopg(url: str | None) -> str | None:
    """The same address for psycopg 3, the one driver we ship (``postgres://`` and ``postgresql://`` name psycopg2)."""
    if url is None:
        return None
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)
