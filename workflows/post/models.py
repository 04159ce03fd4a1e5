"""Mailboxes that refuse, and mails that are still owed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, KanwilOwned, own_args, own_key


class MailRefusal(KanwilOwned, Base):
    """An officer's mailbox that a mail server refused the last time: for good (no such mailbox), or for now (full).
    Nothing is sent to this address before `again_at`; with another address the row means nothing."""

    __tablename__ = "mail_refusal"
    __table_args__ = own_args(KanwilOwned, UniqueConstraint("tenant_id", "officer_id"))

    officer_id: Mapped[int] = mapped_column(Integer)
    address: Mapped[str] = mapped_column(String(320))
    code: Mapped[int] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(String(300))
    for_good: Mapped[bool] = mapped_column(Boolean)
    tries: Mapped[int] = mapped_column(Integer)
    refused_at: Mapped[datetime] = mapped_column(Instant)
    again_at: Mapped[datetime] = mapped_column(Instant)


class MailOwed(KanwilOwned, Base):
    """The mail of a notice that one of its readers has not got yet, while the others have. Few, and soon gone."""

    __tablename__ = "mail_owed"
    __table_args__ = own_args(
        KanwilOwned,
        own_key("notice_id", "notice"),
        UniqueConstraint("tenant_id", "officer_id", "notice_id"),
    )

    officer_id: Mapped[int] = mapped_column(Integer)
    notice_id: Mapped[int] = mapped_column(Integer)
