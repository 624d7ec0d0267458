"""The criteria by which one example is better than another, in several languages and frameworks."""

from __future__ import annotations

import pytest

from agentmerge.rules.text.example_quality import purpose_of, quality, reason

FLASK = "@app.route('/carts')\ndef carts():\n    return cart_service.all()\n"
PAIRS = {
    "python: a service, not the database": (
        "@router.get('/carts')\nasync def carts() -> list[Cart]:\n    return await cart_service.all()\n",
        "@router.get('/carts')\nasync def carts(db: AsyncSession) -> list[Cart]:\n    return await db.execute(select(Cart))\n",
    ),
    "python: an await on a plain session": (
        "async def add(db: AsyncSession) -> None:\n    await cart_service.add(db)\n",
        "async def add(db: Session) -> None:\n    await cart_service.add(db)\n    return None\n",
    ),
    "python: a blocking call in a coroutine": (
        "async def rate():\n    return await client.get(url)\n",
        "async def rate():\n    time.sleep(1)\n    return requests.get(url)\n",
    ),
    "javascript: an error path": (
        "app.get('/a', async (req, res, next) => { try { res.json(await a.all()); } catch (e) { next(e); } });",
        "app.get('/a', async (req, res) => { const list = await a.all(); const size = list.length; return res.json({ list, size }); });",
    ),
    "typescript: guards and types": (
        "@Controller('api/v1/a')\n@UseGuards(AuthGuard)\nclass A {\n  constructor(private readonly aService: AService) {}\n"
        "  @Get() all(): Promise<A[]> { return this.aService.all(); }\n}",
        "@Controller('a')\nclass A { @Get() all() { return prisma.a.findMany(); } }",
    ),
    "java: a service with authorisation": (
        '@GetMapping("/v1/a")\n@PreAuthorize("isAuthenticated()")\npublic A one(Long id) { return aService.find(id).orElseThrow(); }',
        '@GetMapping("/a")\npublic A one(Long id) { return entityManager.find(A.class, id); }',
    ),
    "go: errors are handled": (
        "func Show(w http.ResponseWriter, r *http.Request) {\n\tcart, err := cartService.Find(r)\n\tif err != nil {\n\t\treturn\n\t}\n}",
        'func Show(w http.ResponseWriter, r *http.Request) {\n\trows, _ := db.Query("SELECT * FROM carts")\n\tdefer rows.Close()\n}',
    ),
    "ruby: who may": (
        "class A < ApplicationController\n  before_action :authenticate_user\n  def show; render json: find; rescue NotFound; end\nend",
        "class A < ApplicationController\n  def show; render json: Cart.find(1); end\nend",
    ),
    "c#: a documented contract": (
        '[HttpGet("api/v1/a")]\n[Authorize]\n[ProducesResponseType(200)]\npublic async Task<A> One(int id) { await _aService.One(id); }',
        '[HttpGet("a")]\npublic A One(int id) { return _context.Find(id); }',
    ),
}


@pytest.mark.parametrize(("better", "worse"), PAIRS.values(), ids=PAIRS)
def test_one_example_is_better(better: str, worse: str) -> None:
    assert int(quality(better).points) > int(quality(worse).points)


def test_length_decides_between_equals_only() -> None:
    longer = FLASK + "\n" * 40
    assert quality(longer).points > quality(FLASK).points
    with_path = FLASK.replace("return", "raise NotFound() if gone else")
    assert quality(with_path).points > quality("\n" * 2000 + FLASK).points


def test_comments_count_for_nothing() -> None:
    assert quality("# raise, catch, Depends(get_current_user)\nx = 1").has == ()


def test_reasons_are_said_in_words() -> None:
    a, b = (quality(code) for code in PAIRS["python: a service, not the database"])
    assert reason(a, b) == "it has a service that is called; the other has database work in the route"
    assert reason(a, a) == "it shows more"


@pytest.mark.parametrize(
    ("code", "purpose"),
    [
        (FLASK, "of a route"),
        ("def test_a():\n    assert client.get('/')", "of a test"),
        ("describe('cart', () => {\n  it('adds', () => {});\n});", "of a test"),
        ("export function Cart() {\n  return <div>cart</div>;\n}", "of a component"),
        ("class Cart(models.Model):\n    total = models.IntegerField()", "of a model"),
        ("INSTALLED_APPS = ['shop']", "of a configuration"),
        ("x = 1", ""),
    ],
)
def test_what_an_example_is_of(code: str, purpose: str) -> None:
    assert purpose_of(code) == purpose
