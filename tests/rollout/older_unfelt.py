"""unfelt with a guard of another version: other memory, other bets. For the tests of an upgrade beside this."""

from unfelt import engines
from unfelt.engines.guard import snapshot
from unfelt.kernel import plugins

snapshot.VERSION = engines.guard.VERSION = 1
plugins.GROWTH = 2.0

from unfelt.cli import main  # noqa: E402  (who imports the version from here on has the older one)

if __name__ == "__main__":
    main()
