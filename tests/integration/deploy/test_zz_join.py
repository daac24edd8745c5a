import time, asyncio
from tests.integration.deploy.test_consume import *
from tests.integration.deploy.test_consume import _until_it_works, _until_seen, _versions
from tests.integration.deploy.conftest import *
async def test_x(rig):
    t0=time.time()
    def say(x): print(f"{time.time()-t0:6.2f} {x}", flush=True)
    cases, enough = 60, asyncio.Event()
    async def stream():
        version = 0
        while not enough.is_set():
            version += 1
            await rig.send_many([supplemented(number + 1, version=version) for number in range(cases)])
            await _until_seen(rig, (version - 8) * cases)
        return version
    async with rig.consuming():
        say("first")
        streaming = asyncio.create_task(stream())
        for _ in range(2):
            async with rig.consuming() as second:
                say("second in")
                await _until_it_works(second)
                say("second works")
                async with rig.consuming() as third:
                    say("third in")
                    await _until_it_works(third)
                    say("third works")
                say("third out")
            say("second out")
        enough.set()
        versions = await streaming
        say(("versions",versions))
        seen = await rig.has_seen(cases * versions)
        say("all seen")
        await rig.has_committed(cases * versions)
        say("committed")
    say("first out")
