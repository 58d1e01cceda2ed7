"""The console: the team watches its rollouts in a browser, stops them and agrees to what the guard proposes."""
