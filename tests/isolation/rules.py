"""What each address is, who may use it, and whose numbers it takes. A route that is not here fails the walk by name.

Written from the design (§3, §8), not from the code's own table of permissions, so that the two are held against
each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

UPT = frozenset({"operator_upt", "kepala_upt"})
STAGES = frozenset({"pembina", "pemantau", "pengendali"})
KANWIL = STAGES | {"kadiv", "kakanwil", "admin_kanwil"}
TENANT = UPT | KANWIL
CENTRE = frozenset({"dirjen", "admin_pusat", "auditor"})
EVERY_OFFICER = TENANT | CENTRE
ADMIN = frozenset({"admin_kanwil"})
KADIV = frozenset({"kadiv"})
OPERATOR = frozenset({"operator_upt"})
PENGENDALI = frozenset({"pengendali"})
ISSUES = frozenset({"kadiv", "kakanwil"})
IMPORTERS = frozenset({"kadiv", "admin_kanwil"})
READS_RECAPS = KANWIL | {"dirjen", "admin_pusat"}
READS_NATION = frozenset({"dirjen", "admin_pusat"})
DECIDES = (KANWIL - {"admin_kanwil"}) | {"kepala_upt"}
ASKS = STAGES | {"kadiv", "kakanwil"}
WRITES_OBSTACLES = UPT | {"kadiv"}
DESIGNS = frozenset({"kadiv", "admin_kanwil"})
PUSAT = frozenset({"admin_pusat"})
DIRJEN = frozenset({"dirjen"})


@dataclass(frozen=True)
class Rule:
    """`who` may: roles; None is anybody, without signing in. `ids`: parameter -> what it is a number of, or fixed text.

    `state`: the centre reaches through it into a Kanwil, by design; `ids` are then of what has not been sent.
    """

    who: frozenset[str] | None
    ids: dict[str, str] = field(default_factory=dict)
    api: bool = False
    form: dict[str, Any] = field(default_factory=dict)
    file: str = ""
    elsewhere: frozenset[str] = frozenset()
    """Roles for whom the same thing is another page: they are shown the way there."""


def sending(rule: Rule, *, file: str = "", **form: Any) -> Rule:
    """The rule with what its form needs, so that an answer is about the number and not about the form."""
    return replace(rule, file=file, form=form)


def page(who: frozenset[str] | None, **ids: str) -> Rule:
    return Rule(who, ids)


def api(who: frozenset[str] | None, **ids: str) -> Rule:
    return Rule(who, ids, api=True)


PUBLIC = None
RULES: dict[str, Rule] = {
    # the public site
    "public.front": page(PUBLIC),
    "public.catalogue": page(PUBLIC),
    "public.campaign": page(PUBLIC),
    "public.units": page(PUBLIC),
    "public.office": page(PUBLIC, slug="no such unit"),
    "public.qr": page(PUBLIC, slug="product slug"),
    "public.modern_photo": page(PUBLIC, sha256="photo hash"),
    "public.atom": page(PUBLIC),
    "public.rss": page(PUBLIC),
    "public.opensearch": page(PUBLIC),
    "public.unit": page(PUBLIC, slug="no such unit"),
    "public.product": page(PUBLIC, slug="product slug"),
    "public.photo": page(PUBLIC, sha256="photo hash"),
    "public.robots": page(PUBLIC),
    "public.sitemap": page(PUBLIC),
    "public.sitemap_part": page(PUBLIC, number="far number"),
    "verification.index": page(PUBLIC),
    "verification.by_file": page(PUBLIC),
    "verification.by_code": page(PUBLIC, code="no such code"),
    "health.healthz": page(PUBLIC),
    "health.readyz": page(PUBLIC),
    "health.metrics": page(PUBLIC),
    "static": page(PUBLIC, filename="no such file"),
    "assets.latest": page(PUBLIC, filename="no such file"),
    "language.choose": page(PUBLIC, code="language"),
    # signing in
    "SignInView.login": page(PUBLIC),
    "SignInView.logout": page(PUBLIC),
    "PasswordView.change": page(EVERY_OFFICER),
    "UtilView.back": page(PUBLIC),
    # every officer
    "HomeView.home": page(EVERY_OFFICER),
    "notices.index": page(EVERY_OFFICER),
    "notices.read": page(EVERY_OFFICER, notice_id="notice"),
    "notices.read_all": page(EVERY_OFFICER),
    "notices.choose": page(TENANT),
    "notices.keep_choices": page(TENANT),
    "search.index": page(TENANT),
    # approval
    "inbox.index": replace(page(KANWIL | {"kepala_upt"}), elsewhere=READS_NATION),
    "inbox.summary": page(KANWIL | {"kepala_upt"}, case_id="case_file"),
    "cases.show": page(TENANT, case_id="case_file"),
    "cases.decide_case": page(DECIDES, case_id="case_file"),
    "inbox.state": page(KANWIL | {"kepala_upt"}),
    "inbox.save_view": page(KANWIL | {"kepala_upt"}),
    "inbox.change_view": page(KANWIL | {"kepala_upt"}, view_id="saved_view"),
    "bulk.review": page(DECIDES),
    "bulk.begin": page(DECIDES),
    "bulk.show": page(DECIDES, run_id="bulk_run"),
    "bulk.go_on": page(DECIDES, run_id="bulk_run"),
    "desk.claim": page(DECIDES, case_id="case_file"),
    "desk.release": page(DECIDES, case_id="case_file"),
    "desk.hand_over": page(KADIV, case_id="case_file"),
    "desk.assign": page(KADIV, case_id="case_file"),
    "desk.set_priority": page(DECIDES, case_id="case_file"),
    "desk.present": page(TENANT, case_id="case_file"),
    "cases.enclosure": page(TENANT, case_id="case_file", decision_id="decision", key="enclosure"),
    "cases.reopen_case": page(KADIV, case_id="case_file"),
    "minutes.issue": page(ISSUES, case_id="case_file"),
    "minutes.progress": page(TENANT, case_id="case_file", minutes_id="minutes"),
    "minutes.pdf": page(TENANT, case_id="case_file", minutes_id="minutes"),
    "minutes.export": page(TENANT, case_id="case_file"),
    # the talk about a case
    "talk.show": page(TENANT, case_id="case_file"),
    "talk.comment": sending(page(TENANT, case_id="case_file"), body="Percobaan dari luar."),
    "talk.strike_comment": page(TENANT, case_id="case_file", comment_id="case_comment"),
    "talk.strike_note": page(TENANT, case_id="case_file", note_id="case_note"),
    "talk.ask": page(ASKS, case_id="case_file"),
    "talk.asked": page(KANWIL),
    "talk.answer": sending(page(KANWIL, opinion_id="case_opinion"), body="Percobaan dari luar."),
    "talk.invite": page(ASKS, case_id="case_file"),
    "talk.revoke": page(ASKS, invitation_id="case_invitation"),
    "talk.attachment": page(TENANT, key="attachment"),
    "guest.show": page(PUBLIC, token="no such code"),
    "guest.contribute": page(PUBLIC, token="no such code"),
    "guest.photo": page(PUBLIC, token="no such code", number="far number"),
    # products
    "product_sheets.index": page(OPERATOR),
    "product_sheets.template": page(OPERATOR),
    "product_sheets.upload": page(OPERATOR),
    "product_sheets.preview": page(OPERATOR, import_id="product_import"),
    "product_sheets.accept": page(OPERATOR, import_id="product_import"),
    "products.index": page(TENANT),
    "products.mine": page(OPERATOR),
    "products.new": page(OPERATOR),
    "products.begin": page(OPERATOR),
    "products.edit": page(OPERATOR, product_id="product"),
    "products.preview": page(TENANT, product_id="product"),
    "products.post": page(OPERATOR, product_id="product"),
    "products.autosave": page(OPERATOR, product_id="product"),
    "products.upload": sending(page(OPERATOR, product_id="product"), file="photo"),
    "products.withdraw_submission": page(OPERATOR, product_id="product"),
    "products.photo": page(TENANT, photo_id="product_photo", size="photo size"),
    "products.manage": page(TENANT, product_id="product"),
    "products.control": page(PENGENDALI, product_id="product", word="control word"),
    "products.listing": page(PENGENDALI, product_id="product"),
    # pengawasan
    "inspections.index": page(STAGES | KADIV),
    "inspections.export": page(STAGES | KADIV, kind="export kind"),
    "inspections.show": page(STAGES | KADIV, inspection_id="inspection"),
    "inspections.open_one": page(STAGES, product_id="product"),
    "inspections.post": page(STAGES, inspection_id="inspection"),
    "inspections.settle": page(STAGES, finding_id="inspection_finding"),
    "inspections.extend": page(STAGES, finding_id="inspection_finding"),
    "inspections.answer": page(OPERATOR, finding_id="inspection_finding"),
    # purchases
    "purchases.index": page(TENANT),
    "purchases.show": page(TENANT, purchase_id="purchase"),
    "purchases.export": page(TENANT, kind="export kind"),
    "purchases.upload_form": page(IMPORTERS),
    "purchases.upload": page(IMPORTERS),
    "purchases.preview": page(IMPORTERS, import_id="purchase_import"),
    "purchases.accept": page(IMPORTERS, import_id="purchase_import"),
    "purchase_imports.columns": page(IMPORTERS, import_id="purchase_import"),
    "purchase_imports.explain": page(IMPORTERS, import_id="purchase_import"),
    "purchase_imports.learn_alias": page(IMPORTERS, import_id="purchase_import"),
    "purchase_imports.undo": page(IMPORTERS, import_id="purchase_import"),
    "purchase_imports.forget": page(IMPORTERS, layout_id="column_layout"),
    "purchase_entry.new": page(IMPORTERS),
    "purchase_entry.enter": page(IMPORTERS),
    "purchase_entry.edit": page(IMPORTERS, purchase_id="purchase"),
    "purchase_entry.correct": page(IMPORTERS, purchase_id="purchase"),
    "purchase_entry.unsettled": page(IMPORTERS),
    "purchase_entry.settle": page(IMPORTERS),
    "figures.index": page(TENANT),
    "figures.export": page(TENANT, table="figures table", kind="export kind"),
    "figures.achievement": page(TENANT),
    "figures.export_achievement": page(TENANT, year="year", kind="export kind"),
    "figures.groups": page(IMPORTERS),
    "figures.save_groups": page(IMPORTERS),
    "national_purchases.index_of_country": page(frozenset({"admin_pusat"})),
    "national_purchases.upload_country": page(frozenset({"admin_pusat"})),
    "national_purchases.preview_country": page(frozenset({"admin_pusat"}), national_id="no such number"),
    "national_purchases.accept_country": page(frozenset({"admin_pusat"}), national_id="no such number"),
    # recaps
    "recaps.index": replace(page(KANWIL), elsewhere=READS_NATION),
    "recaps.show": page(KANWIL, recap_id="recap"),
    "recaps.progress": page(KANWIL, recap_id="recap"),
    "recaps.pdf": page(KANWIL, recap_id="recap"),
    "recaps.draft": page(KADIV),
    "recaps.redraft": page(KADIV, recap_id="recap"),
    "recaps.submit": page(KADIV, recap_id="recap"),
    "recaps.review": page(KADIV, recap_id="recap"),
    "recaps.send_back": page(frozenset({"kadiv", "kakanwil"}), recap_id="recap"),
    "recaps.sign": page(frozenset({"kakanwil"}), recap_id="recap"),
    "recaps.received": page(frozenset({"dirjen", "admin_pusat"})),
    "recaps.received_one": page(frozenset({"dirjen", "admin_pusat"}), recap_id="unsent recap"),
    "recaps.received_pdf": page(frozenset({"dirjen", "admin_pusat"}), recap_id="unsent recap"),
    "recaps.received_progress": page(frozenset({"dirjen", "admin_pusat"}), recap_id="unsent recap"),
    "recaps.acknowledge": page(frozenset({"dirjen"}), recap_id="unsent recap"),
    "recap_rounds.to_sign": page(frozenset({"kakanwil"})),
    "recap_rounds.sign": page(frozenset({"kakanwil"})),
    "recap_rounds.signed": page(frozenset({"kakanwil"})),
    "recap_rounds.to_receive": page(frozenset({"dirjen"})),
    "recap_rounds.receive": page(frozenset({"dirjen"})),
    "recap_rounds.received": page(frozenset({"dirjen"})),
    "recap_rounds.certificates": page(KANWIL),
    "national_recaps.index": page(READS_NATION),
    "national_recaps.board_part": page(READS_NATION),
    "national_recaps.sheet": page(READS_NATION),
    "national_recaps.remind": page(READS_NATION),
    "national_recaps.draft_missing": page(PUSAT),
    "national_recaps.draft": page(PUSAT),
    "national_recaps.show": page(READS_NATION, recap_id="no such number"),
    "national_recaps.progress": page(READS_NATION, recap_id="no such number"),
    "national_recaps.pdf": page(READS_NATION, recap_id="no such number"),
    "national_recaps.redraft": page(PUSAT, recap_id="no such number"),
    "national_recaps.submit": page(PUSAT, recap_id="no such number"),
    "national_recaps.sign": page(frozenset({"dirjen"}), recap_id="no such number"),
    "national_recaps.send_back": page(frozenset({"dirjen"}), recap_id="no such number"),
    "national_recaps.letter": page(PUSAT),
    "national_recaps.save_letter": page(PUSAT),
    "obstacles.index": page(TENANT),
    "obstacles.export": page(TENANT, kind="export kind"),
    "obstacles.show": page(TENANT, obstacle_id="obstacle"),
    "obstacles.new": page(WRITES_OBSTACLES),
    "obstacles.add": page(WRITES_OBSTACLES),
    "obstacles.change": page(WRITES_OBSTACLES, obstacle_id="obstacle"),
    "obstacles.remove": page(WRITES_OBSTACLES, obstacle_id="obstacle"),
    "obstacles.national": page(READS_NATION),
    # what follows a delivered recap
    "delivery.received_dispositions": page(READS_NATION),
    "delivery.kanwil_dispositions": page(KANWIL),
    "delivery.new_disposition": page(DIRJEN, recap_id="unsent recap"),
    "delivery.give": page(DIRJEN, recap_id="unsent recap"),
    "delivery.end_form": page(READS_NATION, kind="disposition kind", disposition_id="far number"),
    "delivery.finish_centre": page(READS_NATION, disposition_id="far number"),
    "delivery.withdraw": sending(
        page(DIRJEN, kind="disposition kind", disposition_id="far number"), note="Percobaan dari luar."
    ),
    "delivery.finish_form": page(ISSUES, disposition_id="disposition"),
    "delivery.finish": sending(page(ISSUES, disposition_id="disposition"), note="Percobaan dari luar."),
    "delivery.received_archive": page(READS_NATION),
    "delivery.kanwil_archive": page(KANWIL),
    "delivery.bundle_list": page(READS_NATION),
    "delivery.begin_bundle": page(READS_NATION),
    "delivery.bundle": page(READS_NATION, bundle_id="far number"),
    "delivery.bundle_file": page(READS_NATION, bundle_id="far number"),
    # reports
    "reports.approval": page(KANWIL),
    "reports.cases": page(KANWIL),
    "reports.export": page(KANWIL, table="report table", kind="export kind"),
    "reports.national": page(CENTRE),
    "reports.export_national": page(CENTRE, table="report table", kind="export kind"),
    # the Kanwil's own affairs
    "officers.index": page(ADMIN),
    "officers.show": page(ADMIN, officer_id="ab_user"),
    "officers.change": page(ADMIN, officer_id="ab_user"),
    "officers.set_active": page(ADMIN, officer_id="ab_user", word="officer word"),
    "officers.reset_password": page(ADMIN, officer_id="ab_user"),
    "officers.new": page(ADMIN),
    "officers.open_account": page(ADMIN),
    "substitutes.index": page(IMPORTERS),
    "substitutes.appoint": page(IMPORTERS),
    "substitutes.revoke": page(IMPORTERS, substitution_id="substitution"),
    "settings.index": page(ADMIN),
    "settings.save": page(ADMIN),
    "settings.set_emblem": page(ADMIN),
    "settings.emblem": page(ADMIN),
    "settings.number": page(ADMIN),
    "settings.targets": page(IMPORTERS),
    "settings.save_targets": page(IMPORTERS),
    "settings.upts": page(ADMIN),
    "settings.new_upt": page(ADMIN),
    "settings.add_upt": page(ADMIN),
    "settings.upt": page(ADMIN, upt_id="upt"),
    "settings.change_upt": page(ADMIN, upt_id="upt"),
    "webhooks.index": page(ADMIN),
    "webhooks.new": page(ADMIN),
    "webhooks.add": page(ADMIN),
    "webhooks.switch": page(ADMIN, webhook_id="webhook", word="switch word"),
    "webhooks.rotate": page(ADMIN, webhook_id="webhook"),
    "webhooks.ping": page(ADMIN, webhook_id="webhook"),
    "webhooks.remove": page(ADMIN, webhook_id="webhook"),
    "webhooks.replay_all": page(ADMIN, webhook_id="webhook"),
    "webhooks.replay": page(ADMIN, delivery_id="webhook_delivery"),
    "definitions.index": page(DESIGNS),
    "definitions.edit": page(DESIGNS, subject_type="subject"),
    "definitions.save": page(DESIGNS, subject_type="subject"),
    "definitions.draft_file": page(DESIGNS, subject_type="subject"),
    "definitions.version": page(DESIGNS, subject_type="subject", version="first version"),
    "definitions.version_file": page(DESIGNS, subject_type="subject", version="first version"),
    "definitions.go_back": page(DESIGNS, subject_type="subject", version="far number"),
    "definitions.national": page(DESIGNS, subject_type="subject"),
    "definitions.use_national": page(DESIGNS, subject_type="subject"),
    "definitions.simulated": page(DESIGNS, simulation_id="definition_simulation"),
    "audit.index": page(frozenset({"auditor", "kadiv", "kakanwil", "admin_kanwil"})),
    "audit.check": page(frozenset({"auditor", "kadiv", "kakanwil", "admin_kanwil"})),
    **{
        f"{view}.{act}": page(who, **({} if act in ("list", "add") else {"pk": kind}))
        for view, kind, who in (("ClosureView", "closure", ADMIN), ("UptAliasView", "upt_alias", IMPORTERS))
        for act in ("list", "add", "show", "edit", "delete")
        if (view, act) != ("UptAliasView", "edit")  # an alias is taken away and named anew
    },
    # the centre
    "centre.kanwils": page(frozenset({"admin_pusat"})),
    "centre.suspend": page(frozenset({"admin_pusat"}), kanwil_id="no such number"),
    "centre.resume": page(frozenset({"admin_pusat"}), kanwil_id="no such number"),
    "featured.index": page(PUSAT),
    "featured.add": page(PUSAT),
    "featured.change": page(PUSAT, feature_id="no such number"),
    "centre.calendar": page(frozenset({"admin_pusat"})),
    "centre.add": page(frozenset({"admin_pusat"})),
    "centre.remove": page(frozenset({"admin_pusat"})),
    "national_definitions.national_index": page(PUSAT),
    "national_definitions.national_edit": page(PUSAT, subject_type="subject"),
    "national_definitions.national_save": page(PUSAT, subject_type="subject"),
    "national_definitions.national_version": page(PUSAT, subject_type="subject", version="far number"),
    "national_definitions.national_go_back": page(PUSAT, subject_type="subject", version="far number"),
    # the API
    "OpenApi.get": api(PUBLIC),
    "SecurityApi.login": api(PUBLIC),
    "SecurityApi.refresh": api(PUBLIC),
    "CatalogueApi.index": api(PUBLIC),
    "FeaturedApi.index": api(PUSAT),
    "FeaturedApi.add": api(PUSAT),
    "FeaturedApi.change": api(PUSAT, feature_id="no such number"),
    "FeaturedApi.remove": api(PUSAT, feature_id="no such number"),
    "VerificationApi.post": api(PUBLIC),
    "VerificationApi.get": api(PUBLIC, code="no such code"),
    "InboxApi.get_list": api(KANWIL | {"kepala_upt"}),
    "InboxApi.decide": api(DECIDES),
    "CaseApi.get": api(TENANT, case_id="case_file"),
    "CaseApi.export": api(TENANT, case_id="case_file"),
    "CaseApi.decide": sending(api(DECIDES, case_id="case_file"), outcome="reject", comment="Percobaan."),
    "CaseApi.enclosure": api(TENANT, case_id="case_file", decision_id="decision", key="enclosure"),
    "CaseApi.reopen": api(KADIV, case_id="case_file"),
    "DeskApi.claim": api(DECIDES, case_id="case_file"),
    "DeskApi.release": api(DECIDES, case_id="case_file"),
    "DeskApi.reassign": api(KADIV, case_id="case_file"),
    "DeskApi.set_priority": sending(
        api(DECIDES, case_id="case_file"), urgent=True, reason="Percobaan dari luar."
    ),
    "TalkApi.get_comments": api(TENANT, case_id="case_file"),
    "TalkApi.post_comment": sending(api(TENANT, case_id="case_file"), body="Percobaan dari luar."),
    "TalkApi.strike_comment": api(TENANT, case_id="case_file", comment_id="case_comment"),
    "TalkApi.strike_note": api(TENANT, case_id="case_file", note_id="case_note"),
    "CaseInvitationsApi.invite": api(ASKS, case_id="case_file"),
    "InvitationsApi.revoke": api(ASKS, invitation_id="case_invitation"),
    "MinutesApi.index": api(TENANT, case_id="case_file"),
    "MinutesApi.issue": api(ISSUES, case_id="case_file"),
    "MinutesApi.pdf": api(TENANT, case_id="case_file", minutes_id="minutes"),
    "SavedViewsApi.index": api(KANWIL | {"kepala_upt"}),
    "SavedViewsApi.create": api(KANWIL | {"kepala_upt"}),
    "SavedViewsApi.change": api(KANWIL | {"kepala_upt"}, view_id="saved_view"),
    "SavedViewsApi.remove": api(KANWIL | {"kepala_upt"}, view_id="saved_view"),
    "HolidaysApi.index": api(PUSAT),
    "HolidaysApi.set": api(PUSAT),
    "HolidaysApi.remove": api(PUSAT),
    "ClosuresApi.index": api(ADMIN),
    "ClosuresApi.create": api(ADMIN),
    "ClosuresApi.remove": api(ADMIN, closure_id="closure"),
    "TalkApi.post_opinion": api(ASKS, case_id="case_file"),
    "OpinionApi.answer": sending(api(KANWIL, opinion_id="case_opinion"), body="Percobaan dari luar."),
    "AttachmentApi.get": api(TENANT, key="attachment"),
    "DefinitionsApi.index": api(DESIGNS),
    "DefinitionsApi.published": api(DESIGNS, subject_type="subject", version="first version"),
    "DefinitionsApi.draft": api(DESIGNS, subject_type="subject"),
    "DefinitionsApi.put_draft": api(DESIGNS, subject_type="subject"),
    "DefinitionsApi.publish": api(DESIGNS, subject_type="subject"),
    "DefinitionsApi.simulate": api(DESIGNS, subject_type="subject"),
    "DefinitionsApi.simulated": api(DESIGNS, simulation_id="definition_simulation"),
    "NationalDefinitionsApi.index": api(PUSAT),
    "NationalDefinitionsApi.in_force": api(PUSAT, subject_type="subject"),
    "NationalDefinitionsApi.draft": api(PUSAT, subject_type="subject"),
    "NationalDefinitionsApi.put_draft": api(PUSAT, subject_type="subject"),
    "NationalDefinitionsApi.publish": api(PUSAT, subject_type="subject"),
    "ProductsApi.index": api(TENANT),
    "ProductsApi.create": api(OPERATOR),
    "ProductsApi.one": api(TENANT, product_id="product"),
    "ProductsApi.change": api(OPERATOR, product_id="product"),
    "ProductsApi.add_photo": sending(api(OPERATOR, product_id="product"), file="file"),
    "ProductsApi.remove_photo": api(OPERATOR, product_id="product", photo_id="product_photo"),
    "ProductsApi.submit": api(OPERATOR, product_id="product"),
    "ProductsApi.suspend": api(PENGENDALI, product_id="product"),
    "ProductsApi.restore": api(PENGENDALI, product_id="product"),
    "ProductsApi.withdraw": api(PENGENDALI | OPERATOR, product_id="product"),
    "InspectionsApi.index": api(STAGES | KADIV),
    "InspectionsApi.get": api(STAGES | KADIV, inspection_id="inspection"),
    "InspectionsApi.result": sending(
        api(STAGES, inspection_id="inspection"), outcome="suspend", comment="Percobaan."
    ),
    "InspectionsApi.take_up": sending(api(STAGES, inspection_id="inspection"), checklist={}),
    "ProductInspectionsApi.open": sending(api(STAGES, product_id="product"), complaint=None),
    "FindingsApi.answer": sending(api(OPERATOR, finding_id="inspection_finding"), answer="Percobaan."),
    "FindingsApi.extend": sending(
        api(STAGES, finding_id="inspection_finding"), until="2024-05-10", reason="Percobaan."
    ),
    "FindingsApi.settle": api(STAGES, finding_id="inspection_finding"),
    "ProductImportsApi.begin": api(OPERATOR),
    "ProductImportsApi.state": api(OPERATOR, import_id="product_import"),
    "ProductImportsApi.accept": api(OPERATOR, import_id="product_import"),
    "WebhooksApi.index": api(ADMIN),
    "WebhooksApi.create": api(ADMIN),
    "WebhooksApi.remove": api(ADMIN, webhook_id="webhook"),
    "WebhooksApi.ping": api(ADMIN, webhook_id="webhook"),
    "WebhooksApi.rotate": api(ADMIN, webhook_id="webhook"),
    "WebhooksApi.replay_all": api(ADMIN, webhook_id="webhook"),
    "WebhooksApi.deliveries": api(ADMIN, webhook_id="webhook"),
    "SubstitutesApi.index": api(IMPORTERS),
    "SubstitutesApi.create": api(IMPORTERS),
    "SubstitutesApi.revoke": api(IMPORTERS, substitution_id="substitution"),
    "NoticesApi.index": api(EVERY_OFFICER),
    "NoticesApi.read": api(EVERY_OFFICER, notice_id="notice"),
    "NoticesApi.choices": api(TENANT),
    "NoticesApi.choose": api(TENANT),
    "DeliveriesApi.replay": api(ADMIN, delivery_id="webhook_delivery"),
    "PurchasesApi.index": api(TENANT),
    "PurchasesApi.one": api(TENANT, purchase_id="purchase"),
    "PurchasesApi.begin": api(IMPORTERS),
    "PurchasesApi.state": api(IMPORTERS, import_id="purchase_import"),
    "PurchasesApi.accept": api(IMPORTERS, import_id="purchase_import"),
    "PurchasesApi.enter": api(IMPORTERS),
    "PurchasesApi.correct": sending(
        api(IMPORTERS, purchase_id="purchase"), version=1, reason="Percobaan dari luar."
    ),
    "PurchasesApi.undo": api(IMPORTERS, import_id="purchase_import"),
    "PurchasesApi.learn_alias": sending(
        api(IMPORTERS, import_id="purchase_import"), name="Percobaan dari luar", upt_id=1
    ),
    "BuyersApi.index": api(IMPORTERS),
    "BuyersApi.settle": api(IMPORTERS),
    "ColumnsApi.index": api(IMPORTERS),
    "ColumnsApi.forget": api(IMPORTERS, layout_id="column_layout"),
    "NationalImportsApi.begin": api(frozenset({"admin_pusat"})),
    "NationalImportsApi.state": api(frozenset({"admin_pusat"}), national_id="no such number"),
    "NationalImportsApi.accept": api(frozenset({"admin_pusat"}), national_id="no such number"),
    "ReportsApi.approval": api(KANWIL | CENTRE),
    "FiguresApi.index": api(TENANT),
    "TargetsApi.index": api(TENANT),
    "TargetsApi.set": api(IMPORTERS),
    "ObstaclesApi.index": api(TENANT),
    "ObstaclesApi.post": api(WRITES_OBSTACLES),
    "ObstaclesApi.get": api(TENANT, obstacle_id="obstacle"),
    "ObstaclesApi.change": api(WRITES_OBSTACLES, obstacle_id="obstacle"),
    "ObstaclesApi.remove": api(WRITES_OBSTACLES, obstacle_id="obstacle"),
    "ObstaclesApi.national": api(READS_NATION),
    "DispositionsApi.index": api(READS_RECAPS),
    "DispositionsApi.give": api(DIRJEN),
    "DispositionsApi.finish": sending(
        api(ISSUES | READS_NATION, kind="disposition kind", disposition_id="disposition"),
        note="Percobaan dari luar.",
    ),
    "DispositionsApi.withdraw": sending(
        api(DIRJEN, kind="disposition kind", disposition_id="far number"), note="Percobaan dari luar."
    ),
    "ArchiveApi.index": api(READS_RECAPS),
    "ArchiveApi.begin": api(READS_NATION),
    "ArchiveApi.bundle": api(READS_NATION, bundle_id="far number"),
    "ArchiveApi.file": api(READS_NATION, bundle_id="far number"),
    "RecapApi.list": api(READS_RECAPS),
    "RecapApi.post": api(KADIV),
    "RecapApi.get": api(READS_RECAPS, recap_id="recap"),
    "RecapApi.pdf": api(READS_RECAPS, recap_id="recap"),
    "RecapApi.submit": api(KADIV, recap_id="recap"),
    "RecapApi.sign": api(frozenset({"kakanwil"}), recap_id="recap"),
    "RecapApi.sign_many": api(frozenset({"kakanwil"})),
    "RecapApi.acknowledge_many": api(frozenset({"dirjen"})),
    "NationalRecapApi.list": api(READS_NATION),
    "NationalRecapApi.post": api(PUSAT),
    "NationalRecapApi.board": api(READS_NATION),
    "NationalRecapApi.get": api(READS_NATION, recap_id="no such number"),
    "NationalRecapApi.pdf": api(READS_NATION, recap_id="no such number"),
    "NationalRecapApi.submit": api(PUSAT, recap_id="no such number"),
    "NationalRecapApi.sign": api(frozenset({"dirjen"}), recap_id="no such number"),
    "RecapApi.acknowledge": api(frozenset({"dirjen"}), recap_id="unsent recap"),
}
