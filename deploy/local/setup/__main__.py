"""All of the set-up that follows the environment; quick when there is nothing to do."""

from deploy.local.setup import assets, jars

assets.main()
jars.main()
