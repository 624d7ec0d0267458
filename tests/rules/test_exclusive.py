"""Statements that allow one thing only, and those that only look like it."""

from __future__ import annotations

import pytest

from agentmerge.rules.text.exclusive import asks_to_make, exclusive_of


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("Use only Spring Boot for services", "choice", "spring boot for services"),
        ("Use Spring Boot only", "choice", "spring boot"),
        ("Only use PostgreSQL", "choice", "postgresql"),
        ("Use exclusively pnpm for packages", "choice", "pnpm for packages"),
        ("Write only TypeScript", "choice", "typescript"),
        ("Use nothing but the standard library", "choice", "the standard library"),
        ("Use nothing other than Tailwind CSS", "choice", "tailwind css"),
        ("Deploy to AWS only", "choice", "aws"),
        ("GET/POST only", "choice", "GET/POST"),
        ("GET and POST only, no other methods", "choice", "GET and POST"),
        ("Target Python 3.12 only", "choice", "python 3.12"),
        ("Spring Boot만 사용한다", "choice", "Spring Boot"),
        ("오직 PostgreSQL만 사용한다", "choice", "PostgreSQL"),
        ("오로지 pnpm만 쓴다", "choice", "pnpm"),
        ("Spring Boot のみ使用する", "choice", "Spring Boot"),
        ("PostgreSQLのみ使用する", "choice", "PostgreSQL"),
        ("TypeScriptだけを使う", "choice", "TypeScript"),
        ("只使用 PostgreSQL", "choice", "PostgreSQL"),
        ("仅允许 GET 请求", "choice", "GET 请求"),
        ("只用 TypeScript 编写", "choice", "TypeScript 编写"),
        ("Your sole responsibility is to review pull requests", "role", "review pull requests"),
        ("Your only job is to verify and report findings.", "role", "verify and report findings"),
        ("You only review code, you never write it", "role", "review code, you never write it"),
        ("You exclusively analyse logs", "role", "analyse logs"),
        ("Review only: no edits", "role", "review only"),
        ("You are a read-only reviewer", "role", "read-only reviewer"),
        ("코드 검토만 수행한다", "role", "검토만"),
        ("로그 분석만 담당한다", "role", "분석만"),
        ("コードのレビューのみを行う", "role", "レビューのみ"),
        ("ログの分析だけを担当する", "role", "分析だけ"),
        ("只负责审查代码", "role", "审查代码"),
        ("仅进行分析", "role", "分析"),
        ("Use React exclusively", "choice", "react"),
        ("Work exclusively with PostgreSQL", "choice", "postgresql"),
        ("Nothing but Vue", "choice", "vue"),
        ("코드 검토만", "role", "검토만"),
        ("レビューのみ", "role", "レビューのみ"),
        ("只负责代码审查", "role", "代码审查"),
    ],
)
def test_what_is_exclusive(text: str, kind: str, what: str) -> None:
    found = exclusive_of(text)
    assert found is not None
    assert (found.kind, found.what.lower()) == (kind, what.lower())


@pytest.mark.parametrize(
    "text",
    [
        "Use only when the cache is cold",
        "Only use this if the tests pass",
        "Use mocks only if the service is remote",
        "Not only FastAPI but Django too",
        "Use PostgreSQL not only for orders",
        "The only exception is the payment service",
        "Retry only once",
        "Use at most three retries",
        "Open the database read-only",
        "A read-only replica serves reports",
        "Only after the review may you merge",
        "Only the owner may approve",
        "Use FastAPI",
        "Prefer PostgreSQL",
        "Use the only test database that is left",
        "Review only the changed lines",
        "If you only read three files, read these",
        "Use only what the ticket asks for",
        "Only a few endpoints need this",
        "Log only on errors",
        "테스트가 실패할 때만 실행한다",
        "필요한 경우에만 캐시를 비운다",
        "FastAPI만 아니라 Django도 사용한다",
        "한 번만 재시도한다",
        "失敗した場合のみ再試行する",
        "PostgreSQLだけでなくMySQLも使う",
        "一度だけ実行する",
        "只有在测试通过后才能合并",
        "不仅使用 PostgreSQL",
        "Use MongoDB only for logs",
        "Use MongoDB for logs only",
        "Only use Redis for caching",
        "Write only enough code to pass the test",
        "必要な場合のみ使用する",
        "MongoDBはログにのみ使用する",
        "必要なときだけ使う",
        "MongoDB 只用于日志",
        "Redis 只用来缓存会话",
        "加粗只用在结论上",
        "而不是只用一个数据库",
        "English-only support from another office",
        "Write no files — you return text only",
        "只重试一次",
        "x" * 700 + " use only Django",
    ],
)
def test_what_is_not_exclusive(text: str) -> None:
    assert exclusive_of(text) is None


@pytest.mark.parametrize(
    ("text", "makes"),
    [
        ("Write unit tests for every endpoint", True),
        ("**Tests**: Write unit tests".replace("*", ""), True),
        ("Fix bugs in the payment module", True),
        ("Write a report for each finding", False),
        ("Written tests are better than none", False),
        ("Report each finding", False),
        ("Read the code", False),
        ("Create a timeline", False),
        ("Create reports", False),
        ("Develop analyses and visualizations", False),
        ("Write code review reports", False),
        ("Implement production-ready code with error handling", True),
        ("Create REST endpoints for orders", True),
        ("Refactor the legacy billing module", True),
        ("단위 테스트를 작성한다", True),
        ("변경을 검토한다", False),
        ("テストを書く", True),
        ("変更を確認する", False),
        ("编写单元测试", True),
        ("编写报告", False),
        ("审查变更", False),
    ],
)
def test_what_asks_for_making_things(text: str, makes: bool) -> None:
    assert asks_to_make(text) is makes
