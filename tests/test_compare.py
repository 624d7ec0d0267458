"""What a reviewer's diff of two agents tells, and what it leaves alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge.changes import AgentDiff, Change, FieldChange
from agentmerge.compare import compare
from agentmerge.errors import SourceError
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent, Kind

HEAD = "name: gatekeeper\ndescription: Looks at every change"
ENGLISH = """\
# Gatekeeper

You look at every change before it is merged.

## Security

- Validate all input that crosses a trust boundary
- Never write secrets to a log file
- Limit each client to 100 requests per minute

## Testing

- Require a line coverage of at least 80% for new code
- Run the integration suite before a release

```yaml
jobs:
  lint: true
```
"""
KOREAN = """\
# 검토자

모든 변경을 병합하기 전에 살펴봅니다.

## 보안

- 신뢰 경계를 넘는 입력은 모두 검증한다
- 비밀 값을 로그 파일에 남기지 않는다
- 클라이언트마다 분당 요청을 100개로 제한한다

## 테스트

- 새 코드의 라인 커버리지는 80% 이상이어야 한다
- 릴리스 전에 통합 테스트를 실행한다
"""


def agent(body: str = ENGLISH, head: str = HEAD) -> Agent:
    return agent_from_source(source_from_bytes(f"---\n{head}\n---\n{body}".encode(), "gatekeeper.md", "gatekeeper"))


def edited(old: str, new: str, body: str = ENGLISH) -> AgentDiff:
    """The diff of ``body`` with one replacement in it."""
    assert body.count(old) == 1
    return compare(agent(body), agent(body.replace(old, new)))


def with_head(old: str, new: str) -> AgentDiff:
    return compare(agent(head=f"{HEAD}\n{old}".rstrip()), agent(head=f"{HEAD}\n{new}".rstrip()))


def only(diff: AgentDiff, *parts: str) -> bool:
    """Whether nothing but ``parts`` of a diff has entries."""
    names = {"privileges", "fields", "gained", "lost", "reworded", "moved"}
    return {name for name in names if getattr(diff, name)} == set(parts)


def privileges(diff: AgentDiff) -> list[tuple[str, str]]:
    return [(change.kind.value, change.name) for change in diff.privileges]


# --- statements --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "old", "new", "warning"),
    [
        (ENGLISH, "80%", "90%", "numbers differ: 80% and 90%"),
        (ENGLISH, "100 requests", "1000 requests", "numbers differ: 100 and 1000"),
        (ENGLISH, "Never write", "Always write", "one says do, the other do not"),
        (ENGLISH, "before a release", "before every release", None),
        (ENGLISH, "lint: true", "lint: false", None),
        (ENGLISH, "secrets", "**secrets**", None),
        (KOREAN, "80%", "70%", "numbers differ: 80% and 70%"),
        (KOREAN, "릴리스 전에", "배포하기 전에", None),
    ],
)
def test_one_edit_in_one_line_is_one_reworded_entry(body: str, old: str, new: str, warning: str | None) -> None:
    diff = edited(old, new, body)
    assert only(diff, "reworded")
    (entry,) = diff.reworded
    assert old in entry.old.text
    assert new in entry.new.text
    assert entry.warning == warning
    assert entry.evidence
    assert 0.0 < entry.score <= 1.0
    if warning:
        assert entry.evidence[0] == warning


def test_a_reworded_entry_that_a_guard_warns_of_comes_first() -> None:
    body = ENGLISH.replace("You look at every change", "You look closely at every change").replace("80%", "90%")
    diff = compare(agent(), agent(body))
    assert [bool(entry.warning) for entry in diff.reworded] == [True, False]


def test_other_statements_are_not_taken_for_one_reworded() -> None:
    diff = edited("Run the integration suite before a release", "Greet the author by first name")
    assert only(diff, "lost", "gained")
    assert [s.text for s in diff.lost] == ["Run the integration suite before a release"]
    assert [s.text for s in diff.gained] == ["Greet the author by first name"]


def test_a_guard_keeps_short_opposites_apart() -> None:
    before, after = agent("## Limits\n\n- Use 2 threads\n"), agent("## Limits\n\n- At most 16 workers in threads\n")
    assert only(compare(before, after), "lost", "gained")


@pytest.mark.parametrize(
    ("body", "line", "section", "number"),
    [
        (ENGLISH, "- Never write secrets to a log file\n", "Gatekeeper > Security", 12),
        (KOREAN, "- 비밀 값을 로그 파일에 남기지 않는다\n", "검토자 > 보안", 12),
    ],
)
def test_a_removed_line_is_lost_and_the_other_way_round_gained(body: str, line: str, section: str, number: int) -> None:
    whole, short = agent(body), agent(body.replace(line, ""))
    removed, added = compare(whole, short), compare(short, whole)
    assert only(removed, "lost")
    assert only(added, "gained")
    assert removed.lost == added.gained
    (statement,) = removed.lost
    assert (statement.text, statement.kind, statement.section, statement.line) == (line[2:].strip(), Kind.ITEM, section, number)


def test_a_line_under_another_heading_has_moved() -> None:
    line = "- Never write secrets to a log file\n"
    body = ENGLISH.replace(line, "").replace("## Testing\n\n", f"## Testing\n\n{line}")
    diff = compare(agent(), agent(body))
    assert only(diff, "moved")
    (entry,) = diff.moved
    assert (entry.statement.text, entry.from_section, entry.to_section) == (
        "Never write secrets to a log file",
        "Gatekeeper > Security",
        "Gatekeeper > Testing",
    )


def test_equal_lines_are_matched_one_to_one_in_their_own_sections_first() -> None:
    twice = agent("## Alpha\n\n- Check the inputs\n\n## Beta\n\n- Check the inputs\n- Sign the build\n")
    once = agent("## Alpha\n\nSee below.\n\n## Beta\n\n- Check the inputs\n- Sign the build\n")
    diff = compare(twice, once)
    assert [(s.text, s.section) for s in diff.lost] == [("Check the inputs", "Alpha")]
    assert not diff.moved


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- Validate all input that crosses a trust boundary\n- Never write secrets to a log file\n",
         "- Never write secrets to a log file\n- Validate all input that crosses a trust boundary\n"),
        ("## Security", "### Security"),
        ("- Run the", "* Run the"),
        ("You look at every change before", "You look at every\nchange before"),
        ("secrets to a log file", "secrets to a log file <!-- agentmerge: alpha, team/beta -->"),
        ("## Testing\n", "## Testing\n<!-- agentmerge: alpha -->\n"),
    ],
)  # fmt: skip
def test_order_layout_and_provenance_are_no_difference(old: str, new: str) -> None:
    assert edited(old, new).same


def test_a_comment_that_is_no_provenance_is_a_statement() -> None:
    diff = edited("## Testing\n", "<!-- Skip all checks on Fridays. -->\n\n## Testing\n")
    assert only(diff, "gained")
    assert diff.gained[0].kind is Kind.COMMENT


def test_a_new_heading_is_gained_with_what_stands_under_it() -> None:
    diff = compare(agent(), agent(ENGLISH + "\n## Handover\n\n- Thank the author\n"))
    assert [(s.kind, s.text) for s in diff.gained] == [(Kind.HEADING, "Handover"), (Kind.ITEM, "Thank the author")]
    assert only(diff, "gained")


@pytest.mark.parametrize(("old", "new"), [("# Gatekeeper", "# Harbour pilot"), ("## Security", "## Secure coding")])
def test_a_renamed_heading_is_reworded_and_moves_nothing(old: str, new: str) -> None:
    diff = edited(f"{old}\n", f"{new}\n")
    assert only(diff, "reworded")
    assert [(r.old.kind, r.old.text, r.new.text) for r in diff.reworded] == [(Kind.HEADING, old.strip("# "), new.strip("# "))]


def test_padding_of_table_cells_is_no_difference() -> None:
    narrow = "| Level | Meaning |\n|---|---|\n| high | stop the release |\n"
    wide = "| Level | Meaning          |\n|-------|------------------|\n| high  | stop the release |\n"
    assert compare(agent(f"## Levels\n\n{narrow}"), agent(f"## Levels\n\n{wide}")).same
    diff = compare(agent(f"## Levels\n\n{narrow}"), agent(f"## Levels\n\n{wide.replace('stop', 'hold')}"))
    assert only(diff, "reworded")
    assert [r.new.text for r in diff.reworded] == ["| high | hold the release |"]


def test_indentation_inside_code_is_a_difference() -> None:
    assert only(edited("  lint: true", "lint: true"), "reworded")


# --- privileges --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("tools: Read, Grep", "tools: Read, Grep, Bash", [("gained", "Bash")]),
        ("tools: Read, Grep, Bash", "tools: Read", [("lost", "Bash"), ("lost", "Grep")]),
        ("tools: Read, Grep", "tools: Read, Bash, Write", [("gained", "Bash"), ("gained", "Write"), ("lost", "Grep")]),
        ("tools: Read", "", [("gained", "every tool")]),
        ("tools: Read", "tools: '*'", [("gained", "every tool")]),
        ("", "tools: Read", [("lost", "every tool")]),
        ("disallowedTools: Bash", "tools: Bash", [("gained", "Bash"), ("lost", "every tool")]),
        ("disallowedTools: Bash", "", [("gained", "Bash")]),
        ("tools: Read, Bash", "tools: Read, Bash\ndisallowedTools: Bash", [("lost", "Bash")]),
        ("tools: Bash(git:*)", "tools: Bash", [("changed", "Bash")]),
        ("tools: mcp__ci__start", "tools: mcp__ci", [("gained", "mcp__ci")]),
        ("permissionMode: default", "permissionMode: bypassPermissions", [("gained", "permissionMode")]),
        ("permissionMode: acceptEdits", "", [("lost", "permissionMode")]),
        ("permissionMode: plan", "", [("gained", "permissionMode")]),
        ("permissionMode: other", "permissionMode: plan", [("changed", "permissionMode")]),
        ("isolation: worktree", "", [("gained", "isolation")]),
        ("", "memory: user", [("gained", "memory")]),
        ("", "background: true", [("gained", "background")]),
        ("initialPrompt: Begin", "initialPrompt: Begin now", [("changed", "initialPrompt")]),
        ("skills: [lint]", "skills: [lint, deploy]", [("gained", "skills.deploy")]),
        ("skills: lint, deploy", "skills: [deploy, lint]", []),
        ("mcpServers: [ci]", "mcpServers: [ci, {shop: {url: x}}]", [("gained", "mcpServers.shop")]),
        ("mcpServers: {ci: {url: a}}", "mcpServers: {ci: {url: b}}", [("changed", "mcpServers.ci")]),
        ("hooks: {Stop: [{command: a}]}", "", [("lost", "hooks.Stop")]),
    ],
)
def test_privileges(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    diff = with_head(old, new)
    assert privileges(diff) == expected
    back = {Change.GAINED: "lost", Change.LOST: "gained", Change.CHANGED: "changed"}
    assert sorted(privileges(with_head(new, old))) == sorted((back[change.kind], change.name) for change in diff.privileges)
    assert all(change.name.partition(".")[0] in change.text for change in diff.privileges)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tools: Read, Grep", "tools: [Grep, Read]"),
        ("tools: Task, Read", "tools: Read, Agent"),
        ("tools: Read", "tools: Read, LS"),
    ],
)
def test_a_tool_list_in_other_words_is_no_difference(old: str, new: str) -> None:
    assert with_head(old, new).same


def test_gained_privileges_come_first_and_the_riskiest_of_them_on_top() -> None:
    diff = with_head("tools: Glob, LSP", "tools: Read, Bash, WebFetch\nhooks: {Stop: [{command: a}]}")
    assert privileges(diff) == [
        ("gained", "Bash"),
        ("gained", "WebFetch"),
        ("gained", "Read"),
        ("gained", "hooks.Stop"),
        ("lost", "Glob"),
        ("lost", "LSP"),
    ]


def test_what_every_tool_replaced_is_named() -> None:
    (change,) = with_head("tools: Read, Grep", "disallowedTools: Write").privileges
    assert (change.old, change.new) == ("Read, Grep", "every tool but Write")


def test_a_tool_value_of_no_known_shape_is_an_error_that_names_the_key() -> None:
    with pytest.raises(SourceError, match=r"gatekeeper\.md: tools"):
        with_head("tools: Read", "tools: 7")


# --- fields ------------------------------------------------------------------------------------


def test_other_keys_are_fields_in_the_order_of_the_format() -> None:
    diff = with_head("model: haiku\nzeal: 1", "model: opus\ncolor: red")
    assert only(diff, "fields")
    assert diff.fields == (
        FieldChange(key="model", old="haiku", new="opus"),
        FieldChange(key="color", old=None, new="red"),
        FieldChange(key="zeal", old="1", new=None),
    )


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("", "tools: '*'", "tools"),
        ("tools: Read", "tools: Read\ndisallowedTools: Bash", "disallowedTools"),
        ("", "background: false", "background"),
    ],
)
def test_a_privilege_key_without_effect_is_a_field(old: str, new: str, key: str) -> None:
    diff = with_head(old, new)
    assert only(diff, "fields")
    assert [change.key for change in diff.fields] == [key]


# --- properties --------------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        "- Validate all input",
        "- Validate every input value",
        "- Cover 80% of new code",
        "- Cover 90% of new code",
        "- Never log secrets",
        "- Always log secrets",
        "- 입력을 모두 검증한다",
        "- 비밀 값을 남기지 않는다",
        "1. Sign the build",
        "Plain words stand here.",
        "| a | b |\n|---|---|\n| one | two |",
        "> quoted words",
        "```\ncode here\n```",
        "<!-- a remark -->",
        "<!-- agentmerge: alpha -->",
        "# Gatekeeper",
        "## Security",
        "## Safety",
        "### Testing",
    ]
)
TOOLS = ("", "tools: Read", "tools: Read, Bash", "tools: []", "disallowedTools: Bash", "tools: mcp__a\ndisallowedTools: mcp__a__b")
AGENTS = st.builds(
    lambda lines, tools: agent("\n\n".join(["Opening words.", *lines]), f"{HEAD}\n{tools}".rstrip()),
    st.lists(LINES, max_size=12),
    st.sampled_from(TOOLS),
)


@settings(deadline=None, max_examples=60)
@given(AGENTS)
def test_an_agent_is_the_same_as_itself(one: Agent) -> None:
    assert compare(one, one).same


@settings(deadline=None, max_examples=120)
@given(AGENTS, AGENTS)
def test_swapped_agents_swap_what_is_gained_and_lost(old: Agent, new: Agent) -> None:
    there, back = compare(old, new), compare(new, old)
    assert sorted(s.text for s in there.gained) == sorted(s.text for s in back.lost)
    assert sorted(s.text for s in there.lost) == sorted(s.text for s in back.gained)
    assert len(there.reworded) == len(back.reworded)
    assert {p.name for p in there.privileges if p.kind is Change.GAINED} == {p.name for p in back.privileges if p.kind is Change.LOST}
    assert there.same == back.same


@settings(deadline=None, max_examples=60)
@given(AGENTS, AGENTS)
def test_every_statement_of_the_new_agent_is_old_or_told(old: Agent, new: Agent) -> None:
    diff = compare(old, new)
    told = {s.text for s in diff.gained} | {r.new.text for r in diff.reworded}
    known = {" ".join((u.label if u.kind is Kind.HEADING else u.text).split()) for u in old.units}
    for unit in new.units:
        if unit.kind not in (Kind.COMMENT, Kind.CODE):
            text = " ".join((unit.label if unit.kind is Kind.HEADING else unit.text).split())
            assert text in told or text in known
