"""Block structure with exact lines, where the splitter's cases do not show it."""

from __future__ import annotations

import pytest

from agentmerge.merge.markdown import MAX_NESTING, Block, cells, parse_blocks


def outline(blocks: tuple[Block, ...]) -> str:
    """Each block as ``kind first-last``, its children in brackets."""
    parts = []
    for block in blocks:
        inner = f"[{outline(block.children)}]" if block.children else ""
        parts.append(f"{block.kind} {block.first}-{block.last}{inner}")
    return ", ".join(parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("\n\n", ""),
        ("a\nb\n\nc", "paragraph 0-1, paragraph 3-3"),
        ("# a\n\nb", "heading 0-0, paragraph 2-2"),
        ("a\nb\n===\nc", "heading 0-2, paragraph 3-3"),
        ("- a\n  - b\n- c", "list 0-2[item 0-1[paragraph 0-0, list 1-1[item 1-1[paragraph 1-1]]], item 2-2[paragraph 2-2]]"),
        ("- a\n\n  b\n\n- c", "list 0-4[item 0-2[paragraph 0-0, paragraph 2-2], item 4-4[paragraph 4-4]]"),
        ("-\n  a", "list 0-1[item 0-1[paragraph 1-1]]"),
        ("- ```\n  x\n  ```\n- b", "list 0-3[item 0-2[code 0-2], item 3-3[paragraph 3-3]]"),
        ("> a\n> > b\nlazy", "quote 0-2[paragraph 0-0, quote 1-2[paragraph 1-2]]"),
        ("> a\n\nb", "quote 0-0[paragraph 0-0], paragraph 2-2"),
        ("a\n> b\n2) c", "paragraph 0-0, quote 1-1[paragraph 1-1], list 2-2[item 2-2[paragraph 2-2]]"),
        ("\tx\n\n    y\nz", "code 0-2, paragraph 3-3"),
        ("```\nx", "code 0-1"),
        # A template that shows a fence of its own, and what only looks like one.
        ("```markdown\n# r\n```sh\nls\n```\nend\n```\n\n- a", "code 0-6, list 8-8[item 8-8[paragraph 8-8]]"),
        ("```md\n~~~sh\nls\n~~~\n```\nx", "code 0-4, paragraph 5-5"),
        ("```md\n```sh\nls\n```\nx", "code 0-3, paragraph 4-4"),
        ("```python\n```sh\nls\n```\nx\n```\ny", "code 0-3, paragraph 4-4, code 5-6"),
        ("[a]: b\nc", "paragraph 1-1"),
        ("<div>\nx\n\ny", "html 0-1, paragraph 3-3"),
        ("a|b\n-|-\n1|2\nx", "table 0-2, paragraph 3-3"),
        ("x\na|b\n-|-", "paragraph 0-0, table 1-2"),
        ("a|b\n-|-\n-|-\nc|d", "table 0-3"),
    ],
)
def test_blocks_have_their_lines(text: str, expected: str) -> None:
    assert outline(parse_blocks(text)) == expected


def test_what_a_block_says_of_itself() -> None:
    heading, ordered, fence = parse_blocks("Title\n---\n\n3. a\n\n~~~sh -x\n~~~")
    assert (heading.level, heading.setext) == (2, True)
    assert ordered.ordered
    assert fence.info == "sh -x"


def test_nesting_stops_and_deeper_markers_are_text() -> None:
    def depth(blocks: tuple[Block, ...]) -> int:
        return max((depth(block.children) + (block.kind == "list") for block in blocks), default=0)

    assert depth(parse_blocks("- " * 40 + "x")) == MAX_NESTING


@pytest.mark.parametrize(
    ("row", "expected"),
    [("| a | b |", ("a", "b")), ("a|b", ("a", "b")), (r"| a \| b |", (r"a \| b",)), ("| a | |", ("a", ""))],
)
def test_cells(row: str, expected: tuple[str, ...]) -> None:
    assert cells(row) == expected


def test_fences_in_fences_take_no_longer_than_their_lines() -> None:
    hostile = "```md\n```x\n```\n" * 3000
    assert parse_blocks(hostile)[0].kind == "code"
