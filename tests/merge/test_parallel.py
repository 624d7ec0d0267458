"""Two versions of one file: aligned one to one, in order, and nothing else is a version."""

from __future__ import annotations

from agentmerge.merge.align import Aligned, align
from agentmerge.merge.claims import read_claims
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.score import default_weights
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent, Kind, Relation

ENGLISH = """\
## Security

- Validate every user input
- Never log passwords
- Prevent SQL injection with parameterized queries

## Testing

- Write unit tests for new code
- Keep test coverage above 80%
- Run integration tests before a release

## Performance

- Optimize slow database queries
- Cache frequently read data
- Monitor response time
"""
KOREAN = """\
## 보안

- 모든 사용자 입력을 검증한다
- 비밀번호를 로그에 남기지 않는다
- 파라미터화된 쿼리로 SQL 인젝션을 방지한다

## 테스트

- 새 코드에 대한 단위 테스트를 작성한다
- 테스트 커버리지를 80% 이상 유지한다
- 릴리스 전에 통합 테스트를 실행한다

## 성능

- 느린 데이터베이스 쿼리를 최적화한다
- 자주 읽는 데이터를 캐싱한다
- 응답 시간을 모니터링한다
"""
UNRELATED = """\
## Palette

- Choose a warm main colour
- Leave generous white space
- Pair two typefaces at most

## Voice

- Greet the reader by name
- End on a clear call to action
- Prefer short headlines

## Calendar

- Publish on Tuesday mornings
- Plan campaigns a quarter ahead
- Thank every subscriber
"""


def agent(name: str, body: str) -> Agent:
    return agent_from_source(source_from_bytes(f"---\nname: {name}\ndescription: d\n---\n\n{body}".encode(), f"{name}.md", name))


def aligned(*bodies: str) -> tuple[Aligned, list[Agent]]:
    agents = [agent(f"s{n}", body) for n, body in enumerate(bodies)]
    lexicon = default_lexicon()
    return align([read_claims(one, lexicon) for one in agents], lexicon, default_weights()), agents


def test_a_translation_in_the_same_order_aligns_one_to_one() -> None:
    found, (one, other) = aligned(ENGLISH, KOREAN)
    assert found.versions == {frozenset(("s0", "s1"))}
    assert found.placed == {(a.id, b.id) for a, b in zip(one.units, other.units, strict=True)}


def test_between_versions_only_what_stands_at_the_same_place_is_aligned() -> None:
    found, _ = aligned(ENGLISH, KOREAN)
    assert {(al.a, al.b) for al in found.alignments if al.a.split(":")[0] != al.b.split(":")[0]} == found.placed
    assert all("same place in a version of the file" in al.evidence for al in found.alignments if (al.a, al.b) in found.placed)


def test_a_line_that_only_one_version_has_stays_alone() -> None:
    longer = KOREAN.replace("- 비밀번호를", "- 사과나무를 창가에 심는다\n- 비밀번호를")
    found, (one, other) = aligned(ENGLISH, longer)
    added = next(u for u in other.units if "사과나무" in u.text)
    assert found.versions
    assert found.placed == {(a.id, b.id) for a, b in zip(one.units, [u for u in other.units if u is not added], strict=True)}


def test_order_and_kind_hold_in_every_pair() -> None:
    fork = (
        ENGLISH.replace("- Never log passwords\n", "")
        .replace("## Performance", "## Speed")
        .replace("Monitor response time", "Watch response time")
    )
    found, (one, other) = aligned(ENGLISH, fork)
    left = {u.id: n for n, u in enumerate(one.units)}
    right = {u.id: n for n, u in enumerate(other.units)}
    kinds = {u.id: u.kind for a in (one, other) for u in a.units}
    places = sorted((left[a], right[b]) for a, b in found.placed)
    assert len(places) == len(other.units)
    assert [b for _, b in places] == sorted({b for _, b in places})
    assert all(kinds[a] is kinds[b] for a, b in found.placed)


def test_a_number_that_differs_between_versions_is_never_the_same_statement() -> None:
    found, (one, other) = aligned(ENGLISH, KOREAN.replace("80%", "95%"))
    pair = {next(u.id for u in one.units if "80%" in u.text), next(u.id for u in other.units if "95%" in u.text)}
    assert found.versions
    assert all(al.relation is Relation.CONFLICTS for al in found.alignments if {al.a, al.b} == pair)


def test_unrelated_files_are_no_versions() -> None:
    found, _ = aligned(ENGLISH, UNRELATED)
    assert found.versions == frozenset()
    assert found.placed == frozenset()


def test_the_same_statements_in_another_order_are_no_version() -> None:
    parts = ENGLISH.split("\n## ")
    shuffled = "\n\n".join(["## " + part.strip().removeprefix("## ") for part in reversed(parts)])
    lines = [line for line in shuffled.split("\n") if line.startswith("- ")]
    found, _ = aligned(ENGLISH, "## Rules\n\n" + "\n".join(reversed(lines)) + "\n")
    assert found.versions == frozenset() or all(not al.evidence[0].startswith("same place") for al in found.alignments)


def test_very_short_files_are_no_versions() -> None:
    found, _ = aligned("- Validate every user input\n- Never log passwords\n", "- Validate every user input\n- Never log passwords\n")
    assert found.versions == frozenset()


def test_comments_and_closing_tags_do_not_disturb_the_order() -> None:
    noted = KOREAN.replace("## 테스트", "<!-- 메모 -->\n\n## 테스트")
    found, (_, other) = aligned(ENGLISH, noted)
    comment = next(u for u in other.units if u.kind is Kind.COMMENT)
    assert found.versions
    assert all(comment.id not in pair for pair in found.placed)


def test_three_versions_are_three_pairs_of_versions() -> None:
    found, _ = aligned(ENGLISH, KOREAN, ENGLISH.replace("Never log passwords", "Never log any password"))
    assert len(found.versions) == 3


def test_one_rule_in_common_makes_no_version() -> None:
    """Two short files of one shape: a heading that most files have, and one rule alike."""
    rules = "## Rules\n\n- Keep test coverage above"
    one = f"You review API changes.\n\n{rules} 80%\n- Validate every input at the boundary\n- Never log passwords\n"
    other = f"You review what goes out.\n\n{rules} 90%\n- Look at what users send in and refuse what is malformed\n- Ship small changes\n"
    assert not aligned(one, other)[0].versions
