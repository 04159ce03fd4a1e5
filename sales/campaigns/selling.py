"""What a UPT sold in a campaign: entered with a day, a product or a text, a quantity, rupiah; corrected with a reason.

Each entry changes the counters in its own transaction. An entry may name the e-Katalog package that it is: its purchase
is then not counted beside it. After closing nothing is entered, corrected or struck any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.content import Unreadable
from catalogue.content import text as clean_text
from catalogue.models import Product
from sales.campaigns import counting, terms
from sales.campaigns.errors import CampaignMoved, NoSuchSale, SaleMoved
from sales.campaigns.joining import opened, put, unit_for
from sales.campaigns.models import STANDING, STRUCK, Campaign, CampaignSale, CampaignSaleChange
from sales.models import Purchase
from sales.rollups import locked as purchases_locked
from tenants.clock import local_day
from tenants.database import session, transaction
from tenants.errors import Invalid
from tenants.idempotency import once
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, date_id, read_date, read_number, read_rupiah
from workflows import audit

FIELDS: Final = ("sold_on", "product_id", "product_name", "quantity", "value_rupiah", "package_id")
REASON: Final = (5, 500)
MOST_PIECES: Final = 1_000_000
MOST_RUPIAH: Final = 100_000_000_000
CANCELLED: Final = "Batal"


@dataclass(frozen=True)
class Window:
    """Which days may be entered now."""

    first: date
    last: date
    today: date
    phase: str

    @property
    def is_open(self) -> bool:
        return self.first <= self.last


def window(campaign: Any, today: date) -> Window:
    """The days of a campaign that may be entered on the day `today` of the Kanwil's calendar."""
    phase = terms.phase(campaign, today)
    if phase in (terms.RUNNING, terms.LATE):
        return Window(campaign.starts_on, min(today, campaign.ends_on), today, phase)
    return Window(campaign.starts_on, campaign.starts_on - timedelta(days=1), today, phase)


def enter(
    campaign_id: int,
    values: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
    upt_id: int | None = None,
    key: str | None = None,
) -> tuple[CampaignSale, bool]:
    """Enter a sale; the UPT takes part by it. `values`: `FIELDS`; without `sold_on` it is today's, without `quantity`
    one piece, without `value_rupiah` the product's price times the quantity. Returns it and whether it is a repetition.

    One transaction with the counters, their public copies and the audit; about twenty statements.

    Raises:
        NoSuchCampaign, NotYourCampaign; Invalid: by field; CampaignClosed; CampaignMoved: not running, or past the days
        in which its sales may still be entered.
    """
    unit_id = unit_for(by, upt_id)

    def act() -> CampaignSale:
        with transaction() as here:
            purchases_locked(here)
            row = opened(here, campaign_id, by)
            read = _read(here, values, {}, row, unit_id, _window(here, row, by, now))
            put(here, row, unit_id, {}, by=by, now=now)
            sale = CampaignSale(
                **read,
                campaign_id=row.id,
                upt_id=unit_id,
                state=STANDING,
                version=1,
                entered_by=by.id,
                entered_by_name=by.name[:160],
                created_at=now,
                updated_at=now,
            )
            here.add(sale)
            here.flush()
            _keep(here, sale, {name: [None, _plain(read[name])] for name in FIELDS}, "", by, now)
            counting.count(here, row, {unit_id: _days(here, [sale.sold_on], [sale.package_id], unit_id)})
            audit.record(audit.KANWIL, "campaign.sold", _told(sale), by=by, now=now, upt_id=unit_id)
            return sale

    content = [unit_id, {name: str(values[name]) for name in FIELDS if name in values}]
    return once(key, f"campaign.sell:{campaign_id}", act, lambda one: one.id, load, content=content)


def correct(
    sale_id: int,
    values: Mapping[str, Any],
    *,
    reason: str,
    by: Actor,
    now: datetime,
    version: int | None = None,
    key: str | None = None,
) -> CampaignSale:
    """Correct a sale; what it said is kept with the reason. What `values` leaves out stays.

    Raises:
        NoSuchSale, NotYourCampaign; Invalid: by field, no reason, or nothing that differs; SaleMoved; CampaignClosed,
        CampaignMoved: as `enter`.
    """

    def act() -> CampaignSale:
        with transaction() as here:
            sale, row = _held(here, sale_id, by, now, version)
            before = {name: getattr(sale, name) for name in FIELDS}
            wrong: dict[str, str] = {}
            read: dict[str, Any] = {}
            try:
                read = _read(here, values, before, row, sale.upt_id, _window(here, row, by, now), own=sale.id)
            except Invalid as invalid:
                wrong = dict(invalid.fields)
            why = _reason(reason, wrong)
            if wrong:
                raise Invalid(fields=wrong)
            changed = {name: value for name, value in read.items() if value != before[name]}
            if not changed:
                raise Invalid(
                    N_("Tidak ada yang berubah."), fields={"reason": N_("Isinya sama dengan yang tercatat.")}
                )
            for name, value in changed.items():
                setattr(sale, name, value)
            said = {name: [_plain(before[name]), _plain(value)] for name, value in changed.items()}
            _changed(here, sale, said, why, by, now)
            days = _days(
                here,
                [before["sold_on"], sale.sold_on],
                [before["package_id"], sale.package_id],
                sale.upt_id,
            )
            counting.count(here, row, {sale.upt_id: days})
            payload = {**_told(sale), "changes": said, "reason": why}
            audit.record(audit.KANWIL, "campaign.corrected", payload, by=by, now=now, upt_id=sale.upt_id)
            return sale

    content = [version, reason, {name: str(values[name]) for name in FIELDS if name in values}]
    made, _ = once(key, f"campaign.correct:{sale_id}", act, lambda one: one.id, load, content=content)
    return made


def strike(
    sale_id: int,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    version: int | None = None,
    key: str | None = None,
) -> CampaignSale:
    """Take back a sale that was entered by mistake: it counts no longer and stays to be read. Struck again, nothing
    happens.

    Raises:
        NoSuchSale, NotYourCampaign, SaleMoved, CampaignClosed, CampaignMoved; Invalid: no reason.
    """

    def act() -> CampaignSale:
        with transaction() as here:
            sale, row = _held(here, sale_id, by, now, None)
            if sale.state == STRUCK:
                return sale
            if version is not None and sale.version != version:
                raise _moved()
            wrong: dict[str, str] = {}
            why = _reason(reason, wrong)
            if wrong:
                raise Invalid(fields=wrong)
            sale.state = STRUCK
            _changed(here, sale, {"state": [STANDING, STRUCK]}, why, by, now)
            days = _days(here, [sale.sold_on], [sale.package_id], sale.upt_id)
            counting.count(here, row, {sale.upt_id: days})
            payload = {**_told(sale), "reason": why}
            audit.record(audit.KANWIL, "campaign.struck", payload, by=by, now=now, upt_id=sale.upt_id)
            return sale

    made, _ = once(key, f"campaign.strike:{sale_id}", act, lambda one: one.id, load, content=[reason])
    return made


def load(sale_id: int) -> CampaignSale:
    """One sale within the scope, as it stands.

    Raises:
        NoSuchSale: there is none.
    """
    asked = select(CampaignSale).where(CampaignSale.id == sale_id).execution_options(populate_existing=True)
    found = session().scalars(asked).first()
    if found is None:
        raise NoSuchSale()
    return found


def _held(
    here: Session, sale_id: int, by: Actor, now: datetime, version: int | None
) -> tuple[CampaignSale, Campaign]:
    """A sale that may be changed, with its campaign; both held until the transaction ends."""
    sale = load(sale_id)
    unit_for(by, sale.upt_id)
    row = opened(here, sale.campaign_id, by)
    counting.lock_units(here, row.id, [sale.upt_id])
    sale = load(sale_id)
    _window(here, row, by, now)
    if version is not None and (sale.version != version or sale.state == STRUCK):
        raise _moved()
    return sale, row


def _moved() -> SaleMoved:
    return SaleMoved(
        N_("Catatan ini sudah berubah sejak Anda membukanya. Lihat isinya sekarang, lalu ulangi.")
    )


def _window(here: Session, row: Campaign, by: Actor, now: datetime) -> Window:
    """The days that may be entered.

    Raises:
        CampaignMoved: none may.
    """
    kanwil = here.get_one(Kanwil, by.tenant_id)
    found = window(row, local_day(now, kanwil.timezone))
    if found.phase == terms.UPCOMING:
        raise CampaignMoved(
            say(N_("Kampanye ini baru dimulai %(day)s."), day=date_id(row.starts_on)),
            detail={"starts_on": row.starts_on.isoformat()},
        )
    if not found.is_open:
        raise CampaignMoved(
            say(
                N_("Batas memasukkan penjualan sudah lewat: %(day)s. Hubungi penyelenggara kampanye."),
                day=date_id(row.late_until_on),
            )
        )
    return found


def _read(
    here: Session,
    values: Mapping[str, Any],
    before: Mapping[str, Any],
    row: Campaign,
    unit_id: int,
    open_days: Window,
    *,
    own: int = 0,
) -> dict[str, Any]:
    """The sale that `values` state; what they leave out stays as `before`.

    Raises:
        Invalid: by field.
    """
    wrong: dict[str, str] = {}
    read: dict[str, Any] = {**dict.fromkeys(FIELDS), "sold_on": open_days.last, "quantity": 1, **before}
    product = _product(here, values, read, unit_id, wrong)
    if values.get("sold_on"):
        value = values["sold_on"]
        try:
            read["sold_on"] = value if isinstance(value, date) else read_date(str(value))
        except ValueError:
            wrong["sold_on"] = N_("Tulis tanggal, misalnya 14-03-2024.")
    if "sold_on" not in wrong and not open_days.first <= read["sold_on"] <= open_days.last:
        wrong["sold_on"] = say(
            N_("Pilih hari antara %(first)s dan %(last)s."),
            first=date_id(open_days.first),
            last=date_id(open_days.last),
        )
    if _typed(values, "quantity"):
        try:
            read["quantity"] = read_number(str(values["quantity"]))
        except ValueError:
            wrong["quantity"] = N_("Tulis bilangan bulat, misalnya 3.")
    if "quantity" not in wrong and not 1 <= read["quantity"] <= MOST_PIECES:
        wrong["quantity"] = N_("Jumlahnya 1 sampai 1.000.000.")
    _value(values, read, product, wrong)
    if "package_id" in values:
        read["package_id"] = _package(here, values["package_id"], row, unit_id, own, wrong)
    if wrong:
        raise Invalid(fields=wrong)
    return read


def _typed(values: Mapping[str, Any], name: str) -> bool:
    return name in values and str(values[name] if values[name] is not None else "").strip() != ""


def _product(
    here: Session, values: Mapping[str, Any], read: dict[str, Any], unit_id: int, wrong: dict[str, str]
) -> Product | None:
    """The product that was sold, one of the UPT's own, or what it was in words."""
    product: Product | None = None
    if _typed(values, "product_id"):
        text = str(values["product_id"]).strip()
        if text.isascii() and text.isdecimal() and len(text) < 10:
            asked = select(Product).where(Product.id == int(text), Product.upt_id == unit_id)
            product = here.scalars(asked).first()
        if product is None:
            wrong["product_id"] = N_("Pilih produk UPT ini, atau tulis barangnya.")
        else:
            read["product_id"], read["product_name"] = product.id, product.name[:150]
            return product
    elif "product_id" in values:
        read["product_id"] = None
    if "product_name" in values:
        try:
            words = clean_text(values["product_name"] if values["product_name"] is not None else "", 150)
        except Unreadable as unreadable:
            wrong["product_name"] = unreadable.args[0]
            return None
        read["product_name"] = " ".join((words or "").split())
    if not read["product_id"] and len(read["product_name"] or "") < 2:
        wrong.setdefault("product_name", N_("Pilih produk, atau tulis barang yang terjual."))
    return None


def _value(
    values: Mapping[str, Any], read: dict[str, Any], product: Product | None, wrong: dict[str, str]
) -> None:
    if _typed(values, "value_rupiah"):
        try:
            read["value_rupiah"] = read_rupiah(str(values["value_rupiah"]))
        except ValueError:
            wrong["value_rupiah"] = N_("Tulis rupiah bulat, misalnya 150.000.")
            return
    elif product is not None and product.price_rupiah and "quantity" not in wrong:
        read["value_rupiah"] = product.price_rupiah * read["quantity"]
    if read["value_rupiah"] is None:
        wrong["value_rupiah"] = N_("Tulis berapa rupiah seluruhnya, misalnya 150.000.")
    elif not 1 <= read["value_rupiah"] <= MOST_RUPIAH:
        wrong["value_rupiah"] = N_("Lebih dari Rp0 dan paling banyak Rp100.000.000.000.")


def _package(
    here: Session, value: Any, row: Campaign, unit_id: int, own: int, wrong: dict[str, str]
) -> str | None:
    """The number of the e-Katalog package that the sale is; none where none is said."""
    text = "".join(str(value if value is not None else "").split())
    if not text:
        return None
    if len(text) > 64 or not text.isprintable():
        wrong["package_id"] = N_("Nomor paket paling panjang 64 huruf.")
        return None
    asked = select(CampaignSale.id).where(
        CampaignSale.campaign_id == row.id,
        CampaignSale.upt_id == unit_id,
        CampaignSale.package_id == text,
        CampaignSale.state == STANDING,
        CampaignSale.id != own,
    )
    if here.scalar(asked.limit(1)) is not None:
        wrong["package_id"] = N_("Paket ini sudah dicatat dalam kampanye ini.")
        return None
    known = here.execute(
        select(Purchase.status).where(Purchase.package_id == text, Purchase.upt_id == unit_id)
    ).first()
    if known is not None and known.status == CANCELLED:
        wrong["package_id"] = N_("Paket ini batal menurut e-Katalog.")
    return text


def _days(here: Session, sold: list[date], packages: list[str | None], unit_id: int) -> set[date]:
    """The days whose sums change: those of the sale, and those on which its packages were bought."""
    named = {one for one in packages if one}
    days = set(sold)
    if named:
        asked = select(Purchase.purchased_on).where(
            Purchase.upt_id == unit_id, Purchase.package_id.in_(named)
        )
        days |= set(here.scalars(asked))
    return days


def _changed(
    here: Session, sale: CampaignSale, said: dict[str, Any], why: str, by: Actor, now: datetime
) -> None:
    sale.version += 1
    sale.updated_at = now
    here.flush()
    _keep(here, sale, said, why, by, now)


def _keep(
    here: Session, sale: CampaignSale, said: dict[str, Any], why: str, by: Actor, now: datetime
) -> None:
    here.add(
        CampaignSaleChange(
            sale_id=sale.id,
            upt_id=sale.upt_id,
            version=sale.version,
            changes=said,
            reason=why,
            by_id=by.id,
            by_name=by.name[:160],
            at=now,
        )
    )
    here.flush()


def _reason(reason: str, wrong: dict[str, str]) -> str:
    why = " ".join(str(reason).split())
    if not REASON[0] <= len(why) <= REASON[1]:
        wrong["reason"] = say(
            N_("Tulis alasannya, %(reason)s sampai %(reason2)s huruf."), reason=REASON[0], reason2=REASON[1]
        )
    return why


def _told(sale: CampaignSale) -> dict[str, Any]:
    return {
        "campaign_id": sale.campaign_id,
        "sale_id": sale.id,
        **{name: _plain(getattr(sale, name)) for name in FIELDS},
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
