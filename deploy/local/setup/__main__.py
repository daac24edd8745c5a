"""All of the set-up that follows the environment; quick when there is nothing to do."""

from deploy.local.setup import assets, jars
from deploy.local.setup.tools import take_turn

take_turn()
assets.main()
jars.main()
