"""``/api/v1/campaigns``: campaigns planned, announced, joined and closed."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask, Response
from flask_appbuilder.api import expose

from sales.campaigns import closing, joining, planning, queries, terms
from sales.campaigns.models import Campaign, CampaignUnit
from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, idempotency_key, json_body, limit, page
from webapp.shell import timezone_here

ONE = "/<int(max=2147483647):campaign_id>"


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(CampaignsApi)


class CampaignsApi(KaryaApi):
    """Campaigns of the country and of the Kanwil that the token belongs to."""

    resource_name = "campaigns"

    @expose("/", methods=["GET"])
    @requires_api("read_campaigns")
    def index(self) -> Response:
        """Campaigns, the latest first
        ---
        get:
          summary: The country's campaigns and the Kanwil's own, the latest first, in keyset pages
          parameters:
            - {in: query, name: cursor, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, minimum: 1, maximum: 100}}
          responses:
            200: {description: "items (id, slug, title, owner, starts_on, ends_on, state, phase), next_cursor"}
        """
        keyset, after = cursor(), None
        if keyset is not None:
            after = _keyset(keyset)
        rows, following = queries.listed(by=actor(), after=after, limit=limit())
        return page([_campaign(row) for row in rows], list(following) if following else None)

    @expose("/", methods=["POST"])
    @requires_api("plan_campaigns")
    def begin(self) -> Response:
        """Begin a campaign
        ---
        post:
          summary: A draft, the country's where the centre's admin begins it, else the Kanwil's
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [title, starts_on, ends_on]
                  properties:
                    title: {type: string, minLength: 3, maxLength: 150}
                    summary: {type: string, maxLength: 2000}
                    starts_on: {type: string, format: date}
                    ends_on: {type: string, format: date}
                    late_days: {type: integer, minimum: 0, maximum: 60}
                    target_rupiah: {type: integer, nullable: true}
                    counts_purchases: {type: boolean}
          responses:
            201: {description: The campaign}
            422: {description: A message for each field}
        """
        row = planning.begin(_terms(json_body()), by=actor(), now=clock.now(), key=idempotency_key())
        return answer(_campaign(row), 201, location=f"/api/v1/campaigns/{row.id}")

    @expose(ONE, methods=["GET"])
    @requires_api("read_campaigns")
    def get(self, campaign_id: int) -> Response:
        """One campaign
        ---
        get:
          summary: A campaign with what the token's Kanwil or UPT reached, by day, and its UPT
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
          responses:
            200: {description: "the campaign, with value_rupiah, by_day and units of the scope"}
            404: {description: There is none for this officer}
        """
        return answer(_whole(campaign_id))

    @expose(ONE, methods=["PATCH"])
    @requires_api("plan_campaigns")
    def change(self, campaign_id: int) -> Response:
        """Change a campaign
        ---
        patch:
          summary: Change a draft; of an announced campaign summary, target_rupiah and late_days alone
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {type: object, properties: {version: {type: integer, description: the version that was read}}}
          responses:
            200: {description: The campaign}
            404: {description: There is none for this officer}
            409: {description: Somebody changed it meanwhile, or it is closed}
            422: {description: A message for each field}
        """
        body = dict(json_body())
        version = body.pop("version", None)
        if version is not None and type(version) is not int:
            raise Invalid(fields={"version": "Bilangan."})
        row = planning.change(
            campaign_id, _terms(body), version=version, by=actor(), now=clock.now(), key=idempotency_key()
        )
        return answer(_campaign(row))

    @expose(f"{ONE}/announce", methods=["POST"])
    @requires_api("plan_campaigns")
    def announce(self, campaign_id: int) -> Response:
        """Announce a campaign
        ---
        post:
          summary: Show a draft to everybody; its page is /kampanye/{slug}
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: The campaign}
            404: {description: There is none for this officer}
            409: {description: It is closed}
            422: {description: Its days are over already}
        """
        return answer(
            _campaign(planning.announce(campaign_id, by=actor(), now=clock.now(), key=_empty_key()))
        )

    @expose(f"{ONE}/retract", methods=["POST"])
    @requires_api("plan_campaigns")
    def retract(self, campaign_id: int) -> Response:
        """Take an announcement back
        ---
        post:
          summary: Make an announced campaign a draft again, before its first day and before a UPT joined
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: The campaign}
            404: {description: There is none for this officer}
            409: {description: It has begun, or a UPT joined}
        """
        return answer(_campaign(planning.retract(campaign_id, by=actor(), now=clock.now(), key=_empty_key())))

    @expose(f"{ONE}/close", methods=["POST"])
    @requires_api("plan_campaigns")
    def close(self, campaign_id: int) -> Response:
        """Close a campaign
        ---
        post:
          summary: Freeze the figures; nothing is entered or corrected any more
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: "The campaign, with figures_sha256"}
            404: {description: There is none for this officer}
            409: {description: Its last day is not over}
        """
        return answer(_campaign(closing.close(campaign_id, by=actor(), now=clock.now(), key=_empty_key())))

    @expose(f"{ONE}/figures", methods=["GET"])
    @requires_api("read_campaigns")
    def figures(self, campaign_id: int) -> Response:
        """The frozen figures
        ---
        get:
          summary: The figures of a closed campaign as they were frozen (canonical JSON, RFC 8785)
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
          responses:
            200: {description: "schema karya.campaign/1: campaign, totals, by_kanwil, by_upt, by_day"}
            404: {description: "There is none for this officer, or it is not closed"}
        """
        row = queries.find(campaign_id, by=actor())
        value = closing.frozen(row)
        if value is None:
            raise planning.NoSuchCampaign()
        return answer(value)

    @expose(f"{ONE}/invitations", methods=["POST"])
    @requires_api("invite_units")
    def invite(self, campaign_id: int) -> Response:
        """Invite UPT
        ---
        post:
          summary: Invite UPT of the Kanwil; those that were invited or joined stay as they are
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {type: object, properties: {upt_ids: {type: array, items: {type: integer}}}}
          responses:
            200: {description: "invited: how many"}
            404: {description: There is none for this officer}
            409: {description: Not announced, or closed}
            422: {description: Not the Kanwil's UPT}
        """
        asked = number_list(json_body().get("upt_ids"))
        count = joining.invite(campaign_id, asked, by=actor(), now=clock.now(), key=idempotency_key())
        return answer({"invited": count})

    @expose(f"{ONE}/join", methods=["POST"])
    @requires_api("sell_in_campaigns")
    def join(self, campaign_id: int) -> Response:
        """Take part
        ---
        post:
          summary: Take part in a campaign, with a pledge or without; again, the pledge alone changes
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    pledge_rupiah: {type: integer, nullable: true}
                    pledge_text: {type: string, maxLength: 300}
                    show_on: {type: string, format: date, nullable: true}
                    upt_id: {type: integer, description: for whom the Kanwil speaks}
          responses:
            200: {description: "upt_id, state, pledge_rupiah, pledge_text, show_on"}
            404: {description: There is none for this officer}
            409: {description: Not announced, or closed}
            422: {description: A message for each field}
        """
        body = dict(json_body())
        unit = joining.join(
            campaign_id,
            {name: body[name] for name in ("pledge_rupiah", "pledge_text", "show_on") if name in body},
            upt_id=upt_of(body),
            by=actor(),
            now=clock.now(),
            key=idempotency_key(),
        )
        return answer(_unit(unit))

    @expose(f"{ONE}/decline", methods=["POST"])
    @requires_api("sell_in_campaigns")
    def decline(self, campaign_id: int) -> Response:
        """Don't take part
        ---
        post:
          summary: Don't take part, or no longer; refused while entered sales stand
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: "upt_id, state"}
            404: {description: There is none for this officer}
            409: {description: "Closed, or there are sales"}
        """
        unit = joining.decline(
            campaign_id, upt_id=upt_of(json_body()), by=actor(), now=clock.now(), key=idempotency_key()
        )
        return answer(_unit(unit))


def _campaign(row: Campaign) -> dict[str, Any]:
    today = clock.now().astimezone(timezone_here()).date()
    centre = actor().tenant_id is None
    return {
        "id": row.id,
        "slug": row.slug,
        "url": f"/kampanye/{row.slug}",
        "title": row.title,
        "summary": row.summary,
        "owner": "national" if row.kanwil_id is None else "kanwil",
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "late_days": row.late_days,
        "target_rupiah": row.target_rupiah,
        "counts_purchases": row.counts_purchases,
        "state": row.state,
        "phase": terms.national_phase(row, clock.now()) if centre else terms.phase(row, today),
        "version": row.version,
        "announced_at": row.announced_at.isoformat() if row.announced_at else None,
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "figures_sha256": row.figures_sha256,
    }


def _whole(campaign_id: int) -> dict[str, Any]:
    row = queries.find(campaign_id, by=actor())
    if actor().tenant_id is None:
        return _campaign(row)
    days = queries.by_day(row.id)
    return _campaign(row) | {
        "value_rupiah": sum(one.value_rupiah for one in days.values()),
        "by_day": [
            {"day": day.isoformat(), "value_rupiah": one.value_rupiah, "sales": one.sales}
            for day, one in days.items()
        ],
        "units": [
            {
                "upt_id": one.upt_id,
                "upt": one.name,
                "state": one.state or None,
                "pledge_rupiah": one.pledge_rupiah,
                "show_on": one.show_on.isoformat() if one.show_on else None,
                "value_rupiah": one.sums.value_rupiah,
                "sales": one.sums.sales,
            }
            for one in queries.units(row.id)
            if actor().upt_id in (None, one.upt_id)
        ],
    }


def _unit(row: CampaignUnit) -> dict[str, Any]:
    return {
        "upt_id": row.upt_id,
        "state": row.state,
        "pledge_rupiah": row.pledge_rupiah,
        "pledge_text": row.pledge_text,
        "show_on": row.show_on.isoformat() if row.show_on else None,
    }


def _terms(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in planning.FIELDS if name in body}


def _empty_key() -> str | None:
    """The key of a call that needs no body; with one its content is bound to the key."""
    json_body()
    return idempotency_key()


def _keyset(keyset: list[Any]) -> tuple[date, int]:
    try:
        day, number = keyset
        if type(number) is int:
            return date.fromisoformat(day), number
    except (ValueError, TypeError):
        pass
    raise no_cursor()


def upt_of(body: dict[str, Any]) -> int | None:
    asked = body.get("upt_id")
    if asked is not None and not (type(asked) is int and 0 < asked < 2**31):
        raise Invalid(fields={"upt_id": "Nomor UPT."})
    return asked


def number_list(asked: Any) -> list[int]:
    """A list of UPT by their numbers, as a body says it.

    Raises:
        Invalid: something else.
    """
    if not isinstance(asked, list) or not all(type(one) is int and 0 < one < 2**31 for one in asked):
        raise Invalid(fields={"upt_ids": "Daftar nomor UPT."})
    return asked


def no_cursor() -> Invalid:
    return Invalid(fields={"cursor": "Penanda halaman tidak dikenal; mulai dari halaman pertama."})
