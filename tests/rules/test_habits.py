"""Habits of code that a team forbids, and the statements that forbid them."""

from __future__ import annotations

import pytest

from agentmerge.rules.text.habits import forbids, habits_in


@pytest.mark.parametrize(
    ("fence", "line", "habit"),
    [
        ("javascript", "res.status(500).json({ error: err.message });", "leak"),
        ("ts", "return NextResponse.json({ error: error.message }, { status: 500 });", "leak"),
        ("python", "raise HTTPException(500, detail=str(e))", "leak"),
        ("py", "return jsonify({'error': str(e)}), 500", "leak"),
        ("python", 'return {"error": traceback.format_exc()}', "leak"),
        ("go", "http.Error(w, err.Error(), 500)", "leak"),
        ("java", "return ResponseEntity.status(500).body(e.getMessage());", "leak"),
        ("csharp", "return BadRequest(ex.Message);", "leak"),
        ("php", "return response()->json(['error' => $e->getMessage()], 500);", "leak"),
        ("ruby", "render json: { error: e.message }, status: 500", "leak"),
        ("python", 'API_KEY = "sk9f83kd02mfl4"', "secret"),
        ("typescript", "function parse(input: any): Order {", "any"),
        ("ts", "const order = data as any;", "any"),
    ],
)
def test_a_line_has_a_habit(fence: str, line: str, habit: str) -> None:
    block = f"```{fence}\nstart();\n{line}\n```"
    assert [(seen.habit, seen.line) for seen in habits_in(block, fence)] == [(habit, 2)]


@pytest.mark.parametrize(
    ("fence", "lines"),
    [
        ("javascript", "logger.error(err.message);"),
        ("javascript", "res.status(400).json({ errors: errors.array() });"),
        ("python", "logger.exception(str(e))"),
        ("python", 'raise HTTPException(404, detail="No such cart")'),
        ("python", 'API_KEY = os.environ["API_KEY"]'),
        ("python", 'API_KEY = "your-key-0123456789"'),
        ("javascript", "// ❌ wrong\nres.json({ error: err.message });"),
        ("python", "# 나쁜 예\nreturn {'error': str(e)}"),
        ("typescript", "const anyone: Person = find();"),
        ("python", "if any(found): pass"),
        ("", "res.json({ error: err.message });"),
    ],
)
def test_other_lines_have_none(fence: str, lines: str) -> None:
    assert list(habits_in(f"```{fence}\n{lines}\n```", fence)) == []


@pytest.mark.parametrize(
    ("text", "title", "habit", "flipped"),
    [
        ("Don't expose sensitive information", "Error Handling", "leak", False),
        ("No sensitive data is exposed in responses", "", "leak", False),
        ("Exposing stack traces to clients", "Anti-patterns", "leak", True),
        ("응답에 내부 오류 정보를 노출하지 않는다", "", "leak", False),
        ("エラー応答に内部情報を含めない", "", "leak", False),
        ("响应中不要暴露内部错误", "", "leak", False),
        ("Never hardcode secrets", "", "secret", False),
        ("비밀번호 하드코딩 금지", "", "secret", False),
        ("認証情報をハードコードしない", "", "secret", False),
        ("密钥绝不硬编码", "", "secret", False),
        ("Hardcoded credentials", "Pitfalls", "secret", True),
        ("Use TypeScript strictly (no any types)", "", "any", False),
        ("any 타입 사용 금지", "", "any", False),
    ],
)
def test_a_statement_forbids_a_habit(text: str, title: str, habit: str, flipped: bool) -> None:
    assert forbids(text, title, habit, flipped=flipped)


@pytest.mark.parametrize(
    ("text", "title", "habit"),
    [
        ("Do not include implementation details", "Planning", "leak"),
        ("Create test data without exposing sensitive data", "Data", "leak"),
        ("Return meaningful error messages", "Errors", "leak"),
        ("Never hardcode colours", "Style", "secret"),
        ("Do not skip any tests", "Tests", "any"),
    ],
)
def test_other_statements_forbid_none(text: str, title: str, habit: str) -> None:
    assert not forbids(text, title, habit, flipped=False)
