"""Who is at the browser: coming, going, and what they may open."""
