"""Chinese in traditional characters is met like Chinese in simplified ones."""

from __future__ import annotations

import pytest

from agentmerge.merge.claims import concepts_of
from agentmerge.merge.han import simplified, traditional
from agentmerge.merge.lexicon import default_lexicon, normalise
from agentmerge.merge.roles import role_of

SAME = [
    ("数据库迁移", "資料庫遷移"),
    ("核心职责", "核心職責"),
    ("验证用户输入", "驗證使用者輸入"),
    ("缓存失效", "快取失效"),
    ("异步任务队列", "非同步任務佇列"),
    ("错误处理", "錯誤處理"),
]


@pytest.mark.parametrize(("here", "there"), SAME)
def test_a_text_has_the_concepts_of_its_other_writing(here: str, there: str) -> None:
    lexicon = default_lexicon()
    assert concepts_of(there, lexicon) == concepts_of(here, lexicon) != frozenset()


@pytest.mark.parametrize(("text", "concept"), [("会員を登録する", "register"), ("資料", "material"), ("領域", "area")])
def test_a_japanese_term_keeps_its_own_concept(text: str, concept: str) -> None:
    assert concept in {mention.concept for mention in default_lexicon().mentions(normalise(text))}


def test_a_simplified_text_keeps_its_length() -> None:
    text = "檢查清單 checklist 技能"
    assert simplified(text) == "检查清单 checklist 技能"
    assert simplified("plain") == "plain"


def test_a_word_has_its_forms_in_taiwan_and_elsewhere_and_may_have_none() -> None:
    assert {"數據庫", "資料庫"} <= set(traditional("数据库"))
    assert list(traditional("文字")) == []


def test_a_role_is_told_from_either_writing() -> None:
    assert role_of("驗收清單") == role_of("验收清单") == "checks"
