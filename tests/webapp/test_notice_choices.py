"""The page on which an officer chooses how he is told: topics in groups, and one word for all of a group."""

from __future__ import annotations

import re

from workflows.choices import GROUPS, TOPICS, Choice, Topic, in_groups

AT = "/pemberitahuan/pilihan"


def chosen(page: str) -> dict[str, tuple[str, bool]]:
    """Topic -> (way by mail, shown in the app), as the form stands."""
    found = {}
    for key, options in re.findall(r'<select[^>]* name="mail_(\w+)">(.*?)</select>', page, re.DOTALL):
        (mail,) = re.findall(r'value="(\w+)" selected', options)
        found[key] = (mail, bool(re.search(rf'name="app_{key}" value="yes" checked', page)))
    return found


def sent(choices: dict[str, tuple[str, bool]]) -> dict[str, str]:
    """What a browser sends of them."""
    mails = {f"mail_{key}": mail for key, (mail, _) in choices.items()}
    return mails | {f"app_{key}": "yes" for key, (_, in_app) in choices.items() if in_app}


def test_each_topic_stands_once_in_its_group(officer):
    page = officer("pembina.kalbar").get(AT).text
    assert sorted(chosen(page)) == sorted(topic.key for topic in TOPICS)
    assert page.count("<details") == len(GROUPS)
    assert page.count("<details") - page.count(" open>") == len(GROUPS) - 1, "the first one is unfolded"
    stray = Topic("baru", "Baru", ("baru.saja",), "each")
    rows = in_groups([Choice(stray, "each", True)])
    assert [row.topic.key for group, found in rows for row in found] == ["baru"]
    assert rows[-1][1], "what no group names stands in the last one"


def test_one_button_says_the_same_of_a_whole_group_and_keeps_what_else_was_typed(officer):
    one = officer("pembina.kalbar")
    before = chosen(one.get(AT).text)
    typed = before | {"outcome": ("none", False)}
    pressed = one.post(AT, sent(typed) | {"all": "cases:mail:each"})
    assert (pressed.status_code, pressed.headers["Location"]) == (303, f"{AT}?buka=cases#g-cases")
    page = one.get(f"{AT}?buka=cases").text
    cases = next(group.topics for group in GROUPS if group.key == "cases")
    after = chosen(page)
    assert {after[key][0] for key in cases} == {"each"}
    assert {key: after[key][1] for key in cases} == {key: before[key][1] for key in cases}
    assert {key: one for key, one in after.items() if key not in cases} == {
        key: one for key, one in typed.items() if key not in cases
    }
    assert "4 surel segera" in page
    one.post(AT, sent(after) | {"all": "cases:app:no"})
    hidden = chosen(one.get(AT).text)
    assert {key for key, (_, in_app) in hidden.items() if not in_app} == {*cases, "outcome"}
    assert one.post(AT, sent(hidden) | {"all": "cases:mail:telepati"}).status_code == 422
    assert one.post(AT, sent(hidden) | {"all": "lain:mail:each"}).status_code == 303
    assert chosen(one.get(AT).text) == hidden
    assert one.post(AT, sent(before)).headers["Location"] == "/pemberitahuan"
    assert chosen(one.get(AT).text) == before
