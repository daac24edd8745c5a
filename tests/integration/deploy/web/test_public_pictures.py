"""What a browser keeps of a public picture is shown no longer than the picture may be."""

from tests.integration.deploy.web.carrying import lamp_case
from tests.integration.deploy.web.city_of_files import FileCity
from tests.integration.deploy.web.test_departments_files import (
    _act,
    _allow,
    _answered,
    _picture,
    _published,
    city,
)

__all__ = ["city"]


async def test_a_picture_that_a_browser_has_is_asked_about_and_not_sent_again(city: FileCity) -> None:
    """By its name and size; nobody's any more it is gone for whoever kept it, too."""
    yes = await _picture(city, "老周家门口.jpg")
    codes, case_id = await lamp_case(city, yes, publish=True, publish_attachments=[yes])
    await _act(city, case_id, "sign")
    await _answered(city, case_id)
    (picture,) = (await _published(city, codes))[1]["pictures"]
    _, _, headers = await city.fetch(picture["url"])
    assert "public, no-cache" == headers["cache-control"]
    kept = {"if-none-match": headers["etag"]}

    async with city.http.get(picture["url"], headers=kept) as again:
        assert (304, b"", headers["etag"]) == (again.status, await again.read(), again.headers["etag"])
    async with city.http.get(f"{picture['url']}?small=true", headers=kept) as small:
        assert (200, True) == (small.status, small.headers["etag"] != headers["etag"])
    await _allow(city, codes)
    async with city.http.get(picture["url"], headers=kept) as again:
        assert 404 == again.status
