"""What these tables need beside their columns: a published questionnaire and the verified figures never change.

Assessments stay with the version that they began with, and the centre compares years: both rest on it.
"""

from __future__ import annotations

_PUBLISHED = "a published questionnaire is immutable"
_SCORED = "verified figures are immutable"


def statements(dialect: str) -> list[str]:
    """The triggers for `sqlite` or `postgresql`, safe to run again."""
    if dialect == "sqlite":
        return [
            *(
                f"CREATE TRIGGER IF NOT EXISTS questionnaire_kept_{verb.lower()} BEFORE {verb} "
                f"ON readiness_questionnaire WHEN OLD.published_at IS NOT NULL "
                f"BEGIN SELECT RAISE(ABORT, '{_PUBLISHED}'); END"
                for verb in ("UPDATE", "DELETE")
            ),
            *(
                f"CREATE TRIGGER IF NOT EXISTS readiness_score_kept_{verb.lower()} BEFORE {verb} ON readiness_score "
                f"BEGIN SELECT RAISE(ABORT, '{_SCORED}'); END"
                for verb in ("UPDATE", "DELETE")
            ),
        ]
    return [
        "CREATE OR REPLACE FUNCTION karya_questionnaire_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_PUBLISHED}' USING ERRCODE = 'restrict_violation'; END $$",
        "DROP TRIGGER IF EXISTS questionnaire_kept ON readiness_questionnaire",
        "CREATE TRIGGER questionnaire_kept BEFORE UPDATE OR DELETE ON readiness_questionnaire FOR EACH ROW "
        "WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION karya_questionnaire_kept()",
        "CREATE OR REPLACE FUNCTION karya_readiness_score_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_SCORED}' USING ERRCODE = 'restrict_violation'; END $$",
        "DROP TRIGGER IF EXISTS readiness_score_kept ON readiness_score",
        "CREATE TRIGGER readiness_score_kept BEFORE UPDATE OR DELETE ON readiness_score "
        "FOR EACH ROW EXECUTE FUNCTION karya_readiness_score_kept()",
    ]
