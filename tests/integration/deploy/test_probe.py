async def test_x(unit):
    assert await unit.db.fetchval("select count(*) from deploy.outbox") == 0
