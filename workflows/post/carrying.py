"""Handing a mail to the mail server, or to the folder that stands in for one."""

from __future__ import annotations

import os
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from config import Settings

Named = tuple[str, EmailMessage]
"""A mail with its stable name."""
CLOSING = 421
"""The server ends the conversation: nothing is said about the mailbox (RFC 5321, 3.8)."""
NOT_WRITABLE = 553


@dataclass(frozen=True)
class Refusal:
    """What the server answered instead of taking a mail; `for_good`: nor will it later (RFC 5321, 4.2.1)."""

    code: int
    answer: str

    @property
    def for_good(self) -> bool:
        return self.code >= 500


class Carrier:
    """Takes mails one by one; connected with the first one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def carry(self, name: str, mail: EmailMessage) -> Refusal | None:
        """Hand one mail over; what comes back is why this one was not taken.

        Raises:
            OSError: the server or the folder takes no mail at all.
        """
        if not self._settings.smtp_url:
            _into_folder(name, mail, mail_folder(self._settings))
            return None
        if self._server is None:
            self._server = _connected(self._settings.smtp_url)
        code, answer = 0, cast("bytes | str", b"")
        try:
            self._server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()), (NOT_WRITABLE, b"no address"))
        except smtplib.SMTPDataError as error:
            code, answer = error.smtp_code, error.smtp_error
        except (
            smtplib.SMTPNotSupportedError,
            ValueError,
        ) as error:  # an address that this server can't be told
            code, answer = NOT_WRITABLE, str(error)
        else:
            return None
        if code == CLOSING:
            raise smtplib.SMTPServerDisconnected(_words(answer))
        return Refusal(code, _words(answer))

    def close(self) -> None:
        if self._server is not None:
            try:
                self._server.quit()
            except OSError:
                self._server.close()


@contextmanager
def carrier(settings: Settings) -> Iterator[Carrier]:
    """A carrier, and its goodbye."""
    one = Carrier(settings)
    try:
        yield one
    finally:
        one.close()


def send(mails: list[Named], settings: Settings) -> list[Refusal]:
    """Hand over mails that no notice stands behind; returns the refusals that are for good. One that is refused
    keeps no other from leaving.

    Raises:
        OSError: the server or the folder takes none, or a mailbox takes none for now: to be tried again.
    """
    refused = []
    with carrier(settings) as post:
        for name, mail in mails:
            answer = post.carry(name, mail)
            if answer is not None:
                refused.append(answer)
    later = next((one for one in refused if not one.for_good), None)
    if later is not None:
        raise OSError(later.code, later.answer)
    return refused


def mail_folder(settings: Settings) -> Path:
    """Where mails lie while no mail server is configured."""
    return settings.data / "mail"


def _into_folder(name: str, mail: EmailMessage, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    part.write_bytes(mail.as_bytes())
    os.replace(part, folder / f"{name}.eml")


def _connected(smtp_url: str) -> smtplib.SMTP:
    address = urlsplit(smtp_url)
    kind = cast(Any, smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP)
    server: smtplib.SMTP = kind(address.hostname or "localhost", address.port or 0, timeout=30)
    try:
        if address.scheme == "smtp+tls":
            server.starttls()
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:300]
