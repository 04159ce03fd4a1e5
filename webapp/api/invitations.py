"""``/api/v1/cases/{id}/invitations`` and ``/api/v1/invitations``: asking an expert from outside, and taking it back."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_appbuilder.views import expose

from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, once_here
from webapp.invited import hand_over
from workflows.talk import invitations, queries
from workflows.talk.models import Invitation


class CaseInvitationsApi(KaryaApi):
    """Experts from outside who are asked about a case."""

    resource_name = "cases"
    openapi_spec_tag = "Talk"

    @expose("/<int(max=2147483647):case_id>/invitations", methods=["POST"])
    @requires_api("ask_opinions")
    def invite(self, case_id: int) -> Any:
        """Invite an expert
        ---
        post:
          summary: Make a link for one expert to one open case, and mail it
          description: The first answer names the link, this once, in its header ``Link`` with ``rel="invitation"``.
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [name, office, email, question]
                  properties:
                    name: {type: string, maxLength: 120}
                    office: {type: string, maxLength: 160}
                    email: {type: string, format: email}
                    question: {type: string, maxLength: 2000}
                    days: {type: integer, minimum: 1, maximum: 30, default: 7}
          responses:
            201: {description: The invitation}
            403: {description: Problem details}
            404: {description: Problem details}
            409: {description: The case is closed}
            422: {description: "What is missing or wrong, by field"}
        """
        by, now = actor(), clock.now()
        case = queries.case_for(case_id, by=by)
        asked = _asked(json_body())
        made = invitations.invite(case_id, **asked, by=by, now=now, key=idempotency_key())
        link, _ = hand_over(made, case, now)
        response = answer(_json(made.row), 201, replayed=link is None)
        if link is not None:
            response.headers["Link"] = f'<{link}>; rel="invitation"'
        response.headers["Cache-Control"] = "private, no-store"
        return response


class InvitationsApi(KaryaApi):
    """Invitations that were given."""

    resource_name = "invitations"
    openapi_spec_tag = "Talk"

    @expose("/<int(max=2147483647):invitation_id>/revoke", methods=["POST"])
    @requires_api("ask_opinions")
    def revoke(self, invitation_id: int) -> Any:
        """Revoke an invitation
        ---
        post:
          summary: Make an expert's link worthless from now on; one that is used or revoked stays what it is
          parameters:
            - {in: path, name: invitation_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          responses:
            200: {description: The invitation}
            403: {description: Problem details}
            404: {description: Problem details}
        """
        by, now = actor(), clock.now()
        replayed = once_here(
            "invitation.revoke", invitation_id, lambda: invitations.revoke(invitation_id, by=by, now=now)
        )
        return answer(_json(invitations.revoke(invitation_id, by=by, now=now)), replayed=replayed)


def _asked(body: dict[str, Any]) -> dict[str, Any]:
    """The members of a JSON body.

    Raises:
        Invalid: one of the wrong kind, or not known.
    """
    kinds: dict[str, type] = {"name": str, "office": str, "email": str, "question": str, "days": int}
    wrong = {name: "Tidak dikenal." for name in body if name not in kinds}
    wrong |= {
        name: "Jenis isinya keliru."
        for name, kind in kinds.items()
        if name in body and (not isinstance(body[name], kind) or isinstance(body[name], bool))
    }
    if wrong:
        raise Invalid(fields=wrong)
    return {name: body.get(name, "") for name in kinds if name != "days"} | (
        {"days": body["days"]} if "days" in body else {}
    )


def _json(row: Invitation) -> dict[str, Any]:
    return {
        "id": row.id,
        "case_id": row.case_id,
        "name": row.name,
        "office": row.office,
        "email": row.email,
        "question": row.question,
        "invited_by": row.invited_by_name,
        "invited_at": row.invited_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
        "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
        "used_at": row.used_at.isoformat() if row.used_at else None,
    }


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(CaseInvitationsApi)
    appbuilder.add_api(InvitationsApi)
