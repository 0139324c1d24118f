"""``python -m parloir``."""

from parloir.main import main

main()
