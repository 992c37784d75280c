"""`python -m daemon` is `czar`."""

from daemon.main import main

main()
