"""Who has what in hand, what people ask each other, and what waits for whom."""
