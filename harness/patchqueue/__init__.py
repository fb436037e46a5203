"""The patch queue: stored patches and new files on one side, commits in build/linux on the other."""
