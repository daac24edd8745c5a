"""What `huiyin audit` does, as the tests of its attackers ask for it."""

from deploy import composition
from deploy.audit.anchoring import directory_of, write_anchor
from deploy.audit.anchors import AnchorFiles
from deploy.audit.pins import read_pins
from deploy.audit.verification import Verified, verify_chains
from deploy.database.pool import connect, open_pool
from deploy.settings import Settings


async def make_anchor(settings: Settings) -> None:
    """Write one anchor into the folder of the settings."""
    async with open_pool(settings, size=1) as pool:
        await write_anchor(settings, pool)


async def verify(settings: Settings) -> Verified:
    """What is found of the logs beside the anchors of that folder."""
    keys = composition.audit_keys(settings)
    async with connect(settings) as db, db.transaction(isolation="repeatable_read", readonly=True):
        return await verify_chains(db, keys, pins=read_pins(AnchorFiles(directory_of(settings)), keys))
