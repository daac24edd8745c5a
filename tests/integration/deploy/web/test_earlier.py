"""A department's earlier cases of one caller, over the API, as messages of the same telephone make them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.local.embedded.postgres import EmbeddedPostgres
from schemas.ids import CaseId, DepartmentCode
from tests.integration.deploy.web.city_of_files import HOUSING, WATER, FileCity, file_city
from tests.stack import fresh_database


@pytest.fixture(scope="module")
async def city(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FileCity]:
    """One for the file."""
    url = await fresh_database(postgres_server.url, like=migrated)
    async with file_city(url, tmp_path_factory.mktemp("files")) as city:
        yield city


async def _case(city: FileCity, phone: str, department: DepartmentCode, **more: Any) -> CaseId:
    await city.submit(contact={"name": "王芳", "phone": phone})
    case = await city.registered()
    await city.to(case, department, **more)
    return case.case_id


async def test_the_same_telephone_at_one_department(city: FileCity) -> None:
    """However it was written; of another department's, of a confidential one and of another number nothing is said."""
    first = await _case(city, "13800138001", HOUSING)
    second = await _case(city, "+86 138 0013 8001", HOUSING)
    foreign = await _case(city, "13800138001", WATER)
    kept = await _case(city, "13800138001", HOUSING, confidential=True)
    other = await _case(city, "13800138002", HOUSING)

    async def earlier(case_id: CaseId, who: str = "housing") -> Any:
        headers = {"authorization": f"Bearer {city.tokens[who]}"}
        async with city.http.get(f"/api/v1/desk/cases/{case_id}/earlier", headers=headers) as answer:
            body = await answer.json()
            return [each["case_id"] for each in body["items"]] if answer.status == 200 else answer.status

    assert ([second], [first], [], []) == (
        await earlier(first), await earlier(second), await earlier(kept), await earlier(other),
    )  # fmt: skip
    assert ([], 404, 403) == (
        await earlier(foreign, "water"), await earlier(foreign), await earlier(first, "dispatcher"),
    )  # fmt: skip
    shown = await city.pool.fetch(
        "SELECT DISTINCT case_id::text, unnest(fields) FROM deploy.case_view WHERE unit = 'housing'"
    )
    assert {(first, "title"), (second, "title")} == {tuple(row) for row in shown}
