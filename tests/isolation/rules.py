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
IMPORTERS = frozenset({"kadiv", "admin_kanwil"})
READS_RECAPS = KANWIL | {"dirjen", "admin_pusat"}
DECIDES = (KANWIL - {"admin_kanwil"}) | {"kepala_upt"}
WRITES_OBSTACLES = UPT | {"kadiv"}
DESIGNS = frozenset({"kadiv", "admin_kanwil"})
PUSAT = frozenset({"admin_pusat"})


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
    "search.index": page(TENANT),
    # approval
    "inbox.index": page(KANWIL | {"kepala_upt"}),
    "inbox.summary": page(KANWIL | {"kepala_upt"}, case_id="case_file"),
    "cases.show": page(TENANT, case_id="case_file"),
    "cases.decide_case": page(DECIDES, case_id="case_file"),
    "cases.reopen_case": page(KADIV, case_id="case_file"),
    # products
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
    # purchases
    "purchases.index": page(TENANT),
    "purchases.show": page(TENANT, purchase_id="purchase"),
    "purchases.export": page(TENANT, kind="export kind"),
    "purchases.upload_form": page(IMPORTERS),
    "purchases.upload": page(IMPORTERS),
    "purchases.preview": page(IMPORTERS, import_id="purchase_import"),
    "purchases.accept": page(IMPORTERS, import_id="purchase_import"),
    "national_purchases.index_of_country": page(frozenset({"admin_pusat"})),
    "national_purchases.upload_country": page(frozenset({"admin_pusat"})),
    "national_purchases.preview_country": page(frozenset({"admin_pusat"}), national_id="no such number"),
    "national_purchases.accept_country": page(frozenset({"admin_pusat"}), national_id="no such number"),
    # recaps
    "recaps.index": page(KANWIL),
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
    "recaps.obstacles": page(TENANT),
    "recaps.new_obstacle": page(WRITES_OBSTACLES),
    "recaps.add_obstacle": page(WRITES_OBSTACLES),
    "recaps.edit_obstacle": page(WRITES_OBSTACLES, obstacle_id="obstacle"),
    "recaps.change_obstacle": page(WRITES_OBSTACLES, obstacle_id="obstacle"),
    "recaps.remove_obstacle": page(WRITES_OBSTACLES, obstacle_id="obstacle"),
    # the Kanwil's own affairs
    "officers.index": page(ADMIN),
    "officers.show": page(ADMIN, officer_id="ab_user"),
    "officers.change": page(ADMIN, officer_id="ab_user"),
    "officers.set_active": page(ADMIN, officer_id="ab_user", word="officer word"),
    "officers.reset_password": page(ADMIN, officer_id="ab_user"),
    "officers.new": page(ADMIN),
    "officers.open_account": page(ADMIN),
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
    "VerificationApi.post": api(PUBLIC),
    "VerificationApi.get": api(PUBLIC, code="no such code"),
    "InboxApi.get_list": api(KANWIL | {"kepala_upt"}),
    "CaseApi.get": api(TENANT, case_id="case_file"),
    "CaseApi.decide": sending(api(DECIDES, case_id="case_file"), outcome="reject", comment="Percobaan."),
    "CaseApi.reopen": api(KADIV, case_id="case_file"),
    "DefinitionsApi.index": api(DESIGNS),
    "DefinitionsApi.published": api(DESIGNS, subject_type="subject", version="first version"),
    "DefinitionsApi.draft": api(DESIGNS, subject_type="subject"),
    "DefinitionsApi.put_draft": api(DESIGNS, subject_type="subject"),
    "DefinitionsApi.publish": api(DESIGNS, subject_type="subject"),
    "DefinitionsApi.simulate": api(DESIGNS, subject_type="subject"),
    "DefinitionsApi.simulated": api(DESIGNS, simulation_id="definition_simulation"),
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
    "PurchasesApi.index": api(TENANT),
    "PurchasesApi.one": api(TENANT, purchase_id="purchase"),
    "PurchasesApi.begin": api(IMPORTERS),
    "PurchasesApi.state": api(IMPORTERS, import_id="purchase_import"),
    "PurchasesApi.accept": api(IMPORTERS, import_id="purchase_import"),
    "NationalImportsApi.begin": api(frozenset({"admin_pusat"})),
    "NationalImportsApi.state": api(frozenset({"admin_pusat"}), national_id="no such number"),
    "NationalImportsApi.accept": api(frozenset({"admin_pusat"}), national_id="no such number"),
    "RecapApi.list": api(READS_RECAPS),
    "RecapApi.post": api(KADIV),
    "RecapApi.get": api(READS_RECAPS, recap_id="recap"),
    "RecapApi.pdf": api(READS_RECAPS, recap_id="recap"),
    "RecapApi.submit": api(KADIV, recap_id="recap"),
    "RecapApi.sign": api(frozenset({"kakanwil"}), recap_id="recap"),
    "RecapApi.acknowledge": api(frozenset({"dirjen"}), recap_id="unsent recap"),
}
