"""What each role may do. The one table; `python run.py init` writes it into FAB's roles and permissions.

A permission is asked as ``@requires("read_inbox")``; in FAB it is ``can_read_inbox`` on the view menu ``Karya``.
"""

from __future__ import annotations

from tenants.officers import KANWIL_ROLES, NATIONAL_ROLES, UPT_ROLES

VIEW = "Karya"
_TENANT = (*UPT_ROLES, *KANWIL_ROLES)
_APPROVERS = ("pembina", "pemantau", "pengendali")

GRANTS: dict[str, tuple[str, ...]] = {
    "read_home": (*_TENANT, *NATIONAL_ROLES),
    "read_notices": (*_TENANT, *NATIONAL_ROLES),
    "choose_notices": _TENANT,
    "search": _TENANT,
    "read_inbox": ("kepala_upt", *KANWIL_ROLES),
    "read_cases": _TENANT,
    "decide_cases": ("kepala_upt", *_APPROVERS, "kadiv", "kakanwil"),
    "reopen_cases": ("kadiv",),
    "issue_minutes": ("kadiv", "kakanwil"),
    "comment_cases": _TENANT,
    "ask_opinions": (*_APPROVERS, "kadiv", "kakanwil"),
    "give_opinions": KANWIL_ROLES,
    "reassign_cases": ("kadiv",),
    "read_products": _TENANT,
    "write_products": ("operator_upt",),
    "control_products": ("pengendali",),
    "read_inspections": (*_APPROVERS, "kadiv"),
    "inspect_products": _APPROVERS,
    "answer_findings": ("operator_upt",),
    "read_purchases": _TENANT,
    "import_purchases": ("kadiv", "admin_kanwil"),
    "write_purchases": ("kadiv", "admin_kanwil"),
    "import_national_purchases": ("admin_pusat",),
    "read_obstacles": _TENANT,
    "write_obstacles": ("operator_upt", "kepala_upt", "kadiv"),
    "read_recaps": KANWIL_ROLES,
    "open_recaps": (*KANWIL_ROLES, "dirjen", "admin_pusat"),
    "draft_recaps": ("kadiv",),
    "sign_recaps": ("kakanwil",),
    "feature_products": ("admin_pusat",),
    "read_national": ("dirjen", "admin_pusat"),
    "acknowledge_recaps": ("dirjen",),
    "draft_national_recaps": ("admin_pusat",),
    "sign_national_recaps": ("dirjen",),
    "give_dispositions": ("dirjen",),
    "finish_dispositions": ("kadiv", "kakanwil"),
    "open_dispositions": (*KANWIL_ROLES, "dirjen", "admin_pusat"),
    "end_dispositions": ("kadiv", "kakanwil", "dirjen", "admin_pusat"),
    "read_reports": KANWIL_ROLES,
    "read_national_reports": NATIONAL_ROLES,
    "open_reports": (*KANWIL_ROLES, *NATIONAL_ROLES),
    "read_audit": ("auditor", "kadiv", "kakanwil", "admin_kanwil"),
    "read_national_audit": ("auditor",),
    "manage_officers": ("admin_kanwil",),
    "manage_substitutes": ("kadiv", "admin_kanwil"),
    "manage_upts": ("admin_kanwil",),
    "manage_settings": ("admin_kanwil",),
    "manage_webhooks": ("admin_kanwil",),
    "manage_targets": ("kadiv", "admin_kanwil"),
    "manage_calendar": ("admin_pusat",),
    "manage_closures": ("admin_kanwil",),
    "design_definitions": ("kadiv", "admin_kanwil"),
    "design_national_definitions": ("admin_pusat",),
    "manage_tenants": ("admin_pusat",),
}

FAB_GRANTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    # FAB's own CRUD pages: view -> ((permission, ...), roles). Master data alone; no security view is ever listed here.
    "ClosureView": ((("can_list can_show can_add can_edit can_delete menu_access"), ("admin_kanwil",)),),
    "UptAliasView": (
        (("can_list can_show can_add can_edit can_delete menu_access"), ("admin_kanwil", "kadiv")),
    ),
}
