"""Back after sending, and sent again: the same words and files from one browser are one message, in whichever process."""

import re
from collections.abc import AsyncIterator, Mapping
from html import unescape

import aiohttp
import pytest

from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.web.city_of_files import MESSAGE, FileCity, file_city
from tests.integration.deploy.web.whole_site import whole_site
from tests.stack import fresh_database

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 4
FORM = {**MESSAGE, "kind": "", "address": "三号楼", "name": "王芳", "phone": "13912345678", "publish": "yes"}


@pytest.fixture(scope="module")
async def city(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FileCity]:
    """One for the file."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path_factory.mktemp("again")) as city:
        yield city


async def _sent(
    http: aiohttp.ClientSession, form: Mapping[str, str], file: bytes | None = None, *, to: str = ""
) -> tuple[str, str, str, bool]:
    """Both codes, when it was received, and whether the page says that it came before: from a form that is opened anew."""
    async with http.get(f"{to}/submit") as page:
        text = await page.text()
    data = aiohttp.FormData()
    for name, value in {**_hidden(text), **form}.items():
        data.add_field(name, value)
    data.add_field("files", file or b"", filename="a.pdf" if file else "", content_type="application/pdf")
    async with http.post(f"{to}/submit/done", data=data) as answer:
        shown = await answer.text()
        assert 200 == answer.status, shown
    codes = _codes(shown)
    return codes[0], codes[1], shown.partition('<time datetime="')[2].partition('"')[0], 'id="again"' in shown


def _hidden(form: str) -> dict[str, str]:
    """What a form sends along that nobody types."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in found}


def _codes(page: str) -> list[str]:
    return re.findall(r'class="code">([^<]+)<', page)


async def test_the_same_again_from_one_browser_is_one_message(city: FileCity) -> None:
    """With its file uploaded anew, before it is registered and afterwards, from this process and another one."""
    before = len(city.kafka.events)
    async with city.browser() as http:
        first = await _sent(http, FORM, PDF)
        again = await _sent(http, FORM, PDF)
        await city.registered()
        async with whole_site(city.settings, city.pool, city.kafka) as other:
            elsewhere = await _sent(http, FORM, PDF, to=str(other._base_url).rstrip("/"))

    assert not first[3]
    assert [(*first[:3], True)] * 2 == [again, elsewhere]
    assert before + 1 == len(city.kafka.events)


@pytest.mark.parametrize("choice", [{"_lang": "en"}, {"_size": "large"}])
async def test_another_language_of_the_page_with_the_codes_sends_no_other_message(
    city: FileCity, choice: Mapping[str, str]
) -> None:
    """It sends the same form once more (decision 10): the same codes, also for words that one browser may send twice."""
    before = len(city.kafka.events)
    form = {**FORM, "text": f"{FORM['text']}换一种方式看。{choice}"}
    async with city.browser() as http:
        async with http.get("/submit") as page:
            sent = {**_hidden(await page.text()), **form}
        async with http.post("/submit/done", data=sent) as answer:
            first = await answer.text()
        (again,) = (part.partition("</form>")[0] for part in first.split("<form ")[1:] if "_lang" in part)
        async with http.post("/submit/done", data={**_hidden(again), **choice}) as answer:
            chosen = await answer.text()

    assert _codes(first) == _codes(chosen)
    assert 2 == len(_codes(first))
    assert before + 1 == len(city.kafka.events)


async def test_what_was_withdrawn_may_be_sent_again(city: FileCity) -> None:
    """Its receipt would stand for a case that nobody works on."""
    form = {**FORM, "text": FORM["text"] + "撤回以后再提交。"}
    async with city.browser() as http:
        first = await _sent(http, form)
        case = await city.registered()
        sql = "INSERT INTO intake.view (case_id, state) VALUES ($1, 'withdrawn')"
        await city.pool.execute(sql, case.case_id)
        again = await _sent(http, form)
        await city.registered()
        twice = await _sent(http, form)

    assert first[0] != again[0]
    assert not again[3]
    assert (*again[:3], True) == twice


async def test_what_was_changed_is_another_message(city: FileCity) -> None:
    """A word, a field, a file: each with codes of its own; a word that was put back is the first again."""
    async with city.browser() as http:
        first = await _sent(http, FORM, PDF)
        changed = [
            await _sent(http, {**FORM, "text": FORM["text"] + "请尽快。"}, PDF),
            await _sent(http, {**FORM, "phone": "13912345679"}, PDF),
            await _sent(http, {**FORM, "publish": "no"}, PDF),
            await _sent(http, FORM, PDF + b"another"),
            await _sent(http, FORM),
        ]
        back = await _sent(http, FORM, PDF)

    assert 6 == len({sent[0] for sent in (first, *changed)})
    assert not any(sent[3] for sent in changed)
    assert (*first[:3], True) == back


async def test_another_browser_gets_nobodys_codes(city: FileCity) -> None:
    """Who sends the very same from elsewhere has sent a message of their own."""
    async with city.browser() as one, city.browser() as other:
        first, second = [await _sent(http, FORM, PDF) for http in (one, other)]

    assert first[0] != second[0]
    assert first[1] != second[1]
    assert not second[3]
