"""`python -m deploy`: the same as `huiyin`."""

from deploy.commands.main import main

main()
