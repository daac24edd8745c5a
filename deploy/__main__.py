"""`python -m deploy`: the same as `huiyin`."""

from deploy.cli import main

main()
