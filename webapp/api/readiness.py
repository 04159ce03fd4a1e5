"""``/api/v1/readiness``: yearly assessments, their verification and gaps; the country; the questionnaire."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_appbuilder.api import expose

from catalogue.readiness import filling, gaps, national, queries, questions, verifying
from catalogue.readiness.models import Evidence, Gap
from catalogue.readiness.terms import DIMENSIONS
from tenants import database
from tenants.clock import local_day, now
from tenants.database import session
from tenants.errors import Invalid
from webapp import attachments
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, once_here
from workflows.calendars import calendar_of

_YEAR = {"year": "Tahun dengan empat angka, 2000 sampai 2099."}


def register(app: Flask, appbuilder: Any) -> None:
    for api in (ReadinessApi, ReadinessGapsApi, QuestionnaireApi):
        appbuilder.add_api(api)


class ReadinessApi(KaryaApi):
    """Assessments of the Kanwil, or of the UPT, that the token belongs to."""

    resource_name = "readiness"
    openapi_spec_tag = "Readiness"

    @expose("/", methods=["GET"])
    @requires_api("read_readiness")
    def index(self) -> Response:
        """A year
        ---
        get:
          summary: A year by UPT, with the means of the verified and the gaps that are open
          parameters:
          - {in: query, name: year, required: true, schema: {type: integer}}
          responses:
            200: {description: "items by UPT; means in hundredths of a score (312 is 3.12), null where incomplete"}
            422: {description: Not a year}
        """
        return answer(_year_json(queries.year(_year(request.args.get("year")), now=now())))

    @expose("/", methods=["POST"])
    @requires_api("write_readiness")
    def begin(self) -> Response:
        """Begin a year
        ---
        post:
          summary: Begin the year's assessment of the token's UPT; the one that is there already is given back
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {type: object, required: [year], properties: {year: {type: integer}}}
          responses:
            201: {description: The assessment}
            403: {description: The token's officer is no operator of an UPT}
            422: {description: "No year, or one that has not begun"}
        """
        row = filling.begin(_year(json_body().get("year")), by=actor(), now=now(), key=idempotency_key())
        return answer(view_json(row.id), 201, location=f"/api/v1/readiness/{row.id}")

    @expose("/<int(max=2147483647):readiness_id>", methods=["GET"])
    @requires_api("read_readiness")
    def get(self, readiness_id: int) -> Response:
        """One assessment
        ---
        get:
          summary: One assessment with its questions, answers, evidence, verified scores, requests and gaps
          parameters:
          - {in: path, name: readiness_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The assessment}
            404: {description: There is none in this scope}
        """
        return answer(view_json(readiness_id))

    @expose("/<int(max=2147483647):readiness_id>/answers", methods=["PUT"])
    @requires_api("write_readiness")
    def save(self, readiness_id: int) -> Response:
        """Keep answers
        ---
        put:
          summary: Keep answers by question; what is left out stays. Replies answer a return, by the id of its request
          parameters:
          - {in: path, name: readiness_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    answers:
                      type: object
                      additionalProperties:
                        type: object
                        properties: {score: {type: integer, minimum: 0, maximum: 4}, evidence: {type: string}}
                    replies: {type: object, additionalProperties: {type: string}}
                    version: {type: integer}
          responses:
            200: {description: The assessment}
            403: {description: Not an operator of this UPT}
            404: {description: There is none in this scope}
            409: {description: "It is being verified, or somebody else changed an answer since this version"}
            422: {description: "What can't be read, by field; nothing is kept then"}
        """
        body = json_body()
        answers, replies = _object(body, "answers"), _object(body, "replies")
        version = body.get("version")
        if version is not None and type(version) is not int:
            raise Invalid(fields={"version": "Bilangan bulat."})

        def act() -> None:
            filling.save(
                readiness_id, answers, by=actor(), now=now(), version=version, replies=replies, strict=True
            )

        replayed = once_here("readiness.save", readiness_id, act)
        return answer(view_json(readiness_id), replayed=replayed)

    @expose(
        "/<int(max=2147483647):readiness_id>/answers/<string(maxlength=40):question>/files", methods=["POST"]
    )
    @requires_api("write_readiness")
    def attach(self, readiness_id: int, question: str) -> Response:
        """Add evidence
        ---
        post:
          summary: Put a file beside an answer; its content decides what it is
          parameters:
          - {in: path, name: readiness_id, required: true, schema: {type: integer}}
          - {in: path, name: question, required: true, schema: {type: string}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              multipart/form-data:
                schema: {type: object, required: [file], properties: {file: {type: string, format: binary}}}
          responses:
            201: {description: "items: the files that were kept"}
            404: {description: There is none in this scope}
            409: {description: It is being verified}
            413: {description: Larger than 10 MB}
            422: {description: "No file, of no accepted kind, or five are there already"}
        """
        given = attachments.uploaded("file", most=filling.MOST_FILES)
        made = filling.attach(readiness_id, question, given, by=actor(), now=now(), key=idempotency_key())
        return answer({"items": [_file_json(one) for one in made]}, 201)

    @expose("/files/<string(maxlength=40):key>", methods=["DELETE"])
    @requires_api("write_readiness")
    def detach(self, key: str) -> Response:
        """Take evidence away
        ---
        delete:
          summary: Take a file away from its answer; a revision that was submitted keeps it
          parameters:
          - {in: path, name: key, required: true, schema: {type: string}}
          responses:
            200: {description: The assessment}
            404: {description: There is none in this scope}
            409: {description: It is being verified}
        """
        row = filling.detach(key, by=actor(), now=now())
        return answer(view_json(row.id))

    @expose("/<int(max=2147483647):readiness_id>/submit", methods=["POST"])
    @requires_api("write_readiness")
    def submit(self, readiness_id: int) -> Response:
        """Submit
        ---
        post:
          summary: Freeze the answers and open the case in which the Kanwil verifies them
          parameters:
          - {in: path, name: readiness_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties: {replies: {type: object, additionalProperties: {type: string}}}
          responses:
            200: {description: "The assessment, with its case_id"}
            404: {description: There is none in this scope}
            409: {description: It is being verified or was verified}
            422: {description: "What is missing, by field"}
        """
        replies = _object(json_body(), "replies")
        filling.submit(readiness_id, by=actor(), now=now(), replies=replies, key=idempotency_key())
        return answer(view_json(readiness_id))

    @expose("/<int(max=2147483647):readiness_id>/verified", methods=["PUT"])
    @requires_api("verify_readiness")
    def verify(self, readiness_id: int) -> Response:
        """Verified scores
        ---
        put:
          summary: Keep verified scores by question; the decision itself is the case's
          parameters:
          - {in: path, name: readiness_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [scores]
                  properties:
                    scores:
                      type: object
                      additionalProperties:
                        type: object
                        properties: {score: {type: integer, minimum: 0, maximum: 4}, reason: {type: string}}
          responses:
            200: {description: The assessment}
            403: {description: "Not this officer's stage, or he filled it in"}
            404: {description: There is none in this scope}
            409: {description: It is not being verified}
            422: {description: "A score that is none, or one that differs without a reason"}
        """
        scores = _object(json_body(), "scores")

        def act() -> None:
            verifying.verify(readiness_id, scores, by=actor(), now=now())

        replayed = once_here("readiness.verify", readiness_id, act)
        return answer(view_json(readiness_id), replayed=replayed)

    @expose("/<int(max=2147483647):readiness_id>/gaps", methods=["POST"])
    @requires_api("act_on_gaps")
    def add_gap(self, readiness_id: int) -> Response:
        """An action about a gap
        ---
        post:
          summary: Write down what is done about a gap
          parameters:
          - {in: path, name: readiness_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [question, action, who, due_on]
                  properties:
                    question: {type: string}
                    action: {type: string, maxLength: 1000}
                    who: {type: string, maxLength: 160}
                    due_on: {type: string, format: date}
          responses:
            201: {description: The action}
            404: {description: There is none in this scope}
            422: {description: "What is missing or wrong, by field"}
        """
        gap = gaps.add(readiness_id, json_body(), by=actor(), now=now(), key=idempotency_key())
        return answer(_gap_json(gap), 201)

    @expose("/national", methods=["GET"])
    @requires_api("read_national_readiness")
    def national(self) -> Response:
        """The country
        ---
        get:
          summary: Verified figures of a year, by Kanwil and by UPT, ranked
          parameters:
          - {in: query, name: year, required: true, schema: {type: integer}}
          responses:
            200: {description: "by_kanwil, by_upt and the country's means, in hundredths"}
            422: {description: Not a year}
        """
        year = _year(request.args.get("year"))
        with database.national("kesiapan nasional") as reader:
            found = national.country(year, reader)
        return answer(
            {
                "year": year,
                "verified": found.verified,
                "upts": found.all_upts,
                "means": found.means,
                "total": found.total,
                "before": found.before,
                "by_kanwil": [
                    {
                        "kanwil": row.code,
                        "name": row.kanwil,
                        "rank": row.rank,
                        "upts": row.upts,
                        "verified": row.verified,
                        "means": row.means,
                        "total": row.total,
                        "before": row.before,
                    }
                    for row in found.kanwil
                ],
                "by_upt": [
                    {
                        "upt": row.upt,
                        "kanwil": row.kanwil,
                        "rank": row.rank,
                        "scores": row.scores,
                        "total": row.total,
                        "before": row.before,
                    }
                    for row in found.upts
                ],
            }
        )


class ReadinessGapsApi(KaryaApi):
    """Actions about gaps."""

    resource_name = "readiness/gaps"
    openapi_spec_tag = "Readiness"

    @expose("/<int(max=2147483647):gap_id>", methods=["PATCH"])
    @requires_api("act_on_gaps")
    def change(self, gap_id: int) -> Response:
        """Correct or end an action
        ---
        patch:
          summary: Correct an action, or end it with what came of it; what is left out stays
          parameters:
          - {in: path, name: gap_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    action: {type: string, maxLength: 1000}
                    who: {type: string, maxLength: 160}
                    due_on: {type: string, format: date}
                    state: {type: string, enum: [open, done, dropped]}
                    note: {type: string, maxLength: 1000}
                    version: {type: integer}
          responses:
            200: {description: The action}
            404: {description: There is none in this scope}
            409: {description: Somebody changed it since this version}
            422: {description: "What is missing or wrong, by field"}
        """
        body = json_body()
        given = {name: body[name] for name in gaps.FIELDS if name in body}
        version = body.get("version")
        if version is not None and type(version) is not int:
            raise Invalid(fields={"version": "Bilangan bulat."})

        def act() -> None:
            gaps.change(gap_id, given, by=actor(), now=now(), version=version)

        replayed = once_here("readiness.gap", gap_id, act)
        return answer(_gap_json(gaps.one(gap_id)), replayed=replayed)


class QuestionnaireApi(KaryaApi):
    """The national questionnaire."""

    resource_name = "readiness/questionnaire"
    openapi_spec_tag = "Readiness"

    @expose("/", methods=["GET"])
    @requires_api("design_questionnaire")
    def get(self) -> Response:
        """The questionnaire
        ---
        get:
          summary: The version in force, and the draft of the next one where there is one
          responses:
            200: {description: "version, document, draft: {version, edit_no, document} or null"}
        """
        return answer(_questionnaire_json())

    @expose("/", methods=["PUT"])
    @requires_api("design_questionnaire")
    def save(self) -> Response:
        """Keep the draft
        ---
        put:
          summary: Keep the draft of the next version, also an unfinished one; edit_no is the draft's, 0 begins one
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [document, edit_no]
                  properties: {document: {type: object}, edit_no: {type: integer}}
          responses:
            200: {description: The questionnaire}
            409: {description: Somebody else changed the draft}
        """
        body = json_body()
        document, edit_no = _object(body, "document"), _edit_no(body)
        replayed = once_here(
            "readiness.questionnaire",
            0,
            lambda: questions.save(document, edit_no=edit_no, by=actor(), now=now()),
        )
        return answer(_questionnaire_json(), replayed=replayed)

    @expose("/publish", methods=["POST"])
    @requires_api("design_questionnaire")
    def publish(self) -> Response:
        """Publish the draft
        ---
        post:
          summary: Publish the draft as the version in force; assessments under way keep theirs
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {type: object, required: [edit_no], properties: {edit_no: {type: integer}}}
          responses:
            200: {description: The questionnaire}
            409: {description: "There is no draft, somebody else changed it, or it changes nothing"}
            422: {description: "What can't be used, by place"}
        """
        questions.publish(edit_no=_edit_no(json_body()), by=actor(), now=now(), key=idempotency_key())
        return answer(_questionnaire_json())


# --- shapes ---


def view_json(readiness_id: int) -> dict[str, Any]:
    """One assessment as programs read it."""
    view = queries.view(readiness_id, now=now())
    row = view.row
    return {
        "id": row.id,
        "upt_id": row.upt_id,
        "upt": view.upt.short_name,
        "year": row.year,
        "state": row.state,
        "revision": row.revision_no,
        "version": row.version,
        "case_id": row.case_id,
        "questionnaire": row.questionnaire_version,
        "complete": view.complete,
        "self_scores": {name: row.self_scores.get(name) for name in DIMENSIONS},
        "verified_scores": row.verified_scores,
        "total": view.total,
        "before": view.before.by_dimension() if view.before is not None else None,
        "answers": {
            line.question.key: {
                "question": line.question.text,
                "levels": list(line.question.levels),
                "score": line.answer.score,
                "evidence": line.answer.evidence,
                "verified_score": line.answer.verified_score,
                "reason": line.answer.reason,
                "verified_by": line.answer.verified_by_name,
                "files": [_file_json(one) for one in line.files],
                "requests": [
                    {"id": one["id"], "text": one["text"], "by": one["by"]} for one in line.requests
                ],
                "gaps": [_gap_json(one.gap, late=one.late) for one in line.gaps],
            }
            for line in view.lines
        },
        "carried_gaps": [_gap_json(one.gap, late=one.late) for one in view.carried],
    }


def _year_json(found: queries.Year) -> dict[str, Any]:
    return {
        "year": found.year,
        "means": found.means,
        "total": found.total,
        "before": found.means_before,
        "items": [
            {
                "upt_id": row.upt_id,
                "upt": row.upt,
                "id": row.readiness_id,
                "state": row.state,
                "scores": {name: row.scores.get(name) for name in DIMENSIONS},
                "total": row.total,
                "before": row.before,
                "gaps_open": row.gaps_open,
                "gaps_late": row.gaps_late,
            }
            for row in found.rows
        ],
        "gaps": [{**_gap_json(one.gap, late=one.late), "upt": one.upt} for one in found.gaps],
    }


def _gap_json(gap: Gap, *, late: bool | None = None) -> dict[str, Any]:
    if late is None:
        late = gaps.is_late(gap, local_day(now(), calendar_of(session()).timezone))
    return {
        "id": gap.id,
        "readiness_id": gap.readiness_id,
        "question": gap.question,
        "action": gap.action,
        "who": gap.who,
        "due_on": gap.due_on.isoformat(),
        "state": gap.state,
        "late": late,
        "note": gap.note,
        "ended_on": gap.ended_on.isoformat() if gap.ended_on else None,
        "version": gap.version,
    }


def _file_json(one: Evidence) -> dict[str, Any]:
    return {"key": one.key, "name": one.name, "kind": one.kind, "size_bytes": one.size_bytes}


def _questionnaire_json() -> dict[str, Any]:
    asked, draft = questions.in_force(), questions.draft()
    kept = (
        {"version": draft.version, "edit_no": draft.edit_no, "document": draft.document}
        if draft is not None
        else None
    )
    return {"version": asked.version, "document": questions.document_of(asked), "draft": kept}


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Invalid(fields={name: "Objek."})
    return value


def _edit_no(body: dict[str, Any]) -> int:
    value = body.get("edit_no")
    if type(value) is not int:
        raise Invalid(fields={"edit_no": "Bilangan bulat."})
    return value


def _year(given: Any) -> int:
    text = "" if isinstance(given, bool) else str(given or "")
    if not (text.isascii() and text.isdigit() and len(text) == 4 and "2000" <= text <= "2099"):
        raise Invalid(fields=_YEAR)
    return int(text)
